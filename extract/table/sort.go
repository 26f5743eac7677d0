package table

import (
	"bufio"
	"bytes"
	"container/heap"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"vaultreport/internal/vfs"
)

// Sorter sorts any number of rows within bounded memory: full buffers are sorted and written to a file without a name,
// and merged at the end. It serves one goroutine.
type Sorter struct {
	fs     vfs.FS
	dir    string
	limit  int // bytes that are held
	buffer []byte
	ends   []int // of each row in buffer
	runs   []run
	file   vfs.File
	size   int64
}

// run is one sorted part of the file.
type run struct{ offset, length int64 }

// NewSorter returns a Sorter that holds no more than about limit bytes and puts its file into dir.
func NewSorter(fsys vfs.FS, dir string, limit int) *Sorter {
	return &Sorter{fs: fsys, dir: dir, limit: limit}
}

// Close gives the file back.
func (s *Sorter) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Add takes a copy of row.
func (s *Sorter) Add(row []byte) error {
	s.buffer = append(s.buffer, row...)
	s.ends = append(s.ends, len(s.buffer))
	const perRow = 8 + 24 // of ends, and of sorted
	if len(s.buffer)+perRow*len(s.ends) < s.limit {
		return nil
	}
	return s.spill()
}

// Each calls each for every row in ascending order of bytes. The row is valid until each returns.
func (s *Sorter) Each(each func(row []byte) error) error {
	if len(s.runs) == 0 {
		for _, row := range s.sorted() {
			if err := each(row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := s.spill(); err != nil {
		return err
	}
	s.buffer, s.ends = nil, nil
	return s.merge(each)
}

func (s *Sorter) sorted() [][]byte {
	rows := make([][]byte, len(s.ends))
	start := 0
	for i, end := range s.ends {
		rows[i] = s.buffer[start:end]
		start = end
	}
	slices.SortFunc(rows, bytes.Compare)
	return rows
}

func (s *Sorter) spill() (err error) {
	if len(s.ends) == 0 {
		return nil
	}
	if s.file == nil {
		if s.file, err = vfs.Unnamed(s.fs, s.dir, "rows"); err != nil {
			return fmt.Errorf("create a file of rows to be sorted: %w", err)
		}
	}
	var length int64
	out := bufio.NewWriterSize(io.NewOffsetWriter(s.file, s.size), 1<<16)
	var head [binary.MaxVarintLen64]byte
	for _, row := range s.sorted() {
		n := binary.PutUvarint(head[:], uint64(len(row)))
		out.Write(head[:n]) // the first error sticks to the writer and comes back from Flush
		out.Write(row)
		length += int64(n + len(row))
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write rows to be sorted: %w", err)
	}
	s.runs = append(s.runs, run{s.size, length})
	s.size += length
	s.buffer, s.ends = s.buffer[:0], s.ends[:0]
	return nil
}

func (s *Sorter) merge(each func(row []byte) error) error {
	var heads runHeap
	for _, r := range s.runs {
		head := &runHead{from: bufio.NewReaderSize(io.NewSectionReader(s.file, r.offset, r.length), 1<<16)}
		if more, err := head.next(); err != nil {
			return err
		} else if more {
			heads = append(heads, head)
		}
	}
	heap.Init(&heads)
	for len(heads) > 0 {
		if err := each(heads[0].row); err != nil {
			return err
		}
		more, err := heads[0].next()
		switch {
		case err != nil:
			return err
		case more:
			heap.Fix(&heads, 0)
		default:
			heap.Pop(&heads)
		}
	}
	return nil
}

// runHead is the first row of a run that was not given out yet.
type runHead struct {
	from *bufio.Reader
	row  []byte
}

func (h *runHead) next() (more bool, err error) {
	n, err := binary.ReadUvarint(h.from)
	if err == io.EOF {
		return false, nil
	}
	if err == nil {
		h.row = slices.Grow(h.row[:0], int(n))[:n]
		_, err = io.ReadFull(h.from, h.row)
	}
	if err != nil {
		return false, fmt.Errorf("read sorted rows: %w", err)
	}
	return true, nil
}

type runHeap []*runHead

func (h runHeap) Len() int           { return len(h) }
func (h runHeap) Less(i, j int) bool { return bytes.Compare(h[i].row, h[j].row) < 0 }
func (h runHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *runHeap) Push(x any)        { *h = append(*h, x.(*runHead)) }
func (h *runHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
