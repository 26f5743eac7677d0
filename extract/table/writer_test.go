package table

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// written is a file of the lake of the rows, each of the env of its place, in row groups of so many rows.
func written(t rapid.TB, s *Spec, envs []string, rows []plain, rowGroup int) []byte {
	var file bytes.Buffer
	to := parquet.NewGenericWriter[any](&file, s.Schema())
	w := NewWriter(s, to, bizday.Of(2026, 1, 2))
	w.rows = rowGroup
	for i, row := range rows {
		if err := w.Write(envs[i], row.row()); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestRowsComeBackFromTheLake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(Specs()).Draw(t, "table")
		rows := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plain { return drawPlain(t, s) }), 0, 20).Draw(t, "rows")
		envs := rapid.SliceOfN(rapid.SampledFrom([]string{"dev", "prod"}), len(rows), len(rows)).Draw(t, "envs")
		file := written(t, s, envs, rows, rapid.IntRange(1, 25).Draw(t, "rows of a group"))
		lake, err := parquet.OpenFile(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, group := range lake.RowGroups() {
			in := group.Rows()
			buffer := make([]parquet.Row, 25)
			count, err := in.ReadRows(buffer)
			if err != nil && err != io.EOF {
				t.Fatal(err)
			}
			for _, row := range buffer[:count] {
				if env, r := s.FromParquet(nil, row); n >= len(rows) || env != envs[n] || !bytes.Equal(r, rows[n].row()) {
					t.Fatalf("row %d: got %v of %s, want %v of %v", n, r, env, rows, envs)
				}
				n++
			}
			in.Close()
		}
		if n != len(rows) {
			t.Fatalf("got %d rows, want %d", n, len(rows))
		}
	})
}

func TestBytesOfTheLakeDoNotDependOnProcessors(t *testing.T) {
	s := SpecOf("vault_status")
	var rows []plain
	var envs []string
	for i := range 9_000 {
		row := make(plain, len(s.Columns))
		row[0] = [16]byte{byte(i >> 8), byte(i)}
		row[1], row[4], row[10] = "LOCKED", int64(i)*1_000_003, i%2 == 0
		rows, envs = append(rows, row), append(envs, fmt.Sprint("env", i/4_000))
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := written(t, s, envs, rows, 2_500)
	runtime.GOMAXPROCS(4)
	if !slices.Equal(one, written(t, s, envs, rows, 2_500)) {
		t.Error("one processor writes other bytes than four")
	}
}
