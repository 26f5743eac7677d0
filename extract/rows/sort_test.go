package rows

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/vfs"
)

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
