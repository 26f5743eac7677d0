package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/errs"
	"vaultreport/internal/sample"
	"vaultreport/scheduler"
)

// called runs a command line; an exit code other than want ends the test.
func called(t *testing.T, want int, args ...string) []byte {
	t.Helper()
	var out, complaints bytes.Buffer
	cmd := exec.Command(mustBuild(t), append(args, "--quiet")...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		t.Fatalf("%v: exit code %d, want %d: %s", args, code, want, complaints.String())
	}
	return out.Bytes()
}

// The embedded sample over all its days, which hold two quarters, with the configuration that lies beside it.
func TestThePlantedIncidentsFireOnTheirDaysAndOnNoOthers(t *testing.T) {
	t.Parallel()
	o := sample.Default()
	o.Dir = t.TempDir()
	written, err := sample.Write(context.Background(), o, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	run := []string{"run", "--config", written.Config, "--start", written.First, "--end", written.Last, "-o", "json"}
	rows := func(into any, query string) {
		t.Helper()
		if err := json.Unmarshal(called(t, 0, "query", "--config", written.Config, "-o", "json", query), into); err != nil {
			t.Fatal(err)
		}
	}
	var first, second scheduler.Result
	if err := json.Unmarshal(called(t, 4, append(run, "--fail-on", "critical")...), &first); err != nil {
		t.Fatal(err)
	}

	type day struct{ Dt, Rule string }
	var want, got []day
	rules := map[string]bool{}
	for _, incident := range written.Incidents {
		want = append(want, day{incident.Day, incident.Rule})
		rules[incident.Rule] = true
	}
	if len(rules) != 7 {
		t.Fatalf("the sample plants incidents of %v", rules)
	}
	// A rule on event time may begin and end within a day, which its state at the end of the day does not tell.
	rows(&got, `select dt, rule from alarm_evaluation where env = 'prod' and state = 'firing'
		union select dt, rule from alarm where env = 'prod' order by dt, rule`)
	for _, d := range want {
		if !slices.Contains(got, d) {
			t.Errorf("%s does not fire on %s", d.Rule, d.Dt)
		}
	}
	for _, d := range got {
		if !slices.Contains(want, d) {
			t.Errorf("%s fires on %s, which nobody planted", d.Rule, d.Dt)
		}
	}

	// Both levels of a rule fire on the days that say so.
	type level struct{ Dt, Rule, Level string }
	var wantLevels, gotLevels []level
	for _, incident := range written.Incidents {
		if incident.Rule == "dlq_size" || incident.Rule == "compensation_pending" {
			wantLevels = append(wantLevels, level{incident.Day, incident.Rule, "warn"})
			if strings.Contains(incident.Cause, "critical") {
				wantLevels = append(wantLevels, level{incident.Day, incident.Rule, "critical"})
			}
		}
	}
	rows(&gotLevels, "select dt, rule, level from alarm where rule in ('dlq_size', 'compensation_pending') order by all")
	slices.SortFunc(wantLevels, func(a, b level) int {
		return cmp.Or(cmp.Compare(a.Dt, b.Dt), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Level, b.Level))
	})
	if !slices.Equal(wantLevels, gotLevels) {
		t.Errorf("planted levels %v, alarms %v", wantLevels, gotLevels)
	}

	// Every firing day lies in one alarm, and the run names each of them.
	var alarms []struct{ Explanation string }
	rows(&alarms, "select explanation from alarm")
	if len(alarms) == 0 || len(alarms) != len(first.Alarms) {
		t.Errorf("the run names %d alarms of %d", len(first.Alarms), len(alarms))
	}
	var stray []day
	rows(&stray, `select e.dt, e.rule from alarm_evaluation as e
		left join alarm as a on a.rule = e.rule and a.level = e.level and a.env = e.env and a.vault_type = e.vault_type and a.dt = e.firing_since
			and (a.ended_at is null or a.ended_at > e.dt)
		where e.state = 'firing' and a.alarm_id is null`)
	if len(stray) > 0 {
		t.Errorf("firing days without an alarm: %v", stray)
	}
	for _, a := range first.Alarms {
		want := scheduler.Resolved
		if a.Rule == "claim_rate_drop" {
			want = scheduler.Firing
		}
		if a.State != want {
			t.Errorf("%+v: want %s at the end of the sample", a, want)
		}
	}
	for _, a := range alarms {
		var x alarmExplanation
		if err := json.Unmarshal([]byte(a.Explanation), &x); err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for _, p := range x.Parts {
			sum += p.Value
		}
		if x.Text == "" || len(x.Parts) > 0 && math.Abs(sum-x.Change) > 1e-12 {
			t.Errorf("parts add up to %g: %s", sum, a.Explanation)
		}
	}

	// The same days again: nothing is published, and what fires is the same.
	if err := json.Unmarshal(called(t, 4, append(run, "--fail-on", "investigate")...), &second); err != nil {
		t.Fatal(err)
	}
	if second.Status != scheduler.Unchanged || !slices.Equal(first.Alarms, second.Alarms) {
		t.Errorf("a second run is %s and names %v, the first one %v", second.Status, second.Alarms, first.Alarms)
	}
}

func TestFailOn(t *testing.T) {
	investigate := scheduler.Alarm{Rule: "r", Level: "investigate", Env: "prod", VaultType: "ALL", State: scheduler.Firing, Dt: 20000}
	critical := investigate
	critical.Level, critical.State = "critical", scheduler.Resolved
	for _, c := range []struct {
		name, severity string
		alarms         []scheduler.Alarm
		fails          bool
	}{
		{"none never fails", "none", []scheduler.Alarm{investigate, critical}, false},
		{"an alarm of the severity", "investigate", []scheduler.Alarm{investigate}, true},
		{"an alarm below it", "warn", []scheduler.Alarm{investigate}, false},
		{"an alarm above it, which fired on a day of the run", "warn", []scheduler.Alarm{investigate, critical}, true},
		{"no alarm", "investigate", nil, false},
	} {
		err := failOn(c.severity, c.alarms)
		if (err != nil) != c.fails || err != nil && errs.ClassOf(err) != errs.Alarm {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestIDsOfAlarms(t *testing.T) {
	for id, want := range map[string]bool{
		"3f9a": true, "583a4f1b9596b1afb348896cee99bb48": true,
		"3f9": false, "583a4f1b9596b1afb348896cee99bb480": false, "3F9A": false, "3f9g": false, "": false, "%%%%": false,
	} {
		if got := validAlarmID(id); got != want {
			t.Errorf("%q: got %t", id, got)
		}
	}
}

func TestRulesAreFoundBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.yaml": "rules: []\n", "bad.yaml": "rules:\n  - {name: x, kindd: rate_change}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	c := config{File: filepath.Join(dir, "vaultreport.yaml"), Base: dir}
	if rules, err := c.rules(); err != nil || len(rules) != 9 {
		t.Errorf("without a file: got %v, %v, want the shipped rules", rules, err)
	}
	c.Alarms.Rules = "good.yaml"
	if rules, err := c.rules(); err != nil || rules == nil || len(rules) != 0 {
		t.Errorf("a file without rules: got %v, %v", rules, err)
	}
	for _, name := range []string{"bad.yaml", "missing.yaml"} {
		c.Alarms.Rules = name
		if _, err := c.rules(); errs.ClassOf(err) != errs.Usage {
			t.Errorf("%s: got %v, want a usage error", name, err)
		}
	}
}
