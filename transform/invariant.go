package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// checkInvariants runs the queries of sql/tests over the days that were built and not tested yet, all at once because a
// query costs more than a file. A query returns the rows that offend; its relations have a column more than their tables:
// day, the day that is tested, which for an input of an earlier day is not the row's dt.
func (r *runner) checkInvariants(ctx context.Context) error {
	if len(r.untested) == 0 {
		return nil
	}
	for _, q := range r.project.invariants {
		what := "test " + q.table.Name
		var faults []string
		text := "select day::varchar, count(*) from (" + q.statement.bind(r.relations(q, r.untested)) + ") group by day order by day"
		err := r.each(ctx, text, func(rows *sql.Rows) error {
			var day string
			var n int64
			if err := rows.Scan(&day, &n); err != nil {
				return err
			}
			faults = append(faults, fmt.Sprintf("%s: %d rows offend", day, n))
			return nil
		}, r.options.Params.named(q.Parameters)...)
		if err != nil {
			return errs.Wrap(errs.Unexpected, what, err)
		}
		if len(faults) > 0 {
			return errs.New(errs.Gate, what+" of "+strings.Join(faults, "; "), sqlFile(q.file)+" returns them; nothing of this run is published")
		}
	}
	r.untested = nil
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
