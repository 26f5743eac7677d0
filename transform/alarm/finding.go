package alarm

import (
	"math/big"

	"vaultreport/internal/duck"
)

// States of a day of a daily rule (docs/definitions.md section 6).
const (
	firing           = "firing"
	pending          = "pending"  // the condition holds, for is not yet over
	resolved         = "resolved" // the first ok day after a firing one; on event time, an alarm ended on the day
	ok               = "ok"
	insufficientData = "insufficient_data"
	noData           = "no_data"
)

// Reasons of a state, where no side has one of its own.
const (
	immature        = "immature"         // a side is missing or not mature
	zeroDenominator = "zero_denominator" // a side has nothing to divide by
	zeroBaseline    = "zero_baseline"
	fewUnits        = "min_denominator"
	perhapsChance   = "significance"
	noRows          = "no_rows" // there was no value at any instant
)

// finding is what a rule says about a pair of sides. What may not or cannot be told is nil.
type finding struct {
	state, reason        string
	current, baseline    *side
	change, baselineRate *big.Rat
	p                    *float64
}

// find evaluates a rule on the change of a rate. The first state that applies holds: no_data, insufficient_data, then the
// condition. isFiring says that the rule fired on the day before.
func (r Rule) find(p pair, isFiring bool) finding {
	is := func(s standing) bool { return p.current.standing() == s || p.baseline.standing() == s }
	switch {
	case is(notComputable):
		return finding{state: noData, reason: p.reasonOf(notComputable)}
	case is(missing):
		return finding{state: noData, reason: immature}
	case is(empty):
		return finding{state: noData, reason: zeroDenominator}
	case p.baseline.standing() == known && p.baseline.numerator == 0:
		return finding{state: noData, reason: zeroBaseline}
	case is(hidden):
		// A side of fewer than k users has fewer units than a rule can use, and its numbers may not be shown.
		f := finding{state: insufficientData, reason: p.reasonOf(hidden)}
		if p.current.standing() == known {
			f.current = &p.current
		}
		if p.baseline.standing() == known {
			f.baseline = &p.baseline
		}
		return f
	}
	f := finding{current: &p.current, baseline: &p.baseline, change: p.change(), baselineRate: p.baseline.rate()}
	if value, ok := duck.TwoProportionP(p.current.numerator, p.current.denominator, p.baseline.numerator, p.baseline.denominator); ok {
		f.p = &value
	}
	switch {
	case min(p.current.denominator, p.baseline.denominator) < r.MinDenominator:
		f.state, f.reason = insufficientData, fewUnits
	case !r.holdsStill(f.change, isFiring):
		f.state = ok
	case f.p == nil || *f.p >= r.Significance.double():
		f.state, f.reason = insufficientData, perhapsChance
	default:
		f.state = firing
	}
	return f
}

// reasonOf returns the reason of the first side of a standing.
func (p pair) reasonOf(s standing) string {
	if p.current.standing() == s {
		return p.current.reason
	}
	return p.baseline.reason
}

// holdsStill says whether a value meets the condition: at exactly the threshold it does not. One that held before goes on
// while the value lies beyond clear.
func (r Rule) holdsStill(value *big.Rat, held bool) bool {
	return r.beyond(value, r.Threshold.rat) || held && r.beyond(value, r.cleared().rat)
}

// beyond says whether a lies farther in the direction of the rule than b.
func (r Rule) beyond(a, b *big.Rat) bool {
	if r.Op == "<" {
		return a.Cmp(b) < 0
	}
	return a.Cmp(b) > 0
}
