package rows

import (
	"errors"
	"runtime"
	"slices"

	"github.com/parquet-go/parquet-go"

	"vaultreport/internal/bizday"
)

// rowGroupRows is the length of a row group (docs/contract.md section 2).
const rowGroupRows = 122_880

// Writer writes Rows to a file of the lake, column by column: while rows of one row group come, others are encoded. What it
// writes depends on the rows and their order alone. It serves one goroutine.
type Writer struct {
	columns []column
	to      *parquet.GenericWriter[any]
	dt      parquet.Value
	limit   int // rows of a row group
	rows    int64
	filling *rowGroup   // nil: none
	encoded []*rowGroup // or about to be, in their order
	free    []*rowGroup
}

// NewWriter returns a Writer to a file of which the last column is dt and the others are the given ones.
func NewWriter(columns []Column, to *parquet.GenericWriter[any], day bizday.Day) *Writer {
	w := &Writer{to: to, dt: parquet.Int32Value(int32(day)).Level(0, 0, len(columns)), limit: rowGroupRows}
	for _, c := range columns {
		w.columns = append(w.columns, newColumn(c))
	}
	return w
}

// Write takes a copy of a row, which may come in parts, one behind the other.
func (w *Writer) Write(parts ...[]byte) error {
	if w.filling == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	w.filling.add(parts)
	w.rows++
	if len(w.filling.ends) == w.limit {
		w.encode()
	}
	return nil
}

// Rows returns how many rows were written.
func (w *Writer) Rows() int64 { return w.rows }

// Close writes what is left, and not the end of the file.
func (w *Writer) Close() error {
	if w.filling != nil {
		w.encode()
	}
	var err error
	for len(w.encoded) > 0 {
		err = errors.Join(err, w.commit())
	}
	return err
}

// begin finds room for the next row group: where as many are encoded as there are processors, the first of them is waited for.
func (w *Writer) begin() error {
	if len(w.encoded) >= min(runtime.GOMAXPROCS(0), maxEncoders) {
		if err := w.commit(); err != nil {
			return err
		}
	}
	w.filling = &rowGroup{}
	if last := len(w.free) - 1; last >= 0 {
		w.filling, w.free = w.free[last], w.free[:last]
	}
	return nil
}

// maxEncoders bounds the row groups in memory, of some 20 MiB each.
const maxEncoders = 2

func (w *Writer) encode() {
	g := w.filling
	g.to, g.done = w.to.BeginRowGroup(), make(chan error, 1)
	w.filling, w.encoded = nil, append(w.encoded, g)
	go func() { g.done <- g.encode(w.columns, w.dt) }()
}

// commit waits for the first row group and writes it to the file.
func (w *Writer) commit() error {
	g := w.encoded[0]
	w.encoded = w.encoded[1:]
	if err := <-g.done; err != nil {
		return err
	}
	if _, err := g.to.Commit(); err != nil {
		return err
	}
	g.rows, g.ends, g.to = g.rows[:0], g.ends[:0], nil
	w.free = append(w.free, g)
	return nil
}

// rowGroup is the rows of a row group, one behind the other.
type rowGroup struct {
	rows []byte
	ends []int
	to   *parquet.ConcurrentRowGroupWriter
	done chan error // of encoding
}

func (g *rowGroup) add(parts [][]byte) {
	for _, part := range parts {
		if len(g.rows)+len(part) > cap(g.rows) {
			g.rows = slices.Grow(g.rows, max(len(g.rows), 1<<16)) // append alone would copy it many times on its way
		}
		g.rows = append(g.rows, part...)
	}
	g.ends = append(g.ends, len(g.rows))
}

// encode writes the columns. Values are given on by the thousand: that many at once are cheap, and a page does not become much longer
// than it should.
func (g *rowGroup) encode(columns []column, dt parquet.Value) error {
	const batch = 1024
	values, places := make([]parquet.Value, batch), make([]int, batch) // of each row's next cell
	start := 0
	writers := g.to.ColumnWriters()
	for first := 0; first < len(g.ends); first += batch {
		n := min(batch, len(g.ends)-first)
		for i, end := range g.ends[first : first+n] {
			places[i], start = start, end
		}
		for at := range columns {
			columns[at].take(values[:n], g.rows, places[:n])
			if _, err := writers[columns[at].Leaf].WriteRowValues(values[:n]); err != nil {
				return err
			}
		}
		for i := range n {
			values[i] = dt
		}
		if _, err := writers[len(writers)-1].WriteRowValues(values[:n]); err != nil {
			return err
		}
	}
	return g.to.Flush()
}
