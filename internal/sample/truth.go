package sample

import (
	"cmp"
	"math"
	"slices"
)

// The rules on rates fire when a condition holds on enough units and is significant; which days that are depends on
// the size of the sample. So the flows of prod are added up here as the life makes them, by docs/definitions.md 4 and
// 6, and the incidents follow from them: the product is never asked what the truth is.
const (
	minDenominator = 30
	significance   = 0.05
)

// flow is one type's part of a day.
type flow struct{ openStart, liveStart, eligible, total, claimed, expired int }

func (f flow) plus(g flow) flow {
	return flow{f.openStart + g.openStart, f.liveStart + g.liveStart, f.eligible + g.eligible, f.total + g.total,
		f.claimed + g.claimed, f.expired + g.expired}
}

// flowsOf returns the flows of the day last lived per type, and in the last place those of ALL.
func (l *life) flowsOf(d day) [lifeTypes + 1]flow {
	var flows [lifeTypes + 1]flow
	first := d == l.schedule.first
	for i := range l.users[:l.joined] {
		u := &l.users[i]
		if first && !u.listed(d) {
			continue
		}
		for t := range u.vaults {
			v, f := &u.vaults[t], &flows[t]
			open := v.before == unlocked && !first
			live := v.before.live() && !first
			fresh := first || v.today&wasStarted != 0
			f.openStart += one(open)
			f.liveStart += one(live)
			f.claimed += one(v.today&wasClaimed != 0)
			f.expired += one(v.today&wasExpired != 0)
			f.eligible += one(open || v.today&(wasUnlocked|wasReopened|wasClaimed) != 0 || fresh && v.status == unlocked)
			f.total += one(live || fresh || v.today&(wasUnlocked|wasReopened|wasExpired) != 0)
		}
	}
	for t := range lifeTypes {
		flows[lifeTypes] = flows[lifeTypes].plus(flows[t])
	}
	return flows
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// truth collects what the rules on rates need from every day of prod.
type truth struct {
	schedule schedule
	flows    [][lifeTypes + 1]flow
	tagged   []taggedRun
}

func (t *truth) add(l *life, d day) {
	t.flows = append(t.flows, l.flowsOf(d))
	t.tagged = append(t.tagged, l.tagged)
}

// incidents returns every day on which a rule fires, by day and rule.
func (t *truth) incidents() []Incident {
	found := []Incident{}
	for d := t.schedule.first; d <= t.schedule.last; d++ {
		found = append(found, t.schedule.onEventTime(d)...)
		if t.spikes(d) {
			found = append(found, Incident{d.String(), sweepOvershoots.rule, t.cause(sweepOvershoots, d)})
		}
		if t.parts(d) {
			found = append(found, Incident{d.String(), variantsPart.rule, t.cause(variantsPart, d)})
		}
		if t.drops(d) {
			cause := claimDropCause
			if !t.schedule.claimsHidden(d) {
				cause = byChance
			}
			found = append(found, Incident{d.String(), "claim_rate_drop", cause})
		}
	}
	slices.SortFunc(found, func(a, b Incident) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Cause, b.Cause))
	})
	return found
}

const byChance = "not scheduled: in a sample of this size the ordinary flows meet the condition"

func (t *truth) cause(p planned, d day) string {
	if t.schedule.on(p, d) {
		return p.cause
	}
	return byChance
}

// spikes evaluates expire_rate_spike: over 15 % more than the day before.
func (t *truth) spikes(d day) bool {
	if d == t.schedule.first {
		return false
	}
	today, before := t.flows[d-t.schedule.first], t.flows[d-t.schedule.first-1]
	for i := range today {
		x1, n1, x0, n0 := today[i].expired, today[i].total, before[i].expired, before[i].total
		if n1 >= minDenominator && n0 >= minDenominator && x0 > 0 && 100*x1*n0 > 115*x0*n1 && differs(x1, n1, x0, n0) {
			return true
		}
	}
	return false
}

// drops evaluates claim_rate_drop: the quarter to date over 20 % below the aligned quarter before.
func (t *truth) drops(d day) bool {
	quarter := d.quarter()
	previous := (quarter - 1).quarter()
	until := min(previous+(d-quarter), quarter-1)
	if previous < t.schedule.first {
		return false
	}
	for i := range lifeTypes + 1 {
		x1, n1 := t.claimRate(i, quarter, d)
		x0, n0 := t.claimRate(i, previous, until)
		if n1 >= minDenominator && n0 >= minDenominator && x0 > 0 && 100*x1*n0 < 80*x0*n1 && differs(x1, n1, x0, n0) {
			return true
		}
	}
	return false
}

func (t *truth) claimRate(i int, from, to day) (claimed, eligible int) {
	for d := from; d <= to; d++ {
		f := t.flows[d-t.schedule.first][i]
		claimed += f.claimed
		eligible += f.eligible - f.openStart
	}
	return claimed, eligible + t.flows[from-t.schedule.first][i].openStart
}

// parts evaluates variant_claim_gap: over 15 points between the variants. The last day's alerts are never mature.
func (t *truth) parts(d day) bool {
	run := t.tagged[d-t.schedule.first]
	x1, n1, x0, n0 := run.hits[0], run.sent[0], run.hits[1], run.sent[1]
	gap := x1*n0 - x0*n1
	return d < t.schedule.last && n1 >= minDenominator && n0 >= minDenominator && 100*max(gap, -gap) > 15*n1*n0 &&
		differs(x1, n1, x0, n0)
}

// differs is the two-proportion test with pooled variance.
func differs(x1, n1, x0, n0 int) bool {
	pooled := float64(x1+x0) / float64(n1+n0)
	if pooled == 0 || pooled == 1 {
		return false
	}
	z := (float64(x1)/float64(n1) - float64(x0)/float64(n0)) /
		math.Sqrt(pooled*(1-pooled)*(1/float64(n1)+1/float64(n0)))
	return math.Erfc(math.Abs(z)/math.Sqrt2) < significance
}
