package scheduler

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// place is a table and a day.
type place struct {
	table string
	dt    bizday.Day
}

// scratchStore is a store of a rebuilding: a snapshot without the files that are to be made again, and a folder for these.
// Nothing of it reaches the warehouse. It is safe for concurrent use.
type scratchStore struct {
	published
	dir     string
	isAgain func(warehouse.File) bool // of a file of the snapshot: it is made again, so it is not there
	parent  *warehouse.Manifest

	mu     sync.Mutex
	count  int
	handed map[place]string // paths
	made   map[place]warehouse.File
	inputs []warehouse.Input
}

func newScratchStore(p published, dir string, isAgain func(warehouse.File) bool) *scratchStore {
	return &scratchStore{published: p, dir: dir, isAgain: isAgain, parent: p.Manifest, handed: map[place]string{}, made: map[place]warehouse.File{}}
}

// Parent returns what extraction takes for published.
func (s *scratchStore) Parent() *warehouse.Manifest { return s.parent }

// Scratch returns a folder for what extraction spills.
func (s *scratchStore) Scratch() string { return s.dir }

// SetInputs keeps what extraction remembers.
func (s *scratchStore) SetInputs(inputs []warehouse.Input) { s.inputs = inputs }

// File returns the file of a table and day: the one made again, else the published one.
func (s *scratchStore) File(table string, dt bizday.Day) (warehouse.File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, again := s.made[place{table, dt}]; again {
		return f, true
	}
	f, there := s.published.File(table, dt)
	return f, there && !s.isAgain(f)
}

// Days returns the days of a table's files, ascending.
func (s *scratchStore) Days(table string) (days []bizday.Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.Files {
		if f.Table == table && !s.isAgain(f) {
			days = append(days, f.Dt)
		}
	}
	for _, f := range s.made {
		if f.Table == table {
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
	return s.w.ObjectPath(f)
}

// StagePath returns where the next file is to be written, before Add.
func (s *scratchStore) StagePath(table warehouse.Table, dt bizday.Day) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.count))
	s.handed[place{table.Name, dt}] = path
	return path, nil
}

// Add takes the file that was written to the table's and day's last StagePath.
func (s *scratchStore) Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error) {
	s.mu.Lock()
	path := s.handed[place{table.Name, dt}]
	s.mu.Unlock()
	digest, size, err := digestOfFile(path)
	if err != nil {
		return warehouse.File{}, err
	}
	f := warehouse.File{Path: table.Path(dt), Object: path, Table: table.Name, Dt: dt, Rows: rows, Bytes: size, SHA256: digest, Key: key}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.made[place{table.Name, dt}] = f
	return f, nil
}

func digestOfFile(path string) (digest string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	hash := sha256.New()
	size, err = io.Copy(hash, f)
	return hex.EncodeToString(hash.Sum(nil)), size, errors.Join(err, f.Close())
}
