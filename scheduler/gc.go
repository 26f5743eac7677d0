package scheduler

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"

	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// CollectOptions of Collect.
type CollectOptions struct {
	Warehouse   string // absolute
	Models      fs.FS  // as Options have them
	Retention   warehouse.Retention
	DryRun      bool // says what would go, and writes nothing
	ToolVersion string
	Log         *slog.Logger
}

// Collect removes old snapshots and what no other one refers to. It is a command that may write: what a dead run left is
// finished first. A folder in which nothing was published is errs.Usage, a lease that a run holds errs.Leased.
func Collect(ctx context.Context, o CollectOptions) (result warehouse.Collected, err error) {
	w, err := warehouse.Open(warehouse.Options{Root: o.Warehouse, Log: o.Log})
	if err != nil {
		return result, err
	}
	if _, err := os.Stat(o.Warehouse); err != nil && !errors.Is(err, os.ErrNotExist) {
		return result, errs.Wrap(errs.Unreachable, "gc", err)
	}
	newest, err := w.Latest()
	switch {
	case err != nil:
		return result, err
	case newest.ID == "":
		return result, errs.New(errs.Usage, "gc: nothing is published in "+o.Warehouse, "name another folder with --warehouse")
	case o.DryRun:
		return w.PlanGC(o.Retention)
	}
	project, err := Options{Models: o.Models}.project()
	if err != nil {
		return result, err
	}
	// Key and zone are the warehouse's own: nothing is hashed here, and no day begins.
	own := warehouse.Identity{ToolVersion: o.ToolVersion, KeyID: newest.KeyID, Zone: newest.Zone}
	tx, err := w.Begin(ctx, own, project.Tables())
	if err != nil {
		return result, err
	}
	result, err = tx.Collect(ctx, o.Retention)
	return result, errors.Join(err, tx.Close())
}
