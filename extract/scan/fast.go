package scan

import (
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fast takes ordinary lines apart, in one pass over their bytes. It knows less of JSON than the parser and never judges:
// what it does not know it leaves to the parser, so that no result depends on which of them ran. Unknown to it are escapes
// of surrogates, escapes in names of the event object, malformed UTF-8, values nested more than fastLevels deep, and
// everything that is not well formed.
type fast struct {
	text []byte
	high uint64 // has the high bit of a byte if a string holds bytes beyond ASCII
}

// fastLevels is how many levels of objects and arrays a member's value may nest.
const fastLevels = 8

// unknown is the end of what is left to the parser.
const unknown = -1

// scan takes the members of a line that is an object, and says whether it did. The set refers to text until the next call.
func (f *fieldSet) scan(text []byte) bool {
	f.reset()
	text = text[:len(text):len(text)] // what follows the line is nobody's here
	s := fast{text: text}
	i := s.space(0)
	if s.at(i) != '{' {
		return false
	}
	if i = s.space(i + 1); s.at(i) == '}' {
		return s.space(i+1) == len(text)
	}
	for {
		if s.at(i) != '"' {
			return false
		}
		nameEnd, hasEscape := s.stringEnd(i + 1)
		if nameEnd == unknown || hasEscape {
			return false
		}
		name := text[i+1 : nameEnd-1]
		if i = s.space(nameEnd); s.at(i) != ':' {
			return false
		}
		start := s.space(i + 1)
		end, hasEscape := s.valueEnd(start, fastLevels)
		if end == unknown {
			return false
		}
		f.add(name, value{text[start:end], kindOfByte(text[start]), hasEscape})
		switch i = s.space(end); s.at(i) {
		case ',':
			i = s.space(i + 1)
		case '}':
			return s.space(i+1) == len(text) && (s.high&highBits == 0 || utf8.Valid(text))
		default:
			return false
		}
	}
}

// kindOfByte returns the kind of a well-formed value by its first byte.
func kindOfByte(first byte) jsontext.Kind {
	if first == '-' || '0' <= first && first <= '9' {
		return jsontext.KindNumber
	}
	return jsontext.Kind(first)
}

// at returns the byte at i, 0 behind the end.
func (s *fast) at(i int) byte {
	if uint(i) < uint(len(s.text)) {
		return s.text[i]
	}
	return 0
}

// space returns the index of the first byte from i on that is no white space.
func (s *fast) space(i int) int {
	for i < len(s.text) && s.text[i] <= ' ' && (s.text[i] == ' ' || s.text[i] == '\t' || s.text[i] == '\r' || s.text[i] == '\n') {
		i++
	}
	return i
}

// valueEnd returns the index behind the value that begins at i, and whether it is a string with escapes.
func (s *fast) valueEnd(i, levels int) (end int, hasEscape bool) {
	switch c := s.at(i); c {
	case '"':
		return s.stringEnd(i + 1)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.numberEnd(i), false
	case 't':
		return s.literalEnd(i, "true"), false
	case 'f':
		return s.literalEnd(i, "false"), false
	case 'n':
		return s.literalEnd(i, "null"), false
	case '{', '[':
		if levels == 0 {
			return unknown, false
		}
		return s.nestedEnd(i, levels), false
	default:
		return unknown, false
	}
}

func (s *fast) literalEnd(i int, literal string) int {
	if end := i + len(literal); end <= len(s.text) && string(s.text[i:end]) == literal {
		return end
	}
	return unknown
}

// nestedEnd returns the index behind the object or array that begins at i.
func (s *fast) nestedEnd(i, levels int) int {
	isObject := s.text[i] == '{'
	shut := s.text[i] + 2 // of { and [ both
	if i = s.space(i + 1); s.at(i) == shut {
		return i + 1
	}
	for {
		if isObject {
			if s.at(i) != '"' {
				return unknown
			}
			if i, _ = s.stringEnd(i + 1); i == unknown {
				return unknown
			}
			if i = s.space(i); s.at(i) != ':' {
				return unknown
			}
			i = s.space(i + 1)
		}
		if i, _ = s.valueEnd(i, levels-1); i == unknown {
			return unknown
		}
		switch i = s.space(i); s.at(i) {
		case ',':
			i = s.space(i + 1)
		case shut:
			return i + 1
		default:
			return unknown
		}
	}
}

// numberEnd returns the index behind the number that begins at i with a digit or a minus.
func (s *fast) numberEnd(i int) int {
	if s.text[i] == '-' {
		i++
	}
	first := i
	if i = s.digitsEnd(i); i == first || s.text[first] == '0' && i > first+1 {
		return unknown
	}
	if s.at(i) == '.' {
		first = i + 1
		if i = s.digitsEnd(first); i == first {
			return unknown
		}
	}
	if s.at(i)|0x20 == 'e' {
		if i++; s.at(i) == '+' || s.at(i) == '-' {
			i++
		}
		first = i
		if i = s.digitsEnd(first); i == first {
			return unknown
		}
	}
	return i
}

func (s *fast) digitsEnd(i int) int {
	for i < len(s.text) && s.text[i]-'0' <= 9 {
		i++
	}
	return i
}
