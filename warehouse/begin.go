package warehouse

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Identity is what a snapshot says about the run that made it. A warehouse never mixes two key ids or two zones.
type Identity struct{ ToolVersion, KeyID, Zone string }

// Begin starts a transaction over the tables that this version knows, without the marts that it does not know: it makes the folder if needed, takes the lease and
// leaves the warehouse as its newest snapshot says, whatever a dead run left. The caller must Close the transaction.
//
// A lease that another run holds is errs.Leased, another key id or zone than the warehouse's errs.Usage.
func (w *Warehouse) Begin(ctx context.Context, id Identity, tables []Table) (*Tx, error) {
	for _, t := range tables {
		if err := t.check(); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "begin run", err)
		}
	}
	for _, dir := range []string{stagingDir, snapshotsDir, objectsDir} {
		if err := vfs.MakeDir(w.fs, w.path(dir)); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "begin run: make the warehouse's folders", err)
		}
	}
	lease, err := w.acquire(ctx)
	if err != nil {
		return nil, err
	}
	t := &Tx{
		w: w, id: id, tables: tables, lease: lease,
		names:   &namer{run: lease.own.Run},
		dir:     w.path(stagingDir + "/" + lease.own.Run),
		pending: map[slot]string{}, files: map[slot]File{}, staged: map[string]string{},
	}
	if err := t.open(ctx); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Tx) open(ctx context.Context) error {
	newest, torn, err := t.w.latest()
	if err != nil {
		return err
	}
	if err := t.id.Fits(newest); err != nil {
		return err
	}
	t.parent, t.inputs, t.recipe = newest, newest.Inputs, newest.Recipe
	if newest.ID != "" {
		if t.number, err = strconv.Atoi(newest.ID); err != nil {
			return errs.Wrap(errs.Unexpected, "begin run: number of the newest snapshot", err)
		}
	}
	t.number++
	for _, f := range newest.Files {
		if f.Path != latestReportPath && !t.isOfNobody(f) {
			t.files[slot{f.Table, f.Dt}] = f
		}
	}
	if err := t.repair(ctx, torn); err != nil {
		return err
	}
	if err := vfs.MakeDir(t.w.fs, t.Scratch()); err != nil {
		return errs.Wrap(errs.Unexpected, "begin run: make the staging folder", err)
	}
	return nil
}

// isOfNobody says whether a file is of a mart that this version does not have. A mart can be made again; what was extracted
// stays, whoever knows it.
func (t *Tx) isOfNobody(f File) bool {
	return strings.HasPrefix(f.Path, martsDir+"/") && !slices.ContainsFunc(t.tables, func(known Table) bool { return known.Name == f.Table })
}

// repair leaves the disk as the newest snapshot says.
func (t *Tx) repair(ctx context.Context, torn []int) error {
	err := t.lease.guard(ctx, func() error {
		for _, n := range torn {
			if err := t.w.setAside(n, t.RunID()); err != nil {
				return err
			}
		}
		for _, dir := range []string{".", runsDir} {
			if err := t.w.sweep(dir); err != nil {
				return errs.Wrap(errs.Unexpected, "begin run: remove left-overs", err)
			}
		}
		return t.w.dropStaging()
	})
	if err != nil || t.parent.ID == "" {
		return err
	}
	// The hint is written when a switch is through. Where it names the newest snapshot, a copy of the right size in the
	// glob tree is what it was made from, and need not be read to know.
	through := t.w.currentHint() == t.parent.ID
	if !through {
		t.w.log.Warn("switch of a dead run is finished", "snapshot", t.parent.ID)
	}
	return t.finish(ctx, t.parent, func(File) bool { return through })
}

// dropStaging removes what runs staged that do not hold the lease.
func (w *Warehouse) dropStaging() error {
	dir := w.path(stagingDir)
	entries, err := w.fs.ReadDir(dir)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "begin run: list staging", err)
	}
	for _, e := range entries {
		if w.isLive(e.Name()) {
			continue
		}
		if err := w.fs.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return errs.Wrap(errs.Unexpected, "begin run: remove the staging of a dead run", err)
		}
	}
	return nil
}

// Fits refuses, with class errs.Usage, to mix key ids or zones. Begin asks it of the newest snapshot.
func (id Identity) Fits(newest *Manifest) error {
	refuse := func(what, has, wants, way string) error {
		return errs.New(errs.Usage,
			fmt.Sprintf("begin run: the warehouse has %s %s, this run has %s", what, has, wants),
			way+", or take a new warehouse folder and backfill it")
	}
	switch {
	case newest.ID == "":
		return nil
	case newest.KeyID != id.KeyID:
		return refuse("key id", newest.KeyID, id.KeyID, "use the key that the warehouse was made with")
	case newest.Zone != id.Zone:
		return refuse("zone", newest.Zone, id.Zone, "set zone: "+newest.Zone)
	}
	return nil
}

// slot is the place of a file: one table, one day.
type slot struct {
	table string
	dt    bizday.Day
}
