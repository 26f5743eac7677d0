package warehouse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// StagePath returns the absolute path of a new file, for the caller to write and then Add. Every call returns another
// path, so a file already added stays as it is until the next Add of its table and day.
func (t *Tx) StagePath(table Table, dt bizday.Day) (string, error) {
	if err := table.check(); err != nil {
		return "", errs.Wrap(errs.Unexpected, "stage", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.ensureOpen("stage " + table.Path(dt)); err != nil {
		return "", err
	}
	t.handedOut++
	// Nothing below a folder that starts with _ may end in .parquet.
	path := filepath.Join(t.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, t.handedOut))
	t.pending[slot{table.Name, dt}] = path
	return path, nil
}

// Add takes the file of the table's and day's last StagePath as complete: closed, and checked by the caller. It is made
// durable and known by its digest. rows is the number of its rows, key the digest of what it was built from. Where its
// bytes are the parent's, the parent's object is used and the staged file is gone.
func (t *Tx) Add(table Table, dt bizday.Day, rows int64, key string) (File, error) {
	at, what := slot{table.Name, dt}, "add "+table.Path(dt)
	t.mu.Lock()
	path, ok := t.pending[at]
	delete(t.pending, at)
	err := t.ensureOpen(what)
	t.mu.Unlock()
	if err != nil {
		return File{}, err
	}
	if !ok {
		return File{}, errs.New(errs.Unexpected, what+": no path was asked for", "")
	}
	digest, size, err := t.w.seal(path)
	if err != nil {
		return File{}, t.OrLost(context.Background(), errs.Wrap(errs.Unexpected, what, err))
	}
	f := File{
		Path: table.Path(dt), Object: objectPath(digest), Table: table.Name, Dt: dt,
		Rows: rows, Bytes: size, SHA256: digest, Key: key,
	}
	parents, inParent := t.parent.File(table.Name, dt)
	reuse := inParent && parents.SHA256 == digest && t.w.hasObject(f)
	if reuse {
		if err := t.w.fs.Remove(path); err != nil {
			return File{}, errs.Wrap(errs.Unexpected, what, err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !reuse {
		t.staged[f.Object] = path
	}
	t.files[at] = f
	return f, nil
}

// AddReport stages a report and adds it. reports/latest follows the newest day by itself.
func (t *Tx) AddReport(dt bizday.Day, html []byte, key string) (File, error) {
	path, err := t.StagePath(reports, dt)
	if err != nil {
		return File{}, err
	}
	f, err := t.w.fs.Create(path, true)
	if err != nil {
		return File{}, t.OrLost(context.Background(), errs.Wrap(errs.Unexpected, "stage "+reports.Path(dt), err))
	}
	_, err = f.Write(html)
	if err := errors.Join(err, f.Close()); err != nil {
		return File{}, errs.Wrap(errs.Unexpected, "stage "+reports.Path(dt), err)
	}
	return t.Add(reports, dt, 0, key)
}

// seal makes a staged file durable, takes from it what nobody else may do with it, and returns its digest and size.
func (w *Warehouse) seal(path string) (digest string, size int64, err error) {
	info, err := w.fs.Stat(path)
	if err != nil {
		return "", 0, err
	}
	// DuckDB and others create files with a mode of their own.
	if mode := info.Mode().Perm(); mode&^vfs.FileMode != 0 {
		if err := w.fs.Chmod(path, mode&vfs.FileMode); err != nil {
			return "", 0, err
		}
	}
	f, err := w.fs.Open(path)
	if err != nil {
		return "", 0, err
	}
	digest, size, err = digestOf(f)
	if err == nil {
		err = f.Sync()
	}
	return digest, size, errors.Join(err, f.Close())
}

// digest returns the SHA-256 and the size of a file.
func (w *Warehouse) digest(path string) (digest string, size int64, err error) {
	f, err := w.fs.Open(path)
	if err != nil {
		return "", 0, err
	}
	digest, size, err = digestOf(f)
	return digest, size, errors.Join(err, f.Close())
}

func digestOf(r io.Reader) (digest string, size int64, err error) {
	hash := sha256.New()
	size, err = io.Copy(hash, r)
	return hex.EncodeToString(hash.Sum(nil)), size, err
}

// hasObject says whether the file's object is there. Its name is its digest; a wrong size shows damage.
func (w *Warehouse) hasObject(f File) bool {
	info, err := w.fs.Stat(w.ObjectPath(f))
	return err == nil && info.Size() == f.Bytes
}
