package warehouse

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// gcPlan is what goes, each group in the order in which it goes.
type gcPlan struct {
	snapshots []string
	kept      int
	torn      []int // numbers of manifests that were never committed
	manifests []doomed
	objects   []doomed
	records   []doomed
}

func (p gcPlan) sum() Collected {
	c := Collected{Snapshots: append([]string{}, p.snapshots...), Kept: p.kept, Objects: len(p.objects), Records: len(p.records)}
	for _, d := range slices.Concat(p.manifests, p.objects, p.records) {
		c.FreedBytes += d.bytes
	}
	return c
}

// planGC reads the manifests that stay, and only those: a year of them is gigabytes. One that cannot be read is an error,
// since what it refers to is not known. While a run has the lease, an object goes only if a manifest that goes refers to it.
func (w *Warehouse) planGC(r Retention, isLeased bool) (p gcPlan, err error) {
	numbers, err := w.snapshotNumbers()
	if err != nil {
		return p, err
	}
	now := w.now()
	stays := map[string]bool{} // ids of snapshots, and objects that they refer to
	goes := map[string]bool{}  // objects that manifests refer to that go, if it must be known
	for _, n := range slices.Backward(numbers) {
		info, err := w.fs.Stat(w.path(snapshotPath(n)))
		if errors.Is(err, fs.ErrNotExist) { // another gc was faster
			continue
		}
		if err != nil {
			return p, errs.Wrap(errs.Unexpected, "gc: look at "+snapshotPath(n), err)
		}
		isOld := r.drops(p.kept, now.Sub(info.ModTime()))
		if isOld {
			p.snapshots = append(p.snapshots, snapshotID(n))
			p.manifests = append(p.manifests, doom(snapshotPath(n), info))
			if !isLeased {
				continue
			}
		}
		m, err := w.readSnapshot(n)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue
		case errors.Is(err, errTorn) && !isOld:
			p.torn = append(p.torn, n)
			continue
		case errors.Is(err, errTorn):
			continue
		case err != nil:
			return p, err
		}
		marked := goes
		if !isOld {
			p.kept++
			marked, stays[m.ID] = stays, true
		}
		for _, f := range m.Files {
			marked[f.Object] = true
		}
	}
	slices.Reverse(p.snapshots)
	slices.Reverse(p.manifests)
	if p.objects, err = w.orphans(func(object string) bool { return !stays[object] && (!isLeased || goes[object]) }); err != nil {
		return p, err
	}
	p.records, err = w.oldRecords(r, stays)
	return p, err
}

// drops says whether a snapshot goes that so many newer ones follow.
func (r Retention) drops(newer int, age time.Duration) bool {
	switch {
	case newer == 0, r.Keep == nil && r.OlderThan == nil:
		return false
	case r.Keep != nil && newer < *r.Keep:
		return false
	}
	return r.isOld(age)
}

func (r Retention) isOld(age time.Duration) bool { return r.OlderThan == nil || age > *r.OlderThan }

var objectName = regexp.MustCompile(`^[0-9a-f]{64}$`)

// orphans returns the objects that go. What is named otherwise is not ours.
func (w *Warehouse) orphans(goes func(object string) bool) (list []doomed, err error) {
	folders, err := w.readDir(objectsDir)
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if !folder.IsDir() {
			continue
		}
		entries, err := w.readDir(path.Join(objectsDir, folder.Name()))
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			name := path.Join(objectsDir, folder.Name(), e.Name())
			if !objectName.MatchString(e.Name()) || objectPath(e.Name()) != name || !goes(name) {
				continue
			}
			info, err := w.fs.Stat(w.path(name))
			if err != nil {
				return nil, errs.Wrap(errs.Unexpected, "gc: look at "+name, err)
			}
			list = append(list, doom(name, info))
		}
	}
	return list, nil
}

var tornName = regexp.MustCompile(`^torn-(\d{10})-`)

// oldRecords returns the records of runs that name no snapshot that stays, folders of runs that failed, and incomplete manifests
// set aside, as far as they are old.
func (w *Warehouse) oldRecords(r Retention, stays map[string]bool) (list []doomed, err error) {
	entries, err := w.readDir(runsDir)
	if err != nil {
		return nil, err
	}
	now := w.now()
	for _, e := range entries {
		name := path.Join(runsDir, e.Name())
		isRecord := recordName.MatchString(e.Name())
		if e.IsDir() && runFolder.MatchString(e.Name()) {
			info, err := w.fs.Stat(w.path(name))
			if err == nil && r.isOld(now.Sub(info.ModTime())) {
				list = append(list, doomed{name: name, isFolder: true})
			}
			continue
		}
		if !isRecord && !tornName.MatchString(e.Name()) {
			continue
		}
		if isRecord {
			snapshot, err := w.snapshotOfRecord(name)
			if err != nil {
				return nil, err
			}
			if stays[snapshot] {
				continue
			}
		}
		info, err := w.fs.Stat(w.path(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, errs.Wrap(errs.Unexpected, "gc: look at "+name, err)
		case r.isOld(now.Sub(info.ModTime())):
			list = append(list, doom(name, info))
		}
	}
	return list, nil
}

// snapshotOfRecord returns the snapshot that a run published or found, "" if its record names none.
func (w *Warehouse) snapshotOfRecord(name string) (string, error) {
	data, err := vfs.ReadFile(w.fs, w.path(name))
	if err != nil {
		return "", errs.Wrap(errs.Unexpected, "gc: read "+name, err)
	}
	var record struct {
		Snapshot string `json:"snapshot"`
	}
	if json.Unmarshal(data, &record) != nil {
		return "", nil // a torn record says nothing
	}
	return record.Snapshot, nil
}

// readDir lists a folder below the root; one that does not exist is empty.
func (w *Warehouse) readDir(name string) ([]fs.DirEntry, error) {
	entries, err := w.fs.ReadDir(w.path(name))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errs.Wrap(errs.Unexpected, "gc: list "+name, err)
	}
	return entries, nil
}
