package parquetfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"vaultreport/internal/vfs"
)

type testRow struct {
	Dt   int32   `parquet:"dt,date"`
	Name string  `parquet:"name,dict"`
	At   *int64  `parquet:"at,optional,timestamp(microsecond:local)"`
	Note *string `parquet:"note,optional,dict"`
}

func testRows(n int) []testRow {
	rows := make([]testRow, n)
	for i := range rows {
		rows[i] = testRow{Dt: 20_000, Name: fmt.Sprint("n", i%7)}
		if i%3 == 0 {
			rows[i].At, rows[i].Note = new(int64(i)), new(fmt.Sprint(i))
		}
	}
	return rows
}

var testForm = Form{Room: "marts", Schema: SchemaOf[testRow]("names"), Metadata: []Pair{{"model", "names"}, {"dt", "2024-10-04"}}}

func written(t *testing.T, rows []testRow) []byte {
	t.Helper()
	w, err := NewWriter(vfs.OS())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "file")
	n, err := Write(w, path, testForm, All(rows))
	if err != nil || n != int64(len(rows)) {
		t.Fatalf("%d rows, %v", n, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestAFileHoldsItsRowsInTheFormOfTheContract(t *testing.T) {
	for _, n := range []int{0, 1, rowGroupRows + 1} {
		text := written(t, testRows(n))
		file, err := parquet.OpenFile(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := parquet.Read[testRow](bytes.NewReader(text), int64(len(text)))
		if err != nil || !slices.EqualFunc(got, testRows(n), func(a, b testRow) bool {
			return fmt.Sprint(a.Dt, a.Name, a.At == nil) == fmt.Sprint(b.Dt, b.Name, b.At == nil)
		}) {
			t.Errorf("%d rows: read %d, %v", n, len(got), err)
		}
		for _, p := range testForm.Metadata {
			if value, there := file.Lookup(p.Key); !there || value != p.Value {
				t.Errorf("metadata %s is %q", p.Key, value)
			}
		}
		for _, group := range file.Metadata().RowGroups {
			if group.NumRows > rowGroupRows {
				t.Errorf("a row group has %d rows", group.NumRows)
			}
			for _, column := range group.Columns {
				if column.MetaData.Codec != format.Zstd {
					t.Errorf("%v is compressed with %v", column.MetaData.PathInSchema, column.MetaData.Codec)
				}
			}
		}
	}
}

func TestBytesDoNotDependOnProcessors(t *testing.T) {
	rows := testRows(5000)
	many := written(t, rows)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	if one := written(t, rows); !bytes.Equal(one, many) {
		t.Error("other bytes on one processor")
	}
}

func TestAFileThatLacksRowsIsAnError(t *testing.T) {
	w, err := NewWriter(vfs.OS())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	_, err = Write(w, filepath.Join(dir, "short"), testForm, func(to *parquet.GenericWriter[testRow]) (int64, error) {
		n, err := to.Write(testRows(3))
		return int64(n) + 1, err
	})
	if err == nil {
		t.Error("a file of 3 rows passes for one of 4")
	}
	broken := errors.New("no more rows")
	_, err = Write(w, filepath.Join(dir, "broken"), testForm, func(*parquet.GenericWriter[testRow]) (int64, error) { return 0, broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := Write(w, filepath.Join(dir, "short"), testForm, All(testRows(1))); !errors.Is(err, os.ErrExist) {
		t.Errorf("over a file that is there: %v", err)
	}
}
