package transform

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// The tables that a restatement is about.
const (
	metricTable      = "metric_daily"
	windowTable      = "metric_measure_window"
	restatementTable = "restatement"
)

//go:embed restatement.sql
var restatedCells string

// Restate adds to the restatements what Run changed in days that were published before: a row per cell of metric_daily of
// which value or state is another one now, with the cause, and asOf, the last day that the run was asked for (docs/contract.md
// section 4). It returns the number of rows. It also sets the recipe of the next snapshot, from which the next run knows
// what has changed besides the inputs. Errors are those of Run.
func Restate(ctx context.Context, history History, p *Project, o Options, asOf bizday.Day) (rows int64, err error) {
	r, err := newRunner(ctx, history, p, o)
	if err != nil {
		return 0, err
	}
	history.SetRecipe(r.recipe())
	var changed []changedDay
	e := r.explain(history)
	for _, dt := range e.published {
		before, _ := history.Parent().File(metricTable, dt)
		after, there := history.File(metricTable, dt)
		if there && before.SHA256 != after.SHA256 {
			changed = append(changed, changedDay{before, after, e.of(metricTable, dt)})
		}
	}
	if len(changed) == 0 {
		return 0, nil
	}
	if rows, err = r.first().restate(ctx, history, changed, asOf); err != nil {
		return 0, errs.Wrap(errs.Unexpected, "compare with what was published", err)
	}
	o.Log.Info("published cells changed", "days", len(changed), "cells", rows)
	return rows, nil
}

// changedDay is a day whose metrics were published and are other ones now.
type changedDay struct {
	before, after warehouse.File
	causes        causes
}

// restatedTable holds the changed cells of all days. It is a temporary table in memory.
const restatedTable = "restated_cells"

func (s session) restate(ctx context.Context, history History, changed []changedDay, asOf bizday.Day) (total int64, err error) {
	text, args, err := s.cellsThatChanged(history, changed, asOf)
	if err != nil {
		return 0, err
	}
	if err := s.exec(ctx, "create or replace temp table "+restatedTable+" as "+text, args...); err != nil {
		return 0, err
	}
	counts := map[string]int64{}
	err = s.each(ctx, "select dt::varchar, count(*) from "+restatedTable+" group by dt", func(rows *sql.Rows) error {
		var dt string
		var n int64
		err := rows.Scan(&dt, &n)
		counts[dt] = n
		return err
	})
	if err != nil {
		return 0, err
	}
	var files []warehouse.File
	for _, day := range changed {
		if n := counts[day.after.Dt.String()]; n > 0 {
			f, err := s.appendRestatements(ctx, history, day, n)
			if err != nil {
				return 0, err
			}
			files = append(files, f)
			total += n
		}
	}
	if len(files) == 0 {
		return 0, nil
	}
	faults, err := s.faults(ctx, s.project.contract(restatementTable), files)
	if err == nil && len(faults) > 0 {
		err = errs.New(errs.Gate, "check "+restatementTable+" of "+strings.Join(faults, "; "), "nothing of this run is published")
	}
	return total, err
}

// cellsThatChanged returns the query of restatement.sql with what it reads in front, and its arguments.
func (s session) cellsThatChanged(history History, changed []changedDay, asOf bizday.Day) (text string, args []any, err error) {
	query, err := parseStatement(restatedCells)
	if err != nil {
		return "", nil, err
	}
	var before, after, windows, why []string
	for _, day := range changed {
		dt := day.after.Dt
		before, after = append(before, history.ReadPath(day.before)), append(after, history.ReadPath(day.after))
		if f, there := history.Parent().File(windowTable, dt); there {
			windows = append(windows, history.ReadPath(f))
		}
		why = append(why, fmt.Sprintf("(date '%s', '%s', %t)", dt, day.causes.name(), day.causes.matured))
	}
	relation := func(name, table string, paths []string) string {
		source := s.project.contract(table).table.Empty()
		if len(paths) > 0 {
			args = append(args, sql.Named(name, paths))
			source = fmt.Sprintf("select * from read_parquet($%s, hive_partitioning = false)", name)
		}
		return fmt.Sprintf("%s as not materialized (%s)", name, source)
	}
	relations := []string{
		relation("before", metricTable, before), relation("after", metricTable, after), relation("windows", windowTable, windows),
		"cause(dt, cause, matured) as (values " + strings.Join(why, ", ") + ")",
	}
	return query.bind(relations), append(args, sql.Named("as_of", asOf.String())), nil
}

// appendRestatements writes the day's restatements: those that are published, and those of this run.
func (s session) appendRestatements(ctx context.Context, history History, day changedDay, added int64) (warehouse.File, error) {
	c, dt := s.project.contract(restatementTable), day.after.Dt
	inputs := []warehouse.File{day.before, day.after}
	rows := fmt.Sprintf("select * from %s where dt = date '%s'", restatedTable, dt)
	earlier, there := history.Parent().File(restatementTable, dt)
	if there {
		inputs = append(inputs, earlier)
		rows += fmt.Sprintf(" union all select * from read_parquet([%s], hive_partitioning = false)", duck.Quote(history.ReadPath(earlier)))
	}
	path, err := history.StagePath(c.table, dt)
	if err != nil {
		return warehouse.File{}, err
	}
	names := make([]string, len(c.Columns))
	for i, column := range c.Columns {
		names[i] = column.Name
	}
	list := strings.Join(names, ", ")
	digest := digestOf([]byte(restatedCells))
	err = s.exec(ctx, fmt.Sprintf("copy (select %s from (%s) order by %s) to %s %s",
		list, rows, list, duck.Quote(path), fileForm(restatementTable, digest, c.Version, dt, s.options.Zone, inputs)))
	if err != nil {
		return warehouse.File{}, err
	}
	// Nobody builds the file again for its key: it is history.
	return history.Add(c.table, dt, earlier.Rows+added, digestOf([]byte(inputDigest(inputs))))
}
