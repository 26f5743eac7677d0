package alarm

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
)

func thresholdsOf(t *testing.T, words ...string) []Ratio {
	t.Helper()
	var found []Ratio
	for _, word := range words {
		r, err := ParseRatio(word)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, r)
	}
	return found
}

func TestSeveralThresholdsAtOnceFindWhatEachFindsAlone(t *testing.T) {
	n := newNight(t, t.TempDir(), engine(t))
	first := bizday.Of(2026, 4, 10)
	for i, hits := range []int64{60, 75, 85, 95, 60, 100, 85} {
		n.put(t, first+bizday.Day(i), cells{
			{"prod", "vault_claim_rate_by_type", "qtd", all}:      {state: "ok", numerator: hits, denominator: 1000},
			{"prod", "vault_claim_rate_by_type", "prev_qtd", all}: {state: "ok", numerator: 100, denominator: 1000},
			{"dev", "vault_expire_rate_by_type", "day", "GOLD"}:   {state: "ok", numerator: 4 * hits, denominator: 1000},
		})
	}
	last := first + 6
	var tried []Rule
	for _, r := range n.options.Rules {
		if r.Kind == rateChange {
			r.Significance = &thresholdsOf(t, "1")[0]
			for _, threshold := range r.Ladder() {
				tried = append(tried, r.Under(threshold))
			}
		}
	}
	trials, err := Try(context.Background(), n, n.options, tried, first, last)
	if err != nil {
		t.Fatal(err)
	}
	episodes := map[int]bool{}
	for i, r := range tried {
		o := n.options
		o.Rules = []Rule{r}
		alone, err := Replay(context.Background(), n, o, first, last)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(alone.Evaluations, trials[i].Evaluations, byValue); diff != "" {
			t.Errorf("%s under %s, evaluations (-alone +at once):\n%s", r.Name, r.Words(r.Threshold), diff)
		}
		if diff := cmp.Diff(bySubject(alone.Alarms), bySubject(trials[i].Alarms)); diff != "" {
			t.Errorf("%s under %s, alarms (-alone +at once):\n%s", r.Name, r.Words(r.Threshold), diff)
		}
		episodes[len(alone.Alarms)] = true
	}
	if len(episodes) < 3 {
		t.Errorf("thresholds make no difference: there are always %v episodes", episodes)
	}
}

// checkTrials fails if the rules, each tried beside itself under another threshold, find other alarms than a replay does.
func (n *night) checkTrials(t testing.TB, replayed Replayed, days []bizday.Day) {
	t.Helper()
	var tried []Rule
	for _, r := range n.options.Rules {
		rungs := r.Ladder()
		tried = append(tried, r.Under(rungs[len(rungs)-1]), r)
	}
	trials, err := Try(context.Background(), n, n.options, tried, days[0], days[len(days)-1])
	if err != nil {
		t.Fatal(err)
	}
	var found []Alarm
	for _, trial := range trials {
		if slices.ContainsFunc(n.options.Rules, func(r Rule) bool { return r.Digest() == trial.Rule.Digest() }) {
			found = append(found, trial.Alarms...)
		}
	}
	if diff := cmp.Diff(bySubject(replayed.Alarms), bySubject(found)); diff != "" {
		t.Errorf("alarms (-replayed +tried):\n%s", diff)
	}
}

func TestALadderHasTheOwnThresholdAndGoesFromTheEasiestToTheHardest(t *testing.T) {
	for _, c := range []struct{ kind, op, own, want string }{
		{rateChange, "<", "-20%", "-4% -8% -12% -16% -20% -24% -32% -40% -60%"},
		{rateChange, ">", "15%", "3% 6% 9% 12% 15% 18% 24% 30% 45%"},
		{rateGap, ">", "0", "0% 1% 2% 5% 10% 20% 50% 100%"},
		{stepValue, ">", "0", "0 1 2 5 10 20 50 100"},
		{stepValue, "<", "5", "15 10 8 6 5 4 3 2 1"},
		{window, ">", "5000", "1000 2000 3000 4000 5000 6000 8000 10000 15000"},
	} {
		r := Rule{Kind: c.kind, Op: c.op, Threshold: thresholdsOf(t, c.own)[0]}
		var words []string
		for _, rung := range r.Ladder() {
			words = append(words, r.Words(rung))
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%s %s %s: %s, want %s", c.kind, c.op, c.own, got, c.want)
		}
	}
}

