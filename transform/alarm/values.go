package alarm

import (
	"database/sql"
	"time"

	"vaultreport/internal/bizday"
)

// evaluationValues returns rows in the columns of sql/models/alarm_evaluation.yaml.
func evaluationValues(rows []Evaluation) [][]any {
	values := make([][]any, len(rows))
	for i, e := range rows {
		values[i] = []any{
			e.Dt.String(), e.Rule, e.Level, e.Env, e.VaultType, orNull(e.Value), orNull(e.Baseline), orNull(e.Numerator), orNull(e.Denominator),
			orNull(e.BaselineNumerator), orNull(e.BaselineDenominator), e.Threshold, orNull(e.PValue), e.State, textOrNull(e.Reason),
			dayOrNull(e.FiringSince), textOrNull(e.Explanation),
		}
	}
	return values
}

// spanValues returns rows in the columns of sql/models/alarm_span.yaml.
func spanValues(dt bizday.Day, rows []momentRow) [][]any {
	at := func(micros int64) any {
		if micros == open {
			return nil
		}
		return instant(time.UnixMicro(micros).UTC())
	}
	values := make([][]any, len(rows))
	for i, m := range rows {
		values[i] = []any{dt.String(), m.rule, m.level, m.env, m.vaultType, m.place, orNull(m.value), m.state, textOrNull(m.reason), nil, nil, nil, nil, nil, nil}
		if m.place > 0 {
			copy(values[i][9:], []any{at(m.since), at(m.until), at(m.started), at(m.ended), grouped(m.peak.RatString()), at(m.peakAt)})
		}
	}
	return values
}

// alarmValues returns rows in the columns of sql/models/alarm.yaml.
func alarmValues(alarms []Alarm) [][]any {
	values := make([][]any, len(alarms))
	for i, a := range alarms {
		var ended, peakAt any
		if a.EndedAt != nil {
			ended = instant(*a.EndedAt)
		}
		if a.PeakAt != nil {
			peakAt = instant(*a.PeakAt)
		}
		values[i] = []any{
			a.Dt.String(), a.ID, a.Rule, a.Level, a.Env, a.VaultType, instant(a.StartedAt), ended, orNull(a.Peak), peakAt, a.State,
			a.Level, a.RuleDigest, a.Explanation,
		}
	}
	return values
}

func instant(t time.Time) string { return t.Format("2006-01-02 15:04:05.000000") }

func orNull[T any](value sql.Null[T]) any {
	if !value.Valid {
		return nil
	}
	return value.V
}

func textOrNull(text string) any { return orNull(sql.Null[string]{V: text, Valid: text != ""}) }

func dayOrNull(day sql.Null[bizday.Day]) any {
	return orNull(sql.Null[string]{V: day.V.String(), Valid: day.Valid})
}
