package alarm

import (
	"fmt"
	"strings"
	"testing"
)

func TestGapsBetweenVariants(t *testing.T) {
	rules, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	rule := rules[len(rules)-1]
	for _, c := range []struct {
		name, variants string // NAME HITS/MATURE, of a hidden one with :k or :complementary, of one that is not mature with +SENT
		want           string
	}{
		{"no variant", "", "insufficient_data min_denominator"},
		{"one variant", "A 20/100", "insufficient_data min_denominator A 20/100"},
		{"exactly 15 points", "A 30/100, B 15/100", "ok A 30/100 B 15/100 value 3/20"},
		{"one claim more", "A 31/100, B 15/100", "firing A 31/100 B 15/100 value 4/25"},
		{"in whichever order", "A 15/100, B 31/100", "firing B 31/100 A 15/100 value 4/25"},
		{"a lowest rate of 0 is no zero baseline", "A 16/100, B 0/100", "firing A 16/100 B 0/100 value 4/25"},
		{"29 alerts are not looked at", "A 31/100, B 15/100, C 0/29", "firing A 31/100 B 15/100 value 4/25"},
		{"30 alerts are", "A 31/100, B 15/100, C 0/30", "firing A 31/100 C 0/30 value 31/100"},
		{"at equal rates the one with more alerts", "A 31/100, B 15/100, C 30/200", "firing A 31/100 C 30/200 value 4/25"},
		{"then the first name", "A 31/100, C 15/100, B 15/100", "firing A 31/100 B 15/100 value 4/25"},
		{"all rates equal: one variant stands for both sides", "A 10/100, B 20/200", "ok B 20/200 B 20/200 value 0"},
		{"perhaps chance", "A 8/30, B 3/30", "insufficient_data significance A 8/30 B 3/30 value 1/6"},
		{"no gap is ok, whatever the p-value", "A 4/30, B 3/30", "ok A 4/30 B 3/30 value 1/30"},
		{"a variant that is not mature, of however few alerts", "A 31/100, B 15/100, C 0/1+2", "no_data immature"},
		{"a side below k", "A 31/100, B 15/100:k", "insufficient_data k A 31/100"},
		{"two sides below k", "A 31/100:k, B 15/100:k", "insufficient_data k"},
		{"a variant below k that is no side", "A 31/100, B 15/100, C 20/100:k", "firing A 31/100 B 15/100 value 4/25"},
		{"a side that would tell of one below k fires without its numbers", "A 31/100, B 15/100:complementary, C 1/5:k", "firing A 31/100"},
	} {
		var variants []variant
		for _, text := range strings.Split(c.variants, ", ") {
			if text == "" {
				continue
			}
			v := variant{side: side{state: ok}}
			text, v.side.reason, _ = strings.Cut(text, ":")
			if v.side.reason != "" {
				v.side.state = "suppressed"
			}
			text, sent, isLate := strings.Cut(text, "+")
			fmt.Sscanf(text, "%s %d/%d", &v.name, &v.side.numerator, &v.mature)
			v.side.denominator, v.sent = v.mature, v.mature
			if isLate {
				fmt.Sscan(sent, &v.sent)
			}
			variants = append(variants, v)
		}
		g := rule.findGap(side{state: ok}, variants, false)
		words := []string{g.state}
		if g.reason != "" {
			words = append(words, g.reason)
		}
		for _, x := range []struct {
			name string
			side *side
		}{{g.highest, g.current}, {g.lowest, g.baseline}} {
			if x.side != nil {
				words = append(words, fmt.Sprintf("%s %d/%d", x.name, x.side.numerator, x.side.denominator))
			}
		}
		if g.change != nil {
			words = append(words, "value "+g.change.RatString())
		} else if g.p != nil || g.baselineRate != nil {
			t.Errorf("%s: p or baseline without a value", c.name)
		}
		if got := strings.Join(words, " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
		if g.state == firing {
			x := rule.explainGap(Evaluation{Env: "prod"}, g)
			sum := times(rule.Threshold.rat, rule.Threshold.rat)
			sum.Sub(sum, sum)
			for _, p := range x.parts {
				sum.Add(sum, p.value)
			}
			if g.change != nil && sum.Cmp(g.change) != 0 || g.change == nil && len(x.parts) > 0 || x.text == "" {
				t.Errorf("%s: explanation %s", c.name, x.encode())
			}
		}
	}
}

func TestWhatCannotBeComputedHasNoGap(t *testing.T) {
	rules, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	g := rules[len(rules)-1].findGap(side{state: "not_computable", reason: "ALERT_SENT"}, []variant{{name: "A", mature: 100, sent: 100}}, true)
	if g.state != noData || g.reason != "ALERT_SENT" || g.current != nil {
		t.Errorf("got %+v", g.finding)
	}
}
