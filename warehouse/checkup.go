package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"

	"vaultreport/internal/checkup"
	"vaultreport/internal/vfs"
)

// Checkup looks at what a run with this identity would find: the folder and what its disk can do, the newest snapshot, the
// clock against it, the lease, and free space. It leaves nothing behind and takes no lease; id.KeyID may be empty, if it is not known.
func (w *Warehouse) Checkup(id Identity) []checkup.Line {
	lines := []checkup.Line{w.checkDisk()}
	newest, err := w.Latest()
	if err != nil {
		return append(lines, checkup.Of("snapshot", err))
	}
	return append(lines, checkSnapshot(newest, id), w.checkClock(newest), w.checkLease(), w.checkSpace(newest))
}

// checkDisk tries in a folder of its own what a publication does.
func (w *Warehouse) checkDisk() checkup.Line {
	const check = "warehouse"
	const fix = "give the user of the job the right to write there, or name another folder under warehouse"
	root, err := w.nearest()
	if err != nil {
		return checkup.Fail(check, fmt.Sprintf("%s: %v", w.root, err), fix)
	}
	dir, err := os.MkdirTemp(root, ".vaultreport-doctor-")
	if err != nil {
		return checkup.Fail(check, fmt.Sprintf("%s cannot be written: %v", root, pathless(err)), fix)
	}
	defer w.fs.RemoveAll(dir)
	name := func(n string) string { return filepath.Join(dir, n) }
	if err := errors.Join(vfs.WriteFile(w.fs, name("file"), []byte("doctor\n")), w.fs.SyncDir(dir)); err != nil {
		return checkup.Fail(check, fmt.Sprintf("%s: a file cannot be made durable: %v", root, pathless(err)), "take another disk")
	}
	if err := w.tryLock(name("lock")); err != nil {
		return checkup.Fail(check, fmt.Sprintf("%s: locks of files (flock) do not work: %v", root, pathless(err)), "take a local disk, or a network disk with locks: two runs at once could not be told apart")
	}
	if err := w.fs.Rename(name("lock"), name("file")); err != nil {
		return checkup.Fail(check, fmt.Sprintf("%s: a file cannot be renamed over another: %v", root, pathless(err)), "take another disk")
	}
	what := fmt.Sprintf("%s can be written", w.root)
	if root != w.root {
		what = fmt.Sprintf("%s does not exist yet, and can be made", w.root)
	}
	if err := w.fs.Link(name("file"), name("link")); err != nil {
		return checkup.Warn(check, what+"; hard links do not work there, and files are copied", "take a disk with hard links: the warehouse needs about half of the space there")
	}
	return checkup.Good(check, what)
}

// tryLock says whether a lock keeps others out.
func (w *Warehouse) tryLock(name string) error {
	lock, err := w.fs.Lock(name)
	if err != nil {
		return err
	}
	second, err := w.fs.Lock(name)
	switch {
	case err == nil:
		err = errors.Join(errors.New("two may hold the same lock"), second.Close())
	case errors.Is(err, vfs.ErrLocked):
		err = nil
	}
	return errors.Join(err, lock.Close())
}

// nearest returns the folder, or of those above it the first that exists.
func (w *Warehouse) nearest() (string, error) {
	for dir := w.root; ; dir = filepath.Dir(dir) {
		info, err := w.fs.Stat(dir)
		switch {
		case err == nil && info.IsDir():
			return dir, nil
		case err == nil:
			return "", fmt.Errorf("%s is no folder", dir)
		case !errors.Is(err, fs.ErrNotExist):
			return "", pathless(err)
		}
	}
}

func checkSnapshot(newest *Manifest, id Identity) checkup.Line {
	const check = "snapshot"
	if newest.ID == "" {
		return checkup.Good(check, "nothing is published yet")
	}
	if id.KeyID == "" {
		id.KeyID = newest.KeyID
	}
	if err := id.Fits(newest); err != nil {
		return checkup.Of(check, err)
	}
	days := newest.Days("events")
	if len(days) == 0 {
		return checkup.Good(check, newest.ID)
	}
	return checkup.Good(check, fmt.Sprintf("%s, days to %s: %d, key id %s, zone %s", newest.ID, days[len(days)-1], len(days), newest.KeyID, newest.Zone))
}

