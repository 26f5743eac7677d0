package alarm

import (
	"cmp"
	"database/sql"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/bizday"
)

// evaluationRow has the columns of sql/models/alarm_evaluation.yaml.
type evaluationRow struct {
	Dt                  int32    `parquet:"dt,date"`
	Rule                string   `parquet:"rule,dict"`
	Level               string   `parquet:"level,dict"`
	Env                 string   `parquet:"env,dict"`
	VaultType           string   `parquet:"vault_type,dict"`
	Value               *float64 `parquet:"value,optional"`
	Baseline            *float64 `parquet:"baseline,optional"`
	Numerator           *int64   `parquet:"numerator,optional"`
	Denominator         *int64   `parquet:"denominator,optional"`
	BaselineNumerator   *int64   `parquet:"baseline_numerator,optional"`
	BaselineDenominator *int64   `parquet:"baseline_denominator,optional"`
	Threshold           float64  `parquet:"threshold"`
	PValue              *float64 `parquet:"p_value,optional"`
	State               string   `parquet:"state,dict"`
	Reason              *string  `parquet:"reason,optional,dict"`
	FiringSince         *int32   `parquet:"firing_since,optional,date"`
	Explanation         *string  `parquet:"explanation,optional,dict"`
	Peak                *string  `parquet:"peak,optional,dict"`
	PeakOn              *int32   `parquet:"peak_on,optional,date"`
}

// spanRow has the columns of sql/models/alarm_span.yaml.
type spanRow struct {
	Dt         int32    `parquet:"dt,date"`
	Rule       string   `parquet:"rule,dict"`
	Level      string   `parquet:"level,dict"`
	Env        string   `parquet:"env,dict"`
	VaultType  string   `parquet:"vault_type,dict"`
	Place      int64    `parquet:"place"`
	Value      *float64 `parquet:"value,optional"`
	State      string   `parquet:"state,dict"`
	Reason     *string  `parquet:"reason,optional,dict"`
	HoldsSince *int64   `parquet:"holds_since,optional,timestamp(microsecond:local)"`
	HeldUntil  *int64   `parquet:"held_until,optional,timestamp(microsecond:local)"`
	StartedAt  *int64   `parquet:"started_at,optional,timestamp(microsecond:local)"`
	EndedAt    *int64   `parquet:"ended_at,optional,timestamp(microsecond:local)"`
	Peak       *string  `parquet:"peak,optional,dict"`
	PeakAt     *int64   `parquet:"peak_at,optional,timestamp(microsecond:local)"`
}

// alarmRow has the columns of sql/models/alarm.yaml.
type alarmRow struct {
	Dt          int32    `parquet:"dt,date"`
	AlarmID     string   `parquet:"alarm_id,dict"`
	Rule        string   `parquet:"rule,dict"`
	Level       string   `parquet:"level,dict"`
	Env         string   `parquet:"env,dict"`
	VaultType   string   `parquet:"vault_type,dict"`
	StartedAt   int64    `parquet:"started_at,timestamp(microsecond:local)"`
	EndedAt     *int64   `parquet:"ended_at,optional,timestamp(microsecond:local)"`
	Peak        *float64 `parquet:"peak,optional"`
	PeakAt      *int64   `parquet:"peak_at,optional,timestamp(microsecond:local)"`
	State       string   `parquet:"state,dict"`
	Severity    string   `parquet:"severity,dict"`
	RuleDigest  string   `parquet:"rule_digest,dict"`
	Explanation string   `parquet:"explanation,dict"`
}

func evaluationRows(all []Evaluation) []evaluationRow {
	rows := make([]evaluationRow, len(all))
	for i, e := range all {
		rows[i] = evaluationRow{
			Dt: int32(e.Dt), Rule: e.Rule, Level: e.Level, Env: e.Env, VaultType: e.VaultType, Value: orNull(e.Value), Baseline: orNull(e.Baseline),
			Numerator: orNull(e.Numerator), Denominator: orNull(e.Denominator),
			BaselineNumerator: orNull(e.BaselineNumerator), BaselineDenominator: orNull(e.BaselineDenominator),
			Threshold: e.Threshold, PValue: orNull(e.PValue), State: e.State, Reason: textOrNull(e.Reason), Explanation: textOrNull(e.Explanation),
		}
		if e.FiringSince.Valid {
			rows[i].FiringSince = new(int32(e.FiringSince.V))
		}
		if e.Peak != nil {
			rows[i].Peak, rows[i].PeakOn = new(peakText(e.Peak)), new(int32(e.PeakOn))
		}
	}
	return rows
}

func spanRows(dt bizday.Day, all []momentRow) []spanRow {
	at := func(micros int64) *int64 { return orNull(sql.Null[int64]{V: micros, Valid: micros != open}) }
	rows := make([]spanRow, len(all))
	for i, m := range all {
		rows[i] = spanRow{
			Dt: int32(dt), Rule: m.rule, Level: m.level, Env: m.env, VaultType: m.vaultType, Place: m.place, Value: orNull(m.value),
			State: m.state, Reason: textOrNull(m.reason),
		}
		if m.place > 0 {
			rows[i].HoldsSince, rows[i].HeldUntil, rows[i].StartedAt, rows[i].EndedAt = at(m.since), at(m.until), at(m.started), at(m.ended)
			rows[i].Peak, rows[i].PeakAt = new(peakText(m.peak)), at(m.peakAt)
		}
	}
	return rows
}

// alarmRows returns the rows of alarms in the order of their ids.
func alarmRows(alarms []Alarm) []alarmRow {
	at := func(t *time.Time) *int64 {
		if t == nil {
			return nil
		}
		return new(t.UnixMicro())
	}
	rows := make([]alarmRow, len(alarms))
	for i, a := range alarms {
		rows[i] = alarmRow{
			Dt: int32(a.Dt), AlarmID: a.ID, Rule: a.Rule, Level: a.Level, Env: a.Env, VaultType: a.VaultType, StartedAt: a.StartedAt.UnixMicro(),
			EndedAt: at(a.EndedAt), Peak: orNull(a.Peak), PeakAt: at(a.PeakAt), State: a.State, Severity: a.Level, RuleDigest: a.RuleDigest,
			Explanation: a.Explanation,
		}
	}
	slices.SortFunc(rows, func(a, b alarmRow) int { return cmp.Compare(a.AlarmID, b.AlarmID) })
	return rows
}

func orNull[T any](value sql.Null[T]) *T {
	if !value.Valid {
		return nil
	}
	return &value.V
}

func textOrNull(text string) *string { return orNull(sql.Null[string]{V: text, Valid: text != ""}) }

// peakText and parsePeak write and read a peak exactly: a whole number or a fraction, with commas between the thousands.
func peakText(peak *big.Rat) string { return grouped(peak.RatString()) }

func parsePeak(text string) (*big.Rat, error) {
	peak, isNumber := new(big.Rat).SetString(strings.ReplaceAll(text, ",", ""))
	if !isNumber {
		return nil, fmt.Errorf("peak %q is no number", text)
	}
	return peak, nil
}
