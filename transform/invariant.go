package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// checkInvariants runs the queries of sql/tests over the days on which something was built that they read, many days at once
// because a query costs more than a file. A query returns the rows that offend; its relations have a column more than their
// tables: day, the day that is tested, which for an input of an earlier day is not the row's dt. Of several faults it returns
// that of the first query and the first days.
func (r *runner) checkInvariants(ctx context.Context) error {
	type test struct {
		days []bizday.Day
		of   *query
	}
	var tests []test
	built := r.built.days()
	changed := r.changed()
	for _, q := range r.project.invariants {
		days := slices.DeleteFunc(slices.Clone(built), func(dt bizday.Day) bool { return !r.reads(q, dt, changed) })
		for _, days := range r.daysOfOneTest(days) {
			tests = append(tests, test{days, q})
		}
	}
	waiting := make(chan int, len(tests))
	for i := range tests {
		waiting <- i
	}
	close(waiting)
	faults := make([]error, len(tests))
	err := r.onEveryConnection(ctx, func(ctx context.Context, s session) error {
		for i := range waiting {
			faults[i] = s.testDays(ctx, tests[i].of, tests[i].days)
		}
		return nil
	})
	return cmp.Or(cmp.Or(faults...), err)
}

// daysOfOneTest cuts days into runs that a query can hold in memory.
func (r *runner) daysOfOneTest(days []bizday.Day) (runs [][]bizday.Day) {
	var rows int64
	for i, dt := range days {
		if i == 0 || rows > maxRowsOfCheck {
			runs, rows = append(runs, nil), 0
		}
		last := &runs[len(runs)-1]
		*last = append(*last, dt)
		for _, m := range r.project.models {
			f, _ := r.store.File(m.table.Name, dt)
			rows += f.Rows
		}
	}
	return runs
}

func (s session) testDays(ctx context.Context, q *query, days []bizday.Day) error {
	found, err := s.offending(ctx, q, days)
	if err != nil {
		return err
	}
	var faults []string
	for _, f := range found {
		switch f.state() {
		case TestFailed:
			faults = append(faults, f.String())
		case TestWarned:
			f.warn(s.options.Log, q.table.Name)
		}
	}
	if len(faults) > 0 {
		return errs.New(errs.Gate, "test "+q.table.Name+" of "+strings.Join(faults, "; "), sqlFile(q.file)+" returns them; nothing of this run is published")
	}
	return nil
}

// offending returns how many rows of each of these days offend an invariant, by day.
func (s session) offending(ctx context.Context, q *query, days []bizday.Day) (found []finding, err error) {
	args := s.options.Params.named(q.Parameters)
	text := "select day::varchar, count(*) from (" + q.statement.bind(s.relations(q, days, &args)) + ") group by day order by day"
	err = s.each(ctx, text, func(rows *sql.Rows) error {
		f := finding{test: dataTest{severity: q.severity, name: q.table.Name}}
		if err := rows.Scan(&f.dt, &f.rows); err != nil {
			return err
		}
		f.text = fmt.Sprintf("%d rows offend", f.rows)
		found = append(found, f)
		return nil
	}, args...)
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "test "+q.table.Name, err)
	}
	return found, nil
}

// changed returns the files that this run built, and those of the lake that may be others than before: what extraction did is
// not told, but a model of the day that reads such a file was built.
func (r *runner) changed() map[place]bool {
	changed := map[place]bool{}
	for m, files := range r.built {
		for _, f := range files {
			changed[place{m.table.Name, f.Dt}] = true
			for _, in := range m.files {
				if in.picker.sameDay && !r.project.isFilled(in.table) {
					changed[place{in.table, f.Dt}] = true
				}
			}
		}
	}
	return changed
}

// reads says whether a query of a day reads a file that is changed. A table of the lake that no model reads on its day counts as
// changed always.
func (r *runner) reads(q *query, dt bizday.Day, changed map[place]bool) bool {
	known := knownUntil(dt, q.window, r.extracted, r.options.Zone)
	for i, in := range q.Inputs {
		if !r.project.isFilled(in.Table) && !r.project.isReadOnItsDay(in.Table) {
			return true
		}
		days := q.pickers[i].pick(dt, known, r.extracted)
		if slices.ContainsFunc(days, func(day bizday.Day) bool { return changed[place{in.Table, day}] }) {
			return true
		}
	}
	return false
}

// relations returns the inputs of a query over several days, with the column day, and adds the paths to the arguments.
func (r *runner) relations(q *query, days []bizday.Day, args *[]any) []string {
	bound := make([][]string, len(q.Inputs)) // paths
	of := make([][]string, len(q.Inputs))    // the file's dt and the day that reads it
	ownDay := make([]bool, len(q.Inputs))    // they are the same
	for i := range q.Inputs {
		ownDay[i] = true
	}
	for _, day := range days {
		for i, in := range r.bind(q, day).inputs {
			for _, file := range in.files {
				if path := r.store.ReadPath(file); !slices.Contains(bound[i], path) {
					bound[i] = append(bound[i], path)
				}
				of[i] = append(of[i], fmt.Sprintf("(date '%s', date '%s')", file.Dt, day))
				ownDay[i] = ownDay[i] && file.Dt == day
			}
		}
	}
	relations := make([]string, len(q.Inputs))
	for i, in := range q.Inputs {
		files := fmt.Sprintf("read_parquet($files_%d, hive_partitioning = false)", i)
		source := ""
		switch {
		case len(bound[i]) == 0:
			source = fmt.Sprintf("select *, null::date as day from (%s)", r.project.contract(in.Table).table.Empty())
		case ownDay[i]:
			source = "select *, dt as day from " + files
		case len(days) == 1:
			source = fmt.Sprintf("select *, date '%s' as day from %s", days[0], files)
		default:
			source = fmt.Sprintf("select file.*, pair.day from %s as file inner join (values %s) as pair(dt, day) on file.dt = pair.dt", files, strings.Join(of[i], ", "))
		}
		if len(bound[i]) > 0 {
			*args = append(*args, sql.Named(fmt.Sprintf("files_%d", i), bound[i]))
		}
		relations[i] = fmt.Sprintf("%s as not materialized (%s)", in.name(), source)
	}
	return relations
}
