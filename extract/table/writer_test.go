package table

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
)

// written is a file of the lake of the rows, each of the env of its place.
func written(t rapid.TB, s *Spec, envs []string, list []plain) []byte {
	var file bytes.Buffer
	to := parquet.NewGenericWriter[any](&file, s.Schema())
	w := rows.NewWriter([][]rows.Column{s.Layout()}, to, bizday.Of(2026, 1, 2))
	for i, row := range list {
		if err := w.Write(0, rows.AppendText(nil, envs[i]), row.row()); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), to.Close()); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestRowsComeBackFromTheLake(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(Specs()).Draw(t, "table")
		list := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plain { return drawPlain(t, s) }), 0, 20).Draw(t, "rows")
		envs := rapid.SliceOfN(rapid.SampledFrom([]string{"dev", "prod"}), len(list), len(list)).Draw(t, "envs")
		file := written(t, s, envs, list)
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
				if env, r := s.FromParquet(nil, row); n >= len(list) || env != envs[n] || !bytes.Equal(r, list[n].row()) {
					t.Fatalf("row %d: got %v of %s, want %v of %v", n, r, env, list, envs)
				}
				n++
			}
			in.Close()
		}
		if n != len(list) {
			t.Fatalf("got %d rows, want %d", n, len(list))
		}
	})
}
