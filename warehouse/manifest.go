package warehouse

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"vaultreport/internal/bizday"
)

// formatVersion is the format of manifests that this code writes, and the newest that it reads.
const formatVersion = 1

// Manifest is one snapshot: every live file, what it was extracted from, and under which key and zone. The manifest of a
// warehouse in which nothing was published has no ID and no files.
type Manifest struct {
	Format      int     `json:"format"`
	ID          string  `json:"id"`     // the snapshot's number, 10 digits
	Parent      string  `json:"parent"` // the snapshot that it followed, "" for the first
	ToolVersion string  `json:"tool_version"`
	KeyID       string  `json:"key_id"`
	Zone        string  `json:"zone"`
	Files       []File  `json:"files"`  // by path
	Inputs      []Input `json:"inputs"` // by source and name
	Scan        *Scan   `json:"scan,omitempty"`

	// Recipe is what files are built from besides their inputs, by name, as transform knows it.
	Recipe map[string]string `json:"recipe,omitempty"`
}

// Scan says what the files that a snapshot brought were searched for before it was published. Nothing was found: else the
// snapshot would not be there.
type Scan struct {
	Files    int      `json:"files"`
	Values   int64    `json:"values"`   // texts and ids looked at; those of a dictionary once
	Patterns []string `json:"patterns"` // names
	Canaries int      `json:"canaries"` // number of literals
}

// File is one live file. Path and Object have slashes and are relative to the root.
type File struct {
	Path   string     `json:"path"`
	Object string     `json:"object"`
	Table  string     `json:"table"`
	Dt     bizday.Day `json:"dt"`
	Rows   int64      `json:"rows"`
	Bytes  int64      `json:"bytes"`
	SHA256 string     `json:"sha256"`
	Key    string     `json:"key"` // digest of what the file was built from: equal keys need no second building
}

// Input is what extraction remembers of one file or table that it read.
type Input struct {
	Source  string      `json:"source"`
	Name    string      `json:"name"`
	Size    int64       `json:"size"`
	MTime   time.Time   `json:"mtime"` // UTC
	SHA256  string      `json:"sha256"`
	Reader  string      `json:"reader"`          // digest of the settings that decide what is read from the bytes
	Filed   *bizday.Day `json:"filed,omitempty"` // of a file without a day in its name: the day of its lines without a usable ts
	Damaged bool        `json:"damaged,omitempty"`
	Lines   int64       `json:"lines"`
	Days    []InputDay  `json:"days"`
	Missing []string    `json:"missing,omitempty"` // columns of a table that the input lacks, by their names in the lake, ascending
}

// InputDay counts the rows of an input that belong to a day.
type InputDay struct {
	Dt   bizday.Day `json:"dt"`
	Rows int64      `json:"rows"`
}

// File returns the file of a table and day.
func (m *Manifest) File(table string, dt bizday.Day) (File, bool) {
	for _, dir := range []string{lakeDir, martsDir, reportsDir} {
		path := Table{Name: table, Dir: dir}.Path(dt)
		i, found := slices.BinarySearchFunc(m.Files, path, func(f File, path string) int { return cmp.Compare(f.Path, path) })
		if found && m.Files[i].Table == table {
			return m.Files[i], true
		}
	}
	return File{}, false
}

// Days returns the days of which the table has a file, ascending.
func (m *Manifest) Days(table string) []bizday.Day {
	var days []bizday.Day
	for _, f := range m.Files {
		if f.Table == table {
			days = append(days, f.Dt)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// encode returns the manifest as it stands on disk.
func (m *Manifest) encode() ([]byte, error) {
	data, err := json.Marshal(m)
	return append(data, '\n'), err
}

// errTorn says that a manifest is a part of one: its writer died. It was never committed.
var errTorn = errors.New("manifest is not complete")

// decode reads the manifest of a snapshot. A torn one is errTorn; any other error means that the warehouse cannot be
// read by this tool, and no older snapshot may stand in for this one.
func decode(data []byte, id string) (*Manifest, error) {
	var m Manifest
	var torn *json.SyntaxError
	if err := json.Unmarshal(data, &m); errors.As(err, &torn) {
		return nil, errTorn
	} else if err != nil {
		return nil, err
	}
	if m.Format > formatVersion {
		return nil, fmt.Errorf("format %d is newer than %d, the newest that this version reads", m.Format, formatVersion)
	}
	if m.ID != id {
		return nil, fmt.Errorf("the manifest is that of snapshot %q", m.ID)
	}
	for i, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || !filepath.IsLocal(filepath.FromSlash(f.Object)) {
			return nil, fmt.Errorf("file %q leaves the warehouse", f.Path)
		}
		if i > 0 && m.Files[i-1].Path >= f.Path {
			return nil, fmt.Errorf("file %q is out of order", f.Path)
		}
	}
	return &m, nil
}

// sameFiles says whether two manifests hold the same bytes under the same paths.
func sameFiles(a, b *Manifest) bool {
	return slices.EqualFunc(a.Files, b.Files, func(a, b File) bool { return a.Path == b.Path && a.SHA256 == b.SHA256 })
}
