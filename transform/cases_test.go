package transform

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"vaultreport/sql"
)

// The cases of sql/models/*.test, and the stories of testdata/metrics/*.test.
func TestCases(t *testing.T) {
	p, db := project(t), engine(t, 1)
	cases, err := UnitCases(sql.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	stories, err := os.ReadDir("../testdata/metrics")
	if err != nil || len(stories) == 0 {
		t.Fatalf("no story: %v", err)
	}
	for _, story := range stories {
		text, err := os.ReadFile("../testdata/metrics/" + story.Name())
		if err != nil {
			t.Fatal(err)
		}
		name, _ := strings.CutSuffix(story.Name(), ".test")
		found, err := parseCases(story.Name(), name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, found...)
	}
	for _, c := range cases {
		t.Run(c.Model+"/"+c.Name, func(t *testing.T) {
			faults, err := p.RunUnit(context.Background(), c, db, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			for _, fault := range faults {
				t.Error(fault)
			}
		})
	}
}

// A model without a case is a model that nobody has explained.
func TestEveryModelHasACase(t *testing.T) {
	p := project(t)
	for _, m := range slices.AppendSeq(slices.Clone(p.models), maps.Values(p.views)) {
		if _, err := fs.Stat(sql.FS, strings.TrimSuffix(m.file, ".yaml")+".test"); err != nil {
			t.Errorf("write %s.test beside %s", m.table.Name, m.file)
		}
	}
}

func TestACaseThatIsWrongNamesFileAndLine(t *testing.T) {
	p, db := project(t), engine(t, 1)
	const good = `case a failed run is counted
rule docs/definitions.md 5
given events 2026-01-02
  ts     event               env   job  outcome
  01:00  BATCH_RUN_FINISHED  prod  a    failure
expect metrics_batch 2026-01-02 where segment=a statistic=count
  env   value  users
  prod  1      NULL
`
	for _, c := range []struct{ name, from, to, want string }{
		{"nothing", "", "", ""},
		{"another number comes out", "prod  1 ", "prod  2 ", "m.test:6: metrics_batch of 2026-01-02\ngot\n  env   value  users\n  prod  1.0    NULL\nwant\n  env   value  users\n  prod  2.0    NULL\n"},
		{"a row that is too short", "a    failure", "failure", "m.test:5: the row has 4 cells, and its block 5 columns"},
		{"a word that there is not", "rule docs", "rules docs", `m.test:2: unknown word "rules"`},
		{"no rule", "rule docs/definitions.md 5\n", "", `m.test:1: case "a failed run is counted" says no rule`},
		{"a table that there is not", "given events", "given event", `m.test:3: there is no table "event"`},
		{"a column that there is not", "  job  outcome", "  jop  outcome", `m.test:3: table events has no column "jop"`},
		{"a time that is none", "01:00 ", "25:00 ", `m.test:3: "25:00" in column ts is no time`},
		{"a day that is not extracted", "expect metrics_batch 2026-01-02", "expect metric_measure 2026-01-03", `m.test:6: metric_measure has no file of 2026-01-03`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			cases, err := parseCases("m.test", "m", strings.Replace(good, c.from, c.to, 1))
			if err == nil {
				var faults []string
				faults, err = p.RunUnit(context.Background(), cases[0], db, t.TempDir())
				got = strings.Join(faults, "")
			}
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
