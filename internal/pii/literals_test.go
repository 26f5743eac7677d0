package pii

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestALineIsALiteral(t *testing.T) {
	for _, c := range []struct {
		name, file string
		count      int
		short      []int
		text       string
		number     int // 0: nothing is found
	}{
		{"the number is that of the line", "first line\nsecond line\n", 2, nil, "a second line", 2},
		{"blank lines count as lines and are no literals", "\n  \t\nthird line\n\n", 1, nil, "third line", 3},
		{"the last line needs no end", "first line\nsecond line", 2, nil, "second line", 2},
		{"white space around a literal, a byte order mark and CRLF are no part of it", "\ufeff first line \r\n second line\t\r\n", 2, nil, "first line", 1},
		{"white space within is", "first  line\n", 1, nil, "first line", 0},
		{"case matters", "First Line\n", 1, nil, "first line", 0},
		{"eight bytes are enough", "12345678\n", 1, nil, "x12345678x", 1},
		{"and may be all of a text", "12345678\n", 1, nil, "12345678", 1},
		{"eight bytes may be three letters", "금고왕\n", 1, nil, "달의 금고왕", 1},
		{"shorter lines are named", "1234567\nlong enough\n금고\n", 1, []int{1, 3}, "1234567 금고", 0},
		{"of two equal ones the first is found", "same line\nsame line\n", 2, nil, "same line", 1},
		{"of two that begin alike the shorter is found", "same line longer\nsame line\n", 2, nil, "same line longer", 2},
		{"one within another is found by itself", "a same line\nsame line\n", 2, nil, "the same line", 2},
		{"an empty file has none", "", 0, nil, "anything at all", 0},
		{"an id is found as its bytes", "x\n00112233-4455-6677-8899-AABBCCDDEEFF\n", 1, []int{1}, "\x01\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff", 2},
		{"and as it is written", "00112233-4455-6677-8899-aabbccddeeff\n", 1, nil, "id 00112233-4455-6677-8899-aabbccddeeff", 1},
		{"fewer digits are no id", "00112233\n", 1, nil, "\x00\x11\x22\x33", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, short := ParseLiterals([]byte(c.file))
			if l.Len() != c.count || !slices.Equal(short, c.short) {
				t.Errorf("%d literals, short %v; want %d, %v", l.Len(), short, c.count, c.short)
			}
			if _, number := l.Index([]byte(c.text)); number != c.number {
				t.Errorf("found number %d, want %d", number, c.number)
			}
		})
	}
}

func TestLiteralsThatNumbersMayHold(t *testing.T) {
	for file, want := range map[string]bool{"12345678": true, "-12345678": true, "010-1234-5678": false, "--------": false, "1234567": false, "nothing here\n4734000000055007": true} {
		if l, _ := ParseLiterals([]byte(file)); l.HasInteger() != want {
			t.Errorf("%q: got %v, want %v", file, !want, want)
		}
	}
}

func TestNoLiteralsFindNothing(t *testing.T) {
	var none *Literals
	at, number := none.Index([]byte("anything at all"))
	counts, err := none.Count(strings.NewReader("anything at all"))
	if at != -1 || number != 0 || len(counts) != 0 || err != nil || none.Len() != 0 || none.HasInteger() {
		t.Errorf("got %d, %d, %v, %v, %d, %v", at, number, counts, err, none.Len(), none.HasInteger())
	}
}

// A small alphabet makes literals that hold, begin and overlap each other.
var lettersOfFew = rapid.StringOfN(rapid.SampledFrom([]rune("ab가")), MinLiteral, MinLiteral+4, -1)

func TestTheFirstLiteralIsFoundAsBySearchingForEach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(lettersOfFew, 1, 40).Draw(t, "literals")
		text := rapid.StringOfN(rapid.SampledFrom([]rune("ab가")), 0, 60, -1).Draw(t, "text") +
			rapid.SampledFrom(append(texts, "")).Draw(t, "planted") + rapid.StringOfN(rapid.SampledFrom([]rune("ab")), 0, 20, -1).Draw(t, "rest")
		l, _ := ParseLiterals([]byte(strings.Join(texts, "\n")))
		want := -1
		for _, one := range texts {
			if at := strings.Index(text, one); at >= 0 && (want < 0 || at < want) {
				want = at
			}
		}
		at, number := l.Index([]byte(text))
		if at != want {
			t.Fatalf("found at %d, want %d", at, want)
		}
		if at >= 0 && !strings.HasPrefix(text[at:], texts[number-1]) {
			t.Fatalf("at %d literal %d does not begin", at, number)
		}
	})
}

func TestEveryPlaceInAStreamIsCountedOnce(t *testing.T) {
	literals := []string{"a literal of some length", "short one", "ends at the end"}
	l, _ := ParseLiterals([]byte(strings.Join(literals, "\n")))
	const block = 1 << 18
	for _, c := range []struct {
		name  string
		size  int
		where []int
	}{
		{"over the edge of a block", 3 * block, []int{block - 30, block, block + 30, 2*block - 20}},
		{"at both ends", 2*block + 100, []int{0, 2*block + 76}},
		{"in less than a block", 100, []int{0, 76}},
		{"in a block exactly", block, []int{block - 24}},
	} {
		text := bytes.Repeat([]byte("a"), c.size)
		for _, at := range c.where {
			copy(text[at:], literals[0])
		}
		counts, err := l.Count(iotest.HalfReader(bytes.NewReader(text)))
		if want := map[int]int64{1: int64(len(c.where))}; err != nil || !maps.Equal(counts, want) {
			t.Errorf("%s: got %v, %v, want %v", c.name, counts, err, want)
		}
	}
	for i, literal := range literals {
		for at := block - 40; at < block+40; at++ {
			text := bytes.Repeat([]byte(" "), 2*block)
			copy(text[at:], literal)
			if counts, err := l.Count(bytes.NewReader(text)); err != nil || counts[i+1] != 1 {
				t.Errorf("%q at %d: got %v, %v, want one", literal, at, counts, err)
			}
		}
	}
	if _, err := l.Count(iotest.ErrReader(iotest.ErrTimeout)); err != iotest.ErrTimeout {
		t.Errorf("got %v, want the reader's error", err)
	}
}

func BenchmarkLiterals(b *testing.B) {
	for _, n := range []int{140, 10_000} {
		var file strings.Builder
		for i := range n {
			fmt.Fprintf(&file, "%c%c canary.%05d@example.com\n", 'a'+i%26, 'a'+i/26%26, i)
		}
		l, _ := ParseLiterals([]byte(file.String()))
		noise, _ := hex.DecodeString(strings.Repeat("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", 1<<15))
		for name, text := range map[string][]byte{"file": noise, "value": noise[:16], "short value": noise[:4]} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if at, _ := l.Index(text); at >= 0 {
						b.Fatal("found")
					}
				}
			})
		}
	}
}
