package table

import (
	"bytes"
	"cmp"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/extract/rows"
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

func (p plain) row() (r rows.Row) {
	for _, cell := range p {
		switch v := cell.(type) {
		case nil:
			r = rows.AppendNull(r)
		case [16]byte:
			r = rows.AppendKey(r, &v)
		case string:
			r = rows.AppendText(r, v)
		case bool:
			r = rows.AppendTruth(r, v)
		case int64:
			r = rows.AppendNumber(r, v)
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
