package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract"
	"vaultreport/internal/event"
	"vaultreport/internal/sample"
	"vaultreport/internal/vfs"
	"vaultreport/sql"
	"vaultreport/transform/catalogue"
)

func covered(t *testing.T, s extract.Source, files ...string) map[string]coveredMetric {
	t.Helper()
	metrics, _, err := catalogue.Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	s.MaxLine = 1 << 20
	seen, err := extract.Cover(t.Context(), vfs.OS(), s, files, func(int64) {})
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]coveredMetric)
	for _, m := range coverMetrics(metrics, seen) {
		byName[m.Metric] = m
	}
	return byName
}

func TestWhatLinesDoNotGiveIsNamedByMetric(t *testing.T) {
	const alert = `{"ts":"2026-01-02T03:04:05Z","event":"ALERT_SENT","user_id":1,"env":"prod"}`
	const latency = `{"ts":"2026-01-02T03:04:05Z","event":"NOTIFY_ENQUEUED","user_id":1,"env":"prod","latencyMs":5}`
	for _, c := range []struct {
		name, lines, metric string
		want                coveredMetric
	}{
		{"a required field is missing, and another name looks like it", latency, "notify_enqueue_latency", coveredMetric{Status: notComputable, Missing: []lack{
			{Needs: "NOTIFY_ENQUEUED", Reason: "missing_field", Field: "latency_ms", Lines: 1, Fix: "if latencyMs is that field: rename: {field: {latencyMs: latency_ms}}"},
		}}},
		{"some lines have it", latency + "\n" + `{"ts":"2026-01-02T03:04:05Z","event":"NOTIFY_ENQUEUED","user_id":1,"env":"prod","latency_ms":5}`, "notify_enqueue_latency",
			coveredMetric{Status: computable, Notes: []string{"1 of 2 lines of NOTIFY_ENQUEUED are refused"}}},
		{"no alert has a variant", alert, "alert_sent_count", coveredMetric{Status: computable, Notes: []string{
			"by variant there is only untagged: no line of ALERT_SENT has variant_id", "by type there is only untyped: no line of ALERT_SENT has vault_type",
		}}},
		{"there is no line of the other event", alert, "alert_click_rate", coveredMetric{Status: notComputable, Missing: []lack{{Needs: "ALERT_CLICKED", Reason: noLine}}}},
		{"a part can be computed", `{"ts":"2026-01-02T03:04:05Z","event":"VAULT_UNLOCKED","user_id":1,"vault_type":"GOLD","env":"prod"}
{"ts":"2026-01-02T03:04:05Z","event":"VAULT_CLAIMED","user_id":1,"vault_type":"GOLD","env":"prod"}`, "vault_unlock_conversion",
			coveredMetric{Status: partly, Missing: []lack{{Part: "expired_7d", Needs: "VAULT_EXPIRED", Reason: noLine}}}},
		{"no log holds a table", alert, "alert_delivery", coveredMetric{Status: notComputable, Missing: []lack{{Needs: "notifications_queue", Reason: noLog, Fix: "configure a source under tables"}}}},
		{"every line counts", "nonsense", "dq_lines", coveredMetric{Status: computable}},
		{"there is no line", "", "dq_lines", coveredMetric{Status: notComputable, Missing: []lack{{Needs: "events", Reason: noLine}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "a.jsonl")
			if err := os.WriteFile(file, []byte(c.lines), 0o640); err != nil {
				t.Fatal(err)
			}
			c.want.Metric = c.metric
			c.want.Missing, c.want.Notes = append([]lack{}, c.want.Missing...), append([]string{}, c.want.Notes...)
			if diff := cmp.Diff(c.want, covered(t, extract.Source{}, file)[c.metric]); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// The sample has every event, so that only tables are missing.
func TestTheLogsOfTheSampleCoverEveryMetricOfEvents(t *testing.T) {
	o := sample.Default()
	o.Dir, o.Users, o.Days = t.TempDir(), 100, 20
	if _, err := sample.Write(context.Background(), o, func(int, int) {}); err != nil {
		t.Fatal(err)
	}
	for name, m := range covered(t, extract.Source{}, filepath.Join(o.Dir, "logs/*/*")) {
		for _, l := range m.Missing {
			if l.Reason != noLog {
				t.Errorf("%s: %+v", name, l)
			}
		}
	}
}

func TestOptionalFieldsAreThoseThatLinesMayLack(t *testing.T) {
	metrics, _, err := catalogue.Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range optionalFields {
		for _, name := range o.metrics {
			if _, there := metrics.Metric(name); !there {
				t.Errorf("there is no metric %s", name)
			}
		}
		isOptional := func(k event.Kind) bool { return k.Lists().Has(o.field) && !k.Needs().Has(o.field) }
		if !slices.ContainsFunc(o.kinds, isOptional) {
			t.Errorf("%s: no event of %v may lack %s", o.without, o.kinds, o.field.Field())
		}
	}
}
