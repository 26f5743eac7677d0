package table

import (
	"bytes"
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/vfs"
)

// plain is a row as the contract describes it, before it is put into bytes: nil for NULL.
type plain []any

func drawPlain(t *rapid.T, s *Spec) plain {
	row := make(plain, len(s.Columns))
	for i, c := range s.Columns {
		if !c.NotNull && rapid.IntRange(0, 3).Draw(t, "null") == 0 {
			continue
		}
		switch {
		case c.privacy != asIs:
			row[i] = [16]byte(rapid.SliceOfN(rapid.ByteRange(0, 2), 16, 16).Draw(t, c.Name))
		case c.Type == TextType:
			row[i] = rapid.SampledFrom([]string{"A", "AB", "B", "a"}).Draw(t, c.Name)
		case c.Type == BooleanType:
			row[i] = rapid.Bool().Draw(t, c.Name)
		default:
			row[i] = rapid.OneOf(rapid.Int64Range(-300, 300), rapid.Int64()).Draw(t, c.Name)
		}
	}
	return row
}

func (p plain) row() (r Row) {
	for _, cell := range p {
		switch v := cell.(type) {
		case nil:
			r = appendNull(r)
		case [16]byte:
			r = appendKey(r, v)
		case string:
			r = appendText(r, []byte(v))
		case bool:
			r = appendTruth(r, bool2int(v))
		case int64:
			r = appendNumber(r, v)
		}
	}
	return r
}

// compare is the order of the contract, column by column.
func compare(a, b plain) int {
	for i := range a {
		if a[i] == nil || b[i] == nil {
			if c := cmp.Compare(bool2int(a[i] != nil), bool2int(b[i] != nil)); c != 0 {
				return c
			}
			continue
		}
		c := 0
		switch v := a[i].(type) {
		case [16]byte:
			w := b[i].([16]byte)
			c = bytes.Compare(v[:], w[:])
		case string:
			c = cmp.Compare(v, b[i].(string))
		case bool:
			c = cmp.Compare(bool2int(v), bool2int(b[i].(bool)))
		case int64:
			c = cmp.Compare(v, b[i].(int64))
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func TestTheOrderOfBytesIsTheOrderOfTheColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(Specs()).Draw(t, "table")
		a, b := drawPlain(t, s), drawPlain(t, s)
		if rapid.Bool().Draw(t, "alike") {
			copy(b, a[:rapid.IntRange(0, len(a)).Draw(t, "equal columns")])
		}
		if got, want := bytes.Compare(a.row(), b.row()), compare(a, b); got != want {
			t.Fatalf("%v and %v: got %d, want %d", a, b, got, want)
		}
		if got, want := s.SameKey(a.row(), b.row()), a[0] != nil && a[0] == b[0]; got != want {
			t.Fatalf("%v and %v: same key %v, want %v", a, b, got, want)
		}
	})
}

func TestSortedRowsDoNotDependOnMemory(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOfN(rapid.ByteRange(0, 3), 0, 6)).Draw(t, "rows")
		want := slices.SortedFunc(slices.Values(rows), bytes.Compare)
		s := NewSorter(vfs.OS(), dir, rapid.IntRange(1, 500).Draw(t, "limit"))
		defer s.Close()
		for _, row := range rows {
			if err := s.Add(row); err != nil {
				t.Fatal(err)
			}
		}
		var got [][]byte
		if err := Each([]*Sorter{s}, func(row []byte) error {
			got = append(got, bytes.Clone(row))
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.EqualFunc(got, want, bytes.Equal) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestARowWasTouchedWhenItWasCreatedOrUpdatedLastBeforeTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(Specs()).Draw(t, "table")
		row, end := drawPlain(t, s), rapid.Int64().Draw(t, "end")
		var want int64
		wanted := false
		for i, c := range s.Columns {
			at, isNumber := row[i].(int64)
			if (c.Name == "created_at" || c.Name == "updated_at") && isNumber && at < end && (!wanted || at > want) {
				want, wanted = at, true
			}
		}
		if got, there := s.TouchedBefore(row.row(), end); got != want || there != wanted {
			t.Fatalf("%v before %d: got %d %t, want %d %t", row, end, got, there, want, wanted)
		}
	})
}
