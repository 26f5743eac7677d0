package alarm

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// at returns the value of a step function at each instant of [start, end) that is a multiple of unit, "" where there is none,
// and fails if its steps do not ascend from start.
func at(t *rapid.T, s signal, parts, start, end, unit int64) []string {
	var values []string
	value, last := "", start-1
	s(func(at int64, v amount, known bool) {
		if at <= last || last < start && at != start || at >= end {
			t.Fatalf("a step at %d after one at %d", at, last)
		}
		last = at
		for int64(len(values)) < (at-start)/unit {
			values = append(values, value)
		}
		if value = ""; known {
			value = v.rat(parts).RatString()
		}
	})
	for int64(len(values)) < (end-start)/unit {
		values = append(values, value)
	}
	return values
}

func compareAt(t *rapid.T, got, want []string) {
	if len(got) != len(want) {
		t.Fatalf("%d instants, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("instant %d: got %q, want %q", i, got[i], want[i])
		}
	}
}

// A window (t-w, t] has, at every instant, the count and the quantiles of the events that lie in it.
func TestAWindowHasWhatLiesInIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		width := rapid.Int64Range(1, 12).Draw(t, "width")
		start, end := int64(20), int64(50)
		value := rapid.SampledFrom([]int64{0, 1, 2, 7, 4999, 5000, 5001, 1<<63 - 1})
		var events []moment
		for range rapid.IntRange(0, 25).Draw(t, "events") {
			events = append(events, moment{rapid.Int64Range(start-width-3, end-1).Draw(t, "at"), value.Draw(t, "value")})
		}
		slices.SortFunc(events, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
		inWindow := func(t int64) (values []int64) {
			for _, e := range events {
				if t-width < e.at && e.at <= t {
					values = append(values, e.value)
				}
			}
			slices.Sort(values)
			return values
		}
		var counts []string
		for i := start; i < end; i++ {
			counts = append(counts, fmt.Sprint(len(inWindow(i))))
		}
		compareAt(t, at(t, sliding(events, width, start, end, func() aggregate { return &counter{} }), 1, start, end, 1), counts)
		for name, q := range quantiles {
			var want []string
			for i := start; i < end; i++ {
				want = append(want, plainQuantile(q, inWindow(i)))
			}
			ranking := rankingOf(events)
			t.Log(name)
			compareAt(t, at(t, sliding(events, width, start, end, func() aggregate { return newQuantile(q, ranking) }), q.b, start, end, 1), want)
		}
	})
}

// plainQuantile is the definition of section 5, of sorted values.
func plainQuantile(q fraction, x []int64) string {
	if len(x) == 0 {
		return ""
	}
	h := int64(len(x)-1) * q.a
	value := new(big.Rat).SetInt64(x[h/q.b])
	if h%q.b > 0 {
		step := minus(new(big.Rat).SetInt64(x[h/q.b+1]), value)
		value.Add(value, times(step, big.NewRat(h%q.b, q.b)))
	}
	return value.RatString()
}

// The depth of all queues is, at every instant, the sum of the latest reading of each in (t-24h, t], the deepest of several.
func TestADepthIsThatOfTheLatestReadings(t *testing.T) {
	const hour = int64(3600 * 1_000_000)
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.SampledFrom([]int64{23, 24, 25}).Draw(t, "hours of the day")
		start, end := 48*hour, (48+hours)*hour
		var readings []reading
		for range rapid.IntRange(0, 15).Draw(t, "readings") {
			readings = append(readings, reading{
				rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "queue"), rapid.Int64Range(20, 47+hours).Draw(t, "at") * hour,
				rapid.Int64Range(0, 9).Draw(t, "depth"),
			})
		}
		var want []string
		for now := start; now < end; now += hour {
			latest := map[string]reading{}
			for _, r := range readings {
				l, known := latest[r.queue]
				if now-24*hour < r.at && r.at <= now && (!known || r.at > l.at || r.at == l.at && r.depth > l.depth) {
					latest[r.queue] = r
				}
			}
			value, sum := "", int64(0)
			for _, r := range latest {
				sum += r.depth
				value = fmt.Sprint(sum)
			}
			want = append(want, value)
		}
		compareAt(t, at(t, depthOf(readings, start, end), 1, start, end, hour), want)
	})
}

// What is pending is, at every instant, what began at or before it and has not ended; of nothing there are 0.
func TestWhatIsPendingHasBegunAndNotEnded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var stretches []stretch
		for range rapid.IntRange(0, 12).Draw(t, "stretches") {
			s := stretch{from: rapid.Int64Range(0, 40).Draw(t, "from"), to: open, by: amountOf(1)}
			if rapid.Bool().Draw(t, "ends") {
				s.to = rapid.Int64Range(s.from, 50).Draw(t, "to")
			}
			stretches = append(stretches, s)
		}
		var want []string
		for now := int64(10); now < 40; now++ {
			n := 0
			for _, s := range stretches {
				if s.from <= now && now < s.to {
					n++
				}
			}
			want = append(want, fmt.Sprint(n))
		}
		compareAt(t, at(t, sumOf(stretches, 10, 40, false), 1, 10, 40, 1), want)
	})
}
