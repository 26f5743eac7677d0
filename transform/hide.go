package transform

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"vaultreport/warehouse"
)

// resultTable holds the result of a model with suppression until its cells are judged. It is a temporary table in memory.
const resultTable = "unsuppressed_result"

// Columns that a suppressed row does not show.
var hiddenColumns = []string{"value", "numerator", "denominator", "sample_size", "users", "ci_low", "ci_high"}

// stageSuppressed runs the query into a table in memory, suppresses its cells, and returns the query of what may be written.
func (s session) stageSuppressed(ctx context.Context, m *model, text string, args []any) (string, error) {
	if err := s.exec(ctx, "create or replace temp table "+resultTable+" as "+text, args...); err != nil {
		return "", err
	}
	ids, cells, err := s.cells(ctx)
	if err != nil {
		return "", err
	}
	rowsOf := map[string][]string{}
	for i, reason := range suppressed(cells, int64(s.options.Params.K)) {
		if reason != shown {
			rowsOf[reason] = append(rowsOf[reason], fmt.Sprint(ids[i]))
		}
	}
	for _, reason := range []string{fewUsers, complementary} {
		if len(rowsOf[reason]) == 0 {
			continue
		}
		update := fmt.Sprintf("update %s set state = 'suppressed', reason = '%s', %s = null where rowid in (%s)",
			resultTable, reason, strings.Join(hiddenColumns, " = null, "), strings.Join(rowsOf[reason], ", "))
		if err := s.exec(ctx, update); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("select %s from %s order by %s", columnList(m.table.Columns), resultTable, strings.Join(m.Key, ", ")), nil
}

func (s session) cells(ctx context.Context) (ids []int64, cells []cell, err error) {
	err = s.each(ctx, `
		select rowid, env, metric, period, statistic, vault_type, variant_id, segment, users, state <> 'not_computable'
		from `+resultTable+` order by rowid`, func(rows *sql.Rows) error {
		var id int64
		var c cell
		var users sql.NullInt64
		err := rows.Scan(&id, &c.Scope.Env, &c.Scope.Metric, &c.Scope.Period, &c.Scope.Statistic,
			&c.Dimensions[0], &c.Dimensions[1], &c.Dimensions[2], &users, &c.Computable)
		c.Users = users.Int64
		ids, cells = append(ids, id), append(cells, c)
		return err
	})
	return ids, cells, err
}

func columnList(columns []warehouse.Column) string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return strings.Join(names, ", ")
}
