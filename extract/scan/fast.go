package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// fast takes ordinary lines apart, in one pass over their bytes. It knows less of JSON than the parser and never judges:
// what it does not know it leaves to the parser, that line alone, so that no result depends on which of them ran. It
// does not know lone surrogates nor pairs as escapes, escapes in names, malformed UTF-8, values nested more than
// fastLevels deep, and anything that is not well formed.
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
	s := fast{text: text}
	i := s.space(0)
	if s.at(i) != '{' {
		return false
	}
	if i = s.space(i + 1); s.at(i) == '}' {
		return s.space(i+1) == len(text)
	}
	for {
		start, end, hasEscape := i, unknown, false
		if s.at(i) != '"' {
			return false
		}
		if end, hasEscape = s.stringEnd(i + 1); end == unknown || hasEscape {
			return false
		}
		name := text[start+1 : end-1]
		if i = s.space(end); s.at(i) != ':' {
			return false
		}
		start = s.space(i + 1)
		var m value
		if end, m.hasEscape = s.valueEnd(start, fastLevels); end == unknown {
			return false
		}
		m.text, m.kind = text[start:end], kindOfByte(text[start])
		f.add(name, m)
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

// Eight bytes at once.
const (
	each     = 0x0101010101010101
	highBits = 0x80 * each
)

// stringEnd returns the index behind the string whose first byte behind the quote is at i, and whether it has escapes.
func (s *fast) stringEnd(i int) (end int, hasEscape bool) {
	text := s.text
	for {
		found := false
		for i+8 <= len(text) {
			word := binary.LittleEndian.Uint64(text[i:])
			s.high |= word
			quote, backslash := word^'"'*each, word^'\\'*each
			// The lowest high bit that is set is that of the first byte that is a control, a quote or a backslash.
			if stop := ((word-' '*each)&^word | (quote-each)&^quote | (backslash-each)&^backslash) & highBits; stop != 0 {
				i += bits.TrailingZeros64(stop) / 8
				found = true
				break
			}
			i += 8
		}
		for !found {
			if i == len(text) {
				return unknown, false
			}
			c := text[i]
			s.high |= uint64(c)
			if found = c < ' ' || c == '"' || c == '\\'; !found {
				i++
			}
		}
		switch text[i] {
		case '"':
			return i + 1, hasEscape
		case '\\':
			hasEscape = true
			if i = s.escapeEnd(i); i == unknown {
				return unknown, false
			}
		default:
			return unknown, false
		}
	}
}

// escapeEnd returns the index behind the escape at i. Escapes of surrogates, which may be lone, are not known.
func (s *fast) escapeEnd(i int) int {
	switch s.at(i + 1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2
	case 'u':
		end := i + len(`\u0000`)
		if end > len(s.text) {
			return unknown
		}
		for _, digit := range s.text[i+2 : end] {
			if hexValues[digit] > 0xf {
				return unknown
			}
		}
		if s.text[i+2]|0x20 == 'd' && hexValues[s.text[i+3]] >= 8 {
			return unknown
		}
		return end
	default:
		return unknown
	}
}
