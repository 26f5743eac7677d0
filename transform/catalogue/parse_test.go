package catalogue

import (
	"fmt"
	"strings"
	"testing"

	"vaultreport/sql"
)

func TestTheShippedCatalogueReads(t *testing.T) {
	c, _, err := Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range c {
		if len(m.Choices) == 0 {
			t.Errorf("%s: no choice was written down", m.Name)
		}
		for _, text := range append([]string{m.Summary, m.Definition}, m.Choices...) {
			if !strings.HasSuffix(text, ".") || text != strings.TrimSpace(text) {
				t.Errorf("%s: %q is not a sentence", m.Name, text)
			}
		}
	}
}

const twoMetrics = `metrics:
  - name: opened
    summary: Vaults opened.
    definition: Vaults that were opened on dt.
    sections: [5]
    model: metrics_opened
    window: 24h
    about_users: true
    rows:
      - {statistics: [count], unit: count, explain: opened}
    needs:
      - {event: VAULT_UNLOCKED, vaults_by: events}
  - name: closed
    summary: Vaults closed.
    definition: Vaults that were closed on dt.
    sections: [5]
    model: metrics_closed
    about_users: true
    rows: []
    needs: []
`

func TestParseNamesEveryFaultWithItsLine(t *testing.T) {
	for _, c := range []struct {
		name, from, to string
		want           string
	}{
		{"nothing wrong", "24h", "25h", ""},
		{"an unknown key", "    window: 24h", "    windo: 24h", `7: unknown key "windo"`},
		{"a missing key", "    model: metrics_opened\n", "", `2: metrics[0] lacks the key "model"`},
		{"an unknown kind of event", "VAULT_UNLOCKED", "VAULT_UNLOKED", "12: metrics[0].needs[0].event has a bad value: no kind of event has this name"},
		{"a unit that there is not", "unit: count", "unit: percent", "10: metrics[0].rows[0].unit must be one of ratio, count, days, krw, ms, s"},
		{"a length without a unit", "window: 24h", `window: "24"`, "7: metrics[0].window has a bad value: a length is a number and a unit, such as 24h"},
		{"a need of two things", "{event", "{table: vault_status, event", "12: metrics[0].needs[0] names one of event, events, table and column"},
		{"a name twice", "name: closed", "name: opened", "13: metrics[1].name is taken by the metric of line 2"},
		{"two faults", "window: 24h\n    about_users: true", "windo: 24h\n    about_users: maybe", `7: unknown key "windo"; 8: metrics[0].about_users must be true or false, not a text`},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := strings.Replace(twoMetrics, c.from, c.to, 1)
			if text == twoMetrics {
				t.Fatalf("the text does not hold %q", c.from)
			}
			_, problems, err := Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := make([]string, len(problems))
			for i, p := range problems {
				got[i] = fmt.Sprintf("%d: %s", p.Line, p.What)
			}
			if strings.Join(got, "; ") != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestACellHasTheShapeOfItsSplits(t *testing.T) {
	c, _, err := Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		cell Cell
		want bool
	}{
		{Cell{"vault_claim_rate_by_type", "qtd", "GOLD", All, All, "rate"}, true},
		{Cell{"vault_claim_rate_by_type", "day", "BONUS", All, All, "rate"}, false},
		{Cell{"alert_sent_count", "day", "BONUS", All, All, "count"}, true},
		{Cell{"alert_sent_count", "day", All, "A", All, "count"}, true},
		{Cell{"alert_sent_count", "day", "GOLD", "A", All, "count"}, false},
		{Cell{"alert_click_rate", "qtd", All, All, All, "rate"}, false},
		{Cell{"diamond_deposit_progress", "day", "DIAMOND", All, "of_target", "p50"}, true},
		{Cell{"diamond_deposit_progress", "day", "DIAMOND", All, "of_target", "count"}, false},
		{Cell{"extend_expiry_applied_count", "day", All, All, "shadow:OPS", "count"}, true},
		{Cell{"extend_expiry_applied_count", "day", All, All, All, "count"}, false},
	} {
		m, ok := c.Metric(x.cell.Metric)
		if !ok {
			t.Fatal(x.cell.Metric)
		}
		if _, has := m.Shape(x.cell); has != x.want {
			t.Errorf("%+v: got %v", x.cell, has)
		}
	}
}
