package reference

import (
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// Each case of testdata/alarms was worked out by hand from the sentences of section 6.
func TestAlarmsByHand(t *testing.T) {
	paths, err := filepath.Glob("testdata/alarms/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.SplitSeq(strings.TrimSpace(string(data)), "\n\n") {
			c := parseCase(t, text)
			t.Run(filepath.Base(path)+"/"+c.name, func(t *testing.T) {
				w := told(t, c.zone, c.days, c.given)
				if diff := cmp.Diff(c.want, tell(w, c.rule)); diff != "" {
					t.Errorf("(-by hand +reference):\n%s", diff)
				}
			})
		}
	}
}

func TestIdOfAnAlarm(t *testing.T) {
	w := told(t, "", "2 3", []string{"2 23:58 run failure"})
	for _, r := range w.Alarms().Alarms {
		if r.Rule == "batch_fail" && r.ID != "70e7ad599c981d6532db9dd1cfdf71ff" {
			t.Errorf("%s, not the first half of the SHA-256 of batch_fail|warn|prod|ALL|2026-01-02T23:58:00.000000Z", r.ID)
		}
	}
}

// Fewer than k users hide a side; at equal rates the larger denominator stands for its side, then the first name.
func TestNumbersOfARow(t *testing.T) {
	for _, c := range []struct {
		name, rule, day string
		k               int
		given           string
		want            []string // value, baseline, both counts of either side, threshold, p_value, state, reason
	}{
		{
			name: "a rate", rule: "expire_rate_spike GOLD", day: "3", k: 1,
			given: "2 vaults GOLD 50 40 10\n3 vaults GOLD 50 40 10",
			want:  []string{"0", "0.2", "10", "50", "10", "50", "0.15", "1.0000", "ok", "NULL"},
		},
		{
			name: "a hidden side", rule: "expire_rate_spike GOLD", day: "3", k: 5,
			given: "2 vaults GOLD 4 3 1\n3 vaults GOLD 50 40 10",
			want:  []string{"NULL", "NULL", "10", "50", "NULL", "NULL", "0.15", "NULL", "insufficient_data", "k"},
		},
		{
			name: "no data", rule: "expire_rate_spike GOLD", day: "3", k: 1,
			given: "2 vaults GOLD 50 50 0\n3 vaults GOLD 50 40 10",
			want:  []string{"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0.15", "NULL", "no_data", "zero_baseline"},
		},
		{
			name: "equal rates", rule: "variant_claim_gap ALL", day: "2", k: 1,
			given: "2 alerts a 30 15\n2 alerts b 40 20\n2 alerts c 40 20\n2 alerts d 30 15",
			want:  []string{"0", "0.5", "20", "40", "20", "40", "0.15", "1.0000", "ok", "NULL"},
		},
		{
			name: "equal highest rates and one lower", rule: "variant_claim_gap ALL", day: "2", k: 1,
			given: "2 alerts a 30 15\n2 alerts b 40 20\n2 alerts c 50 20\n2 alerts d 30 12",
			want:  []string{"0.1", "0.4", "20", "40", "20", "50", "0.15", "0.3428", "ok", "NULL"},
		},
		{
			name: "one variant", rule: "variant_claim_gap ALL", day: "2", k: 5,
			given: "2 alerts a 30 15\n2 alerts b 4 4",
			want:  []string{"NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0.15", "NULL", "insufficient_data", "min_denominator"},
		},
		{
			name: "a variant that would tell of another one", rule: "variant_claim_gap ALL", day: "2", k: 5,
			given: "2 alerts a 200 50\n2 alerts b 200 150\n2 alerts c 4 4",
			want:  []string{"NULL", "NULL", "150", "200", "NULL", "NULL", "0.15", "NULL", "firing", "NULL"},
		},
		{
			name: "a rule on event time", rule: "dlq_size ALL", day: "2", k: 5,
			given: "2 10:00 depth push 7",
			want:  []string{"7", "NULL", "NULL", "NULL", "NULL", "NULL", "500", "NULL", "ok", "NULL"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := told(t, "", "2 3", strings.Split(c.given, "\n"))
			w.K = c.k
			for _, r := range w.Alarms().Evaluations {
				if r.Rule+" "+r.VaultType != c.rule || r.Dt != dayNumber(t, c.day) {
					continue
				}
				got := r.cells()[5:15]
				if r.PValue != nil {
					got[7] = fmt.Sprintf("%.4f", *r.PValue)
				}
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("(-by hand +reference):\n%s", diff)
				}
				return
			}
			t.Error("no row")
		})
	}
}