// slack is how far clocks of two machines may lie apart.
const slack = time.Minute

// checkClock holds the clock against what was written when it was later than it is now.
func (w *Warehouse) checkClock(newest *Manifest) checkup.Line {
	const check, fix = "clock", "set the clock, and let NTP keep it: live tables and leases depend on it"
	now := w.now().UTC()
	if now.Year() < 2024 || now.Year() > 2100 {
		return checkup.Fail(check, "the clock says "+now.Format(time.RFC3339), fix)
	}
	latest, of := time.Time{}, ""
	if newest.ID != "" {
		if info, err := w.fs.Stat(w.path(snapshotsDir + "/" + newest.ID + ".json")); err == nil {
			latest, of = info.ModTime(), "the newest snapshot"
		}
	}
	if held, err := w.readLease(); err == nil && held.Acquired.After(latest) {
		latest, of = held.Acquired, "the lease"
	}
	if behind := latest.Sub(now); behind > slack {
		return checkup.Fail(check, fmt.Sprintf("the clock says %s, %s before %s was written", now.Format(time.RFC3339), behind.Round(time.Second), of), fix)
	}
	return checkup.Good(check, now.Format(time.RFC3339))
}

func (w *Warehouse) checkLease() checkup.Line {
	const check = "lease"
	held, err := w.readLease()
	if err != nil {
		return checkup.Of(check, err)
	}
	ok, why := held.mayTake(w.self, w.now().UTC(), w.isLive)
	switch {
	case !ok:
		return checkup.Warn(check, fmt.Sprintf("held by %s until %s", held.Holder, held.Expires.Format("15:04:05Z07:00")), "wait for that run to end")
	case why != "":
		return checkup.Good(check, fmt.Sprintf("free: %s left it (%s), and the next run takes it over", held.Holder, why))
	}
	return checkup.Good(check, "free")
}

// checkSpace holds free space against what the last publication brought: a run stages that much, and what it spills besides.
func (w *Warehouse) checkSpace(newest *Manifest) checkup.Line {
	const check, fix = "disk", "make room: gc removes old snapshots"
	const least, few, many = 256 << 20, 3, 10
	root, err := w.nearest()
	var stat syscall.Statfs_t
	if err == nil {
		err = syscall.Statfs(root, &stat)
	}
	if err != nil {
		return checkup.Warn(check, fmt.Sprintf("free space of %s is not known: %v", w.root, pathless(err)), "")
	}
	free := uint64(stat.Bavail) * uint64(stat.Bsize)
	what := humanize.IBytes(free) + " free"
	if newest.ID == "" {
		if free < least {
			return checkup.Warn(check, what, fix)
		}
		return checkup.Good(check, what)
	}
	brought := w.broughtBy(newest)
	what += fmt.Sprintf("; the last publication brought %s", humanize.IBytes(brought))
	switch {
	case free < few*brought || free < least/16:
		return checkup.Fail(check, what, fix)
	case free < many*brought || free < least:
		return checkup.Warn(check, what, fix)
	}
	return checkup.Good(check, what)
}

// broughtBy returns the bytes of a snapshot's files that the one before it did not have; of all, if that is not there any more.
func (w *Warehouse) broughtBy(m *Manifest) (bytes uint64) {
	had := make(map[string]bool)
	if before, err := w.Snapshot(m.Parent); err == nil {
		for _, f := range before.Files {
			had[f.Object] = true
		}
	}
	for _, f := range m.Files {
		if !had[f.Object] {
			had[f.Object] = true
			bytes += uint64(f.Bytes)
		}
	}
	return bytes
}

// pathless is the reason of an error of package os: the finding has named the folder.
func pathless(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
