package pii

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"math/bits"
	"slices"
)

// MinLiteral is the length in bytes of the shortest literal that is searched for: a shorter one would be found by chance.
const MinLiteral = 8

// Literals are texts that may occur nowhere. They are safe for concurrent use; nil Literals are none.
//
// Every literal has 8 bytes or more, so a place can only hold one if the 8 bytes that begin there begin a literal. A bit
// table answers that for nearly all places, and a binary search for the rest: one pass whatever the number of literals,
// in a few times their size. Two libraries with an Aho-Corasick automaton took 2 to 30 times as long, and for 10,000 literals
// 58 MB instead of 1: they cannot skip what is too short to hold a literal, and need a row of a table for every byte.
type Literals struct {
	count   int       // lines that hold one
	sorted  []literal // no text is a prefix of another: of two that would be found at one place the shorter is enough
	longest int
	numbers bool
	filter  []uint64 // bits of the heads that begin a literal
	shift   int
}

type literal struct {
	text   []byte
	number int
}

// ParseLiterals reads a file of literals, one a line. Blank lines, white space around a literal and a byte order mark are
// ignored. The number of a literal is that of its line, from 1; short are the numbers of those with fewer than MinLiteral
// bytes, which are left out.
//
// One of 16 or more hexadecimal digits, with dashes anywhere among them, stands for its bytes as well: ids lie in files as
// bytes.
func ParseLiterals(file []byte) (l *Literals, short []int) {
	l = &Literals{}
	number := 0
	for line := range bytes.Lines(bytes.TrimPrefix(file, []byte("\ufeff"))) {
		number++
		text := bytes.TrimSpace(line)
		switch {
		case len(text) == 0:
			continue
		case len(text) < MinLiteral:
			short = append(short, number)
			continue
		}
		l.count++
		l.numbers = l.numbers || isInteger(text)
		l.sorted = append(l.sorted, literal{text, number})
		if id := decodeID(text); len(id) >= MinLiteral {
			l.sorted = append(l.sorted, literal{id, number})
		}
	}
	l.index()
	return l, short
}

func isInteger(text []byte) bool {
	digits := bytes.TrimPrefix(text, []byte("-"))
	return len(digits) > 0 && digitsFrom(string(digits), len(digits)) == len(digits)
}

// decodeID returns the bytes of hexadecimal digits with dashes among them, nil if text is none.
func decodeID(text []byte) []byte {
	id, err := hex.AppendDecode(nil, bytes.ReplaceAll(text, []byte("-"), nil))
	if err != nil {
		return nil
	}
	return id
}

func (l *Literals) index() {
	slices.SortFunc(l.sorted, func(a, b literal) int {
		return cmp.Or(bytes.Compare(a.text, b.text), cmp.Compare(a.number, b.number))
	})
	kept := l.sorted[:0]
	for _, one := range l.sorted {
		if len(kept) == 0 || !bytes.HasPrefix(one.text, kept[len(kept)-1].text) {
			kept = append(kept, one)
		}
	}
	l.sorted = kept
	width := max(16, bits.Len(uint(16*len(kept)))) // one place in 16, at most, is looked up in vain
	l.shift = 64 - width
	l.filter = make([]uint64, 1<<width/64)
	for _, one := range kept {
		slot := l.slot(one.text)
		l.filter[slot/64] |= 1 << (slot % 64)
		l.longest = max(l.longest, len(one.text))
	}
}

// slot spreads the first 8 bytes of text over the filter (Fibonacci hashing).
func (l *Literals) slot(text []byte) uint64 {
	return binary.LittleEndian.Uint64(text) * 0x9e3779b97f4a7c15 >> l.shift
}

// Len returns how many literals there are.
func (l *Literals) Len() int {
	if l == nil {
		return 0
	}
	return l.count
}

// HasInteger says whether a literal is an integer in decimal, so that columns of numbers may hold one.
func (l *Literals) HasInteger() bool { return l != nil && l.numbers }

// Index returns the first place in text at which a literal begins, and the literal's number; at is -1 if there is none.
func (l *Literals) Index(text []byte) (at, number int) {
	if l.Len() == 0 {
		return -1, 0
	}
	for at := 0; at+MinLiteral <= len(text); at++ {
		slot := l.slot(text[at:])
		if l.filter[slot/64]>>(slot%64)&1 == 0 {
			continue
		}
		if number, found := l.begins(text[at:]); found {
			return at, number
		}
	}
	return -1, 0
}

// begins returns the literal that text begins with. Since no literal is a prefix of another, only the greatest that is not
// greater than text can be one of text.
func (l *Literals) begins(text []byte) (number int, found bool) {
	after, equal := slices.BinarySearchFunc(l.sorted, text, func(one literal, text []byte) int { return bytes.Compare(one.text, text) })
	if equal {
		return l.sorted[after].number, true
	}
	if after == 0 || !bytes.HasPrefix(text, l.sorted[after-1].text) {
		return 0, false
	}
	return l.sorted[after-1].number, true
}

// Count reads r to its end and returns how often each literal begins in it, by number.
func (l *Literals) Count(r io.Reader) (map[int]int64, error) {
	counts := map[int]int64{}
	if l.Len() == 0 {
		return counts, nil
	}
	const block = 1 << 18
	overlap := l.longest - 1
	buffer := make([]byte, overlap+block)
	held := 0
	for {
		n, err := io.ReadFull(r, buffer[held:])
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return nil, err
		}
		text := buffer[:held+n]
		// What begins in the overlap may end beyond the block, and is looked at again at the start of the next.
		limit := len(text)
		if !last {
			limit -= overlap
		}
		for from := 0; from < limit; {
			at, number := l.Index(text[from:])
			if at < 0 || from+at >= limit {
				break
			}
			counts[number]++
			from += at + 1
		}
		if last {
			return counts, nil
		}
		held = copy(buffer, text[limit:])
	}
}