// ALL went from 20/100 and 10/100 to 30/50 and 20/150: weights from 1/2 and 1/2 to 1/4 and 3/4.
func TestPartsOfAChangeByHand(t *testing.T) {
	w := told(t, "", "2 3", []string{
		"2 vaults DIAMOND 100 80 20",
		"2 vaults GOLD 100 90 10",
		"3 vaults DIAMOND 50 20 30",
		"3 vaults GOLD 150 130 20",
	})
	explanations := map[string]*Explanation{}
	for _, r := range w.Alarms().Evaluations {
		if r.Rule == "expire_rate_spike" && r.Dt == bizday.Of(2026, 1, 3) {
			explanations[r.VaultType] = r.Explanation
		}
	}
	for vaultType, want := range map[string][]string{
		"ALL":     {"1/10", "DIAMOND rate 3/20", "DIAMOND mix -1/10", "GOLD rate 1/48", "GOLD mix 7/240"},
		"DIAMOND": {"2/5", "DIAMOND numerator 3/20", "DIAMOND denominator 1/4"},
	} {
		e := explanations[vaultType]
		if e == nil {
			t.Errorf("%s did not fire", vaultType)
			continue
		}
		got := []string{e.Change.RatString()}
		for _, p := range e.Parts {
			got = append(got, p.Name+" "+p.Part+" "+p.Value.RatString())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-by hand +reference):\n%s", vaultType, diff)
		}
	}
}

// A type that is on one side only counts as what has always had that rate: all that it does is mix.
func TestPartsWithATypeOnOneSide(t *testing.T) {
	for _, c := range []struct{ name, given, want string }{
		{
			"new, from 10/100 to 10/50 and 40/50", "2 vaults GOLD 100 90 10\n3 vaults GOLD 50 40 10\n3 vaults PLATINUM 50 10 40",
			"change=0.4,GOLD.mix=-0.075,GOLD.rate=0.075,PLATINUM.mix=0.4,PLATINUM.rate=0",
		},
		{
			"gone, from 10/50 and 5/50 to 50/100", "2 vaults GOLD 50 40 10\n2 vaults PLATINUM 50 45 5\n3 vaults GOLD 100 50 50",
			"change=0.35,GOLD.mix=0.175,GOLD.rate=0.225,PLATINUM.mix=-0.05,PLATINUM.rate=0",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, r := range told(t, "", "2 3", strings.Split(c.given, "\n")).Alarms().Alarms {
				if r.Rule == "expire_rate_spike" && r.VaultType == "ALL" {
					if got := r.Explanation.String(); got != c.want {
						t.Errorf("got  %s\nwant %s", got, c.want)
					}
					return
				}
			}
			t.Error("it did not fire")
		})
	}
}

func TestPartsAddUpToTheChange(t *testing.T) {
	setWorlds(t, alarmWorldsChecked)
	rapid.Check(t, func(t *rapid.T) {
		for _, r := range alarmWorlds().Draw(t, "world").Alarms().Evaluations {
			if r.Explanation == nil || len(r.Explanation.Parts) == 0 {
				continue
			}
			total := new(big.Rat)
			for _, p := range r.Explanation.Parts {
				total.Add(total, p.Value)
			}
			if total.Cmp(r.Explanation.Change) != 0 {
				t.Fatalf("%v: the parts are %s, the change %s", r.key(), total.RatString(), r.Explanation.Change.RatString())
			}
		}
	})
}

// A microsecond before, at and after every instant that matters, and at any other, the condition holds exactly within a span.
func TestConditionHoldsExactlyWithinSpans(t *testing.T) {
	setWorlds(t, alarmWorldsChecked)
	rapid.Check(t, func(t *rapid.T) {
		w := alarmWorlds().Draw(t, "world")
		a := &alarms{World: w, compensations: w.compensationDays()}
		for _, env := range slices.Sorted(maps.Keys(w.firstDays())) {
			for _, r := range alarmRules {
				if r.isDaily() {
					continue
				}
				spans := a.spans(r, env)
				first, _ := w.Zone.Bounds(w.sorted()[0])
				_, last := w.Zone.Bounds(w.newest())
				instants := []int64{rapid.Int64Range(first, last-1).Draw(t, "any other")}
				for _, at := range a.instants(r, env) {
					instants = append(instants, at-1, at, at+1)
				}
				for _, at := range instants {
					isWithin := slices.ContainsFunc(spans, func(s alarmSpan) bool { return s.from <= at && at < s.to })
					if isMet := r.isMet(a.valueAt(r, env, at)); at < last && isMet != isWithin {
						t.Fatalf("%s %s at %s: the condition holds: %v, a span does: %v\n%s", r.name, r.level, clock(at), isMet, isWithin, describeFor(w, r.name, env))
					}
				}
			}
		}
	})
}
