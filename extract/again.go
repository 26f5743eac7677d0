package extract

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// Again is what a snapshot remembers of the inputs of one day: enough to extract the day once more and to compare.
type Again struct {
	Parent *warehouse.Manifest // for the Store of a Run that is asked for the day: it extracts that day alone
	Files  int                 // that the day's rows came from, dumps among them
	Gone   []string            // of these: not there any more, or not as they were read; standard input is gone always
	FromDB []string            // tables of the day that were read from a database, which cannot be asked for the past
	before []warehouse.Input
	dt     bizday.Day
}

// NewAgain looks at the files from which a snapshot has a day: each is there, with its size and time, or in Gone. The folder
// base and the tables are those of o.
func NewAgain(m *warehouse.Manifest, dt bizday.Day, o Options) (Again, error) {
	a := Again{dt: dt, before: ofDay(m.Inputs, dt), Parent: &warehouse.Manifest{Format: m.Format, ID: m.ID, KeyID: m.KeyID, Zone: m.Zone}}
	for _, in := range a.before {
		name, _, isTable := tableOf(in)
		if isTable && in.MTime.IsZero() {
			a.FromDB = append(a.FromDB, name)
			continue
		}
		a.Files++
		same, err := isAsRead(o.FS, o.Base, in)
		if err != nil {
			return a, err
		}
		if !same {
			a.Gone = append(a.Gone, in.Name)
		}
	}
	// Files are looked for as far as days are extracted: a file of any day may have late lines. The first and the last day
	// stand for all of them, so that what is new since then makes no other day to be extracted again.
	days := m.Days(o.Events.Name)
	for _, f := range m.Files {
		isEnd := len(days) > 0 && (f.Dt == days[0] || f.Dt == days[len(days)-1])
		if isEnd && f.Dt != dt {
			a.Parent.Files = append(a.Parent.Files, f)
		}
	}
	for _, in := range m.Inputs {
		if _, _, isTable := tableOf(in); !isTable || in.Days[0].Dt != dt { // what is remembered of a dump is not read again
			a.Parent.Inputs = append(a.Parent.Inputs, in)
		}
	}
	return a, nil
}

// Arrived returns the names of files that have rows of the day and that the snapshot does not know, or not with these bytes.
// inputs are those that Run remembers.
func (a Again) Arrived(inputs []warehouse.Input) (names []string) {
	for _, in := range ofDay(inputs, a.dt) {
		known := slices.ContainsFunc(a.before, func(b warehouse.Input) bool {
			return b.Source == in.Source && b.Name == in.Name && b.SHA256 == in.SHA256 && b.Reader == in.Reader
		})
		if !known {
			names = append(names, in.Name)
		}
	}
	return names
}

// WithoutDatabases returns the sources that are files.
func WithoutDatabases(sources []TableSource) []TableSource {
	return slices.DeleteFunc(slices.Clone(sources), TableSource.isLive)
}

// ofDay returns the inputs that have rows of a day. An empty dump of the day is one.
func ofDay(inputs []warehouse.Input, dt bizday.Day) (list []warehouse.Input) {
	for _, in := range inputs {
		if _, _, isTable := tableOf(in); isTable && in.Days[0].Dt == dt || hasRows(in, days{dt: true}) {
			list = append(list, in)
		}
	}
	return list
}

func isAsRead(fsys vfs.FS, base string, in warehouse.Input) (bool, error) {
	if in.Name == Stdin {
		return false, nil
	}
	path := filepath.FromSlash(in.Name)
	if !filepath.IsAbs(path) {
		path = filepath.Join(base, path)
	}
	info, err := fsys.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, errs.Wrap(errs.Unreachable, fmt.Sprintf("look at %s of source %s", in.Name, in.Source), err)
	}
	return info.Size() == in.Size && info.ModTime().UTC().Equal(in.MTime), nil
}
