package extract

import (
	"context"
	"fmt"
	"maps"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// writeDays writes what a day's two origins share, lines and tables, for every day of which one was read again, and
// returns these days.
func (x *run) writeDays(ctx context.Context) ([]bizday.Day, error) {
	x.ledgers = make(map[bizday.Day]map[ledgerKey]int64)
	touched := maps.Clone(x.wanted)
	for d := range x.tables.days {
		touched[d] = true
	}
	list := touched.sorted()
	if len(list) == 0 {
		return nil, nil
	}
	x.Progress.Stage(writeStage, int64(len(list)))
	defer x.Progress.Done()
	for _, d := range list {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := x.writeDay(ctx, d); err != nil {
			return nil, err
		}
		x.Progress.Add(1)
	}
	return list, nil
}

func (x *run) writeDay(ctx context.Context, d bizday.Day) error {
	lines := newDayLines(x.FS, x.store.Scratch(), x.spill, d, x.replay)
	defer lines.close()
	own, err := x.stageLines(ctx, d, lines)
	if err != nil {
		return err
	}
	others, err := x.stageTables(d)
	if err != nil {
		return err
	}
	both := own.join(others)
	if err := stageRows(x, x.Ledger, d, both.ledger); err != nil {
		return err
	}
	if err := stageRows(x, x.SourceLedger, d, both.sources); err != nil {
		return err
	}
	return x.stageRefused(d, both, lines)
}

// stageLines writes a day's lines, if they are wanted, and returns their accounts.
func (x *run) stageLines(ctx context.Context, d bizday.Day, lines *dayLines) (accounts, error) {
	if !x.wanted[d] {
		return x.publishedAccounts(d, func(source, file string) bool { return !x.tables.isTable(source, file) })
	}
	events := int64(0)
	err := x.stage(x.Events, d, "", func(w lakeWriter, path string) (n int64, err error) {
		events, err = w.events(ctx, path, lines)
		return events, err
	})
	if err != nil {
		return accounts{}, err
	}
	ledger, unknown := countDay(d, x.tallies, lines.fates.ledger)
	x.ledgers[d] = ledger
	if n := keptIn(ledger); n != events {
		return accounts{}, errs.New(errs.Gate, fmt.Sprintf("ledger of %s: %d events are kept and %d were written", d, n, events),
			"nothing was published; this is a defect of vaultreport, please report it with the shape of the files")
	}
	if err := stageRows(x, x.Unknown, d, unknownRows(d, unknown)); err != nil {
		return accounts{}, err
	}
	x.Log.Debug("day extracted", "dt", d.String(), "rows", events)
	return lineAccounts(d, x.files, ledger, lines.fates.newest), nil
}

// stageTables writes what the day's sources have, if it is due, and returns the tables' accounts.
func (x *run) stageTables(d bizday.Day) (accounts, error) {
	if x.tables.days[d] != nil {
		held := x.tables.inputsOf(d)
		err := x.stage(x.Catalogue, d, catalogueKey(x.Sources, x.Tables, held), func(w lakeWriter, path string) (int64, error) {
			return writeRows(w, path, x.Catalogue.Name, catalogue(d, x.Sources, x.Tables, held))
		})
		if err != nil {
			return accounts{}, err
		}
	}
	return x.tables.accounts(d)
}

// stageRefused writes the refused lines of a day, as they are now or as they are published, and the refused rows of tables behind them.
func (x *run) stageRefused(d bizday.Day, a accounts, lines *dayLines) error {
	return x.stage(x.Refused, d, "", func(w lakeWriter, path string) (int64, error) {
		return w.quarantine(path, x.Refused.Name, func(each func(quarantineRow) error) error {
			if err := lines.refused(func(l refusedLine) error { return each(l.row(d, x.files)) }); err != nil {
				return err
			}
			for _, r := range a.refused {
				if err := each(r); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

func stageRows[T any](x *run, to warehouse.Table, d bizday.Day, list []T) error {
	return x.stage(to, d, "", func(w lakeWriter, path string) (int64, error) { return writeRows(w, path, to.Name, list) })
}

// stage writes a file of a day and says how many rows it has.
func (x *run) stage(to warehouse.Table, d bizday.Day, key string, write func(w lakeWriter, path string) (rows int64, err error)) error {
	path, err := x.store.StagePath(to, d)
	if err != nil {
		return err
	}
	n, err := write(x.lake(d), path)
	if err != nil {
		return err
	}
	_, err = x.store.Add(to, d, n, key)
	return err
}

func (x *run) lake(d bizday.Day) lakeWriter {
	return lakeWriter{files: x.lakeFiles, day: d, zone: x.Zone}
}
