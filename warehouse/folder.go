package warehouse

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"vaultreport/internal/bizday"
)

// Folder keeps the files of tables in one folder, the newest of each table and day, as a Tx would, but without leases, snapshots
// and syncing: for cases, tests and what is made once more to be compared. It is safe for concurrent use, Files apart.
type Folder struct {
	dir string

	mu     sync.Mutex
	files  map[string]map[bizday.Day]File
	staged map[string]string // path by table and day
	calls  int
}

// NewFolder returns a Folder without files; dir exists.
func NewFolder(dir string) *Folder {
	return &Folder{dir: dir, files: map[string]map[bizday.Day]File{}, staged: map[string]string{}}
}

// File returns the file of a table and day.
func (s *Folder) File(table string, dt bizday.Day) (File, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.files[table][dt]
	return f, ok
}

// Files returns the files of every table, by name and day. They are the Folder's own.
func (s *Folder) Files() map[string]map[bizday.Day]File { return s.files }

// Days returns the days of a table's files, ascending.
func (s *Folder) Days(table string) (days []bizday.Day) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for day := range s.files[table] {
		days = append(days, day)
	}
	slices.Sort(days)
	return days
}

// ReadPath returns where the bytes of a file lie.
func (s *Folder) ReadPath(f File) string { return f.Object }

// StagePath returns where the next file is to be written, before Add.
func (s *Folder) StagePath(table Table, dt bizday.Day) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.calls))
	s.staged[table.Path(dt)] = path
	return path, nil
}

// Add takes the file that was written to the table's and day's last StagePath.
func (s *Folder) Add(table Table, dt bizday.Day, rows int64, key string) (File, error) {
	s.mu.Lock()
	path := s.staged[table.Path(dt)]
	s.mu.Unlock()
	content, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	digest, size, err := digestOf(content)
	if err := errors.Join(err, content.Close()); err != nil {
		return File{}, err
	}
	f := File{Path: table.Path(dt), Object: path, Table: table.Name, Dt: dt, Rows: rows, Bytes: size, SHA256: digest, Key: key}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.files[table.Name] == nil {
		s.files[table.Name] = map[bizday.Day]File{}
	}
	s.files[table.Name][dt] = f
	return f, nil
}
