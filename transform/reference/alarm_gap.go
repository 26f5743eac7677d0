package reference

import (
	"cmp"
	"maps"
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// variantRate is a tagged variant on a day: how many of its alerts a claim follows, and why metric_daily does not say so.
type variantRate struct {
	name, hidden string
	counts       *Metric
	rate         *big.Rat
}

// shown is the counts that may be told.
func (v variantRate) shown() *Metric {
	if v.hidden != "" {
		return nil
	}
	return v.counts
}

// variantGap is the highest rate of the tagged variants less the lowest. While an alert of one of them is not mature there is no data, since
// the rule looks at a day once mature. What is hidden is looked at all the same, and not told; with a side below k there is too little data.
func variantGap(a *alarms, r alarmRule, dt bizday.Day, env, _ string) finding {
	const metric = "alert_claim_rate_by_variant"
	if total := a.rateOf(dt, env, metric, "day", "ALL", "ALL"); total.State == "not_computable" {
		return noData(total.Reason)
	}
	hits, sent := map[string]int64{}, map[string]int64{}
	claims := a.everyEvent(env, "VAULT_CLAIMED")
	for _, e := range a.events(dt, env, "ALERT_SENT") {
		if e.Variant == "" {
			continue
		}
		if !a.isMature(e.TS, e.TS+day) {
			return noData("immature")
		}
		sent[e.Variant]++
		if slices.ContainsFunc(claims, claimOf(e, day)) {
			hits[e.Variant]++
		}
	}
	var variants []variantRate
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		if n, d := hits[name], sent[name]; d >= minDenominator {
			v := variantRate{name: name, counts: &Metric{Numerator: &n, Denominator: &d}, rate: big.NewRat(n, d)}
			if row := a.rateOf(dt, env, metric, "day", "ALL", name); row.State == "suppressed" {
				v.hidden = row.Reason
			}
			variants = append(variants, v)
		}
	}
	if len(variants) < 2 {
		f := finding{state: "insufficient_data", reason: "min_denominator"}
		for _, v := range variants {
			f.current = v.shown()
		}
		return f
	}
	// At equal rates the larger denominator stands for its side, then the first name.
	inFront := func(v, w variantRate) int { return cmp.Compare(*w.counts.Denominator, *v.counts.Denominator) }
	highest := slices.MinFunc(variants, func(v, w variantRate) int { return cmp.Or(w.rate.Cmp(v.rate), inFront(v, w)) })
	lowest := slices.MinFunc(variants, func(v, w variantRate) int { return cmp.Or(v.rate.Cmp(w.rate), inFront(v, w)) })
	if highest.hidden == "k" || lowest.hidden == "k" {
		return finding{state: "insufficient_data", reason: "k", current: highest.shown(), previous: lowest.shown()}
	}
	gap := less(highest.rate, lowest.rate)
	f := finding{value: gap, baseline: lowest.rate}.judged(r, highest.counts, lowest.counts)
	if highest.hidden != "" || lowest.hidden != "" {
		return finding{state: f.state, reason: f.reason, current: highest.shown(), previous: lowest.shown()}
	}
	if f.state == "firing" {
		f.explanation = &Explanation{Change: gap, Parts: []Part{
			{highest.name, "highest", highest.rate},
			{lowest.name, "lowest", new(big.Rat).Neg(lowest.rate)},
		}}
	}
	return f
}
