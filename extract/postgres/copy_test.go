package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/extract/table"
)

var everyForm = []form{int2, int4, int8, text, padded, boolean, timestamp}

// stream writes a binary COPY of the cells of each row, nil for NULL.
func stream(extension []byte, rows [][][]byte) []byte {
	b := slices.Clone(copySignature)
	b = binary.BigEndian.AppendUint32(b, 0)
	b = append(binary.BigEndian.AppendUint32(b, uint32(len(extension))), extension...)
	for _, cells := range rows {
		b = binary.BigEndian.AppendUint16(b, uint16(len(cells)))
		for _, cell := range cells {
			if cell == nil {
				b = binary.BigEndian.AppendUint32(b, nullMark)
				continue
			}
			b = append(binary.BigEndian.AppendUint32(b, uint32(len(cell))), cell...)
		}
	}
	return binary.BigEndian.AppendUint16(b, endMark)
}

func aRow() [][]byte {
	return [][]byte{{0, 1}, {0, 0, 0, 2}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd}, []byte("GOLD"), []byte("GOLD  "), {1}, {0, 0, 0, 0, 0, 0, 0, 5}}
}

const aLine = `1 2 -3 "GOLD" "GOLD" true 2000-01-01T00:00:00.000005Z` + "\n"

// decode feeds the pieces and returns the lines that came.
func decode(forms []form, pieces ...[]byte) (lines string, rows int64, err error) {
	var out strings.Builder
	d := newDecoder(context.Background(), forms, func(values []table.Value) error {
		out.WriteString(line(values))
		return nil
	})
	for _, p := range pieces {
		if _, err := d.Write(p); err != nil {
			return out.String(), d.rows, err
		}
	}
	return out.String(), d.rows, d.finish(d.rows)
}

func TestAStreamSaysTheSameWhereverItIsCut(t *testing.T) {
	whole := stream([]byte("ext"), [][][]byte{aRow(), make([][]byte, len(everyForm)), aRow()})
	want := aLine + strings.Repeat("NULL ", len(everyForm)-1) + "NULL\n" + aLine
	rapid.Check(t, func(t *rapid.T) {
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(whole)), 0, 20).Draw(t, "cuts")
		slices.Sort(cuts)
		var pieces [][]byte
		from := 0
		for _, cut := range append(cuts, len(whole)) {
			pieces = append(pieces, slices.Clone(whole[from:cut]))
			from = cut
		}
		got, _, err := decode(everyForm, pieces...)
		if err != nil || got != want {
			t.Errorf("%v\n%swant\n%s", err, got, want)
		}
	})
}

func TestAStreamThatEndsEarlyIsDamagedWhereverItEnds(t *testing.T) {
	whole := stream(nil, [][][]byte{aRow(), aRow()})
	for n := range whole {
		if _, _, err := decode(everyForm, whole[:n]); !errors.Is(err, errStream) {
			t.Errorf("of %d bytes %d came: %v", len(whole), n, err)
		}
	}
}

func TestADamagedStreamIsAnError(t *testing.T) {
	good := stream(nil, [][][]byte{aRow()})
	head := len(copySignature) + 8
	for name, damage := range map[string]func(b []byte) []byte{
		"another signature":                 func(b []byte) []byte { b[0] = 'p'; return b },
		"an extension without end":          func(b []byte) []byte { b[head-4] = 0xff; return b },
		"another number of columns":         func(b []byte) []byte { b[head+1]++; return b },
		"a value longer than can be":        func(b []byte) []byte { b[head+2] = 0x7f; return b },
		"a length that is no integer's":     func(b []byte) []byte { b[head+5] = 3; return b },
		"a truth value that is none":        func(b []byte) []byte { b[len(b)-2-12-1] = 2; return b },
		"something behind the end":          func(b []byte) []byte { return append(b, 0) },
		"rows without the end":              func(b []byte) []byte { return b[:len(b)-2] },
		"a negative length that is no NULL": func(b []byte) []byte { copy(b[head+2:], "\xff\xff\xff\xfe"); return b },
	} {
		if _, _, err := decode(everyForm, damage(slices.Clone(good))); !errors.Is(err, errStream) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARowThatTheServerCountsAndThatDidNotComeIsMissed(t *testing.T) {
	d := newDecoder(context.Background(), everyForm, func([]table.Value) error { return nil })
	if _, err := d.Write(stream(nil, [][][]byte{aRow()})); err != nil {
		t.Fatal(err)
	}
	if err := d.finish(2); !errors.Is(err, errStream) {
		t.Errorf("one row of two came: %v", err)
	}
}

func TestTheFirstErrorOfTheCallerEndsTheStream(t *testing.T) {
	enough := io.ErrShortBuffer
	calls := 0
	d := newDecoder(context.Background(), everyForm, func([]table.Value) error { calls++; return enough })
	if _, err := d.Write(stream(nil, [][][]byte{aRow(), aRow()})); err != enough || calls != 1 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestATextThatIsTooLongIsUnreadable(t *testing.T) {
	long := make([]byte, maxText+1)
	if got, _, err := decode([]form{text}, stream(nil, [][][]byte{{long}})); got != "unreadable\n" || err != nil {
		t.Errorf("%.100s, %v", got, err)
	}
}

func TestRowsAreDecodedWithoutAnAllocation(t *testing.T) {
	d := newDecoder(context.Background(), everyForm, func([]table.Value) error { return nil })
	whole := stream(nil, [][][]byte{aRow()})
	if _, err := d.Write(whole[:len(copySignature)+8]); err != nil {
		t.Fatal(err)
	}
	row := whole[len(copySignature)+8 : len(whole)-2]
	if n := testing.AllocsPerRun(1000, func() { d.Write(row) }); n > 0 {
		t.Errorf("%v allocations a row", n)
	}
}

// FuzzCopy feeds anything, cut anywhere: what it says may not depend on the cut, and nothing is held that did not come.
func FuzzCopy(f *testing.F) {
	f.Add(stream([]byte("ext"), [][][]byte{aRow(), make([][]byte, len(everyForm))}), uint16(25))
	f.Add([]byte("PGCOPY\n"), uint16(3))
	f.Fuzz(func(t *testing.T, whole []byte, cut uint16) {
		lines, rows, err := decode(everyForm, whole)
		at := min(int(cut), len(whole))
		cutLines, cutRows, cutErr := decode(everyForm, whole[:at], whole[at:])
		if lines != cutLines || rows != cutRows || (err == nil) != (cutErr == nil) {
			t.Errorf("cut at %d: %d rows and %v, whole: %d rows and %v", at, cutRows, cutErr, rows, err)
		}
		if err != nil && !errors.Is(err, errStream) {
			t.Errorf("unexpected error %v", err)
		}
	})
}

func TestEveryPageIsInOneRange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pages, n := rapid.Int64Range(0, 1<<32-2).Draw(t, "pages"), rapid.IntRange(1, 64).Draw(t, "n")
		conditions := ranges(pages, n)
		if len(conditions) < 1 || len(conditions) > n || pages < 16 && len(conditions) > 1 {
			t.Fatalf("%d conditions for %d pages", len(conditions), pages)
		}
		last := ""
		for i, c := range conditions {
			from, to, _ := strings.Cut(c, " and ")
			if !strings.Contains(c, " and ") && i == 0 {
				from, to = "", c
			}
			if strings.TrimPrefix(from, "ctid >= ") != strings.TrimPrefix(last, "ctid < ") || i == len(conditions)-1 && to != "" {
				t.Fatalf("%q follows %q", c, last)
			}
			last = to
		}
	})
}
