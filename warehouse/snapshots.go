package warehouse

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Latest returns the newest committed snapshot, and an empty manifest when nothing was published. It never locks.
// A snapshot that is there but cannot be read is an error: an older one would be a lie.
func (w *Warehouse) Latest() (*Manifest, error) {
	newest, _, err := w.latest()
	return newest, err
}

// Snapshot returns the snapshot of an id, with or without leading zeros. One that does not exist is errs.Usage.
func (w *Warehouse) Snapshot(id string) (*Manifest, error) {
	n, err := strconv.ParseUint(id, 10, 32)
	if err == nil {
		var m *Manifest
		m, err = w.readSnapshot(int(n))
		if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errTorn) {
			return m, err
		}
	}
	hint := "nothing was published yet"
	if newest, err := w.Latest(); err == nil && newest.ID != "" {
		hint = "the newest is " + newest.ID
	}
	return nil, errs.New(errs.Usage, fmt.Sprintf("snapshot %q does not exist", id), hint)
}

// latest also returns the numbers above the newest snapshot's whose manifests are torn.
func (w *Warehouse) latest() (newest *Manifest, torn []int, err error) {
	numbers, err := w.snapshotNumbers()
	if err != nil {
		return nil, nil, err
	}
	for _, n := range slices.Backward(numbers) {
		m, err := w.readSnapshot(n)
		switch {
		case err == nil:
			return m, torn, nil
		case errors.Is(err, errTorn):
			torn = append(torn, n)
		case !errors.Is(err, fs.ErrNotExist): // a torn one may go between list and read
			return nil, nil, err
		}
	}
	return &Manifest{Format: formatVersion}, torn, nil
}

// snapshotNumbers returns the numbers of all manifests, torn ones too, ascending.
func (w *Warehouse) snapshotNumbers() (numbers []int, err error) {
	entries, err := w.fs.ReadDir(w.path(snapshotsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errs.Wrap(errs.Unexpected, "list snapshots", err)
	}
	for _, e := range entries {
		if n, ok := snapshotNumber(e.Name()); ok {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

func (w *Warehouse) readSnapshot(n int) (*Manifest, error) {
	data, err := vfs.ReadFile(w.fs, w.path(snapshotPath(n)))
	if err == nil {
		var m *Manifest
		if m, err = decode(data, snapshotID(n)); err == nil {
			return m, nil
		}
	}
	return nil, errs.Wrap(errs.Unexpected, "read snapshot "+snapshotID(n), err)
}

// createSnapshot is the commit point: data appears under the number's name, whole and only if the name is free.
// tmp is a durable file that holds data. created may be true beside an error: what stands there is ours, and may not be
// durable. If the number is taken, the error is fs.ErrExist.
func (w *Warehouse) createSnapshot(n int, tmp string, data []byte) (created bool, err error) {
	name := w.path(snapshotPath(n))
	err = w.fs.Link(tmp, name)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		// No hard links here. A reader may now see a part of the manifest, which does not parse and thus does not count.
		err = vfs.WriteFile(w.fs, name, data)
	}
	if err == nil {
		return true, nil
	}
	// An error may come after the deed. What stands under the name decides.
	standing, readErr := vfs.ReadFile(w.fs, name)
	if readErr != nil || !bytes.Equal(standing, data) {
		return false, err
	}
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return true, err
}

// setAside takes the torn manifest of a dead writer out of the way of its number. It is kept for whoever wants to know.
// If its writer is not dead after all, it goes on writing to the file set aside, which no reader looks at.
func (w *Warehouse) setAside(n int, run string) error {
	aside := runsDir + "/torn-" + snapshotID(n) + "-" + run
	w.log.Warn("incomplete snapshot set aside", "snapshot", snapshotID(n), "file", aside)
	if err := w.fs.Rename(w.path(snapshotPath(n)), w.path(aside)); err != nil {
		return errs.Wrap(errs.Unexpected, "set aside incomplete snapshot "+snapshotID(n), err)
	}
	return nil
}

func snapshotID(n int) string { return fmt.Sprintf("%010d", n) }

func snapshotPath(n int) string { return snapshotsDir + "/" + snapshotID(n) + ".json" }

func snapshotNumber(fileName string) (n int, ok bool) {
	id, isJSON := strings.CutSuffix(filepath.Base(fileName), ".json")
	n, err := strconv.Atoi(id)
	return n, isJSON && err == nil && n > 0 && snapshotID(n) == id
}
