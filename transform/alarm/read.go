package alarm

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// readCells returns the rates in a file of metric_daily that are neither of a variant nor of a segment.
func (r *runner) readCells(ctx context.Context, f warehouse.File) (cells, error) {
	found := cells{}
	err := r.each(ctx, f, `
		select env, metric, period, vault_type, state, coalesce(reason, ''), coalesce(numerator, 0), coalesce(denominator, 0)
		from `+r.relation(f)+`
		where statistic = 'rate' and variant_id = 'ALL' and segment = 'ALL'`, func(rows *sql.Rows) error {
		var k cellKey
		var s side
		err := rows.Scan(&k.env, &k.metric, &k.period, &k.vaultType, &s.state, &s.reason, &s.numerator, &s.denominator)
		found[k] = s
		return err
	})
	return found, err
}

// readEvaluations returns the rows of a file of alarm_evaluation.
func (r *runner) readEvaluations(ctx context.Context, f warehouse.File) ([]Evaluation, error) {
	var found []Evaluation
	err := r.each(ctx, f, `
		select rule, level, env, vault_type, value, baseline, numerator, denominator, baseline_numerator, baseline_denominator,
			threshold, p_value, state, coalesce(reason, ''), firing_since - date '1970-01-01', coalesce(explanation, '')
		from `+r.relation(f)+`
		order by rule, level, env, vault_type`, func(rows *sql.Rows) error {
		e := Evaluation{Dt: f.Dt}
		var since sql.Null[int64]
		err := rows.Scan(&e.Rule, &e.Level, &e.Env, &e.VaultType, &e.Value, &e.Baseline, &e.Numerator, &e.Denominator, &e.BaselineNumerator,
			&e.BaselineDenominator, &e.Threshold, &e.PValue, &e.State, &e.Reason, &since, &e.Explanation)
		e.FiringSince = sql.Null[bizday.Day]{V: bizday.Day(since.V), Valid: since.Valid}
		found = append(found, e)
		return err
	})
	return found, err
}

func (r *runner) relation(f warehouse.File) string {
	return fmt.Sprintf("read_parquet([%s], hive_partitioning = false)", duck.Quote(r.store.ReadPath(f)))
}

// each runs a query over a file and calls scan for each of its rows.
func (r *runner) each(ctx context.Context, f warehouse.File, text string, scan func(*sql.Rows) error) error {
	rows, err := r.options.DB.Conn().QueryContext(ctx, strings.TrimSpace(text))
	if err == nil {
		defer rows.Close()
		for err == nil && rows.Next() {
			err = scan(rows)
		}
		if err == nil {
			err = rows.Err()
		}
	}
	if err != nil {
		return errs.Wrap(errs.Unexpected, fmt.Sprintf("read %s of %s", f.Table, f.Dt), err)
	}
	return nil
}
