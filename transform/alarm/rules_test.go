package alarm

import (
	"flag"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/sql"
)

var update = flag.Bool("update", false, "rewrite the expected errors of files of rules")

var exact = cmp.Comparer(func(a, b Ratio) bool { return a.rat.Cmp(b.rat) == 0 })

func TestTheFurtherRulesStandBesideTheShippedOnes(t *testing.T) {
	text := func(name string) string {
		content, err := sql.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	_, further, _ := strings.Cut(text("alarms_more.yaml"), "\nrules:\n")
	rules, problems, err := ParseRules([]byte(text("alarms.yaml") + "\n" + further))
	if err != nil || len(problems) > 0 {
		t.Fatalf("%v %v", problems, err)
	}
	var names []string
	for _, r := range rules {
		if r.Kind == ofMetric {
			names = append(names, r.Name)
		}
	}
	if diff := cmp.Diff([]string{"late_source_api", "quarantine_rate", "split_of_variant_a", "state_drift"}, names); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheShippedRulesAreThoseOfTheDefinitions(t *testing.T) {
	got, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if got[i].Owner == "" || got[i].Runbook == "" || got[i].Summary == "" {
			t.Errorf("%s: owner, runbook or summary is missing", got[i].Name)
		}
		got[i].Owner, got[i].Runbook, got[i].Summary = "", "", ""
	}
	types := []string{"ALL", "DIAMOND", "GOLD", "PLATINUM"}
	ratio := func(n int64) Ratio { return Ratio{big.NewRat(n, 1)} }
	want := []Rule{
		{
			Name: "batch_fail", Kind: "window", Op: ">", Threshold: ratio(0), Severity: "warn",
			Source: Source{Events: "BATCH_RUN_FINISHED", Where: map[string]string{"outcome": "failure"}, Aggregate: "count", Window: Duration(5 * time.Minute)},
		},
		{
			Name: "claim_rate_drop", Kind: "rate_change", Metric: "vault_claim_rate_by_type", Comparison: "qoq", Op: "<",
			Threshold: Ratio{big.NewRat(-1, 5)}, Severity: "investigate", Types: types, MinDenominator: 30, Significance: &Ratio{big.NewRat(1, 20)},
		},
		{Name: "compensation_pending", Kind: "step", Source: Source{Signal: "compensation_pending_count"}, Op: ">", Threshold: ratio(50), Severity: "critical"},
		{
			Name: "compensation_pending", Kind: "step", Source: Source{Signal: "compensation_pending_count"}, Op: ">", Threshold: ratio(0), Severity: "warn",
			For: Duration(10 * time.Minute),
		},
		{Name: "dlq_size", Kind: "step", Source: Source{Signal: "dlq_size"}, Op: ">", Threshold: ratio(500), Severity: "critical"},
		{Name: "dlq_size", Kind: "step", Source: Source{Signal: "dlq_size"}, Op: ">", Threshold: ratio(100), Severity: "warn"},
		{
			Name: "expire_rate_spike", Kind: "rate_change", Metric: "vault_expire_rate_by_type", Comparison: "dod", Op: ">",
			Threshold: Ratio{big.NewRat(3, 20)}, Severity: "investigate", Types: types, MinDenominator: 30, Significance: &Ratio{big.NewRat(1, 20)},
		},
		{
			Name: "notify_enqueue_latency", Kind: "window", Op: ">", Threshold: ratio(5000), Severity: "warn",
			Source: Source{Events: "NOTIFY_ENQUEUED", Aggregate: "p95", Of: "latency_ms", Window: Duration(15 * time.Minute)},
		},
		{
			Name: "variant_claim_gap", Kind: "rate_gap", Metric: "alert_claim_rate_by_variant", Op: ">", Threshold: Ratio{big.NewRat(3, 20)},
			Severity: "investigate", MinDenominator: 30, Significance: &Ratio{big.NewRat(1, 20)},
		},
	}
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("-definitions +shipped:\n%s", diff)
	}
}

// Every bad file lies beside a file of its errors, all of them, in the order of the lines.
func TestBadRules(t *testing.T) {
	for _, file := range files(t, "*.bad.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		rules, problems, err := ParseRules(text)
		if err != nil || rules != nil || len(problems) == 0 {
			t.Errorf("%s: got %d rules, %d problems, %v", file, len(rules), len(problems), err)
		}
		var b strings.Builder
		for _, p := range problems {
			fmt.Fprintf(&b, "%d: %s\n  hint: %s\n", p.Line, p.What, p.Hint)
		}
		expected := strings.TrimSuffix(file, ".bad.yaml") + ".expected"
		if *update {
			if err := os.WriteFile(expected, []byte(b.String()), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(expected)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), b.String()); diff != "" {
			t.Errorf("%s (-want +got; -update rewrites it):\n%s", expected, diff)
		}
	}
}

func TestARuleLiesOverItsDefaults(t *testing.T) {
	text, err := os.ReadFile(files(t, "least.good.yaml")[0])
	if err != nil {
		t.Fatal(err)
	}
	got, problems, err := ParseRules(text)
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	want := []Rule{{
		Name: "drop", Kind: "rate_change", Metric: "vault_claim_rate_by_type", Comparison: "dod", Op: "<", Threshold: Ratio{big.NewRat(-1, 8)},
		Severity: "critical", Types: []string{"ALL", "DIAMOND", "GOLD", "PLATINUM"}, MinDenominator: 30, Significance: &Ratio{big.NewRat(1, 20)},
		Owner: "${NOT_SET}",
	}}
	if diff := cmp.Diff(want, got, exact); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func files(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("..", "..", "testdata", "alarms", pattern))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	return found
}

func TestRatiosAreExact(t *testing.T) {
	for text, want := range map[string]string{
		"-20%": "-1/5", "-0.2": "-1/5", "+15%": "3/20", "0.15": "3/20", "33.333333333333333333%": "33333333333333333333/100000000000000000000",
		"15 %": "", "1/5": "", "1e3": "", "": "", "%": "", "0x10": "", "1_000": "", ".5": "",
	} {
		got, err := ParseRatio(text)
		switch {
		case want == "" && err == nil:
			t.Errorf("%q: accepted as %s", text, got.rat.RatString())
		case want != "" && (err != nil || got.rat.RatString() != want):
			t.Errorf("%q: got %v, %v, want %s", text, got.rat, err, want)
		}
	}
	for text, want := range map[string]string{"-0.2": "-20%", "15%": "15%", "-12.5%": "-12.5%", "0": "0%", "10": "1000%"} {
		r, err := ParseRatio(text)
		if err != nil || r.Percent() != want {
			t.Errorf("%q: got %s, %v, want %s", text, r.Percent(), err, want)
		}
	}
}

func TestTheDigestOfARuleIsOfWhatItSays(t *testing.T) {
	parse := func(rule string) string {
		rules, problems, err := ParseRules([]byte("rules:\n  - {" + rule + "}"))
		if err != nil || len(problems) > 0 {
			t.Fatal(problems, err)
		}
		return rules[0].Digest()
	}
	const rest = `, name: drop, kind: rate_change, metric: vault_claim_rate_by_type, comparison: qoq, op: "<", severity: warn`
	same := parse("threshold: -20%" + rest)
	if parse("threshold: -0.20, min_denominator: 30, types: [PLATINUM, GOLD, ALL, DIAMOND]"+rest) != same {
		t.Error("the same rule in other words has another digest")
	}
	if parse("threshold: -20.1%"+rest) == same {
		t.Error("another rule has the same digest")
	}
}
