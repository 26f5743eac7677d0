package rows

import (
	"errors"
	"runtime"
	"slices"
	"sync"

	"github.com/parquet-go/parquet-go"

	"vaultreport/internal/bizday"
)

// rowGroupRows is the length of a row group (docs/contract.md section 2).
const rowGroupRows = 122_880

// Writer writes Rows to a file of the lake, column by column: while rows of one row group come, others are encoded. What it
// writes depends on the rows and their order alone. It serves one goroutine.
type Writer struct {
	layouts []layout
	to      *parquet.GenericWriter[any]
	dt      parquet.Value
	limit   int // rows of a row group
	rows    int64
	filling *rowGroup   // nil: none
	encoded []*rowGroup // or about to be, in their order
	free    freeBlocks
}

// layout is how some of the rows are laid out.
type layout struct {
	columns []column // in the order of their cells
	absent  []int    // columns of the file that have no cell, and are NULL
}

// NewWriter returns a Writer to a file of which the last column is dt. Rows have one of several layouts, each of which has a cell for
// every column of the file that is Required.
func NewWriter(layouts [][]Column, to *parquet.GenericWriter[any], day bizday.Day) *Writer {
	leaves := len(to.Schema().Columns()) - 1
	w := &Writer{to: to, dt: parquet.Int32Value(int32(day)), limit: rowGroupRows}
	for _, columns := range layouts {
		var l layout
		for _, c := range columns {
			l.columns = append(l.columns, newColumn(c))
		}
		for leaf := range leaves {
			if !slices.ContainsFunc(columns, func(c Column) bool { return c.Leaf == leaf }) {
				l.absent = append(l.absent, leaf)
			}
		}
		w.layouts = append(w.layouts, l)
	}
	return w
}

// Write takes a copy of a row of one of the layouts, by its number. It may come in parts, one behind the other.
func (w *Writer) Write(layout int, parts ...[]byte) error {
	if w.filling == nil {
		if err := w.begin(); err != nil {
			return err
		}
	}
	w.filling.add(&w.free, layout, parts)
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
	go func() { g.done <- g.encode(w.layouts, w.dt, &w.free) }()
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

// block is some rows of one layout, one behind the other.
type block struct {
	layout int
	rows   []byte
	ends   []int // of each row
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

func (g *rowGroup) add(free *freeBlocks, layout int, parts [][]byte) {
	last := len(g.blocks) - 1
	if last < 0 || g.blocks[last].layout != layout || len(g.blocks[last].ends) == blockRows {
		last++
		g.blocks = append(g.blocks, free.take())
		g.blocks[last].layout = layout
	}
	b := g.blocks[last]
	for _, part := range parts {
		b.rows = append(b.rows, part...)
	}
	b.ends = append(b.ends, len(b.rows))
	g.rows++
}

// encode writes the columns.
func (g *rowGroup) encode(layouts []layout, dt parquet.Value, free *freeBlocks) error {
	buffer, starts := make([]parquet.Value, blockRows), make([]int, blockRows)
	nulls, dts := make([]parquet.Value, blockRows), slices.Repeat([]parquet.Value{dt}, blockRows)
	writers := g.to.ColumnWriters()
	write := func(leaf int, values []parquet.Value) error {
		_, err := writers[leaf].WriteRowValues(values)
		return err
	}
	for i, b := range g.blocks {
		n := len(b.ends)
		values, places := buffer[:n], starts[:n] // of each row's next cell
		copy(places[1:], b.ends)
		places[0] = 0
		l := &layouts[b.layout]
		for at := range l.columns {
			l.columns[at].take(values, b.rows, places)
			if err := write(l.columns[at].Leaf, values); err != nil {
				return err
			}
		}
		for _, leaf := range l.absent {
			if err := write(leaf, nulls[:n]); err != nil {
				return err
			}
		}
		if err := write(len(writers)-1, dts[:n]); err != nil {
			return err
		}
		g.blocks[i] = nil
		free.give(b)
	}
	return g.to.Flush()
}