func TestAnotherThresholdTakesTheOneThatClearsAlong(t *testing.T) {
	numbers := thresholdsOf(t, "500", "400", "100", "0")
	r := Rule{Op: ">", Threshold: numbers[0], Clear: &numbers[1]}.Under(numbers[2])
	if !r.Threshold.Equal(numbers[2]) || !r.Clear.Equal(numbers[3]) || !numbers[1].Equal(thresholdsOf(t, "400")[0]) {
		t.Errorf("threshold %s, clear %s", r.Threshold.rat, r.Clear.rat)
	}
}

func TestDaysOfAnAlarm(t *testing.T) {
	zone := mustZone(t, "Asia/Seoul")
	at := func(text string) time.Time {
		instant, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return instant
	}
	a := Alarm{Dt: bizday.Of(2026, 4, 10), StartedAt: at("2026-04-10T10:00:00+09:00")}
	for ended, want := range map[string]int{"": 5, "2026-04-10T11:00:00+09:00": 1, "2026-04-11T00:00:00+09:00": 1, "2026-04-11T00:00:01+09:00": 2} {
		a.EndedAt = nil
		if ended != "" {
			end := at(ended)
			a.EndedAt = &end
		}
		if days := a.Days(zone, bizday.Of(2026, 4, 14)); len(days) != want || days[0] != a.Dt {
			t.Errorf("ended at %q: %v", ended, days)
		}
	}
}

// TestDifferencesOfEpisodes: an alarm is written as env, from and to in hours (- for no end), and a peak.
func TestDifferencesOfEpisodes(t *testing.T) {
	type hours struct {
		env      string
		from, to int
		peak     float64
	}
	const none = -1
	alarms := func(list []hours) []Alarm {
		var all []Alarm
		for _, h := range list {
			a := Alarm{Rule: "r", Env: h.env, StartedAt: time.Unix(int64(h.from)*3600, 0), Peak: sql.Null[float64]{V: h.peak, Valid: true}}
			if h.to != none {
				end := time.Unix(int64(h.to)*3600, 0)
				a.EndedAt = &end
			}
			a.ID = alarmID(a)
			all = append(all, a)
		}
		slices.Reverse(all)
		return all
	}
	for _, c := range []struct {
		name     string
		old, new []hours
		want     string
		same     int
	}{
		{"none", nil, nil, "", 0},
		{"the same", []hours{{"a", 1, 2, 5}, {"b", 1, none, 5}}, []hours{{"a", 1, 2, 5}, {"b", 1, none, 5}}, "", 2},
		{"new and gone", []hours{{"a", 1, 2, 5}}, []hours{{"a", 2, 3, 5}, {"b", 1, 2, 5}}, "gone a1 new a2 new b1", 0},
		{"another env", []hours{{"b", 1, 2, 5}}, []hours{{"a", 1, 2, 5}, {"c", 1, 2, 5}}, "new a1 gone b1 new c1", 0},
		{"another start", []hours{{"a", 1, 4, 5}}, []hours{{"a", 2, 4, 5}}, "changed a1 a2", 0},
		{"another end", []hours{{"a", 1, 4, 5}}, []hours{{"a", 1, none, 5}}, "changed a1 a1", 0},
		{"another peak", []hours{{"a", 1, 4, 5}}, []hours{{"a", 1, 4, 6}}, "changed a1 a1", 0},
		{"one becomes two", []hours{{"a", 1, 9, 5}}, []hours{{"a", 1, 3, 5}, {"a", 5, 9, 5}}, "changed a1 a1 new a5", 0},
		{"two become one", []hours{{"a", 1, 3, 5}, {"a", 5, 9, 5}}, []hours{{"a", 1, 9, 5}}, "changed a1 a1 gone a5", 0},
		{"among others", []hours{{"a", 1, 2, 5}, {"a", 5, 6, 5}, {"a", 9, none, 5}}, []hours{{"a", 1, 2, 5}, {"a", 9, none, 5}}, "gone a5", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			differences, same := Compare(alarms(c.old), alarms(c.new))
			at := func(a *Alarm) string { return a.Env + time.Duration(a.StartedAt.Unix() / 3600).String()[:1] }
			var words []string
			for _, d := range differences {
				switch {
				case d.Old == nil:
					words = append(words, "new", at(d.New))
				case d.New == nil:
					words = append(words, "gone", at(d.Old))
				default:
					words = append(words, "changed", at(d.Old), at(d.New))
				}
			}
			if got := strings.Join(words, " "); got != c.want || same != c.same {
				t.Errorf("%s, %d the same; want %s, %d", got, same, c.want, c.same)
			}
		})
	}
}
