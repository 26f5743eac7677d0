package alarm

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// Days of events that come in any order, some of them again with other events, end in the bytes of one run over everything.
func TestEventsInAnyOrderGiveTheSameBytes(t *testing.T) {
	setChecks(t, 10)
	db := engine(t)
	rapid.Check(t, func(rt *rapid.T) {
		zone := mustZone(t, rapid.SampledFrom([]string{"UTC", "America/New_York"}).Draw(rt, "zone"))
		first := mustDay(t, "2026-03-06")
		var days []bizday.Day
		events := map[bizday.Day]lakeDay{}
		for d := first; d < first+5; d++ {
			if rapid.IntRange(0, 5).Draw(rt, "extracted") > 0 {
				days = append(days, d)
				events[d] = eventsOfADay(t, rt, zone, d)
			}
		}
		lake := func() *night {
			n := nightIn(t, rt, db)
			n.project, n.options.Zone = fewModels(t), zone
			rules, err := Shipped()
			if err != nil {
				rt.Fatal(err)
			}
			n.options.Rules = rules
			return n
		}
		put := func(n *night, l lakeDay) {
			n.putLake(t, l)
			n.put(t, l.dt, cells{})
		}
		whole, pieces := lake(), lake()
		for _, d := range days {
			put(whole, events[d])
		}
		whole.runModels(t)
		whole.run(t)
		for _, d := range rapid.Permutation(days).Draw(rt, "order") {
			if rapid.IntRange(0, 2).Draw(rt, "changes") == 0 {
				put(pieces, eventsOfADay(t, rt, zone, d))
				pieces.runModels(t)
				pieces.run(t)
			}
			put(pieces, events[d])
			if rapid.Bool().Draw(rt, "runs") {
				pieces.runModels(t)
				pieces.run(t)
			}
		}
		pieces.runModels(t)
		pieces.run(t)
		if diff := cmp.Diff(whole.digests(), pieces.digests()); diff != "" {
			rt.Fatalf("other bytes (-at once +in pieces):\n%s", diff)
		}
		if _, again := pieces.run(t); len(again) > 0 {
			rt.Fatalf("nothing changed, and %v were written", again)
		}
	})
}

// eventsOfADay are such that rules fire at times, often over midnight.
func eventsOfADay(t *testing.T, rt *rapid.T, zone bizday.Zone, dt bizday.Day) lakeDay {
	l := lakeDay{dt: dt, zone: zone, emits: kindNames()}
	start, end := zone.Bounds(dt)
	for range rapid.IntRange(0, 8).Draw(rt, "events") {
		minutes := rapid.SampledFrom([]int64{0, 3, 9, 10, 600, -16, -10, -6, -1}).Draw(rt, "minute")
		if minutes < 0 {
			minutes += (end - start) / 60_000_000
		}
		what := rapid.SampledFrom([]string{"fail sweep", "succeed sweep", "latency 5000", "latency 6000", "depth a 90", "depth b 11", "depth a 600",
			"enqueue a", "settle a", "enqueue b", "settle b"}).Draw(rt, "event")
		l.add(t, strings.Fields(fmt.Sprintf("%d:%d %s", minutes/60, minutes%60, what)))
	}
	return l
}
