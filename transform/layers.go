package transform

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vaultreport/internal/errs"
)

// addedDir is where the catalogue and the lock of an analyst's folder stand among the shipped files, which have their own.
const addedDir = "added"

// layers are the shipped files, and those of a folder beside them. No file is in both.
type layers struct{ shipped, added fs.FS }

// WithProject returns the shipped files together with those of an analyst's folder: models/NAME.yaml, .sql and .test,
// tests/NAME.yaml and .sql, explain/NAME.yaml and .sql, metrics.yaml, contracts.lock.yaml. Errors are of class Usage and name every file that is none of
// these, or has the name of a shipped one: what is shipped cannot be replaced. Files that begin with a point, and .md, are left alone.
func WithProject(shipped fs.FS, dir string) (fs.FS, error) {
	added := os.DirFS(dir)
	var faults []error
	refuse := func(file, what, wayOut string) {
		faults = append(faults, errs.New(errs.Usage, "project "+filepath.Join(dir, filepath.FromSlash(file))+": "+what, wayOut))
	}
	err := fs.WalkDir(added, ".", func(file string, d fs.DirEntry, err error) error {
		name := path.Base(file)
		switch {
		case err != nil:
			return err
		case file == ".":
			return nil
		case strings.HasPrefix(name, "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() && !slices.Contains([]string{"models", "tests", questionDir}, file):
			refuse(file, "a project has the folders models, tests and explain", "move what is in it there, or out of the project")
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) == ".md":
			return nil
		case !isProjectFile(file):
			refuse(file, "is no file of a project", "a model is models/NAME.yaml, .sql and .test, an invariant tests/NAME.yaml and .sql; beside them are metrics.yaml and "+LockFile)
			return nil
		}
		if _, err := fs.Stat(shipped, shippedName(file)); path.Dir(file) != "." && err == nil {
			refuse(file, "vaultreport has a file of this name", "take another one: what is shipped cannot be replaced")
		}
		return nil
	})
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "read project " + dir, Err: err, Hint: "project in the configuration names a folder, beside the configuration if it is relative"}
	}
	return layers{shipped, added}, errors.Join(faults...)
}

func isProjectFile(file string) bool {
	switch path.Dir(file) {
	case "models":
		return slices.Contains([]string{".yaml", ".sql", ".test"}, path.Ext(file))
	case "tests", questionDir:
		return slices.Contains([]string{".yaml", ".sql"}, path.Ext(file))
	}
	return file == metricsFile || file == LockFile
}

// shippedName is what a file of the folder is called among the shipped ones.
func shippedName(file string) string {
	if path.Dir(file) == "." {
		return path.Join(addedDir, file)
	}
	return file
}

// Open opens a file of either.
func (l layers) Open(name string) (fs.File, error) {
	if file, isAdded := strings.CutPrefix(name, addedDir+"/"); isAdded {
		return l.added.Open(file)
	}
	f, err := l.shipped.Open(name)
	if errors.Is(err, fs.ErrNotExist) && path.Dir(name) != "." {
		return l.added.Open(name)
	}
	return f, err
}

// ReadDir lists a folder of both.
func (l layers) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(l.shipped, name)
	if err != nil || name == "." {
		return entries, err
	}
	added, err := fs.ReadDir(l.added, name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read project: %w", err)
	}
	entries = append(entries, slices.DeleteFunc(added, func(d fs.DirEntry) bool { return !isProjectFile(path.Join(name, d.Name())) })...)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return entries, nil
}
