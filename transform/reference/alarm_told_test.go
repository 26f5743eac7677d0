package reference

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
)

// alarmCase is a small world of one env and what a rule finds in it. Its text is a line "# NAME", lines "rule NAME LEVEL" (and a type where
// the rule has types), "zone ZONE" (default UTC) and "days N ...", what happens (drawing.tell), "->", and what is found (tell). Days are
// numbered from 1 January 2026, instants are UTC.
type alarmCase struct {
	name, rule, zone, days string
	given, want            []string
}

func parseCase(t *testing.T, text string) (c alarmCase) {
	t.Helper()
	isFound := false
	for line := range strings.SplitSeq(text, "\n") {
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "#":
			c.name = rest
		case word == "rule":
			c.rule = rest
		case word == "zone":
			c.zone = rest
		case word == "days":
			c.days = rest
		case word == "->":
			isFound = true
		case isFound:
			c.want = append(c.want, line)
		default:
			c.given = append(c.given, line)
		}
	}
	if c.name == "" || c.rule == "" || c.days == "" || !isFound {
		t.Fatalf("a case has a name, a rule, days and ->:\n%s", text)
	}
	return c
}

// told makes a world of one env from days of January 2026 (or later) and lines.
func told(t *testing.T, zoneName, days string, given []string) *World {
	t.Helper()
	if zoneName == "" {
		zoneName = "UTC"
	}
	zone, err := bizday.LoadZone(zoneName)
	if err != nil {
		t.Fatal(err)
	}
	w := &World{Zone: zone, K: 1, RetireAfter: 90, Days: map[bizday.Day]*Day{}}
	for _, n := range strings.Fields(days) {
		d := &Day{}
		for _, kind := range kinds {
			d.Catalogue = append(d.Catalogue, Entry{Env: "prod", Source: "logs", Kind: "event", Name: kind})
		}
		w.Days[dayNumber(t, n)] = d
	}
	d := &drawing{world: w, env: "prod"}
	for _, line := range given {
		d.tell(t, strings.Fields(line))
	}
	return w
}

// tell adds what a line says: "2 10:00 run failure", "2 10:00 depth push 7", "2 10:00 latency 7", "2 10:00 enqueue 1 x3",
// "2 10:00 retry 1 success", "2 vaults GOLD 10 3 2" (unlocked, of these claimed, expired), "2 alerts a 10 3" (sent, of these claimed).
func (d *drawing) tell(t *testing.T, words []string) {
	t.Helper()
	number := func(i int) int {
		if i >= len(words) {
			return 1
		}
		n, err := strconv.Atoi(strings.TrimPrefix(words[i], "x"))
		if err != nil {
			t.Fatalf("%v: %v", words, err)
		}
		return n
	}
	noon := dayNumber(t, words[0]).Midnight().Add(12 * time.Hour).UnixMicro()
	switch words[1] {
	case "vaults":
		for i := range number(3) {
			user := d.newUser()
			d.add(Event{TS: noon, Kind: "VAULT_UNLOCKED", User: user, VaultType: words[2]})
			if i < number(4) {
				d.add(Event{TS: noon + hour, Kind: "VAULT_CLAIMED", User: user, VaultType: words[2]})
			} else if i < number(4)+number(5) {
				d.add(Event{TS: noon + hour, Kind: "VAULT_EXPIRED", User: user, VaultType: words[2]})
			}
		}
		return
	case "alerts":
		for i := range number(3) {
			user := d.newUser()
			d.add(Event{TS: noon, Kind: "ALERT_SENT", User: user, Variant: strings.TrimPrefix(words[2], "-")})
			if i < number(4) {
				d.add(Event{TS: noon + day, Kind: "VAULT_CLAIMED", User: user, VaultType: "GOLD"})
			}
		}
		return
	}
	at, err := time.Parse("15:04:05.999999", words[1]+":00"[:3*(2-strings.Count(words[1], ":"))])
	if err != nil {
		t.Fatalf("%v: %v", words, err)
	}
	e := Event{TS: dayNumber(t, words[0]).Midnight().UnixMicro() + at.Sub(at.Truncate(24*time.Hour)).Microseconds()}
	switch words[2] {
	case "run":
		e.Kind, e.Job, e.Outcome = "BATCH_RUN_FINISHED", "expire", words[3]
	case "depth":
		e.Kind, e.Queue, e.Depth = "DLQ_DEPTH_SAMPLED", words[3], int64(number(4))
	case "latency":
		e.Kind, e.User, e.LatencyMS = "NOTIFY_ENQUEUED", 1, int64(number(3))
	case "retry":
		e.Kind, e.Compensation, e.Attempt, e.Outcome = "COMPENSATION_RETRIED", number(3), 1, words[4]
	case "enqueue":
		e.Kind, e.User = "COMPENSATION_ENQUEUED", 1
		for i := range number(4) {
			e.Compensation = number(3) + i
			d.add(e)
		}
		return
	default:
		t.Fatalf("what is %q?", words[2])
	}
	d.add(e)
}

// dayNumber is a day by its number in 2026.
func dayNumber(t *testing.T, text string) bizday.Day {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return bizday.Of(2026, 1, n)
}

// tell tells what a rule found: its states by day, then its alarms.
func tell(w *World, rule string) (told []string) {
	first := bizday.Of(2026, 1, 1)
	clock := func(us int64) string {
		if us == 0 {
			return "-"
		}
		at := time.UnixMicro(us).UTC()
		return fmt.Sprintf("%d %s", at.YearDay(), at.Format("15:04:05.999999"))
	}
	is := func(name, level, vaultType string) bool {
		return strings.Join([]string{name, level, vaultType}, " ") == rule || name+" "+level == rule
	}
	all := w.Alarms()
	for _, r := range all.Evaluations {
		if is(r.Rule, r.Level, r.VaultType) {
			words := []string{strconv.Itoa(int(r.Dt-first) + 1), r.State}
			if r.Value != nil {
				words = append(words, r.Value.RatString())
			}
			told = append(told, strings.TrimSpace(strings.Join(append(words, r.Reason), " ")))
		}
	}
	slices.SortFunc(all.Alarms, func(a, b AlarmRow) int { return int(a.StartedAt - b.StartedAt) })
	for _, r := range all.Alarms {
		if is(r.Rule, r.Level, r.VaultType) {
			told = append(told, fmt.Sprintf("alarm %s to %s, %s at %s", clock(r.StartedAt), clock(r.EndedAt), r.Peak.RatString(), clock(r.PeakAt)))
		}
	}
	return told
}
