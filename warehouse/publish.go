package warehouse

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"path/filepath"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Publish commits what was staged and switches the glob tree. In which order, and why nothing can be seen half:
//
//  1. The bytes of every staged file are durable since Add. Now they get their object names, and the names are made
//     durable. No manifest refers to them yet, so no reader sees them.
//  2. The manifest is made durable in staging, under a name that no reader looks at.
//  3. The commit point, under the lock and while the lease is ours: a link gives the manifest its final name, which must
//     be free. From here on the snapshot is the newest; before, nothing happened. A writer whose lease was taken while it
//     slept fails here, and if the lock does not work on this disk, it fails because the number is taken.
//  4. The switch: see finish. A run that dies in it is finished by the next Begin, which does the same.
//
// Publish returns the new manifest, or the parent's if no byte of a file differs. Once committed it does not heed ctx.
// Before the commit point an error means that nothing was published: errs.Leased if another run took the lease or the
// number. After it an error comes together with the manifest; Publish again, or the next Begin, finishes the switch.
func (t *Tx) Publish(ctx context.Context) (*Manifest, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ensureOpen("publish"); err != nil {
		return nil, err
	}
	if t.committed == nil {
		m := t.next()
		if sameFiles(m, t.parent) {
			return t.parent, nil
		}
		if err := t.install(ctx, m); err != nil {
			return nil, err
		}
		if err := interrupted(ctx, "publish"); err != nil {
			return nil, err
		}
		if err := t.commit(ctx, m); err != nil && t.committed == nil {
			return nil, err
		} else if err != nil {
			return m, halfWay(m, err)
		}
	}
	return t.committed, t.follow(context.WithoutCancel(ctx))
}

// install gives the staged bytes their object names. All folders on the way are synced, changed by us or not: a run that
// died may have made them and not come to it.
func (t *Tx) install(ctx context.Context, m *Manifest) error {
	changed := newDirSet()
	changed.add(".")
	changed.add(objectsDir)
	for _, f := range m.Files {
		staged, ok := t.staged[f.Object]
		if !ok {
			continue
		}
		if err := interrupted(ctx, "publish"); err != nil {
			return err
		}
		if err := t.w.installObject(f, staged); err != nil {
			return t.OrLost(ctx, errs.Wrap(errs.Unexpected, "publish "+f.Path, err))
		}
		delete(t.staged, f.Object)
		changed.add(path.Dir(f.Object))
	}
	return t.w.syncDirs(changed)
}

// installObject moves a staged file to its object's name. An object that is there already has the same bytes, unless
// its size says that it is damaged; then it is replaced at once, as any name here.
func (w *Warehouse) installObject(f File, staged string) error {
	if w.hasObject(f) {
		return nil
	}
	object := w.ObjectPath(f)
	if err := vfs.MakeDir(w.fs, filepath.Dir(object)); err != nil {
		return err
	}
	return w.fs.Rename(staged, object)
}

// commit creates the snapshot. t.committed says whether it is there; beside it an error means that it may not be durable.
func (t *Tx) commit(ctx context.Context, m *Manifest) error {
	data, err := m.encode()
	if err != nil {
		return errs.Wrap(errs.Unexpected, "publish: write the manifest", err)
	}
	next := filepath.Join(t.dir, t.names.next())
	if err := vfs.WriteFile(t.w.fs, next, data); err != nil {
		return errs.Wrap(errs.Unexpected, "publish: write the manifest", err)
	}
	err = t.lease.guard(ctx, func() error {
		created, err := t.w.createSnapshot(t.number, next, data)
		if created {
			t.committed = m
		}
		return err
	})
	lost := lostLease{}
	switch {
	case t.committed != nil:
		return err
	case errors.As(err, &lost):
		return leaseLost(lost)
	case errors.Is(err, fs.ErrExist):
		return errs.New(errs.Leased, "publish: snapshot "+m.ID+" was taken by another run", "nothing was published; run again")
	case err != nil:
		return errs.Wrap(errs.Unexpected, "publish: create snapshot "+m.ID, err)
	}
	return nil
}

// OrLost returns why err came to be if the reason is that the lease went to another run, which drops our staging: then whatever reads
// or writes there fails, and the error is errs.Leased. After the commit err is returned as it is.
func (t *Tx) OrLost(ctx context.Context, err error) error {
	lost := lostLease{}
	if t.committed != nil {
		return err
	}
	if errors.As(t.lease.guard(ctx, func() error { return nil }), &lost) {
		return leaseLost(lost)
	}
	return err
}

func leaseLost(lost lostLease) error {
	return &errs.Error{Class: errs.Leased, What: "publish", Err: lost, Hint: "nothing was published; run again"}
}

// follow makes the glob tree follow the committed snapshot.
func (t *Tx) follow(ctx context.Context) error {
	m := t.committed
	before := make(map[string]string, len(t.parent.Files))
	for _, f := range t.parent.Files {
		before[f.Path] = f.Object
	}
	// Begin left the glob tree as the parent says: what did not change since need not be read again.
	err := t.finish(ctx, m, func(f File) bool { return before[f.Path] == f.Object })
	if lost := (lostLease{}); errors.As(err, &lost) {
		t.w.log.Warn("lease lost after the commit, its new holder finishes the switch", "snapshot", m.ID, "run", t.RunID())
		return nil
	}
	if err != nil {
		return halfWay(m, err)
	}
	return nil
}

func halfWay(m *Manifest, err error) error {
	return &errs.Error{
		Class: errs.Unexpected, What: "publish: snapshot " + m.ID + " is committed, the folders do not follow yet", Err: err,
		Hint: "run again: the next command that may write finishes it",
	}
}

// dirSet is a set of folders in order of first mention, as slash paths below the root.
type dirSet struct {
	seen  map[string]bool
	paths []string
}

func newDirSet() *dirSet { return &dirSet{seen: map[string]bool{}} }

func (s *dirSet) add(dir string) {
	if !s.seen[dir] {
		s.seen[dir] = true
		s.paths = append(s.paths, dir)
	}
}

func (w *Warehouse) syncDirs(dirs *dirSet) error {
	for _, dir := range dirs.paths {
		if err := w.fs.SyncDir(w.path(dir)); err != nil {
			return errs.Wrap(errs.Unexpected, "publish: sync "+dir, err)
		}
	}
	return nil
}
