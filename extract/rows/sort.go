package rows

import (
	"bufio"
	"bytes"
	"cmp"
	"container/heap"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"vaultreport/internal/vfs"
)

// Sorter sorts any number of rows within bounded memory: full buffers are sorted and written to a file without a name,
// one while the next is filled, and merged at the end. It serves one goroutine.
type Sorter struct {
	fs      vfs.FS
	dir     string
	limit   int // bytes that a buffer holds
	filling buffer
	writing buffer     // a run is made of it until written is received
	written chan error // nil: nothing is written
	runs    []run
	file    vfs.File
	size    int64
}

// buffer is rows one behind the other.
type buffer struct {
	rows []byte
	ends []int // of each row
}

// run is one sorted part of the file.
type run struct{ offset, length int64 }

// NewSorter returns a Sorter that holds no more than about limit bytes and puts its file into dir.
func NewSorter(fsys vfs.FS, dir string, limit int) *Sorter {
	return &Sorter{fs: fsys, dir: dir, limit: limit / 2}
}

// Close gives the file back.
func (s *Sorter) Close() error {
	err := s.settle()
	if s.file == nil {
		return err
	}
	return errors.Join(err, s.file.Close())
}

// Add takes a copy of row.
func (s *Sorter) Add(row []byte) error {
	b := &s.filling
	b.rows = append(b.rows, row...)
	b.ends = append(b.ends, len(b.rows))
	const perRow = 8 + 16 + 24 // of ends, and of sorted
	if len(b.rows)+perRow*len(b.ends) < s.limit {
		return nil
	}
	return s.spill()
}

// Each calls each for every row of the sorters in ascending order of bytes. The row is valid until each returns.
func Each(sorters []*Sorter, each func(row []byte) error) error {
	var heads headHeap
	for _, s := range sorters {
		own, err := s.heads()
		if err != nil {
			return err
		}
		for _, h := range own {
			if more, err := h.next(); err != nil {
				return err
			} else if more {
				heads = append(heads, h)
			}
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

// heads returns what the sorter's rows are read from, each in order: the runs, or all that is held.
func (s *Sorter) heads() ([]*head, error) {
	if s.file == nil {
		return []*head{{held: s.filling.sorted()}}, nil
	}
	if err := errors.Join(s.spill(), s.settle()); err != nil {
		return nil, err
	}
	s.filling, s.writing = buffer{}, buffer{}
	heads := make([]*head, len(s.runs))
	for i, r := range s.runs {
		heads[i] = &head{from: bufio.NewReaderSize(io.NewSectionReader(s.file, r.offset, r.length), 1<<16)}
	}
	return heads, nil
}

// sorted returns the rows in order.
func (b *buffer) sorted() [][]byte {
	keys := make([]sortKey, len(b.ends))
	start := 0
	for i, end := range b.ends {
		keys[i] = sortKey{prefixOf(b.rows[start:end]), uint32(start), uint32(end)}
		start = end
	}
	slices.SortFunc(keys, func(x, y sortKey) int {
		if x.prefix != y.prefix {
			return cmp.Compare(x.prefix, y.prefix)
		}
		return bytes.Compare(b.rows[x.start:x.end], b.rows[y.start:y.end])
	})
	rows := make([][]byte, len(keys))
	for i, k := range keys {
		rows[i] = b.rows[k.start:k.end]
	}
	return rows
}

// sortKey is a row of the buffer with its first bytes as a number, which most often decide. The buffer is far below 4 GiB.
type sortKey struct {
	prefix     uint64
	start, end uint32
}

func prefixOf(row []byte) uint64 {
	if len(row) >= 8 {
		return binary.BigEndian.Uint64(row)
	}
	var padded [8]byte
	copy(padded[:], row)
	return binary.BigEndian.Uint64(padded[:])
}

// spill lets what is held become a run, once the one before is written: sorting would keep the reader of a database waiting, and the database.
func (s *Sorter) spill() (err error) {
	if len(s.filling.ends) == 0 {
		return nil
	}
	if err := s.settle(); err != nil {
		return err
	}
	if s.file == nil {
		if s.file, err = vfs.Unnamed(s.fs, s.dir, "rows"); err != nil {
			return fmt.Errorf("create a file of rows to be sorted: %w", err)
		}
	}
	s.filling, s.writing = s.writing, s.filling
	s.filling.rows, s.filling.ends = s.filling.rows[:0], s.filling.ends[:0]
	s.written = make(chan error, 1)
	go func() { s.written <- s.write() }()
	return nil
}

// settle waits until nothing is written.
func (s *Sorter) settle() error {
	if s.written == nil {
		return nil
	}
	err := <-s.written
	s.written = nil
	return err
}

func (s *Sorter) write() error {
	var length int64
	out := bufio.NewWriterSize(io.NewOffsetWriter(s.file, s.size), 1<<16)
	var head [binary.MaxVarintLen64]byte
	for _, row := range s.writing.sorted() {
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
	return nil
}

// head is the first row of a run, or of rows in memory, that was not given out yet.
type head struct {
	row  []byte
	from *bufio.Reader // nil: held
	held [][]byte
}

func (h *head) next() (more bool, err error) {
	if h.from == nil {
		if len(h.held) == 0 {
			return false, nil
		}
		h.row, h.held = h.held[0], h.held[1:]
		return true, nil
	}
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

type headHeap []*head

func (h headHeap) Len() int           { return len(h) }
func (h headHeap) Less(i, j int) bool { return bytes.Compare(h[i].row, h[j].row) < 0 }
func (h headHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *headHeap) Push(x any)        { *h = append(*h, x.(*head)) }
func (h *headHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
