package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/transform/alarm"
	"vaultreport/warehouse"
)

// alarmWorldsChecked is how many random worlds of several days a run of the tests has; make soak has more.
const alarmWorldsChecked = 30

// Every cell of alarm_evaluation and alarm of every shipped rule is the same, whether the engine or the reference found it.
func TestAlarmsAgreeWithTheReference(t *testing.T) {
	inWorlds(t, alarmWorldsChecked, alarmWorlds(), func(t *rapid.T, m *machine, store *folder, w *World) {
		m.compareAlarms(t, store, w, m.evaluate(t, store, w))
	})
}

// After every night the alarms are those of what there is by then, whichever day came first, and with some of its lines too late: episodes
// go on, end, begin earlier, and vanish.
func TestAlarmsAgreeNightByNight(t *testing.T) {
	setWorlds(t, 6)
	m := newMachine(t)
	rapid.Check(t, func(t *rapid.T) {
		w := alarmWorlds().Draw(t, "world")
		store, done := m.newFolder(t)
		defer done()
		soFar := *w
		soFar.Days = map[bizday.Day]*Day{}
		arrive := func(dt bizday.Day, d *Day) {
			soFar.Days[dt] = d
			m.put(t, store, dt, d)
			m.run(t, store, &soFar)
			m.compareAlarms(t, store, &soFar, m.evaluate(t, store, &soFar))
		}
		order := w.sorted()
		if rapid.Bool().Draw(t, "in another order") {
			order = rapid.Permutation(order).Draw(t, "order")
		}
		var late []bizday.Day
		for _, dt := range order {
			d := *w.Days[dt]
			if rapid.IntRange(0, 3).Draw(t, "has late lines") == 3 {
				late = append(late, dt)
				d.Events = withoutEveryThird(d.Events, rapid.IntRange(0, 2).Draw(t, "late ones"))
			}
			arrive(dt, &d)
		}
		for _, dt := range late {
			arrive(dt, w.Days[dt])
		}
	})
}

func withoutEveryThird(events []Event, first int) (rest []Event) {
	for i, e := range events {
		if i%3 != first {
			rest = append(rest, e)
		}
	}
	return rest
}

// evaluate runs the shipped rules over all days.
func (m *machine) evaluate(t *rapid.T, store *folder, w *World) alarm.Summary {
	rules, err := alarm.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	o := alarm.Options{Rules: rules, Days: w.sorted(), Options: transform.Options{
		DB: m.db, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Params: transform.Params{K: w.K, RetireAfter: w.RetireAfter, DiamondTarget: w.DiamondTarget},
	}}
	summary, err := alarm.Run(context.Background(), store, m.project, o)
	if err != nil {
		t.Fatalf("%v\n%s", err, describe(w))
	}
	return summary
}

// shippedDigests are the digests of the shipped rules by their names and levels.
func shippedDigests(t *rapid.T) map[string]string {
	rules, err := alarm.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	digests := map[string]string{}
	for _, r := range rules {
		digests[r.Name+" "+r.Severity] = r.Digest()
	}
	return digests
}

// The columns that are compared: those that the definitions name.
var (
	evaluationColumns = []string{
		"dt", "rule", "level", "env", "vault_type", "value", "baseline", "numerator", "denominator", "baseline_numerator", "baseline_denominator",
		"threshold", "p_value", "state", "reason", "firing_since", "explanation", "peak", "peak_on",
	}
	alarmColumns = []string{
		"dt", "alarm_id", "rule", "level", "env", "vault_type", "started_at", "ended_at", "peak", "peak_at", "state", "severity", "rule_digest", "explanation",
	}
)

