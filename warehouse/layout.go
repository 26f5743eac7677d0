package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Names below the root that are no data.
const (
	snapshotsDir = "_snapshots"
	objectsDir   = "_objects"
	runsDir      = "_runs"
	stagingDir   = runsDir + "/staging"
	failedDir    = "failed" // in the folder of a run
	currentFile  = "_current.json"
	viewsFile    = "views.sql"
)

// nextPrefix starts the name of a file that is about to be renamed over another one. No reader takes it for data, and
// what a dead run left under such a name goes at the next Begin.
const nextPrefix = ".next-"

func objectPath(sha256 string) string { return fmt.Sprintf("%s/%s/%s", objectsDir, sha256[:2], sha256) }

// namer gives temporary names that nobody used: run ids are unique, and so is the counter within a run.
type namer struct {
	run   string
	count atomic.Int64
}

func (n *namer) next() string { return fmt.Sprintf("%s%s-%d", nextPrefix, n.run, n.count.Add(1)) }

// replace puts data under a name below the root: at any instant readers find the old or the new content.
func (w *Warehouse) replace(name string, data []byte, names *namer) error {
	target := w.path(name)
	dir := filepath.Dir(target)
	next := filepath.Join(dir, names.next())
	err := vfs.WriteFile(w.fs, next, data)
	if err == nil {
		err = w.fs.Rename(next, target)
	}
	if err != nil {
		w.fs.Remove(next) // best effort: the next Begin tries again
		return errs.Wrap(errs.Unexpected, "write "+name, err)
	}
	return w.fs.SyncDir(dir)
}

// tree returns every file of the glob tree: slash paths relative to the root, ascending.
func (w *Warehouse) tree() ([]string, error) {
	var files []string
	for _, dir := range []string{lakeDir, martsDir, reportsDir} {
		if err := w.walk(dir, &files); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "list "+dir, err)
		}
	}
	slices.Sort(files)
	return files, nil
}

func (w *Warehouse) walk(dir string, files *[]string) error {
	entries, err := w.fs.ReadDir(w.path(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if !e.IsDir() {
			*files = append(*files, name)
		} else if err := w.walk(name, files); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes temporary files of dead runs right below a folder.
func (w *Warehouse) sweep(dir string) error {
	entries, err := w.fs.ReadDir(w.path(dir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), nextPrefix) && e.Name() != nextPrefix+leaseFile {
			if err := w.fs.Remove(w.path(path.Join(dir, e.Name()))); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}
