package table

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// cell is a value of a CSV file: nil is NULL.
type cell *string

func drawCell(t *rapid.T) cell {
	if rapid.IntRange(0, 3).Draw(t, "null") == 0 {
		return nil
	}
	text := rapid.StringOf(rapid.SampledFrom([]rune("ab,\"\n\r한"))).Draw(t, "text")
	return &text
}

// copied writes rows as COPY does: quotes only where they are needed, and around the empty text.
func copied(rows [][]cell, end string) string {
	var b strings.Builder
	for _, row := range rows {
		for i, c := range row {
			if i > 0 {
				b.WriteByte(',')
			}
			switch {
			case c == nil:
			case *c == "" || strings.ContainsAny(*c, ",\"\r\n"):
				b.WriteString(`"` + strings.ReplaceAll(*c, `"`, `""`) + `"`)
			default:
				b.WriteString(*c)
			}
		}
		b.WriteString(end)
	}
	return b.String()
}

func readCSV(text string, names []string) (rows [][]cell, err error) {
	r, err := newCSV(strings.NewReader(text), io.NopCloser(nil))
	if err != nil {
		return nil, err
	}
	err = r.Rows(context.Background(), names, func(values []Value) error {
		row := make([]cell, len(values))
		for i, v := range values {
			if v.Kind == Text {
				text := string(v.Bytes)
				row[i] = &text
			}
		}
		rows = append(rows, row)
		return nil
	})
	return rows, err
}

func TestWhatCopyWroteIsRead(t *testing.T) {
	names := []string{"first", "second", "third"}
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOf(rapid.SliceOfN(rapid.Custom(drawCell), 3, 3)).Draw(t, "rows")
		end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
		selected := rapid.Permutation(names).Draw(t, "selected")[:rapid.IntRange(0, 3).Draw(t, "count")]
		got, err := readCSV("first,second,third"+end+copied(rows, end), selected)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, name := range selected {
				want, have := row[slices.Index(names, name)], got[i][j]
				if (want == nil) != (have == nil) || want != nil && *want != *have {
					t.Fatalf("row %d, column %s: got %v, want %v", i, name, have, want)
				}
			}
		}
		if len(got) != len(rows) {
			t.Fatalf("got %d rows, want %d", len(got), len(rows))
		}
	})
}

// FuzzCSV: no text makes the reader fail in another way than by its errors, and what it accepts says to encoding/csv the
// same, but for NULL.
func FuzzCSV(f *testing.F) {
	for _, text := range []string{"", "a,b\n1,2\n", "a,b\n\"x\"\"y\",\n", "a,b\n\"x\ny\",\"\"\r\n", "a,b\n1", "a\n\"", "\ufeffa,b\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readCSV(text, []string{"b"})
		if err != nil {
			if !errors.Is(err, ErrTorn) && !errors.Is(err, errShape) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		reference := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		rows, err := reference.ReadAll()
		if err != nil || len(rows) != len(got)+1 {
			return // it skips blank lines and takes a header without names
		}
		for i, row := range rows[1:] {
			b := slices.Index(rows[0], "b")
			if c := got[i][0]; b >= 0 && c != nil && *c != row[b] && !strings.Contains(text, "\r") {
				t.Fatalf("%q, row %d: got %q, want %q", text, i, *c, row[b])
			}
		}
	})
}

func TestACompressedDumpIsToldByItsContent(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte("user_id,gold_status\n7,LOCKED\n"))
	z.Close()
	for size, want := range map[int]errs.Class{b.Len(): -1, b.Len() - 9: errs.NotReady} {
		path := filepath.Join(t.TempDir(), "dump.csv")
		if err := os.WriteFile(path, b.Bytes()[:size], 0o640); err != nil {
			t.Fatal(err)
		}
		reader, err := Open(vfs.OS(), path)
		rows := 0
		if err == nil {
			err = reader.Rows(context.Background(), []string{"user_id"}, func([]Value) error { rows++; return nil })
			reader.Close()
		}
		switch {
		case want < 0 && (err != nil || rows != 1):
			t.Errorf("whole: %d rows, %v", rows, err)
		case want >= 0 && errs.ClassOf(ReadError("vault_status", "dump.csv", err)) != want:
			t.Errorf("cut: got %v, want class %d", err, want)
		}
	}
}

func TestAHugeValueIsNotHeld(t *testing.T) {
	huge := strings.Repeat("x", 3*maxCell)
	r, err := newCSV(strings.NewReader("a,b,memo\n"+huge+",\""+huge+"\",\""+huge+"\"\n"), io.NopCloser(nil))
	if err != nil {
		t.Fatal(err)
	}
	err = r.Rows(context.Background(), []string{"a", "b"}, func(values []Value) error {
		for i, v := range values {
			if v.Kind != Unreadable || len(v.Bytes) > maxCell {
				t.Errorf("value %d: kind %d, %d bytes", i, v.Kind, len(v.Bytes))
			}
		}
		return nil
	})
	if err != nil || cap(r.cell) > 2*maxCell {
		t.Errorf("%v, %d bytes held", err, cap(r.cell))
	}
}
