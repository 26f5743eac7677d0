package reference

import (
	"math/big"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

// The rules on rates look at so many units at least, and at changes less likely than this.
const (
	minDenominator = int64(30)
	significance   = 0.05
)

// finding is what a daily rule says of one day alone: state is firing, ok, insufficient_data or no_data.
type finding struct {
	value, baseline   *big.Rat
	current, previous *Metric // the sides whose counts are shown; nil: they are not
	p                 *float64
	state, reason     string
	explanation       *Explanation
}

func noData(reason string) finding { return finding{state: "no_data", reason: reason} }

// daily is a daily rule over all days of one env and type.
func (a *alarms) daily(r alarmRule, env, vaultType string) (evaluations []EvaluationRow, fired []AlarmRow) {
	var since *bizday.Day // of the newest run, until an ok day
	var peak *big.Rat     // of that run
	var peakOn *bizday.Day
	firing := map[bizday.Day]*finding{}
	for _, dt := range a.daysOf(env) {
		f := r.finding(a, r, dt, env, vaultType)
		row := EvaluationRow{
			Dt: dt, Rule: r.name, Level: r.level, Env: env, VaultType: vaultType, Value: f.value, Baseline: f.baseline, Threshold: r.threshold,
			PValue: f.p, State: f.state, Reason: f.reason,
		}
		if f.current != nil {
			row.Numerator, row.Denominator = f.current.Numerator, f.current.Denominator
		}
		if f.previous != nil {
			row.BaselineNumerator, row.BaselineDenominator = f.previous.Numerator, f.previous.Denominator
		}
		switch {
		case f.state == "firing":
			if firing[dt-1] == nil {
				since, peak, peakOn = &dt, nil, nil
			}
			if f.value != nil && r.isBeyond(f.value, peak) {
				peak, peakOn = f.value, &dt
			}
			firing[dt], row.Explanation, row.Peak, row.PeakOn = &f, f.explanation, peak, peakOn
		case f.state == "ok" && since != nil:
			row.State, since = "resolved", nil
		}
		row.FiringSince = since
		evaluations = append(evaluations, row)
	}
	for first, f := range firing {
		if firing[first-1] != nil {
			continue
		}
		episode := AlarmRow{Rule: r.name, Level: r.level, Env: env, VaultType: vaultType, State: "firing", Explanation: f.explanation}
		episode.StartedAt, _ = a.Zone.Bounds(first)
		last := first
		for dt := first; firing[dt] != nil; dt++ {
			last = dt
			if value := firing[dt].value; value != nil && r.isBeyond(value, episode.Peak) {
				episode.Peak = value
				episode.PeakAt, _ = a.Zone.Bounds(dt)
			}
		}
		if last != a.newest() {
			episode.EndedAt, _ = a.Zone.Bounds(last + 1)
			episode.State = "resolved"
		}
		fired = append(fired, episode.identified(a.Zone))
	}
	return evaluations, fired
}

// rateOf is a row of metric_daily, nil where there is none.
func (a *alarms) rateOf(dt bizday.Day, env, metric, period, vaultType, variant string) *Metric {
	i := slices.IndexFunc(a.metrics[dt], func(m Metric) bool {
		return m.Env == env && m.Metric == metric && m.Period == period && m.VaultType == vaultType && m.Variant == variant && m.Segment == "ALL" && m.Statistic == "rate"
	})
	if i < 0 {
		return nil
	}
	return &a.metrics[dt][i]
}

// sidesOf returns the rate of a type and the one that it is compared with.
type sidesOf func(vaultType string) (current, previous *Metric)

func quarterChange(a *alarms, r alarmRule, dt bizday.Day, env, vaultType string) finding {
	return relativeChange(r, vaultType, func(vaultType string) (current, previous *Metric) {
		const metric = "vault_claim_rate_by_type"
		return a.rateOf(dt, env, metric, "qtd", vaultType, "ALL"), a.rateOf(dt, env, metric, "prev_qtd", vaultType, "ALL")
	})
}

func dayChange(a *alarms, r alarmRule, dt bizday.Day, env, vaultType string) finding {
	return relativeChange(r, vaultType, func(vaultType string) (current, previous *Metric) {
		const metric = "vault_expire_rate_by_type"
		return a.rateOf(dt, env, metric, "day", vaultType, "ALL"), a.rateOf(dt-1, env, metric, "day", vaultType, "ALL")
	})
}

// relativeChange judges the relative change of a rate. It knows of a side what its row says: that of a quarter with missing days in which
// there was nothing to divide by is a zero denominator, and a hidden one hides whether it is partial or zero.
func relativeChange(r alarmRule, vaultType string, sides sidesOf) finding {
	current, previous := sides(vaultType)
	both := []*Metric{current, previous}
	for _, side := range both {
		if side != nil && side.State == "not_computable" {
			return noData(side.Reason)
		}
	}
	for _, side := range both {
		if side == nil || side.State == "immature" || side.State == "partial" || strings.HasPrefix(side.Reason, "missing_days=") {
			return noData("immature")
		}
	}
	for _, side := range both {
		if side.State == "no_data" {
			return noData("zero_denominator")
		}
	}
	if previous.State != "suppressed" && *previous.Numerator == 0 {
		return noData("zero_baseline")
	}
	for _, side := range both {
		if side.State == "suppressed" {
			return finding{state: "insufficient_data", reason: side.Reason, current: current, previous: previous}
		}
	}
	now, then := big.NewRat(*current.Numerator, *current.Denominator), big.NewRat(*previous.Numerator, *previous.Denominator)
	change := new(big.Rat).Sub(now, then)
	f := finding{value: new(big.Rat).Quo(change, then), baseline: then}.judged(r, current, previous)
	if f.state == "firing" {
		f.explanation = &Explanation{Change: change, Parts: splitOf(vaultType, sides)}
	}
	return f
}

// judged gives a finding with a value its state: small samples first, then the condition.
func (f finding) judged(r alarmRule, current, previous *Metric) finding {
	f.current, f.previous = current, previous
	f.p = twoProportions(*current.Numerator, *current.Denominator, *previous.Numerator, *previous.Denominator)
	switch {
	case *current.Denominator < minDenominator || *previous.Denominator < minDenominator:
		f.state, f.reason = "insufficient_data", "min_denominator"
	case !r.isMet(f.value):
		f.state = "ok"
	case f.p == nil || *f.p >= significance:
		f.state, f.reason = "insufficient_data", "significance"
	default:
		f.state = "firing"
	}
	return f
}
