package transform

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// check opens a new file again and compares it with its contract: columns and types, rows, the key, NULL, accepted values.
// A difference is of class Gate and names model, day, test and number of rows.
func (r *runner) check(ctx context.Context, c *contract, dt bizday.Day, path string) (rows int64, err error) {
	what := fmt.Sprintf("check %s of %s", c.table.Name, dt)
	file := fmt.Sprintf("read_parquet([%s], hive_partitioning = false)", duck.Quote(path))
	columns, err := r.columns(ctx, file)
	if err != nil {
		return 0, errs.Wrap(errs.Unexpected, what, err)
	}
	if !slices.Equal(columns, c.table.Columns) {
		return 0, errs.New(errs.Gate, what+": columns differ from the contract: "+difference(columns, c.table.Columns), "make "+c.file+" and its SQL agree")
	}
	tests := c.tests()
	counts := make([]int64, len(tests)+1)
	targets := []any{&counts[0]}
	selected := "count(*)"
	for i, test := range tests {
		selected += ", " + test.count
		targets = append(targets, &counts[i+1])
	}
	text := fmt.Sprintf("with file as not materialized (select * from %s) select %s from file", file, selected)
	if err := r.options.DB.Conn().QueryRowContext(ctx, text).Scan(targets...); err != nil {
		return 0, errs.Wrap(errs.Unexpected, what, err)
	}
	var broken []string
	for i, test := range tests {
		if counts[i+1] > 0 {
			broken = append(broken, fmt.Sprintf("%s: %d rows", test.name, counts[i+1]))
		}
	}
	if len(broken) > 0 {
		return 0, errs.New(errs.Gate, what+": "+strings.Join(broken, "; "), "correct the model; nothing of this run is published")
	}
	return counts[0], nil
}

func (r *runner) columns(ctx context.Context, source string) ([]warehouse.Column, error) {
	rows, err := r.options.DB.Conn().QueryContext(ctx, "select * from "+source+" limit 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	columns := make([]warehouse.Column, len(types))
	for i, t := range types {
		columns[i] = warehouse.Column{Name: t.Name(), Type: t.DatabaseTypeName()}
	}
	return columns, rows.Err()
}

func difference(got, want []warehouse.Column) string {
	for i := range max(len(got), len(want)) {
		describe := func(columns []warehouse.Column) string {
			if i >= len(columns) {
				return "nothing"
			}
			return columns[i].Name + " " + columns[i].Type
		}
		if g, w := describe(got), describe(want); g != w {
			return fmt.Sprintf("column %d is %s, not %s", i+1, g, w)
		}
	}
	return ""
}

// columnTest counts the rows of the relation "file" that offend.
type columnTest struct{ name, count string }

func (c *contract) tests() []columnTest {
	var tests []columnTest
	if len(c.Key) > 0 {
		key := strings.Join(c.Key, ", ")
		tests = append(tests, columnTest{
			name:  "unique (" + key + ")",
			count: "(select coalesce(sum(copies), 0)::bigint from (select count(*) as copies from file group by " + key + " having count(*) > 1))",
		})
	}
	for _, column := range c.Columns {
		if column.NotNull || slices.Contains(c.Key, column.Name) {
			tests = append(tests, columnTest{"not null " + column.Name, "count(*) - count(" + column.Name + ")"})
		}
		if len(column.Accepted) > 0 {
			quoted := make([]string, len(column.Accepted))
			for i, value := range column.Accepted {
				quoted[i] = duck.Quote(value)
			}
			tests = append(tests, columnTest{
				name:  "accepted values of " + column.Name,
				count: "count(case when " + column.Name + " not in (" + strings.Join(quoted, ", ") + ") then 1 end)",
			})
		}
	}
	return tests
}

// checkInvariant runs a query of sql/tests, which returns the rows that offend.
func (r *runner) checkInvariant(ctx context.Context, q *query, dt bizday.Day) error {
	b := r.bind(q, dt)
	var offending int64
	err := r.options.DB.Conn().QueryRowContext(ctx, "select count(*) from ("+b.sql(r.store.ReadPath)+")", b.arguments(r.options.Params)...).Scan(&offending)
	what := fmt.Sprintf("test %s of %s", q.table.Name, dt)
	if err != nil {
		return errs.Wrap(errs.Unexpected, what, err)
	}
	if offending > 0 {
		return errs.New(errs.Gate, fmt.Sprintf("%s: %d rows offend", what, offending), sqlFile(q.file)+" returns them; nothing of this run is published")
	}
	return nil
}
