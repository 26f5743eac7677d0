package alarm

import (
	"cmp"
	"math/big"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var plainly = gocmp.AllowUnexported(span{}, amount{})

// ticking is the reference: it looks at every instant, and knows no days. values[t] is the value at t, negative for none.
// It returns every alarm, with ended or until open if they are so after the last instant, and the state at each instant.
func ticking(values []int64, holds func(v int64, held bool) bool, wait, keep int64, beyond func(a, b int64) bool) (alarms []span, states []string) {
	var s *span
	held := false
	for t, v := range values {
		at := int64(t)
		isHeld := v >= 0 && holds(v, held)
		if s != nil && !held && !(isHeld && at <= s.until+keep) && at >= s.until+keep {
			s.ended = s.until + keep
			alarms, s = append(alarms, *s), nil
		}
		switch {
		case isHeld && s == nil:
			s = &span{since: at, until: open, started: open, ended: open, peak: amountOf(v), peakAt: at}
		case isHeld:
			s.until = open
			if beyond(v, int64(s.peak.low)) {
				s.peak, s.peakAt = amountOf(v), at
			}
		case held && s.started == open:
			s = nil
		case held:
			s.until = at
			if keep == 0 {
				s.ended = at
				alarms, s = append(alarms, *s), nil
			}
		}
		if s != nil && isHeld && at >= s.since+wait && s.started == open {
			s.started = s.since + wait
		}
		held = isHeld
		state := ok
		switch {
		case s != nil && s.started != open:
			state = firing
		case s != nil:
			state = pending
		}
		states = append(states, state)
	}
	if s != nil && s.started != open {
		alarms = append(alarms, *s)
	}
	return alarms, states
}

// Whatever the values, the rule and the midnights between: the finder, which sees the changes of a day and what was open at
// midnight, finds what one finds who looks at every instant.
func TestTheFinderSeesWhatHappensAtEveryInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var values []int64 // runs, so that many are as long as a wait or a keep
		for range rapid.IntRange(1, 12).Draw(t, "runs") {
			v := rapid.Int64Range(-1, 4).Draw(t, "value")
			values = append(values, slices.Repeat([]int64{v}, rapid.IntRange(1, 6).Draw(t, "length"))...)
		}
		threshold := rapid.Int64Range(0, 4).Draw(t, "threshold")
		op := rapid.SampledFrom([]string{">", "<"}).Draw(t, "op")
		back := rapid.Int64Range(0, 2).Draw(t, "clear")
		wait, keep := rapid.Int64Range(0, 5).Draw(t, "for"), rapid.Int64Range(0, 5).Draw(t, "keep_firing_for")
		beyond := func(a, b int64) bool { return a > b }
		if op == "<" {
			beyond, back = func(a, b int64) bool { return a < b }, -back
		}
		holds := func(v int64, held bool) bool { return beyond(v, threshold) || held && beyond(v, threshold-back) }
		want, states := ticking(values, holds, wait, keep, beyond)

		midnights := rapid.SliceOfN(rapid.IntRange(1, len(values)), 0, 4).Draw(t, "midnights")
		midnights = append(midnights, len(values))
		slices.Sort(midnights)
		var got []span
		var carried *span
		start := 0
		for _, end := range slices.Compact(midnights) {
			f := &finder{
				conditions: conditions{limitOf(op, big.NewRat(threshold, 1), 1), limitOf(op, big.NewRat(threshold-back, 1), 1), wait, keep},
				now:        carried,
			}
			for i := start; i < end; i++ {
				if i > start && values[i] == values[i-1] && rapid.Bool().Draw(t, "tells no news") {
					continue
				}
				f.step(int64(i), amountOf(max(0, values[i])), values[i] >= 0)
			}
			f.finish(int64(end))
			isKnown := slices.ContainsFunc(values[start:end], func(v int64) bool { return v >= 0 })
			state := states[end-1]
			switch {
			case state == ok && len(f.over) > 0:
				state = resolved
			case state == ok && !isKnown:
				state = noData
			}
			if f.state() != state {
				t.Fatalf("the day that ends at %d is %s, the reference says %s", end, f.state(), state)
			}
			if isKnown {
				extreme := slices.MaxFunc(slices.DeleteFunc(slices.Clone(values[start:end]), func(v int64) bool { return v < 0 }), func(a, b int64) int {
					if op == "<" {
						return cmp.Compare(b, a)
					}
					return cmp.Compare(a, b)
				})
				if f.extreme != amountOf(extreme) {
					t.Fatalf("extreme %v, want %d", f.extreme, extreme)
				}
			}
			got = append(got, f.over...)
			carried, start = f.now, end
		}
		if carried != nil && carried.started != open {
			got = append(got, *carried)
		}
		if diff := gocmp.Diff(want, got, plainly); diff != "" {
			t.Fatalf("-reference +finder:\n%s", diff)
		}
	})
}

// A limit in whole parts says what the exact comparison says.
func TestALimitIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SampledFrom([]int64{1, 2, 10, 20, 100}).Draw(t, "parts")
		v := product(rapid.Int64Range(0, 1<<62).Draw(t, "value"), rapid.Int64Range(0, 1<<40).Draw(t, "times"))
		near := new(big.Rat).Add(v.rat(parts), big.NewRat(rapid.Int64Range(-3, 3).Draw(t, "off by"), 2*parts))
		far := big.NewRat(rapid.Int64().Draw(t, "numerator"), rapid.Int64Range(1, 1<<40).Draw(t, "denominator"))
		for _, threshold := range []*big.Rat{near, far} {
			for op, want := range map[string]bool{">": v.rat(parts).Cmp(threshold) > 0, "<": v.rat(parts).Cmp(threshold) < 0} {
				if got := limitOf(op, threshold, parts).holds(v); got != want {
					t.Fatalf("%s %s %s: got %t", v.rat(parts).RatString(), op, threshold.RatString(), got)
				}
			}
		}
		if back, fits := amountIn(v.rat(parts), parts); !fits || back != v {
			t.Fatalf("%v read again is %v", v, back)
		}
	})
}
