package reports

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Store is what Build needs of a staging transaction of the warehouse; *warehouse.Tx is one.
type Store interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	ReadPath(f warehouse.File) string
	Parent() *warehouse.Manifest // the publication before
	AddReport(dt bizday.Day, html []byte, key string) (warehouse.File, error)
}

// Options are what a report depends on besides the marts. All of them but DB and Log enter the key.
type Options struct {
	DB       *duck.DB
	Title    string // what the page is about: "Vault"
	Language string // "en" or "ko"
	Zone     string // IANA name of the zone of the business days
	K        int    // fewest users that a shown cell has
	Rules    []Rule // of the alarms
	Log      *slog.Logger
}

// Build renders the report of each day and adds it to the store; a day whose report has the key that it would get now
// is left alone. An error of class Gate names the table and the day of a mart that is missing.
func Build(ctx context.Context, store Store, days []bizday.Day, o Options) error {
	page, err := newPage(o)
	if err != nil {
		return err
	}
	for _, day := range days {
		in, err := inputsOf(store, day)
		if err != nil {
			return err
		}
		paths, restated := in.paths(store, day)
		key := reportKey(in, restated, o)
		if old, ok := store.File("report", day); ok && old.Key == key {
			continue
		}
		marts, err := loadMarts(ctx, o.DB.Conn(), day, paths)
		if err != nil {
			return fmt.Errorf("report of %s: %w", day, err)
		}
		html, err := page.render(marts)
		if err != nil {
			return fmt.Errorf("report of %s: %w", day, err)
		}
		file, err := store.AddReport(day, html, key)
		if err != nil {
			return fmt.Errorf("report of %s: %w", day, err)
		}
		o.Log.Debug("report built", "dt", day.String(), "bytes", file.Bytes)
	}
	return nil
}

// inputTables are the marts that a report reads, in the order of the key.
var inputTables = [...]string{"metric_daily", "metric_change", "row_ledger", "alarm_evaluation", "alarm_span"}

// restatementTable has a file only for days that were restated.
const restatementTable = "restatement"

type inputs [len(inputTables)]warehouse.File

func inputsOf(store Store, day bizday.Day) (inputs, error) {
	var in inputs
	for i, table := range inputTables {
		file, ok := store.File(table, day)
		if !ok {
			return in, errs.New(errs.Gate, fmt.Sprintf("report of %s: table %s has no file for this day", day, table),
				"run the day's extraction and models first")
		}
		in[i] = file
	}
	return in, nil
}

// paths returns where the marts are, and the digest of the day's restatements, "" without any.
func (in inputs) paths(store Store, day bizday.Day) (paths martPaths, restated string) {
	paths = martPaths{daily: store.ReadPath(in[0]), change: store.ReadPath(in[1]), ledger: store.ReadPath(in[2]), evaluation: store.ReadPath(in[3]), span: store.ReadPath(in[4])}
	if f, ok := store.File(restatementTable, day); ok {
		paths.restated, restated = store.ReadPath(f), f.SHA256
	}
	isAlarms := func(f warehouse.File) bool { return f.Table == "alarm" && f.Dt == day }
	before := store.Parent().Files
	i := slices.IndexFunc(before, isAlarms)
	now, ok := store.File("alarm", day)
	if i >= 0 && ok && before[i].SHA256 != now.SHA256 {
		paths.alarms, paths.published = store.ReadPath(now), store.ReadPath(before[i])
	}
	return paths, restated
}
