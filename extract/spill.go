package extract

import (
	"fmt"
	"sync"

	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
)

// spill holds the entries of all days of a run in one file without a name, in regions of one day each, so that memory
// does not grow with the number of days. It is safe for concurrent use.
type spill struct {
	mu      sync.Mutex
	file    vfs.File
	size    int64
	regions map[bizday.Day][]region
}

type region struct{ offset, length int64 }

func newSpill(fsys vfs.FS, dir string) (*spill, error) {
	file, err := vfs.Unnamed(fsys, dir, "spill")
	if err != nil {
		return nil, fmt.Errorf("create spill file: %w", err)
	}
	return &spill{file: file, regions: make(map[bizday.Day][]region)}, nil
}

func (s *spill) write(day bizday.Day, entries []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.file.WriteAt(entries, s.size); err != nil {
		return fmt.Errorf("write spill file: %w", err)
	}
	s.regions[day] = append(s.regions[day], region{s.size, int64(len(entries))})
	s.size += int64(len(entries))
	return nil
}

func (s *spill) close() error { return s.file.Close() }

// each calls visit for every entry of the day, in no particular order, and unknown for every name of a dropped field.
func (s *spill) each(day bizday.Day, visit func(*entry), unknown func(name string)) error {
	texts := make(map[string]string)
	var e entry
	for _, r := range s.regions[day] {
		d := decoder{rest: make([]byte, r.length), texts: texts}
		if _, err := s.file.ReadAt(d.rest, r.offset); err != nil {
			return fmt.Errorf("read spill file: %w", err)
		}
		for d.next(&e, unknown) {
			visit(&e)
		}
		if d.err != nil {
			return d.err
		}
	}
	return nil
}

// regionBytes is how much of one day a reader gathers before it writes a region.
const regionBytes = 32 << 10

// spiller gathers the entries of one reader. It serves one goroutine.
type spiller struct {
	to      *spill
	pending map[bizday.Day][]byte
}

func (s *spiller) add(day bizday.Day, e *entry, unknownFields []string) error {
	b := appendEntry(s.pending[day], e, unknownFields)
	if len(b) >= regionBytes {
		if err := s.to.write(day, b); err != nil {
			return err
		}
		b = b[:0]
	}
	s.pending[day] = b
	return nil
}

func (s *spiller) flush() error {
	for day, b := range s.pending {
		if len(b) > 0 {
			if err := s.to.write(day, b); err != nil {
				return err
			}
			s.pending[day] = b[:0]
		}
	}
	return nil
}
