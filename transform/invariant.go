package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// checkInvariants runs the queries of sql/tests over the days on which something was built, many days at once because a query
// costs more than a file. A query returns the rows that offend; its relations have a column more than their tables: day, the
// day that is tested, which for an input of an earlier day is not the row's dt. Of several faults it returns that of the
// first days and the first query.
func (r *runner) checkInvariants(ctx context.Context) error {
	type test struct {
		days []bizday.Day
		of   *query
	}
	var tests []test
	for _, days := range r.daysOfOneTest(r.built.days()) {
		for _, q := range r.project.invariants {
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
	what := "test " + q.table.Name
	var faults []string
	text := "select day::varchar, count(*) from (" + q.statement.bind(s.relations(q, days)) + ") group by day order by day"
	err := s.each(ctx, text, func(rows *sql.Rows) error {
		var day string
		var n int64
		if err := rows.Scan(&day, &n); err != nil {
			return err
		}
		faults = append(faults, fmt.Sprintf("%s: %d rows offend", day, n))
		return nil
	}, s.options.Params.named(q.Parameters)...)
	if err != nil {
		return errs.Wrap(errs.Unexpected, what, err)
	}
	if len(faults) > 0 {
		return errs.New(errs.Gate, what+" of "+strings.Join(faults, "; "), sqlFile(q.file)+" returns them; nothing of this run is published")
	}
	return nil
}

// relations returns the inputs of a query over several days, with the column day.
func (r *runner) relations(q *query, days []bizday.Day) []string {
	bound := make([][]string, len(q.Inputs)) // paths
	of := make([][][2]string, len(q.Inputs)) // the file's dt and the day that reads it
	for _, day := range days {
		for i, in := range r.bind(q, day).inputs {
			for _, file := range in.files {
				if path := duck.Quote(r.store.ReadPath(file)); !slices.Contains(bound[i], path) {
					bound[i] = append(bound[i], path)
				}
				of[i] = append(of[i], [2]string{duck.Quote(file.Dt.String()), duck.Quote(day.String())})
			}
		}
	}
	relations := make([]string, len(q.Inputs))
	for i, in := range q.Inputs {
		source := fmt.Sprintf("select *, null::date as day from (%s)", r.project.contract(in.Table).table.Empty())
		if len(bound[i]) > 0 {
			var pairs []string
			for _, pair := range of[i] {
				pairs = append(pairs, fmt.Sprintf("(date %s, date %s)", pair[0], pair[1]))
			}
			source = fmt.Sprintf("select file.*, pair.day from read_parquet([%s], hive_partitioning = false) as file inner join (values %s) as pair(dt, day) on file.dt = pair.dt",
				strings.Join(bound[i], ", "), strings.Join(pairs, ", "))
		}
		relations[i] = fmt.Sprintf("%s as not materialized (%s)", in.name(), source)
	}
	return relations
}
