package warehouse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

const (
	leaseFile = "lease.json" // who may write; replaced under the lock only
	lockFile  = "lease.lock" // flock, held for moments: never while a run computes

	lockPause    = 10 * time.Millisecond
	lockAttempts = 500
)

// leaseRecord is the lease as it stands on disk. A lease given back keeps nothing but its token.
type leaseRecord struct {
	Holder   string    `json:"holder,omitempty"` // host:pid
	Host     string    `json:"host,omitempty"`
	PID      int       `json:"pid,omitempty"`
	Boot     string    `json:"boot,omitempty"`
	Run      string    `json:"run,omitempty"`
	Token    int64     `json:"token"` // grows by one with every holder
	Acquired time.Time `json:"acquired,omitzero"`
	Expires  time.Time `json:"expires,omitzero"`
}

// mayTake says whether a process may take the lease, and if it is not simply free, why. isLive tells of a run id
// whether it is one of the process's own.
func (r leaseRecord) mayTake(p process, now time.Time, isLive func(run string) bool) (ok bool, why string) {
	switch {
	case r.Run == "":
		return true, ""
	case !now.Before(r.Expires):
		return true, "expired"
	case r.Host != p.host || r.Boot != p.boot || p.boot == "":
		return false, ""
	case r.PID == p.pid && !isLive(r.Run):
		return true, "an earlier process had this pid"
	case r.PID != p.pid && !p.alive(r.PID):
		return true, "holder is dead"
	}
	return false, ""
}

// lease is the right to write, as long as guard says so.
type lease struct {
	w    *Warehouse
	own  leaseRecord
	mu   sync.Mutex // a lock of ours is somebody else's to flock
	stop context.CancelFunc
	done chan struct{}
}

// lostLease is the error of guard when the lease went to another run.
type lostLease struct{ to string }

func (e lostLease) Error() string {
	if e.to == "" {
		return "the lease was lost"
	}
	return "the lease went to " + e.to
}

// acquire takes the lease and renews it until release. One that somebody else holds is errs.Leased.
func (w *Warehouse) acquire(ctx context.Context) (*lease, error) {
	l := &lease{w: w, done: make(chan struct{})}
	err := l.locked(ctx, func() error {
		held, err := w.readLease()
		if err != nil {
			return err
		}
		now := w.now().UTC()
		ok, why := held.mayTake(w.self, now, w.isLive)
		if !ok {
			return leasedBy(held)
		}
		if why != "" {
			w.log.Warn("stale lease taken over", "holder", held.Holder, "run", held.Run, "reason", why)
		}
		token := held.Token + 1
		l.own = leaseRecord{
			Holder: w.self.String(), Host: w.self.host, PID: w.self.pid, Boot: w.self.boot,
			Run:   fmt.Sprintf("%s-%d-%d", now.Format("20060102T150405Z"), w.self.pid, token),
			Token: token, Acquired: now, Expires: now.Add(w.ttl),
		}
		w.setLive(l.own.Run, true)
		return w.writeLease(l.own)
	})
	if err != nil {
		w.setLive(l.own.Run, false)
		return nil, err
	}
	renewing, stop := context.WithCancel(context.Background())
	l.stop = stop
	go l.renew(renewing)
	return l, nil
}

// guard runs f while the lease is ours and nobody can take it: f is to be short. If it is ours no more, f does not run
// and the error is a lostLease.
func (l *lease) guard(ctx context.Context, f func() error) error {
	return l.locked(ctx, func() error {
		held, err := l.w.readLease()
		if err != nil {
			return err
		}
		if held.Token != l.own.Token || held.Run != l.own.Run {
			return lostLease{held.Holder}
		}
		return f()
	})
}

// release stops the renewal and gives the lease back, if it still is ours.
func (l *lease) release() error {
	l.stop()
	<-l.done
	defer l.w.setLive(l.own.Run, false)
	err := l.guard(context.Background(), func() error { return l.w.writeLease(leaseRecord{Token: l.own.Token}) })
	if lost := (lostLease{}); errors.As(err, &lost) {
		return nil
	}
	return err
}

// renew moves the expiry on until ctx ends. A renewal that fails is tried again; if it never succeeds, the lease expires
// and guard finds out.
func (l *lease) renew(ctx context.Context) {
	defer close(l.done)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.w.after(l.w.ttl / 3):
		}
		err := l.guard(ctx, func() error {
			renewed := l.own
			renewed.Expires = l.w.now().UTC().Add(l.w.ttl)
			return l.w.writeLease(renewed)
		})
		if err != nil && ctx.Err() == nil {
			l.w.log.Warn("lease not renewed", "run", l.own.Run, "error", err)
		}
	}
}

// locked runs f under the file lock. Other holders have it for moments; one that keeps it is as good as a lease.
func (l *lease) locked(ctx context.Context, f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lock io.Closer
	for attempt := 1; lock == nil; attempt++ {
		var err error
		lock, err = l.w.fs.Lock(l.w.path(runsDir + "/" + lockFile))
		switch {
		case err == nil:
		case !errors.Is(err, vfs.ErrLocked):
			return errs.Wrap(errs.Unexpected, "lock the warehouse", err)
		case attempt == lockAttempts:
			held, err := l.w.readLease()
			return errors.Join(err, leasedBy(held))
		default:
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-l.w.after(lockPause):
			}
		}
	}
	return errors.Join(f(), lock.Close())
}

func leasedBy(r leaseRecord) error {
	what := fmt.Sprintf("publish: lease held by %s until %s", r.Holder, r.Expires.Format("15:04:05Z07:00"))
	return errs.New(errs.Leased, what, "wait for that run to end; the lease of a dead run is taken over once it expires")
}

// readLease returns the lease on disk, the zero record if there is none. One that does not parse was torn by a power
// cut, and its holder with it.
func (w *Warehouse) readLease() (leaseRecord, error) {
	data, err := vfs.ReadFile(w.fs, w.path(runsDir+"/"+leaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return leaseRecord{}, nil
	}
	if err != nil {
		return leaseRecord{}, errs.Wrap(errs.Unexpected, "read the lease", err)
	}
	var r leaseRecord
	if err := json.Unmarshal(data, &r); err != nil {
		w.log.Warn("unreadable lease ignored", "file", leaseFile)
		return leaseRecord{}, nil
	}
	return r, nil
}

func (w *Warehouse) writeLease(r leaseRecord) error {
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	// Only the holder of the lock writes, so a left-over of this name is a dead one's.
	next := filepath.Join(w.root, runsDir, nextPrefix+leaseFile)
	if err := w.fs.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errs.Wrap(errs.Unexpected, "write the lease", err)
	}
	if err := vfs.WriteFile(w.fs, next, append(data, '\n')); err != nil {
		return errs.Wrap(errs.Unexpected, "write the lease", err)
	}
	if err := w.fs.Rename(next, w.path(runsDir+"/"+leaseFile)); err != nil {
		return errs.Wrap(errs.Unexpected, "write the lease", err)
	}
	return nil
}
