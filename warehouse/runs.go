package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// recordName is the file name of a run's record; its group is the run id.
var recordName = regexp.MustCompile(`^(\d{8}T\d{6}Z-\d+-\d+)\.json$`)

// runFolder is the name of the folder of a run that failed.
var runFolder = regexp.MustCompile(`^\d{8}T\d{6}Z-\d+-\d+$`)

// Runs returns the ids of the runs that have a record, the newest first. A run that failed has none.
func (w *Warehouse) Runs() ([]string, error) {
	entries, err := w.fs.ReadDir(w.path(runsDir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unreachable, "list "+runsDir, err)
	}
	var ids []string
	for _, e := range entries {
		if m := recordName.FindStringSubmatch(e.Name()); m != nil {
			ids = append(ids, m[1])
		}
	}
	slices.Sort(ids)
	slices.Reverse(ids)
	return ids, nil
}

// RunRecord returns the record of a run as Record wrote it; an id that has none is an error of class Usage.
func (w *Warehouse) RunRecord(id string) ([]byte, error) {
	name := id + ".json"
	if !recordName.MatchString(name) {
		return nil, errs.New(errs.Usage, fmt.Sprintf("%q is no id of a run", id), "an id looks like 20260103T021305Z-4121-1")
	}
	data, err := vfs.ReadFile(w.fs, w.path(runsDir+"/"+name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New(errs.Usage, "no run has the id "+id, `"vaultreport runs list" lists them; a run that failed has no record`)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unreachable, "read the record of run "+id, err)
	}
	return data, nil
}
