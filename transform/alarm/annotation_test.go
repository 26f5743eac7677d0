package alarm

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnnotationsSayWhatTheAlarmIs(t *testing.T) {
	rules, problems, err := ParseRules([]byte(`
rules:
  - name: dlq_size
    kind: step
    signal: dlq_size
    op: ">"
    threshold: 100
    severity: warn
    labels: {team: queues}
    annotations:
      plain: "no field, 100 % of the text"
      title: "{{.Rule}} {{.Level}} of {{.VaultType}} in {{.Env}}: {{.Value}} above {{.Threshold}}"
      times: "{{.Dt}}: {{.StartedAt}} to {{if .EndedAt}}{{.EndedAt}}{{else}}now{{end}}, most at {{.ValueAt}}"
      share: "{{percent .Value}}{{if and (eq .State ` + "`firing`" + `) (not .EndedAt)}} still{{end}}"
`))
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	about := Facts{
		Rule: "dlq_size", Level: "warn", Env: "prod", VaultType: all, State: firing, Dt: "2026-04-10", StartedAt: "noon", ValueAt: "one",
		Value: 0.12345, Threshold: 100.0,
	}
	got, err := rules[0].Annotate(about)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"plain": "no field, 100 % of the text",
		"title": "dlq_size warn of ALL in prod: 0.12345 above 100",
		"times": "2026-04-10: noon to now, most at one",
		"share": "12.35% still",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	about.Value = NotTold
	if got, err = rules[0].Annotate(about); err != nil || got["share"] != "not shown still" {
		t.Errorf("of a value that may not be told: %q, %v", got["share"], err)
	}
	if rules[0].Labels["team"] != "queues" {
		t.Errorf("labels: %v", rules[0].Labels)
	}
}
