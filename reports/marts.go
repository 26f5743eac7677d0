package reports

import (
	"context"
	"database/sql"
	"fmt"

	"vaultreport/internal/bizday"
)

// marts is all that a report may show: the rows of its day. Sections read it and nothing else.
type marts struct {
	day     bizday.Day
	cells   map[cellKey]cell
	keys    map[metricKey][]cellKey // of cells
	changes map[changeKey]change
	ledger  []ledgerLine // order: source, file, reason

	restated    []restatedCells // order: cause
	evaluations []evaluation
	stretches   []stretch // order: rule, level, env, type, time

	alarms, published map[string]alarmRow // that start on the day, by id, now and in the publication before; nil: not published, or the same
}

// all is the total of a split: the value of vault_type, variant_id and segment that is no part.
const all = "ALL"

type cellKey struct{ env, metric, period, vaultType, variant, segment, statistic string }

type metricKey struct{ env, metric string }

type cell struct {
	value, ciLow, ciHigh   sql.Null[float64]
	numerator, denominator sql.Null[int64]
	sampleSize             sql.Null[int64]
	state, unit            string
	reason                 sql.Null[string]
}

type changeKey struct{ env, metric, vaultType, variant, segment, statistic, comparison string }

type change struct {
	baseline, absolute, relative, pValue sql.Null[float64]
	state                                string
	reason                               sql.Null[string]
}

type ledgerLine struct {
	source, file, reason string
	rows                 int64
}

// restatedCells are values of the day that changed, for one cause, after the day was published.
type restatedCells struct {
	cause string
	cells int64
	last  string // day for which they changed last, YYYY-MM-DD
}

// martPaths are where the files are. alarms and published are empty where both are the same, or the day is new; restated where
// nothing was.
type martPaths struct{ daily, change, ledger, evaluation, span, restated, alarms, published string }

func loadMarts(ctx context.Context, conn *sql.Conn, day bizday.Day, paths martPaths) (*marts, error) {
	m := &marts{day: day, cells: map[cellKey]cell{}, keys: map[metricKey][]cellKey{}, changes: map[changeKey]change{}}
	if err := query(ctx, conn, "metric_daily", dailyQuery, paths.daily, m.addCell); err != nil {
		return nil, err
	}
	if err := query(ctx, conn, "metric_change", changeQuery, paths.change, m.addChange); err != nil {
		return nil, err
	}
	if err := query(ctx, conn, "row_ledger", ledgerQuery, paths.ledger, m.addLedgerLine); err != nil {
		return nil, err
	}
	if err := query(ctx, conn, "alarm_evaluation", evaluationQuery, paths.evaluation, m.addEvaluation); err != nil {
		return nil, err
	}
	if err := query(ctx, conn, "alarm_span", stretchQuery, paths.span, m.addStretch); err != nil {
		return nil, err
	}
	if paths.restated != "" {
		if err := query(ctx, conn, restatementTable, restatedQuery, paths.restated, m.addRestated); err != nil {
			return nil, err
		}
	}
	if paths.published == "" {
		return m, nil
	}
	m.alarms, m.published = map[string]alarmRow{}, map[string]alarmRow{}
	if err := query(ctx, conn, "alarm", alarmQuery, paths.alarms, addAlarm(m.alarms)); err != nil {
		return nil, err
	}
	if err := query(ctx, conn, "alarm", alarmQuery, paths.published, addAlarm(m.published)); err != nil {
		return nil, err
	}
	return m, nil
}

const dailyQuery = `select env, metric, period, vault_type, variant_id, segment, statistic,
    value, ci_low, ci_high, numerator, denominator, sample_size, state, reason, unit
from read_parquet([?])`

func (m *marts) addCell(rows *sql.Rows) error {
	var k cellKey
	var c cell
	err := rows.Scan(&k.env, &k.metric, &k.period, &k.vaultType, &k.variant, &k.segment, &k.statistic,
		&c.value, &c.ciLow, &c.ciHigh, &c.numerator, &c.denominator, &c.sampleSize, &c.state, &c.reason, &c.unit)
	m.cells[k] = c
	of := metricKey{k.env, k.metric}
	m.keys[of] = append(m.keys[of], k)
	return err
}

const changeQuery = `select env, metric, vault_type, variant_id, segment, statistic, comparison,
    baseline, absolute, relative, p_value, state, reason
from read_parquet([?])`

func (m *marts) addChange(rows *sql.Rows) error {
	var k changeKey
	var c change
	err := rows.Scan(&k.env, &k.metric, &k.vaultType, &k.variant, &k.segment, &k.statistic, &k.comparison,
		&c.baseline, &c.absolute, &c.relative, &c.pValue, &c.state, &c.reason)
	m.changes[k] = c
	return err
}

// The split by env is left: a line refused before its env was known has none.
const ledgerQuery = `select source, file, reason, sum(rows)::bigint as rows
from read_parquet([?])
group by source, file, reason
order by source, file, reason`

func (m *marts) addLedgerLine(rows *sql.Rows) error {
	var l ledgerLine
	err := rows.Scan(&l.source, &l.file, &l.reason, &l.rows)
	m.ledger = append(m.ledger, l)
	return err
}

// A cell that changed several times counts once.
const restatedQuery = `select cause, count(distinct (env, metric, period, vault_type, variant_id, segment, statistic)) as cells, max(as_of)::varchar as last
from read_parquet([?])
group by cause
order by cause`

func (m *marts) addRestated(rows *sql.Rows) error {
	var r restatedCells
	err := rows.Scan(&r.cause, &r.cells, &r.last)
	m.restated = append(m.restated, r)
	return err
}

// query runs text, of which ? stands for the file, and gives each row to add.
func query(ctx context.Context, conn *sql.Conn, table, text, path string, add func(*sql.Rows) error) error {
	rows, err := conn.QueryContext(ctx, text, path)
	if err != nil {
		return fmt.Errorf("read table %s: %w", table, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := add(rows); err != nil {
			return fmt.Errorf("read table %s: %w", table, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read table %s: %w", table, err)
	}
	return nil
}
