package warehouse

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// stepsPerLock is how many steps of a switch go under one lock: a lock a step would cost as much as the step, and one
// lock for all would keep the renewal of the lease waiting.
const stepsPerLock = 64

// finish makes the glob tree, views.sql and _current.json, in this order, what a committed snapshot says. It may be
// broken off anywhere and run again. Of a trusted file, a copy of the right size is known to have the right bytes.
// If the lease is lost on the way, the error is a lostLease, and what its new holder does is left alone.
func (t *Tx) finish(ctx context.Context, m *Manifest, trusted func(File) bool) error {
	// A link is visible before it is durable, and the tree must not be ahead of the manifest after a power cut.
	if err := t.w.fs.SyncDir(t.w.path(snapshotsDir)); err != nil {
		return errs.Wrap(errs.Unexpected, "sync "+snapshotsDir, err)
	}
	tree, err := t.w.tree()
	if err != nil {
		return err
	}
	right := map[string]bool{}
	for _, f := range m.Files {
		if _, stands := slices.BinarySearch(tree, f.Path); !stands {
			continue
		}
		if right[f.Path], err = t.w.isRight(f, trusted(f)); err != nil {
			return errs.Wrap(errs.Unexpected, "compare "+f.Path, err)
		}
	}
	for batch := range slices.Chunk(planSwitch(m, tree, right), stepsPerLock) {
		if err := t.carryOut(ctx, batch); err != nil {
			return err
		}
	}
	if err := t.keep(ctx, viewsFile, viewsSQL(t.w.root, t.tables, m)); err != nil {
		return err
	}
	// Last, because it says that the switch is through.
	hint, err := json.Marshal(currentHint{m.ID})
	if err != nil {
		return err
	}
	return t.keep(ctx, currentFile, append(hint, '\n'))
}

// currentHint is the content of _current.json.
type currentHint struct {
	Snapshot string `json:"snapshot"`
}

func (w *Warehouse) currentHint() string {
	var hint currentHint
	data, err := vfs.ReadFile(w.fs, w.path(currentFile))
	if err != nil || json.Unmarshal(data, &hint) != nil {
		return "" // a hint that cannot be read says nothing
	}
	return hint.Snapshot
}

// step places a file in the glob tree, or removes a name from it.
type step struct {
	path   string
	file   File
	remove bool
}

// planSwitch returns what turns a glob tree into that of a manifest. right holds the paths that need nothing. Names that
// are neither data nor ours are left alone.
func planSwitch(m *Manifest, tree []string, right map[string]bool) []step {
	var steps []step
	listed := map[string]bool{}
	for _, f := range m.Files {
		listed[f.Path] = true
		if !right[f.Path] {
			steps = append(steps, step{path: f.Path, file: f})
		}
	}
	for _, name := range tree {
		base := path.Base(name)
		ours := strings.HasSuffix(base, ".parquet") || base == "index.html" || strings.HasPrefix(base, nextPrefix)
		if ours && !listed[name] {
			steps = append(steps, step{path: name, remove: true})
		}
	}
	return steps
}

func (t *Tx) carryOut(ctx context.Context, steps []step) error {
	changed := newDirSet()
	err := t.lease.guard(ctx, func() error {
		for _, s := range steps {
			if s.remove {
				if err := t.w.unplace(s.path, changed); err != nil {
					return errs.Wrap(errs.Unexpected, "remove "+s.path, err)
				}
			} else if err := t.w.place(s.file, t.names, changed); err != nil {
				return errs.Wrap(errs.Unexpected, "switch "+s.path, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return t.w.syncDirs(changed)
}

// isRight says whether the file in the glob tree is what the manifest says: its object under a second name or, where
// there are no links, a copy of it.
func (w *Warehouse) isRight(f File, trusted bool) (bool, error) {
	standing, err := w.fs.Stat(w.path(f.Path))
	if err != nil {
		return false, err
	}
	if object, err := w.fs.Stat(w.ObjectPath(f)); err == nil && w.fs.SameFile(standing, object) {
		return true, nil
	}
	if standing.Size() != f.Bytes || trusted {
		return standing.Size() == f.Bytes, nil
	}
	digest, _, err := w.digest(w.path(f.Path))
	return digest == f.SHA256, err
}

// place switches one partition by one rename. The file must not be its object already: a hard link renamed over its own
// inode does nothing, and its temporary name would stay.
func (w *Warehouse) place(f File, names *namer, changed *dirSet) error {
	target, object := w.path(f.Path), w.ObjectPath(f)
	dir := filepath.Dir(target)
	if err := vfs.MakeDir(w.fs, dir); err != nil {
		return err
	}
	next := filepath.Join(dir, names.next())
	err := w.fs.Link(object, next)
	if err != nil {
		err = w.copyObject(f, next)
	}
	if err == nil {
		err = w.fs.Rename(next, target)
	}
	if err != nil {
		w.fs.Remove(next) // best effort: the next switch removes it too
		return err
	}
	changed.add(path.Dir(f.Path))
	return nil
}

// copyObject makes a durable copy where links do not work.
func (w *Warehouse) copyObject(f File, name string) error {
	from, err := w.fs.Open(w.ObjectPath(f))
	if err != nil {
		return err
	}
	defer from.Close()
	// A link that failed late may stand under the name. Exclusive, because to truncate it would empty the object.
	if err := w.fs.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	to, err := w.fs.Create(name, true)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	if err == nil {
		err = to.Sync()
	}
	return errors.Join(err, to.Close())
}

// unplace removes a name, and its folder if nothing else is in it.
func (w *Warehouse) unplace(name string, changed *dirSet) error {
	if err := w.fs.Remove(w.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	dir := path.Dir(name)
	if w.fs.Remove(w.path(dir)) == nil {
		dir = path.Dir(dir)
	}
	changed.add(dir)
	return nil
}

// keep makes a small file below the root hold data.
func (t *Tx) keep(ctx context.Context, name string, data []byte) error {
	if standing, err := vfs.ReadFile(t.w.fs, t.w.path(name)); err == nil && bytes.Equal(standing, data) {
		return nil
	}
	return t.lease.guard(ctx, func() error { return t.w.replace(name, data, t.names) })
}
