package rows

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// wide has a column of every form; its cells stand in another order than the columns of the file.
type wide struct {
	Number *int64    `parquet:"number,optional"`
	Key    *[16]byte `parquet:"key,optional"`
	Text   string    `parquet:"text,dict"`
	Truth  *bool     `parquet:"truth,optional"`
	Code   *string   `parquet:"code,optional,dict"`
	Dt     int32     `parquet:"dt,date"`
}

var (
	colours     = []string{"", "blue", "red"}
	wideColumns = []Column{{Form: Text, Leaf: 2, Required: true}, {Form: Code, Leaf: 4, Texts: colours}, {Form: Number, Leaf: 0}, {Form: Truth, Leaf: 3}, {Form: Key, Leaf: 1}}
	wideLayouts = [][]Column{wideColumns, wideColumns[:3]}
)

const wideDay = bizday.Day(20_000)

func drawWide(t *rapid.T) wide {
	return wide{
		Number: rapid.Ptr(rapid.Int64(), true).Draw(t, "number"), Text: rapid.StringMatching(`[a-c]{0,3}`).Draw(t, "text"),
		Key:   rapid.Ptr(rapid.Map(rapid.Byte(), func(b byte) [16]byte { return [16]byte{15: b} }), true).Draw(t, "key"),
		Truth: rapid.Ptr(rapid.Bool(), true).Draw(t, "truth"), Code: rapid.Ptr(rapid.SampledFrom(colours[1:]), true).Draw(t, "code"),
		Dt: int32(wideDay),
	}
}

func (w wide) row() Row {
	b := AppendText(nil, w.Text)
	if w.Code == nil {
		b = AppendNull(b)
	} else {
		b = AppendCode(b, byte(slices.Index(colours, *w.Code)))
	}
	if w.Number == nil {
		b = AppendNull(b)
	} else {
		b = AppendNumber(b, *w.Number)
	}
	if w.Truth == nil {
		b = AppendNull(b)
	} else {
		b = AppendTruth(b, *w.Truth)
	}
	if w.Key == nil {
		return AppendNull(b)
	}
	return AppendKey(b, w.Key)
}

func writtenWide(t rapid.TB, list []wide, rowGroup int) []byte {
	var file bytes.Buffer
	to := parquet.NewGenericWriter[any](&file, parquet.SchemaOf(wide{}))
	w := NewWriter(wideLayouts, to, wideDay)
	w.limit = rowGroup
	for _, row := range list {
		layout := 0
		if row.Truth == nil && row.Key == nil {
			layout = 1 // which leaves their cells out
		}
		r := row.row()[:len(row.row())-2*layout]
		if err := w.Write(layout, r[:1], r[1:]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), to.Close()); err != nil {
		t.Fatal(err)
	}
	if w.Rows() != int64(len(list)) {
		t.Fatalf("%d rows, want %d", w.Rows(), len(list))
	}
	return file.Bytes()
}

func TestAFileHoldsTheRowsInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(drawWide), 0, 40).Draw(t, "rows")
		limit := rapid.IntRange(1, 45).Draw(t, "rows of a group")
		file := bytes.NewReader(writtenWide(t, list, limit))
		lake, err := parquet.OpenFile(file, file.Size())
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(lake.RowGroups()), (len(list)+limit-1)/limit; got != want {
			t.Fatalf("%d row groups, want %d", got, want)
		}
		got := make([]wide, len(list))
		if n, err := parquet.NewGenericReader[wide](file).Read(got); n != len(list) || err != nil && err != io.EOF {
			t.Fatalf("%d rows, error %v", n, err)
		}
		if diff := cmp.Diff(list, got); diff != "" && len(list) > 0 {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}

func TestBytesOfAFileDoNotDependOnProcessors(t *testing.T) {
	list := make([]wide, 9_000)
	for i := range list {
		number, truth := int64(i)*1_000_003, i%2 == 0
		list[i] = wide{Number: &number, Truth: &truth, Key: &[16]byte{byte(i >> 8), byte(i)}}
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := writtenWide(t, list, 2_500)
	runtime.GOMAXPROCS(4)
	if !bytes.Equal(one, writtenWide(t, list, 2_500)) {
		t.Error("one processor writes other bytes than four")
	}
}
