package alarm

import (
	"cmp"
	"math/big"
	"strings"

	"vaultreport/internal/duck"
)

// variant is one variant of the alerts of a day and env.
type variant struct {
	name         string
	side         side // state and reason as metric_daily has them; the numbers are there also where it hides them
	mature, sent int64
}

// gap is what a rule on variants compares: of those that are looked at the one with the highest and the one with the lowest rate.
type gap struct {
	finding
	highest, lowest string // names; empty where they may not be told, or there is none
}

// findGap evaluates a rule_gap over the tagged variants of a day. whole is the row of all variants.
func (r Rule) findGap(whole side, variants []variant, isFiring bool) gap {
	if whole.standing() == notComputable {
		return gap{finding: finding{state: noData, reason: whole.reason}}
	}
	var highest, lowest *variant
	seen := 0
	for i := range variants {
		v := &variants[i]
		if v.mature < v.sent {
			return gap{finding: finding{state: noData, reason: immature}}
		}
		if v.mature < r.MinDenominator {
			continue
		}
		seen++
		if highest == nil || v.standsFor(highest, 1) {
			highest = v
		}
		if lowest == nil || v.standsFor(lowest, -1) {
			lowest = v
		}
	}
	g := gap{finding: finding{state: insufficientData, reason: fewUnits}}
	if highest != nil {
		g.current, g.highest = highest.shown()
	}
	if seen < 2 {
		return g
	}
	g.baseline, g.lowest = lowest.shown()
	for _, v := range []*variant{highest, lowest} {
		if v.side.state == "suppressed" && v.side.reason == "k" {
			g.reason = v.side.reason
			return g
		}
	}
	change := minus(highest.side.rate(), lowest.side.rate())
	p, hasP := duck.TwoProportionP(highest.side.numerator, highest.side.denominator, lowest.side.numerator, lowest.side.denominator)
	g.reason = ""
	switch {
	case !r.holdsStill(change, isFiring):
		g.state = ok
	case !hasP || p >= r.Significance.double():
		g.reason = perhapsChance
	default:
		g.state = firing
	}
	if g.current != nil && g.baseline != nil {
		g.change, g.baselineRate = change, lowest.side.rate()
		if hasP {
			g.p = &p
		}
	}
	return g
}

// standsFor says whether the variant stands for the highest rates (direction 1) or the lowest ones (-1) before another one:
// at equal rates the one with more alerts, then the first by name.
func (v *variant) standsFor(other *variant, direction int) bool {
	return cmp.Or(-direction*v.side.rate().Cmp(other.side.rate()), cmp.Compare(other.mature, v.mature), strings.Compare(v.name, other.name)) < 0
}

// shown returns the variant's side and name, or nothing where metric_daily hides it.
func (v *variant) shown() (*side, string) {
	if v.side.state == "suppressed" {
		return nil, ""
	}
	return &v.side, v.name
}

// explainGap names the variants of a firing row, and what each has in the gap.
func (r Rule) explainGap(e Evaluation, g gap) explanation {
	if g.change == nil {
		return explanation{text: metricWords(r.Metric) + " in " + e.Env + " differs between variants by more than " + points(r.Threshold.rat) +
			" points. Its numbers are not shown: a variant has too few users, or would tell of one that has."}
	}
	return explanation{
		change: g.change,
		parts: []part{
			{g.highest, "highest", g.current.rate()},
			{g.lowest, "lowest", new(big.Rat).Neg(g.baselineRate)},
		},
		text: metricWords(r.Metric) + " in " + e.Env + " is " + rateWords(*g.current) + " for " + g.highest + " and " + rateWords(*g.baseline) +
			" for " + g.lowest + ": a gap of " + hundredfold(g.change) + " points, threshold " + points(r.Threshold.rat) + ".",
	}
}

// points returns a ratio in percentage points, exactly.
func points(r *big.Rat) string { return strings.TrimSuffix(Ratio{r}.Percent(), "%") }
