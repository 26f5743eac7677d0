package alarm

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// Trial is what a rule would have found on days.
type Trial struct {
	Rule        Rule
	Evaluations []Evaluation // by day, env and type
	Alarms      []Alarm      // by start, env and type
}

// Try replays rules, as Replay does, and returns a trial for each. They may be one rule under several thresholds: names and
// levels need not differ, and what they read is read once.
func Try(ctx context.Context, store Stored, o Options, rules []Rule, first, last bizday.Day) ([]Trial, error) {
	trials := make([]Trial, len(rules))
	places := map[string]int{}
	o.Rules = slices.Clone(rules)
	for i, r := range rules {
		trials[i] = Trial{Rule: r}
		o.Rules[i].Name = fmt.Sprintf("%s#%d", r.Name, i) // no rule of a file is named so
		places[o.Rules[i].Name] = i
	}
	replayed, err := Replay(ctx, store, o, first, last)
	if err != nil {
		return nil, err
	}
	for _, e := range replayed.Evaluations {
		t := &trials[places[e.Rule]]
		e.Rule = t.Rule.Name
		t.Evaluations = append(t.Evaluations, e)
	}
	for _, a := range replayed.Alarms {
		t := &trials[places[a.Rule]]
		a.Rule, a.RuleDigest = t.Rule.Name, t.Rule.Digest()
		a.ID = alarmID(a)
		t.Alarms = append(t.Alarms, a)
	}
	for _, t := range trials {
		slices.SortFunc(t.Alarms, func(a, b Alarm) int {
			return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.Env, b.Env), cmp.Compare(a.VaultType, b.VaultType))
		})
	}
	return trials, nil
}

// Days returns the days on which the alarm fires, up to last if it fires still.
func (a Alarm) Days(zone bizday.Zone, last bizday.Day) []bizday.Day {
	if a.EndedAt != nil {
		last = zone.DayOf(a.EndedAt.UnixMicro() - 1)
	}
	var days []bizday.Day
	for dt := a.Dt; dt <= last; dt++ {
		days = append(days, dt)
	}
	return days
}

// Under returns the rule under another threshold. What clears it stays as far from the threshold as it was.
func (r Rule) Under(threshold Ratio) Rule {
	if r.Clear != nil {
		distance := minus(r.Clear.rat, r.Threshold.rat)
		r.Clear = &Ratio{distance.Add(distance, threshold.rat)}
	}
	r.Threshold = threshold
	return r
}

// Ladder returns thresholds around the rule's own, which is one of them, from the one that is passed first to the one that is
// passed last: shares of it, or counts where it is 0.
func (r Rule) Ladder() []Ratio {
	var rungs []Ratio
	if r.Threshold.rat.Sign() == 0 {
		for _, n := range []int64{0, 1, 2, 5, 10, 20, 50, 100} {
			rungs = append(rungs, Ratio{big.NewRat(n, 1)})
		}
		if r.isOfShares() {
			for i := range rungs {
				rungs[i].rat.Quo(rungs[i].rat, big.NewRat(100, 1))
			}
		}
	} else {
		for _, fifths := range []int64{1, 2, 3, 4, 5, 6, 8, 10, 15} {
			rungs = append(rungs, Ratio{times(r.Threshold.rat, big.NewRat(fifths, 5))})
		}
	}
	slices.SortFunc(rungs, func(a, b Ratio) int {
		if r.beyond(a.rat, b.rat) {
			return 1
		}
		return -1
	})
	return rungs
}

// isOfShares says whether what the rule compares is a share of something, which people read as a percentage.
func (r Rule) isOfShares() bool {
	if r.Kind == ofMetric {
		return r.Statistic == "rate" || r.Comparison != "" && r.Change == "relative"
	}
	return !r.isOnEventTime()
}

// Words returns the threshold as people write it: a rate as a percentage, else a number.
func (r Rule) Words(threshold Ratio) string {
	if r.isOfShares() {
		return threshold.Percent()
	}
	return number(threshold.rat)
}

// Equal says whether two numbers are the same.
func (r Ratio) Equal(other Ratio) bool { return r.rat.Cmp(other.rat) == 0 }

// Double returns the double nearest to the number.
func (r Ratio) Double() float64 { return r.double() }
