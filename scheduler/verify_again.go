package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/transform/alarm"
	"vaultreport/transform/diff"
	"vaultreport/warehouse"
)

// alarmTables are those that alarm.Run writes.
var alarmTables = []string{"alarm", "alarm_evaluation", "alarm_span"}

// rebuild makes the marts of the day again, from the published lake and the marts of earlier days, and then its alarms, and
// compares bytes. restatement and pages are left out: they tell of what was published before.
func (v *verifier) rebuild(ctx context.Context) error {
	if _, there := v.published.File("metric_daily", v.dt); !there {
		v.add(Check{Check: martsCheck, Result: NotVerified, What: v.dt.String() + " was extracted alone: it has no marts yet"})
		return nil
	}
	debug.SetMemoryLimit(v.options.MemoryBytes * goShareBesides / 100)
	o := v.options
	models := v.project.Models()
	store, err := v.store(martsCheck, func(f warehouse.File) bool {
		return f.Dt == v.dt && (slices.Contains(models, f.Table) || slices.Contains(alarmTables, f.Table))
	})
	if err != nil {
		return err
	}
	with := transform.Options{
		DB: v.db, Zone: o.Zone, Params: transform.Params{K: o.K, RetireAfter: o.RetireAfter, DiamondTarget: o.DiamondTarget}, Log: o.Log,
		Progress: func(bizday.Day, string) { o.Progress.Add(1) },
	}
	o.Progress.Stage("rebuild", int64(len(models)))
	err = transform.Rebuild(ctx, store, v.project, with, v.dt)
	o.Progress.Done()
	if err != nil {
		return v.notVerified(ctx, martsCheck, err)
	}
	if err := v.compare(ctx, martsCheck, store, models); err != nil {
		return err
	}
	with.Progress = nil
	if _, err := alarm.Run(ctx, store, v.project, alarm.Options{Options: with, Rules: o.Rules}); err != nil {
		return v.notVerified(ctx, alarmsCheck, err)
	}
	return v.compare(ctx, alarmsCheck, store, alarmTables)
}

// lake extracts the day again, if the files that the snapshot remembers are still as they were read.
func (v *verifier) lake(ctx context.Context) error {
	notVerified := func(format string, args ...any) error {
		v.add(Check{Check: lakeCheck, Result: NotVerified, What: fmt.Sprintf(format, args...)})
		return nil
	}
	o := v.options
	if len(o.Sources)+len(o.Tables) == 0 {
		return notVerified("no source is configured")
	}
	of := extractOptions(v.project, []bizday.Day{v.dt}, o)
	of.Stdin = strings.NewReader("") // what came from there is gone
	of.Tables = extract.WithoutDatabases(o.Tables)
	of.Sources = slices.Clone(o.Sources)
	for i := range of.Sources {
		of.Sources[i].Ready = extract.Ready{AllowMissing: true}
	}
	again, err := extract.NewAgain(v.published.Manifest, v.dt, of)
	switch {
	case err != nil:
		return v.notVerified(ctx, lakeCheck, err)
	case len(again.Gone) > 0:
		return notVerified("%d of %d source files are gone or changed: %s", len(again.Gone), again.Files, fewNames(again.Gone))
	}
	store, err := v.store(lakeCheck, func(f warehouse.File) bool { return f.Dt == v.dt })
	if err != nil {
		return err
	}
	store.parent = again.Parent
	if _, err := extract.Run(ctx, store, of); err != nil {
		return v.notVerified(ctx, lakeCheck, err)
	}
	if arrived := again.Arrived(store.inputs); len(arrived) > 0 {
		return notVerified("files are new or read under other settings: %s", fewNames(arrived))
	}
	mixed := len(again.FromDB) > 0 || len(of.Tables) < len(o.Tables) // ledgers and catalogue tell of databases, too
	var tables []string
	for _, f := range v.published.Files {
		isOfDB := slices.Contains(again.FromDB, f.Table) || mixed && slices.Contains([]string{"quarantine", "source_ledger", "source_catalogue", "row_ledger"}, f.Table)
		if f.Dt == v.dt && (strings.HasPrefix(f.Path, "lake/") || f.Table == "row_ledger") && !isOfDB {
			tables = append(tables, f.Table)
		}
	}
	if mixed {
		what := "ledgers and catalogue: they tell of a database, too"
		if len(again.FromDB) > 0 {
			what = "tables of a database, which cannot be asked for the past: " + fewNames(again.FromDB)
		}
		v.add(Check{Check: lakeCheck, Result: NotVerified, What: what})
	}
	return v.compare(ctx, lakeCheck, store, tables)
}

