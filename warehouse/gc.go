package warehouse

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"slices"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Retention says which snapshots stay besides the newest, which always does: one goes if it is not among the Keep newest
// and its manifest is older than OlderThan. A nil condition holds of every snapshot; at least one is given.
type Retention struct {
	Keep      *int // 1 or more
	OlderThan *time.Duration
}

// Collected is what gc removed, or would remove.
type Collected struct {
	Snapshots  []string `json:"snapshots"` // ids, ascending
	Kept       int      `json:"kept"`      // snapshots that stay
	Objects    int      `json:"objects"`   // that no kept snapshot refers to
	Records    int      `json:"records"`   // of runs, folders of those that failed, and incomplete manifests set aside
	FreedBytes int64    `json:"freed_bytes"`
}

// PlanGC returns what Collect would remove now. It writes nothing and takes no lease. While another run holds the lease,
// what no snapshot refers to may be what that run is about to publish, and is left out.
func (w *Warehouse) PlanGC(r Retention) (Collected, error) {
	held, err := w.readLease()
	if err != nil {
		return Collected{}, err
	}
	isFree, _ := held.mayTake(w.self, w.now().UTC(), w.isLive)
	p, err := w.planGC(r, !isFree)
	return p.sum(), err
}

// Collect removes old snapshots, what none of those that stay refers to, and records of runs whose snapshots are gone. In
// which order, and why a crash leaves every snapshot whole that is still there:
//
//  1. The names of old manifests, the oldest first. The newest is never among them, so no number is given twice.
//  2. The folder of manifests is made durable: no power cut brings back a manifest whose objects are gone.
//  3. Objects that no manifest refers to any more, whoever made them, then records of runs.
//
// All of it happens under the lock and while the lease is ours: a run that took it from a gc that slept may be about to
// refer to an object that nothing referred to. What a collection that died left is found by the next: it asks what is
// there, and not what was done. An error of class Leased says that the lease was lost on the way.
func (t *Tx) Collect(ctx context.Context, r Retention) (Collected, error) {
	p, err := t.w.planGC(r, false)
	if err != nil {
		return Collected{}, err
	}
	for _, n := range p.torn {
		if err := t.lease.guard(ctx, func() error { return t.w.setAside(n, t.RunID()) }); err != nil {
			return Collected{}, gcError(err)
		}
	}
	for _, group := range [][]doomed{p.manifests, p.objects, p.records} {
		if err := t.removeAll(ctx, group); err != nil {
			return Collected{}, gcError(err)
		}
	}
	return p.sum(), nil
}

func gcError(err error) error {
	lost := lostLease{}
	if errors.As(err, &lost) {
		return &errs.Error{Class: errs.Leased, What: "gc", Err: lost, Hint: "every snapshot that is there is whole; run gc again"}
	}
	return err
}

// removeAll removes names and makes it durable that they are gone.
func (t *Tx) removeAll(ctx context.Context, group []doomed) error {
	changed := newDirSet()
	for batch := range slices.Chunk(group, stepsPerLock) {
		if err := interrupted(ctx, "gc"); err != nil {
			return err
		}
		err := t.lease.guard(ctx, func() error {
			for _, d := range batch {
				remove := t.w.fs.Remove
				if d.isFolder {
					remove = t.w.fs.RemoveAll
				}
				if err := remove(t.w.path(d.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return errs.Wrap(errs.Unexpected, "gc: remove "+d.name, err)
				}
				changed.add(path.Dir(d.name))
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, dir := range changed.paths {
		if err := t.w.fs.SyncDir(t.w.path(dir)); err != nil {
			return errs.Wrap(errs.Unexpected, "gc: sync "+dir, err)
		}
	}
	return nil
}

// IfGone returns err, or of an unexpected one, if the snapshot is gone, the error that says so: it is why err came to be.
func (w *Warehouse) IfGone(m *Manifest, err error) error {
	if err == nil || errs.ClassOf(err) != errs.Unexpected || !w.isGone(m) {
		return err
	}
	return errs.New(errs.Usage, "snapshot "+m.ID+" was removed while it was read", "gc removed it: read a newer one, or let gc keep more")
}

// isGone says whether a snapshot that was read before is not there any more, so that files of it may be missing.
func (w *Warehouse) isGone(m *Manifest) bool {
	_, err := w.fs.Stat(w.path(path.Join(snapshotsDir, m.ID+".json")))
	return m.ID != "" && errors.Is(err, fs.ErrNotExist)
}

// doomed is a name below the root that gc removes, and what that frees: nothing if the file has other names.
type doomed struct {
	name     string
	bytes    int64
	isFolder bool // with all that is in it
}

func doom(name string, info fs.FileInfo) doomed {
	if vfs.Links(info) > 1 {
		return doomed{name: name}
	}
	return doomed{name: name, bytes: info.Size()}
}
