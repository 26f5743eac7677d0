package transform

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// Failing is rows that offend a test, of the first day on which more do than are tolerated.
type Failing struct {
	Table   string // or the invariant's name
	Test    string
	Dt      bizday.Day
	Rows    int64 // that offend on all days
	Columns []string
	Sample  [][]any // some of them in a fixed order, as the engine hands them out, dates as text
}

// FailingRows runs the tests as Test does, and returns up to most rows of each that fails and for which rows stand.
func FailingRows(ctx context.Context, files PublishedFiles, p *Project, o Options, days []bizday.Day, isChosen func(table string) bool, most int) ([]Failing, error) {
	results, err := Test(ctx, files, p, o, days, isChosen)
	if err != nil {
		return nil, err
	}
	r, err := newRunner(ctx, filesOnly{files}, p, o)
	if err != nil {
		return nil, err
	}
	var all []Failing
	for _, result := range results {
		if result.State != TestFailed {
			continue
		}
		text, args := r.failingQuery(result)
		if text == "" {
			continue
		}
		f := Failing{Table: result.Table, Test: result.Test, Dt: result.FirstDay(), Rows: result.Rows}
		err := r.first().each(ctx, fmt.Sprintf("select * from (%s) order by all limit %d", text, most), f.take, args...)
		if err != nil {
			return nil, errs.Wrap(errs.Unexpected, "read the rows that offend "+result.Table, err)
		}
		all = append(all, f)
	}
	return all, nil
}

// failingQuery returns the query of the rows that offend on the first day, over its files.
func (r *runner) failingQuery(result TestResult) (text string, args []any) {
	for _, q := range r.project.invariants {
		if q.table.Name == result.Table {
			args = r.options.Params.named(q.Parameters)
			return q.statement.bind(r.relations(q, []bizday.Day{result.FirstDay()}, &args)), args
		}
	}
	if result.Query == "" {
		return "", nil
	}
	c := r.project.contract(result.Table)
	tables := []string{c.table.Name}
	for _, rel := range c.relations() {
		tables = append(tables, rel.to.Table)
	}
	named := map[string]bool{}
	var relations []string
	for _, name := range tables {
		if named[name] {
			continue
		}
		named[name] = true
		source := r.project.contract(name).table.Empty()
		if f, exists := r.store.File(name, result.FirstDay()); exists {
			source = "select * from read_parquet([" + duck.Quote(r.store.ReadPath(f)) + "], hive_partitioning = false)"
		}
		relations = append(relations, name+" as ("+source+")")
	}
	return "with " + strings.Join(relations, ", ") + " " + result.Query, nil
}

// take adds a row.
func (f *Failing) take(rows *sql.Rows) (err error) {
	if f.Columns, err = rows.Columns(); err != nil {
		return err
	}
	row, targets := make([]any, len(f.Columns)), make([]any, len(f.Columns))
	for i := range row {
		targets[i] = &row[i]
	}
	if err := rows.Scan(targets...); err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	for i, value := range row {
		if day, isTime := value.(time.Time); isTime && types[i].DatabaseTypeName() == "DATE" {
			row[i] = day.Format(time.DateOnly)
		}
	}
	f.Sample = append(f.Sample, row)
	return nil
}
