package extract

import (
	"cmp"
	"fmt"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// found is a file that a source's path matches.
type found struct {
	source  Source
	name    string
	path    string
	dated   bool
	date    bizday.Day // if dated: the first day whose path this is
	size    int64
	modTime time.Time
}

// discover lists the files of a source for the days first..last.
func discover(fsys vfs.FS, s Source, base string, first, last bizday.Day) ([]found, error) {
	switch {
	case s.Path == Stdin:
		return []found{{source: s, name: Stdin, path: Stdin}}, nil
	case !s.dated():
		return glob(fsys, s, base, first)
	}
	var files []found
	for day := first; day <= last; day++ {
		matches, err := glob(fsys, s, base, day)
		if err != nil {
			return nil, err
		}
		date := s.firstDayOfPath(day)
		for _, f := range matches {
			f.dated, f.date = true, date
			files = append(files, f)
		}
	}
	return files, nil
}

// byName orders files as the ledger does: of equal lines the one in the first file is kept.
func byName(a, b found) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.source.Name, b.source.Name), cmp.Compare(a.date, b.date))
}

func glob(fsys vfs.FS, s Source, base string, day bizday.Day) ([]found, error) {
	var files []found
	for _, pattern := range s.patterns(day) {
		paths, err := doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly(), doublestar.WithFailOnIOErrors())
		if err != nil {
			return nil, errs.Wrap(errs.Unreachable, fmt.Sprintf("list files of source %s for %s", s.Name, day), err)
		}
		for _, path := range paths {
			info, err := fsys.Stat(path)
			if err != nil {
				return nil, errs.Wrap(errs.NotReady, "list "+relativeName(base, path), err)
			}
			files = append(files, found{source: s, name: relativeName(base, path), path: path, size: info.Size(), modTime: info.ModTime().UTC()})
		}
	}
	return files, nil
}
