package alarm

import (
	"flag"
	"math/big"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
)

// Parts are rationals, and their sum is the change of the rate: not nearly, but exactly.
func TestPartsAddUpExactly(t *testing.T) {
	types := []string{"DIAMOND", "GOLD", "PLATINUM"}
	drawn := rapid.Custom(func(t *rapid.T) side {
		denominator := rapid.OneOf(rapid.Int64Range(0, 40), rapid.Int64Range(1, 1<<40)).Draw(t, "denominator")
		if denominator == 0 {
			return side{state: "no_data", reason: zeroDenominator}
		}
		// More than the denominator: a vault may expire twice within a period.
		return side{state: "ok", numerator: rapid.Int64Range(0, 2*denominator).Draw(t, "numerator"), denominator: denominator}
	})
	rapid.Check(t, func(t *rapid.T) {
		var whole pair
		pairs := map[string]pair{}
		for _, name := range types {
			p := pair{drawn.Draw(t, name), drawn.Draw(t, name+" before")}
			pairs[name] = p
			for _, at := range []struct{ total, part *side }{{&whole.current, &p.current}, {&whole.baseline, &p.baseline}} {
				at.total.numerator += at.part.numerator
				at.total.denominator += at.part.denominator
			}
		}
		if whole.current.denominator == 0 || whole.baseline.denominator == 0 {
			return // nothing fires without a rate on both sides
		}
		whole.current.state, whole.baseline.state = "ok", "ok"
		checkSum(t, all, whole, splitTotal(whole, types, func(name string) pair { return pairs[name] }))
		for name, p := range pairs {
			if p.both() {
				checkSum(t, name, p, splitType(name, p))
			}
		}
	})
}

func checkSum(t *rapid.T, name string, p pair, parts []part) {
	sum := new(big.Rat)
	for _, part := range parts {
		sum.Add(sum, part.value)
	}
	if want := minus(p.current.rate(), p.baseline.rate()); sum.Cmp(want) != 0 || len(parts) == 0 {
		t.Fatalf("%s: %d parts add up to %s, the change is %s", name, len(parts), sum.RatString(), want.RatString())
	}
}

// Nights in any order, with days that come late and days that change, end in the bytes of one run over everything; and the
// rows are those of a reference that looks at all days at once.
func TestNightsInAnyOrderGiveTheSameBytes(t *testing.T) {
	setChecks(t, 12)
	db := engine(t)
	first := mustDay(t, "2026-04-10")
	rapid.Check(t, func(rt *rapid.T) {
		var days []bizday.Day
		for d := first; d < first+9; d++ {
			if rapid.IntRange(0, 5).Draw(rt, "extracted") > 0 {
				days = append(days, d)
			}
		}
		rates := map[bizday.Day]cells{}
		for _, d := range days {
			rates[d] = ratesOfADay(rt)
		}
		whole := nightIn(t, rt, db)
		for _, d := range days {
			whole.put(t, d, rates[d])
		}
		whole.run(t)

		pieces := nightIn(t, rt, db)
		for _, d := range rapid.Permutation(days).Draw(rt, "order") {
			if rapid.IntRange(0, 3).Draw(rt, "changes") == 0 {
				pieces.put(t, d, ratesOfADay(rt))
				pieces.run(t)
			}
			pieces.put(t, d, rates[d])
			if rapid.Bool().Draw(rt, "runs") {
				pieces.run(t)
			}
		}
		pieces.run(t)
		if diff := cmp.Diff(whole.digests(), pieces.digests()); diff != "" {
			rt.Fatalf("other bytes (-at once +in pieces):\n%s", diff)
		}
		if _, again := pieces.run(t); len(again) > 0 {
			rt.Fatalf("nothing changed, and %v were written", again)
		}
		if len(days) == 0 {
			return
		}
		got := whole.rows(t, alarmTable, `
			select concat_ws(' ', env, vault_type, (started_at + interval 9 hour)::date, coalesce((ended_at + interval 9 hour)::date::varchar, 'NULL'), peak, (peak_at + interval 9 hour)::date)
			from TABLE order by 1`)
		if diff := cmp.Diff(expectedAlarms(whole.options.Rules[0], days, rates), got); diff != "" {
			rt.Fatalf("alarms (-reference +run):\n%s", diff)
		}
	})
}

// setChecks says how many cases a test has, each of which writes some fifty files; -rapid.checks is for whoever asks for more.
func setChecks(t *testing.T, n int) {
	t.Helper()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set(strconv.Itoa(n)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Value.Set(f.DefValue) })
	}
}

func nightIn(t *testing.T, rt *rapid.T, db *duck.DB) *night {
	dir, err := os.MkdirTemp(t.TempDir(), "")
	if err != nil {
		rt.Fatal(err)
	}
	n := newNight(t, dir, db)
	n.options.Rules = slices.DeleteFunc(n.options.Rules, func(r Rule) bool { return r.Name != "claim_rate_drop" })
	n.options.Rules[0].Types = []string{"ALL", "GOLD"}
	return n
}

// ratesOfADay are such that about half of the rows fire.
func ratesOfADay(t *rapid.T) cells {
	found := cells{}
	for _, vaultType := range []string{"ALL", "GOLD"} {
		current := side{state: "ok", denominator: 1000}
		switch rapid.IntRange(0, 9).Draw(t, vaultType) {
		case 0:
			current = side{state: "suppressed", reason: "k"}
		case 1:
			current.denominator = 10
		case 2, 3:
			current.numerator = 290
		default:
			current.numerator = rapid.SampledFrom([]int64{100, 150, 200}).Draw(t, "claimed")
		}
		found[cellKey{"prod", "vault_claim_rate_by_type", "qtd", vaultType}] = current
		found[cellKey{"prod", "vault_claim_rate_by_type", "prev_qtd", vaultType}] = side{state: "ok", numerator: 300, denominator: 1000}
	}
	return found
}