// compareAlarms holds both tables against the reference, one rule and env after the other, and tells what the first that differs is about;
// then what the run names: over all days every alarm, firing if it still does.
func (m *machine) compareAlarms(t *rapid.T, store *folder, w *World, summary alarm.Summary) {
	want := w.Alarms()
	digests := shippedDigests(t)
	var evaluations, episodes [][]string
	fires, wantFires := map[string]bool{}, map[string]bool{} // several alarms of one rule that start on one day are named once
	for _, r := range want.Evaluations {
		evaluations = append(evaluations, r.cells())
	}
	for _, r := range want.Alarms {
		episodes = append(episodes, r.cells(digests[r.Rule+" "+r.Level]))
		name := fmt.Sprintln(r.Dt, r.Rule, r.Level, r.Env, r.VaultType)
		wantFires[name] = wantFires[name] || r.State == "firing"
	}
	for _, c := range []struct {
		name    string
		columns []string
		want    [][]string
	}{{"alarm_evaluation", evaluationColumns, evaluations}, {"alarm", alarmColumns, episodes}} {
		of := m.columnsOf(t, c.name, c.columns)
		all := m.read(t, store, of)
		for _, row := range all {
			plain(of, row)
		}
		got, expected := aboutOne(of, all, c.want)
		if fault := difference(of, got, expected); fault != "" {
			row := slices.Concat(expected, got)[0]
			rule, env := row[slices.Index(c.columns, "rule")], row[slices.Index(c.columns, "env")]
			t.Fatalf("%s of %s in %s\n%s\n%s", c.name, rule, env, fault, describeFor(w, rule, env))
		}
	}
	for _, f := range summary.Fired {
		fires[fmt.Sprintln(f.Dt, f.Rule, f.Level, f.Env, f.VaultType)] = f.Firing
	}
	if diff := cmp.Diff(wantFires, fires); diff != "" {
		t.Fatalf("the alarms that the run names (-reference +run):\n%s", diff)
	}
}

// aboutOne returns the rows of the first rule and env of which not all rows are equal; all rows where there is none.
func aboutOne(of warehouse.Table, got, want [][]string) (g, w [][]string) {
	indexOf := func(name string) int {
		return slices.IndexFunc(of.Columns, func(c warehouse.Column) bool { return c.Name == name })
	}
	rule, env := indexOf("rule"), indexOf("env")
	for _, row := range slices.Concat(want, got) {
		isOther := func(other []string) bool { return other[rule] != row[rule] || other[env] != row[env] }
		g, w = slices.DeleteFunc(slices.Clone(got), isOther), slices.DeleteFunc(slices.Clone(want), isOther)
		if difference(of, g, w) != "" {
			return g, w
		}
	}
	return got, want
}

// columnsOf returns a table with those columns only.
func (m *machine) columnsOf(t *rapid.T, name string, columns []string) warehouse.Table {
	of, is := m.project.Table(name)
	if !is {
		t.Fatalf("no table %q", name)
	}
	var found []warehouse.Column
	for _, column := range columns {
		i := slices.IndexFunc(of.Columns, func(c warehouse.Column) bool { return c.Name == column })
		if i < 0 {
			t.Fatalf("%s has no column %q", name, column)
		}
		found = append(found, of.Columns[i])
	}
	of.Columns = found
	return of
}

// plain makes of an explanation what can be compared: the change and the parts. Of a rule without such parts nothing is. An
// exact peak has commas between its thousands.
func plain(of warehouse.Table, row []string) {
	for i, c := range of.Columns {
		if c.Name == "explanation" && row[i] != "NULL" {
			row[i] = explanationIn(row[i])
		}
		if c.Name == "peak" && c.Type == "VARCHAR" {
			row[i] = strings.ReplaceAll(row[i], ",", "")
		}
	}
}

// explanationIn returns the text of Explanation.String of a cell, NULL where there is no change.
func explanationIn(cell string) string {
	var e struct {
		Change *float64
		Parts  []struct {
			Name, Part string
			Value      float64
		}
	}
	if err := json.Unmarshal([]byte(cell), &e); err != nil {
		return cell
	}
	if e.Change == nil {
		return "NULL"
	}
	known := &Explanation{Change: new(big.Rat).SetFloat64(*e.Change)}
	for _, p := range e.Parts {
		known.Parts = append(known.Parts, Part{p.Name, p.Part, new(big.Rat).SetFloat64(p.Value)})
	}
	return known.String()
}

func (r EvaluationRow) cells() []string {
	day := func(dt *bizday.Day) any {
		if dt == nil {
			return ""
		}
		return *dt
	}
	peak := ""
	if r.Peak != nil {
		peak = r.Peak.RatString()
	}
	return asText(r.Dt, r.Rule, r.Level, r.Env, r.VaultType, r.Value, r.Baseline, r.Numerator, r.Denominator, r.BaselineNumerator, r.BaselineDenominator,
		r.Threshold, r.PValue, r.State, r.Reason, day(r.FiringSince), r.Explanation.String(), peak, day(r.PeakOn))
}

func (r AlarmRow) cells(digest string) []string {
	return asText(r.Dt, r.ID, r.Rule, r.Level, r.Env, r.VaultType, at(r.StartedAt), at(r.EndedAt), r.Peak, at(r.PeakAt), r.State, r.Level, digest,
		r.Explanation.String())
}