// store returns a store for what is made again, in a folder of its own.
func (v *verifier) store(name string, isAgain func(warehouse.File) bool) (*scratchStore, error) {
	dir := filepath.Join(v.scratch, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("verify: make a temporary folder: %w", err)
	}
	return newScratchStore(v.published, dir, isAgain), nil
}

// compare compares the day's files of some tables with those made again: one check a difference, and one for all if there is none.
func (v *verifier) compare(ctx context.Context, check string, store *scratchStore, tables []string) error {
	same := 0
	differ := len(v.checks)
	for _, name := range slices.Sorted(slices.Values(tables)) {
		was, isThere := v.published.File(name, v.dt)
		now, isMade := store.Folder.File(name, v.dt)
		c := Check{Check: check, Result: Differs, Table: name, Dt: &v.dt}
		switch {
		case !isThere && !isMade:
			continue
		case !isThere:
			c.What = "is not published: the next run makes it"
		case !isMade:
			c.What = "is published, and nothing makes it"
		default:
			if d, damaged := v.damaged[was.Object]; damaged {
				was.SHA256 = d.Digest
			}
			if was.SHA256 == now.SHA256 {
				same++
				continue
			}
			c.Rows, c.What = v.rows(ctx, was, v.published.w.ObjectPath(was), now.Object)
			if was.Key != now.Key {
				c.What += "; made from other inputs, SQL or settings"
			}
		}
		v.add(c)
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if len(v.checks) == differ && same > 0 {
		v.add(Check{Check: check, Result: Verified, What: fmt.Sprintf("%d tables of %s have the same bytes again", same, v.dt)})
	}
	return nil
}

// rowsOfFolder says which rows of a file in the folders differ from those of its content.
func (v *verifier) rowsOfFolder(ctx context.Context, f warehouse.File, d warehouse.Damage, what string) (*RowsDiffer, string) {
	if f.Path == "" || d.Digest == "" || f.Table == warehouse.ReportTable || v.damaged[f.Object].Path != "" {
		return nil, what
	}
	rows, says := v.rows(ctx, f, filepath.Join(v.options.Warehouse, filepath.FromSlash(f.Path)), v.published.w.ObjectPath(f))
	return rows, what + ", " + says
}

// rows compares the rows of a published file with another one of the same table and day.
func (v *verifier) rows(ctx context.Context, f warehouse.File, is, again string) (*RowsDiffer, string) {
	a, b := f, f
	a.SHA256, b.SHA256 = "is", "again" // they differ
	tables, err := diff.Compare(ctx, v.db.Conn(), v.project.Key,
		diff.Side{Files: []warehouse.File{a}, Path: func(warehouse.File) string { return is }},
		diff.Side{Files: []warehouse.File{b}, Path: func(warehouse.File) string { return again }}, diff.Options{})
	if err != nil || len(tables) != 1 {
		return nil, "cannot be read"
	}
	sum := tables[0].Sum()
	rows := &RowsDiffer{sum.OnlyA, sum.OnlyB, sum.Changed, sum.Same}
	if !tables[0].Differs() {
		return rows, fmt.Sprintf("the same %d rows in other bytes", rows.Same)
	}
	return rows, fmt.Sprintf("%d rows changed, %d too many, %d missing, %d right", rows.Changed, rows.OnlyPublished, rows.OnlyAgain, rows.Same)
}

// fewNames lists the first names of a list.
func fewNames(names []string) string {
	const few = 3
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}
