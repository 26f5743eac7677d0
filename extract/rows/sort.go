package rows

import (
	"bufio"
	"bytes"
	"cmp"
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
	const perRow = 8 + 16 + 24 // of ends, and of sorted
	if len(s.buffer)+perRow*len(s.ends) < s.limit {
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
	if len(s.runs) == 0 {
		return []*head{{held: s.sorted()}}, nil
	}
	if err := s.spill(); err != nil {
		return nil, err
	}
	s.buffer, s.ends = nil, nil
	heads := make([]*head, len(s.runs))
	for i, r := range s.runs {
		heads[i] = &head{from: bufio.NewReaderSize(io.NewSectionReader(s.file, r.offset, r.length), 1<<16)}
	}
	return heads, nil
}

// sorted returns the rows that are held, in order.
func (s *Sorter) sorted() [][]byte {
	keys := make([]sortKey, len(s.ends))
	start := 0
	for i, end := range s.ends {
		keys[i] = sortKey{prefixOf(s.buffer[start:end]), uint32(start), uint32(end)}
		start = end
	}
	slices.SortFunc(keys, func(a, b sortKey) int {
		if a.prefix != b.prefix {
			return cmp.Compare(a.prefix, b.prefix)
		}
		return bytes.Compare(s.buffer[a.start:a.end], s.buffer[b.start:b.end])
	})
	rows := make([][]byte, len(keys))
	for i, k := range keys {
		rows[i] = s.buffer[k.start:k.end]
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
