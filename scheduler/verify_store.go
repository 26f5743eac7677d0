package scheduler

import (
	"path/filepath"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// scratchStore is a store of a rebuilding: a snapshot without the files that are to be made again, and a folder for these.
// Nothing of it reaches the warehouse. It is safe for concurrent use.
type scratchStore struct {
	*warehouse.Folder // what is made again
	published         published
	dir               string
	isAgain           func(warehouse.File) bool // of a file of the snapshot: it is made again, so it is not there
	parent            *warehouse.Manifest
	inputs            []warehouse.Input
}

func newScratchStore(p published, dir string, isAgain func(warehouse.File) bool) *scratchStore {
	return &scratchStore{Folder: warehouse.NewFolder(dir), published: p, dir: dir, isAgain: isAgain, parent: p.Manifest}
}

// Parent returns what extraction takes for published.
func (s *scratchStore) Parent() *warehouse.Manifest { return s.parent }

// Scratch returns a folder for what extraction spills.
func (s *scratchStore) Scratch() string { return s.dir }

// SetInputs keeps what extraction remembers.
func (s *scratchStore) SetInputs(inputs []warehouse.Input) { s.inputs = inputs }

// File returns the file of a table and day: the one made again, else the published one.
func (s *scratchStore) File(table string, dt bizday.Day) (warehouse.File, bool) {
	if f, again := s.Folder.File(table, dt); again {
		return f, true
	}
	f, there := s.published.File(table, dt)
	return f, there && !s.isAgain(f)
}

// Days returns the days of a table's files, ascending.
func (s *scratchStore) Days(table string) []bizday.Day {
	days := s.Folder.Days(table)
	for _, f := range s.published.Files {
		if f.Table == table && !s.isAgain(f) {
			days = append(days, f.Dt)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// ReadPath returns where the bytes of a file lie.
func (s *scratchStore) ReadPath(f warehouse.File) string {
	if filepath.IsAbs(f.Object) {
		return f.Object
	}
	return s.published.ReadPath(f)
}
