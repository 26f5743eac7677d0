package warehouse

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Tx is one run's transaction: files are staged beside the published ones, and one Publish makes all of them visible or
// none. It is safe for concurrent use, Publish and Close apart.
type Tx struct {
	w      *Warehouse
	id     Identity
	tables []Table
	lease  *lease
	names  *namer
	parent *Manifest
	number int    // of the snapshot that Publish creates: fixed at Begin, so that a late writer finds it taken
	dir    string // staging

	mu        sync.Mutex
	handedOut int
	pending   map[slot]string   // staging paths handed out and not added yet
	files     map[slot]File     // what the next snapshot holds
	staged    map[string]string // object to staging path, as long as the bytes lie there
	inputs    []Input
	recipe    map[string]string
	scan      *Scan
	committed *Manifest
	closed    bool
}

// RunID returns the run's id: unique in the warehouse, and in order of time.
func (t *Tx) RunID() string { return t.lease.own.Run }

// Parent returns the snapshot on which the transaction builds, an empty manifest if it is the first.
func (t *Tx) Parent() *Manifest { return t.parent }

// File returns the file of a table and day: the staged one, else the parent's.
func (t *Tx) File(table string, dt bizday.Day) (File, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.files[slot{table, dt}]
	return f, ok
}

// Days returns the days of which the table has a staged file or one in the parent, ascending.
func (t *Tx) Days(table string) []bizday.Day {
	t.mu.Lock()
	defer t.mu.Unlock()
	var days []bizday.Day
	for s := range t.files {
		if s.table == table {
			days = append(days, s.dt)
		}
	}
	slices.Sort(days)
	return days
}

// ReadPath returns where the bytes of a file lie now: in staging, or as an object.
func (t *Tx) ReadPath(f File) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if path, ok := t.staged[f.Object]; ok {
		return path
	}
	return t.w.ObjectPath(f)
}

// Open opens the bytes of a file for reading.
func (t *Tx) Open(f File) (vfs.File, error) { return t.w.fs.Open(t.ReadPath(f)) }

// Scratch returns a folder for whatever the run spills. It is gone after Close.
func (t *Tx) Scratch() string { return filepath.Join(t.dir, "scratch") }

// Remove drops a table's file of a day: the next snapshot does not hold it.
func (t *Tx) Remove(table string, dt bizday.Day) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.files, slot{table, dt})
}

// SetInputs sets what extraction remembers. Without it the parent's inputs stay. They reach the disk with the next
// snapshot: inputs alone are no reason for one.
func (t *Tx) SetInputs(inputs []Input) {
	inputs = slices.Clone(inputs)
	slices.SortStableFunc(inputs, func(a, b Input) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name))
	})
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inputs = inputs
}

// Inputs returns what the next snapshot remembers: what SetInputs set, else the parent's. It is not to be changed.
func (t *Tx) Inputs() []Input {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.inputs
}

// SetRecipe sets what files are built from besides their inputs. Without it the parent's stays. Like inputs it reaches the
// disk with the next snapshot, and is no reason for one.
func (t *Tx) SetRecipe(recipe map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.recipe = maps.Clone(recipe)
}

// SetScan sets what the changed files were searched for; it stands in the next snapshot only.
func (t *Tx) SetScan(s Scan) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.scan = &s
}

// Changed returns the files that are new or differ in bytes from the parent's, by path.
func (t *Tx) Changed() []File {
	t.mu.Lock()
	defer t.mu.Unlock()
	before := make(map[string]string, len(t.parent.Files))
	for _, f := range t.parent.Files {
		before[f.Path] = f.SHA256
	}
	var changed []File
	for _, f := range t.files {
		if before[f.Path] != f.SHA256 {
			changed = append(changed, f)
		}
	}
	sortFiles(changed)
	return changed
}

// Record writes v as JSON to the record of runs. It may be written again; Close keeps it.
func (t *Tx) Record(v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "record run "+t.RunID(), err)
	}
	return t.w.replace(runsDir+"/"+t.RunID()+".json", append(data, '\n'), t.names)
}

// KeepFailed keeps data about what failed under a name beside the records of runs, and returns its folder. gc removes it when it
// is old.
func (t *Tx) KeepFailed(name string, data []byte) (folder string, err error) {
	dir := runsDir + "/" + t.RunID() + "/" + failedDir
	if err := t.w.fs.MkdirAll(t.w.path(dir)); err != nil {
		return "", errs.Wrap(errs.Unexpected, "make "+dir, err)
	}
	return t.w.path(dir), t.w.replace(dir+"/"+name, data, t.names)
}

// Close drops what is staged and gives the lease back. It is safe after Publish, without it, and twice.
func (t *Tx) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	// Staging first: once the lease is free, the folder is another run's to judge.
	err := t.w.fs.RemoveAll(t.dir)
	return errors.Join(err, t.lease.release())
}

// next returns the manifest that Publish would commit.
func (t *Tx) next() *Manifest {
	m := &Manifest{
		Format: formatVersion, ID: snapshotID(t.number), Parent: t.parent.ID,
		ToolVersion: t.id.ToolVersion, KeyID: t.id.KeyID, Zone: t.id.Zone,
		Files: []File{}, Inputs: append([]Input{}, t.inputs...), Scan: t.scan, Recipe: t.recipe,
	}
	var newestReport *File
	for s, f := range t.files {
		m.Files = append(m.Files, f)
		if s.table == ReportTable && (newestReport == nil || f.Dt > newestReport.Dt) {
			newestReport = &f
		}
	}
	if newestReport != nil {
		latest := *newestReport
		latest.Path = latestReportPath
		m.Files = append(m.Files, latest)
	}
	sortFiles(m.Files)
	return m
}

func (t *Tx) ensureOpen(what string) error {
	if t.closed {
		return errs.New(errs.Unexpected, what+": the transaction is closed", "")
	}
	return nil
}

func sortFiles(files []File) {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
}

// interrupted returns the error of a context that ended, nil if it did not.
func interrupted(ctx context.Context, what string) error {
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
