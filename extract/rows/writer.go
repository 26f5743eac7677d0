package rows

import (
	"errors"
	"runtime"
	"sync"

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
	free    freeBlocks
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
	w.filling.add(&w.free, parts)
	w.rows++
	if w.filling.rows == w.limit {
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
	return nil
}

// maxEncoders bounds the row groups in memory.
const maxEncoders = 2

func (w *Writer) encode() {
	g := w.filling
	g.to, g.done = w.to.BeginRowGroup(), make(chan error, 1)
	w.filling, w.encoded = nil, append(w.encoded, g)
	go func() { g.done <- g.encode(w.columns, w.dt, &w.free) }()
}

// commit waits for the first row group and writes it to the file.
func (w *Writer) commit() error {
	g := w.encoded[0]
	w.encoded = w.encoded[1:]
	if err := <-g.done; err != nil {
		return err
	}
	_, err := g.to.Commit()
	return err
}

// rowGroup is the rows of a row group, in blocks that are used again as soon as they are encoded.
type rowGroup struct {
	blocks []*block
	rows   int
	to     *parquet.ConcurrentRowGroupWriter
	done   chan error // of encoding
}

// blockRows is how many rows a block has. Values are given on by the block: that many at once are cheap, and a page does not
// become much longer than it should.
const blockRows = 1024

// block is some rows, one behind the other.
type block struct {
	rows []byte
	ends []int // of each row
}

// freeBlocks are blocks to be used again. It is safe for concurrent use.
type freeBlocks struct {
	mu   sync.Mutex
	list []*block
}

func (f *freeBlocks) take() *block {
	f.mu.Lock()
	defer f.mu.Unlock()
	last := len(f.list) - 1
	if last < 0 {
		return &block{}
	}
	b := f.list[last]
	f.list = f.list[:last]
	b.rows, b.ends = b.rows[:0], b.ends[:0]
	return b
}

func (f *freeBlocks) give(b *block) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, b)
}

func (g *rowGroup) add(free *freeBlocks, parts [][]byte) {
	if g.rows%blockRows == 0 {
		g.blocks = append(g.blocks, free.take())
	}
	b := g.blocks[len(g.blocks)-1]
	for _, part := range parts {
		b.rows = append(b.rows, part...)
	}
	b.ends = append(b.ends, len(b.rows))
	g.rows++
}

// encode writes the columns.
func (g *rowGroup) encode(columns []column, dt parquet.Value, free *freeBlocks) error {
	buffer, starts := make([]parquet.Value, blockRows), make([]int, blockRows)
	writers := g.to.ColumnWriters()
	for i, b := range g.blocks {
		values, places := buffer[:len(b.ends)], starts[:len(b.ends)] // of each row's next cell
		copy(places[1:], b.ends)
		places[0] = 0
		for at := range columns {
			columns[at].take(values, b.rows, places)
			if _, err := writers[columns[at].Leaf].WriteRowValues(values); err != nil {
				return err
			}
		}
		for i := range values {
			values[i] = dt
		}
		if _, err := writers[len(columns)].WriteRowValues(values); err != nil {
			return err
		}
		g.blocks[i] = nil
		free.give(b)
	}
	return g.to.Flush()
}
