package alarm

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Stored are the files that rules are evaluated from.
type Stored interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	Days(table string) []bizday.Day
	ReadPath(f warehouse.File) string
}

// reader reads what rules are evaluated from.
type reader struct {
	store Stored
	db    *duck.DB
}

// readCells returns the rates of metrics in files of metric_daily by day that are neither of a variant nor of a segment.
func (r reader) readCells(ctx context.Context, metrics []string, files []warehouse.File) (map[bizday.Day]cells, error) {
	found := map[bizday.Day]cells{}
	for _, f := range files {
		found[f.Dt] = cells{}
	}
	err := r.eachOf(ctx, files, `
		select dt - date '1970-01-01', env, metric, period, vault_type, state, coalesce(reason, ''), coalesce(numerator, 0), coalesce(denominator, 0)
		from %s
		where statistic = 'rate' and variant_id = 'ALL' and segment = 'ALL' and metric in (`+quoted(metrics)+`)`, func(rows *sql.Rows) error {
		var dt bizday.Day
		var k cellKey
		var s side
		err := rows.Scan(&dt, &k.env, &k.metric, &k.period, &k.vaultType, &s.state, &s.reason, &s.numerator, &s.denominator)
		if err == nil {
			found[dt][k] = s
		}
		return err
	})
	return found, err
}

// readQuantities returns the rows of metrics in a file of metric_daily.
func (r reader) readQuantities(ctx context.Context, f warehouse.File, metrics []string) (quantities, error) {
	found := quantities{}
	err := r.each(ctx, f, `
		select env, metric, period, vault_type, variant_id, segment, statistic, state, coalesce(reason, ''), numerator, denominator, value
		from `+r.relation(f)+`
		where metric in (`+quoted(metrics)+`)`, func(rows *sql.Rows) error {
		var k quantityKey
		var q quantity
		var numerator, denominator sql.Null[int64]
		var value sql.Null[float64]
		err := rows.Scan(&k.env, &k.metric, &k.period, &k.vaultType, &k.variant, &k.segment, &k.statistic, &q.state, &q.reason, &numerator, &denominator, &value)
		q.numerator, q.denominator = numerator.V, denominator.V
		switch {
		case denominator.V > 0:
			q.exact = q.rate()
		case value.Valid:
			q.exact = new(big.Rat).SetFloat64(value.V)
		}
		found[k] = q
		return err
	})
	return found, err
}

// hitsOf names the column of alert_daily that a rate of variants has above the line.
var hitsOf = map[string]string{"alert_claim_rate_by_variant": "claimed_alerts", "alert_click_rate": "clicked_alerts"}

// readVariants returns the tagged variants of a metric by day and env, of the days of files of alert_daily. Numbers come from
// these, which hide none: which variants stand for a gap is decided by all of them, and states say which may be shown.
func (r reader) readVariants(ctx context.Context, metric string, alerts []warehouse.File) (map[bizday.Day]map[string][]variant, error) {
	found := map[bizday.Day]map[string][]variant{}
	var metrics []warehouse.File
	for _, f := range alerts {
		found[f.Dt] = map[string][]variant{}
		if m, ok := r.store.File(metricTable, f.Dt); ok {
			metrics = append(metrics, m)
		}
	}
	err := r.each(ctx, alerts[len(alerts)-1], `
		select alerts.dt - date '1970-01-01', alerts.env, alerts.variant_id, alerts.alerts, alerts.mature_alerts, alerts.`+hitsOf[metric]+`,
			metrics.state, coalesce(metrics.reason, '')
		from `+r.relation(alerts...)+` as alerts
		inner join `+r.relation(metrics...)+` as metrics
			on alerts.dt = metrics.dt and alerts.env = metrics.env and alerts.variant_id = metrics.variant_id
		where alerts.vault_type = 'ALL' and alerts.variant_id not in ('ALL', 'untagged') and metrics.vault_type = 'ALL'
			and metrics.metric = `+duck.Quote(metric)+` and metrics.statistic = 'rate'
		order by alerts.dt, alerts.env, alerts.variant_id`, func(rows *sql.Rows) error {
		var dt bizday.Day
		var env string
		var v variant
		if err := rows.Scan(&dt, &env, &v.name, &v.sent, &v.mature, &v.side.numerator, &v.side.state, &v.side.reason); err != nil {
			return err
		}
		v.side.denominator = v.mature
		found[dt][env] = append(found[dt][env], v)
		return nil
	})
	return found, err
}

// readUnknown reads the files of a table of those days of which nothing is known. A day without a file stays unknown.
func readUnknown[T any](ctx context.Context, store Stored, table string, days []bizday.Day, known map[bizday.Day]T,
	read func(context.Context, []warehouse.File) (map[bizday.Day]T, error),
) error {
	var files []warehouse.File
	for _, dt := range days {
		if _, isKnown := known[dt]; isKnown {
			continue
		}
		if f, ok := store.File(table, dt); ok {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil
	}
	rows, err := read(ctx, files)
	if err != nil {
		return err
	}
	for _, f := range files {
		known[f.Dt] = rows[f.Dt]
	}
	return nil
}

// readEvaluations returns the rows of files of alarm_evaluation by day, in the order of their key.
func (r reader) readEvaluations(ctx context.Context, files []warehouse.File) (map[bizday.Day][]Evaluation, error) {
	found := map[bizday.Day][]Evaluation{}
	err := r.eachOf(ctx, files, `
		select dt - date '1970-01-01', rule, level, env, vault_type, value, baseline, numerator, denominator, baseline_numerator,
			baseline_denominator, threshold, p_value, state, coalesce(reason, ''), firing_since - date '1970-01-01', coalesce(explanation, ''), peak, peak_on - date '1970-01-01'
		from %s
		order by dt, rule, level, env, vault_type`, func(rows *sql.Rows) error {
		var e Evaluation
		var since, peakOn sql.Null[int64]
		var peak sql.Null[string]
		err := rows.Scan(&e.Dt, &e.Rule, &e.Level, &e.Env, &e.VaultType, &e.Value, &e.Baseline, &e.Numerator, &e.Denominator, &e.BaselineNumerator,
			&e.BaselineDenominator, &e.Threshold, &e.PValue, &e.State, &e.Reason, &since, &e.Explanation, &peak, &peakOn)
		if err == nil && peak.Valid {
			e.Peak, err = parsePeak(peak.V)
			e.PeakOn = bizday.Day(peakOn.V)
		}
		e.FiringSince = sql.Null[bizday.Day]{V: bizday.Day(since.V), Valid: since.Valid}
		found[e.Dt] = append(found[e.Dt], e)
		return err
	})
	return found, err
}

func quoted(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = duck.Quote(name)
	}
	return strings.Join(texts, ", ")
}

func (r reader) relation(files ...warehouse.File) string {
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = r.store.ReadPath(f)
	}
	return fmt.Sprintf("read_parquet([%s], hive_partitioning = false)", quoted(paths))
}

// each runs a query over a file and calls scan for each of its rows.
func (r reader) each(ctx context.Context, f warehouse.File, text string, scan func(*sql.Rows) error) error {
	rows, err := r.db.Conn().QueryContext(ctx, strings.TrimSpace(text))
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
