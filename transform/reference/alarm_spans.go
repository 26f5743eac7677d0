package reference

import (
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// alarmSpan is a maximal span [from, to) in which a condition holds; to is forever while it holds just before the end of the newest day.
type alarmSpan struct {
	from, to int64
	peak     *big.Rat
	peakAt   int64
}

// instants are those of extracted days at which a value may become another one, and the starts of days. Between two of them nothing happens.
func (a *alarms) instants(r alarmRule, env string) []int64 {
	all := r.changes(a, env)
	for _, dt := range a.sorted() {
		start, end := a.Zone.Bounds(dt)
		all = append(all, start, end)
	}
	_, last := a.Zone.Bounds(a.newest())
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(t int64) bool { return t >= last })
}

// valueAt is the value at an instant; what is not extracted has none, and lines of a kind that no source has count for nothing.
func (a *alarms) valueAt(r alarmRule, env string, t int64) *big.Rat {
	dt := a.Zone.DayOf(t)
	if !a.isExtracted(dt) || !r.alwaysHasValue && a.lack(r, dt, env) != "" {
		return nil
	}
	return r.value(a, env, t)
}

// lack is the first kind of event that a rule needs and that no source of the env has on a day.
func (a *alarms) lack(r alarmRule, dt bizday.Day, env string) string {
	for _, kind := range r.kinds {
		if !a.emits(dt, env, kind) {
			return kind
		}
	}
	return ""
}

// spans are all spans in which the condition of a rule holds.
func (a *alarms) spans(r alarmRule, env string) (found []alarmSpan) {
	var now *alarmSpan
	for _, t := range a.instants(r, env) {
		value := a.valueAt(r, env, t)
		switch isMet := r.isMet(value); {
		case isMet && now == nil:
			now = &alarmSpan{from: t, to: forever, peak: value, peakAt: t}
		case isMet && r.isBeyond(value, now.peak):
			now.peak, now.peakAt = value, t
		case !isMet && now != nil:
			now.to = t
			found, now = append(found, *now), nil
		}
	}
	if now != nil {
		found = append(found, *now)
	}
	return found
}

// fires says whether `for` has passed while the condition held, as far as the days tell: the end of the newest day ends nothing.
func (a *alarms) fires(r alarmRule, s alarmSpan) bool {
	_, last := a.Zone.Bounds(a.newest())
	return min(s.to, last) > s.from+r.pending
}

// onEventTime is a rule on event time in one env.
func (a *alarms) onEventTime(r alarmRule, env string) (evaluations []EvaluationRow, fired []AlarmRow) {
	spans := a.spans(r, env)
	instants := a.instants(r, env)
	for _, dt := range a.daysOf(env) {
		row := EvaluationRow{Dt: dt, Rule: r.name, Level: r.level, Env: env, VaultType: "ALL", Threshold: r.threshold}
		start, end := a.Zone.Bounds(dt)
		for _, t := range instants {
			if t < start || t >= end {
				continue
			}
			if value := a.valueAt(r, env, t); value != nil && (row.Value == nil || r.isBeyond(value, row.Value)) {
				row.Value = value
			}
		}
		row.State = a.stateAtTheEnd(r, spans, dt, row.Value != nil)
		switch lack := a.lack(r, dt, env); {
		case row.State == "no_data" && lack == "":
			row.Reason = "no_rows"
		case row.State == "no_data", row.State == "ok":
			row.Reason = lack
		case row.State == "firing":
			row.FiringSince = a.firingSince(r, spans, dt)
		}
		evaluations = append(evaluations, row)
	}
	for _, s := range spans {
		if !a.fires(r, s) {
			continue
		}
		row := AlarmRow{
			Rule: r.name, Level: r.level, Env: env, VaultType: "ALL", StartedAt: s.from + r.pending, Peak: s.peak, PeakAt: s.peakAt, State: "firing",
		}
		if s.to != forever {
			row.EndedAt, row.State = s.to, "resolved"
		}
		fired = append(fired, row.identified(a.Zone))
	}
	return evaluations, fired
}

// firingSince is the day on which the alarm began that fires at the end of a day.
func (a *alarms) firingSince(r alarmRule, spans []alarmSpan, dt bizday.Day) *bizday.Day {
	_, end := a.Zone.Bounds(dt)
	i := slices.IndexFunc(spans, func(s alarmSpan) bool { return s.from < end && s.to >= end })
	since := a.Zone.DayOf(spans[i].from + r.pending)
	return &since
}

// stateAtTheEnd is the state just before the end of a day. A span that ended before `for` had passed was no alarm, and resolves nothing.
func (a *alarms) stateAtTheEnd(r alarmRule, spans []alarmSpan, dt bizday.Day, hasValue bool) string {
	start, end := a.Zone.Bounds(dt)
	for _, s := range spans {
		if s.from < end && s.to >= end {
			if s.from+r.pending < end {
				return "firing"
			}
			return "pending"
		}
	}
	for _, s := range spans {
		if a.fires(r, s) && start <= s.to && s.to < end {
			return "resolved"
		}
	}
	if !hasValue && !r.alwaysHasValue {
		return "no_data"
	}
	return "ok"
}
