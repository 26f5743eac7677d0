package warehouse

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Damage is a file that is not what a manifest says.
type Damage struct {
	Path     string
	IsObject bool   // the content itself, else the second name of it that people read
	What     string // missing, other bytes, or not in the snapshot
	Digest   string // of the bytes that are there
	Bytes    int64
}

// What may be wrong with a file.
const (
	isMissing  = "missing"
	otherBytes = "other bytes"
	isStranger = "not in the snapshot"
)

// IsMissing says whether nothing is there.
func (d Damage) IsMissing() bool { return d.What == isMissing }

// OpenObject opens the content of a file for reading.
func (w *Warehouse) OpenObject(f File) (vfs.File, error) { return w.fs.Open(w.ObjectPath(f)) }

// Check reads the content of every file of a snapshot and compares it with its digest, and the folders that people read
// with the content; it returns what differs, by path, content first. checked is called once a file, by several goroutines.
// It takes no lease: while a run publishes, the folders may be those of the next snapshot.
func (w *Warehouse) Check(ctx context.Context, m *Manifest, threads int, checked func()) ([]Damage, error) {
	var mu sync.Mutex
	var found []Damage
	add := func(d Damage) {
		mu.Lock()
		defer mu.Unlock()
		found = append(found, d)
	}
	err := each(ctx, threads, firstOfObjects(m.Files), func(f File) error {
		defer checked()
		d, err := w.compare(w.ObjectPath(f), f)
		if err != nil {
			return errs.Wrap(errs.Unreachable, "read the content of "+f.Path, err)
		}
		if d.IsObject = true; d.What != "" {
			add(d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(ctx, threads, m.Files, func(f File) error {
		defer checked()
		standing, err := w.fs.Stat(w.path(f.Path))
		if errors.Is(err, fs.ErrNotExist) {
			add(Damage{Path: f.Path, What: isMissing})
			return nil
		}
		if err != nil {
			return errs.Wrap(errs.Unreachable, "look at "+f.Path, err)
		}
		if object, err := w.fs.Stat(w.ObjectPath(f)); err == nil && w.fs.SameFile(standing, object) {
			return nil // its content is looked at already
		}
		d, err := w.compare(w.path(f.Path), f)
		if err != nil {
			return errs.Wrap(errs.Unreachable, "read "+f.Path, err)
		}
		if d.What != "" {
			add(d)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	extra, err := w.strangers(m)
	if err != nil {
		return nil, err
	}
	found = append(found, extra...)
	slices.SortFunc(found, func(a, b Damage) int {
		return cmp.Or(cmp.Compare(contentFirst(a), contentFirst(b)), cmp.Compare(a.Path, b.Path))
	})
	return found, nil
}

func contentFirst(d Damage) int {
	if d.IsObject {
		return 0
	}
	return 1
}

// compare reads what is under a name; nothing is wrong with it if it is the file's content.
func (w *Warehouse) compare(name string, f File) (d Damage, err error) {
	d.Path = f.Path
	d.Digest, d.Bytes, err = w.digest(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Damage{Path: f.Path, What: isMissing}, nil
	case err == nil && d.Digest != f.SHA256:
		d.What = otherBytes
	}
	return d, err
}

// strangers returns the data files of the folders that a snapshot does not have: who reads by a glob reads them, too.
func (w *Warehouse) strangers(m *Manifest) (found []Damage, err error) {
	tree, err := w.tree()
	if err != nil {
		return nil, err
	}
	for _, name := range tree {
		base := path.Base(name)
		isData := (strings.HasSuffix(base, ".parquet") || base == "index.html") && !strings.HasPrefix(base, nextPrefix)
		_, known := slices.BinarySearchFunc(m.Files, name, func(f File, name string) int { return cmp.Compare(f.Path, name) })
		if isData && !known {
			found = append(found, Damage{Path: name, What: isStranger})
		}
	}
	return found, nil
}

func firstOfObjects(files []File) (list []File) {
	seen := map[string]bool{}
	for _, f := range files {
		if !seen[f.Object] {
			seen[f.Object] = true
			list = append(list, f)
		}
	}
	return list
}

// each calls use for every file, several at once.
func each(ctx context.Context, threads int, files []File, use func(File) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, threads))
	for _, f := range files {
		group.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			return use(f)
		})
	}
	return group.Wait()
}
