package scan

import (
	"bytes"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how many levels of objects and arrays a line may nest; the outermost is the first.
const maxDepth = 1000

// keptMembers is how many members a parser keeps room for between lines.
const keptMembers = 1 << 10

// shape says what a line is by its syntax, which is judged with malformed UTF-8 replaced by U+FFFD.
type shape uint8

const (
	noJSON    shape = iota // not well formed, nested too deeply, or a value other than an object that is badText
	notObject              // a well-formed value other than an object
	badObject              // a well-formed object with malformed UTF-8 or a lone surrogate escape in it
	object
)

// member is a name and a value of the line's object, as they stand there.
type member struct {
	name, value []byte // name is in quotes
	kind        jsontext.Kind
}

// plainName returns what the member's name means.
func (m member) plainName() []byte {
	if bytes.IndexByte(m.name, '\\') >= 0 {
		return appendText(nil, m.name)
	}
	return m.name[1 : len(m.name)-1]
}

// parser takes lines apart with jsontext, which follows RFC 8259 strictly. It serves one goroutine.
type parser struct {
	decoder jsontext.Decoder
	buffer  bytes.Buffer // jsontext parses in place what is in a bytes.Buffer
	members []member
}

// jsonOptions leave to us what docs/sources.md judges later and differently: duplicate names count in the event object
// only, and malformed UTF-8 and lone surrogates after the syntax.
var jsonOptions = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// parse returns the shape of text and, of the two object shapes, its members in their order. They refer to text and are
// valid until the next call.
func (p *parser) parse(text []byte) (shape, []member) {
	if cap(p.members) > keptMembers {
		p.members = nil
	}
	p.members = p.members[:0]
	p.buffer = *bytes.NewBuffer(text)
	p.decoder.Reset(&p.buffer, jsonOptions...)
	isObject := p.decoder.PeekKind() == jsontext.KindBeginObject
	if !p.readValue(isObject) {
		return noJSON, nil
	}
	if _, err := p.decoder.ReadToken(); err != io.EOF {
		return noJSON, nil
	}
	switch isBad := !utf8.Valid(text) || hasLoneSurrogate(text); {
	case isBad && isObject:
		return badObject, p.members
	case isBad:
		return noJSON, nil
	case isObject:
		return object, p.members
	default:
		return notObject, nil
	}
}

// isObject says whether text is an object, be it one with malformed UTF-8.
func (p *parser) isObject(text []byte) bool {
	s, _ := p.parse(text)
	return s >= badObject
}

// readValue reads the outermost value and says whether it is well formed.
func (p *parser) readValue(isObject bool) bool {
	if !isObject {
		value, err := p.decoder.ReadValue()
		return err == nil && depth(value) <= maxDepth
	}
	if _, err := p.decoder.ReadToken(); err != nil {
		return false
	}
	for p.decoder.PeekKind() != jsontext.KindEndObject {
		name, err := p.decoder.ReadValue()
		if err != nil {
			return false
		}
		value, err := p.decoder.ReadValue()
		if err != nil {
			return false
		}
		kind := value.Kind()
		if (kind == jsontext.KindBeginObject || kind == jsontext.KindBeginArray) && depth(value) >= maxDepth {
			return false
		}
		p.members = append(p.members, member{name, value, kind})
	}
	_, err := p.decoder.ReadToken()
	return err == nil
}

// depth returns how many levels of objects and arrays a well-formed value nests.
func depth(value []byte) int {
	deepest, level := 0, 0
	for i := 0; i < len(value); i++ {
		switch value[i] {
		case '{', '[':
			level++
			deepest = max(deepest, level)
		case '}', ']':
			level--
		case '"':
			for i++; value[i] != '"'; i++ {
				if value[i] == '\\' {
					i++
				}
			}
		}
	}
	return deepest
}

// hasLoneSurrogate says whether well-formed text holds an escaped surrogate that is no half of a pair. Backslashes stand
// only within strings there.
func hasLoneSurrogate(text []byte) bool {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 {
			return false
		}
		text = text[i:]
		switch {
		case !isSurrogate(text, "89abcdefABCDEF"):
			text = text[2:]
		case isSurrogate(text, "89abAB") && isSurrogate(text[len(`\u0000`):], "cdefCDEF"):
			text = text[2*len(`\u0000`):]
		default:
			return true
		}
	}
}

// isSurrogate says whether text begins with an escape of a surrogate whose second hex digit is one of digits: 8 to b for
// the first half of a pair, c to f for the second.
func isSurrogate(text []byte, digits string) bool {
	return len(text) >= len(`\u0000`) && text[0] == '\\' && text[1] == 'u' && text[2]|0x20 == 'd' &&
		bytes.IndexByte([]byte(digits), text[3]) >= 0
}

// appendText appends what a string of well-formed JSON means to dst. Malformed UTF-8 and lone surrogates become U+FFFD.
func appendText(dst, quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return append(dst, quoted[1:len(quoted)-1]...)
	}
	dst, _ = jsontext.AppendUnquote(dst, quoted) // the error is that of U+FFFD
	return dst
}
