package scan

import (
	"encoding/binary"
	"math/bits"
)

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
