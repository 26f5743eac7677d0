package scheduler

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// tree is every file and folder below a folder, with what tells that somebody wrote there.
func (w *world) tree(dir string) map[string]string {
	w.t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := ""
		if !d.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = string(text)
		}
		found[path] = fmt.Sprintf("%s %s %x", info.Mode(), info.ModTime(), sha256.Sum256([]byte(content)))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestAPlanWritesNothingAndNeedsNoLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	before := w.tree(w.dir)
	if p := w.mustPlan("2026-01-02"); p.Snapshot != "" || len(p.Days) != 1 || len(p.Models) == 0 {
		t.Errorf("without a warehouse: %+v", p)
	}
	if diff := cmp.Diff(before, w.tree(w.dir)); diff != "" {
		t.Errorf("without a warehouse:\n%s", diff)
	}
	w.mustRun("2026-01-02")
	w.write("logs/2026-01-02/b.jsonl", []byte(sent(2)+"\n"))
	_, err := inTransaction(context.Background(), w.optionsFor("2026-01-02"), func(context.Context, *warehouse.Tx, *transform.Project, Options) (any, error) {
		before := w.tree(w.dir)
		if p := w.mustPlan("2026-01-02"); p.Snapshot != "0000000001" || len(p.Days) != 1 {
			t.Errorf("beside a run: %+v", p)
		}
		if diff := cmp.Diff(before, w.tree(w.dir)); diff != "" {
			t.Errorf("beside a run:\n%s", diff)
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPlanRefusesAnotherKeyAndAnotherZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	w.mustRun("2026-01-02")
	w.options.Zone = newWorld(t, "UTC").options.Zone
	if _, err := Plan(context.Background(), w.optionsFor("2026-01-02")); errs.ClassOf(err) != errs.Usage {
		t.Errorf("got %v, want class Usage", err)
	}
}

func TestAFullPlanShowsWhatTheRunThenChangesAndPublishesNothing(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	_, last, _ := strings.Cut(night.span, "..")
	var late strings.Builder
	fmt.Fprintf(&late, `{"ts":"%sT05:00:00+09:00","event":"BATCH_RUN_FINISHED","job":"late","outcome":"failure","env":"prod"}`+"\n", mustDay(t, last)-1)
	for i := 1; i < 1000; i++ {
		day := mustDay(t, last) - bizday.Day(1+i%5)
		fmt.Fprintf(&late, `{"ts":"%sT%02d:00:00+09:00","event":"VAULT_CLAIMED","user_id":%d,"vault_type":"GOLD","env":"prod"}`+"\n", day, i%24, 1000+i)
	}
	w.write("logs/"+last+"/late.jsonl.gz", []byte(late.String()))
	before, alarmsBefore := w.digests(), w.alarms()
	full, err := PlanFull(context.Background(), w.optionsFor(last))
	if err != nil {
		t.Fatal(err)
	}
	parent, err := toBuildOn(w.optionsFor(last))
	if err != nil || parent.ID != night.result.Snapshot {
		t.Fatalf("newest snapshot %v, error %v", parent, err)
	}
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("published files changed:\n%s", diff)
	}
	p := w.mustPlan(last)
	if len(p.Days) != 5 {
		t.Errorf("planned days: %+v", p.Days)
	}
	w.checkPlan(p, last)

	for _, c := range full.Tables {
		if c.Table == "events" && c.Added != 200 {
			t.Errorf("events of %s: %+v", c.Dt, c)
		}
	}
	after, err := toBuildOn(w.optionsFor(last))
	if err != nil {
		t.Fatal(err)
	}
	differing := 0
	for _, f := range after.Files {
		if was, _ := parent.File(f.Table, f.Dt); f.Table != warehouse.ReportTable && was.SHA256 != f.SHA256 {
			differing++
		}
	}
	if differing != len(full.Tables)+full.SameRows {
		t.Errorf("%d files differ after the run, %d with other rows and %d with the same were announced", differing, len(full.Tables), full.SameRows)
	}
	var cells strings.Builder
	cells.WriteString("dt,env,metric,period,vault_type,variant_id,segment,statistic,old_state,new_state\n")
	for _, c := range full.Cells {
		fmt.Fprintf(&cells, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", c.Dt, c.Env, c.Metric, c.Period, c.VaultType, c.VariantID, c.Segment, c.Statistic, textOf(c.OldState), textOf(c.NewState))
	}
	restated := w.query("select dt, env, metric, period, vault_type, variant_id, segment, statistic, old_state, new_state from restatement order by dt, env, metric, period, vault_type, variant_id, segment, statistic")
	if diff := cmp.Diff(restated, cells.String()); diff != "" || len(full.Cells) < 5 {
		t.Errorf("%d cells (-restated +announced):\n%s", len(full.Cells), diff)
	}
	if len(full.Pages) == 0 {
		t.Error("no page would change")
	}
	changed := map[string]string{}
	for _, a := range full.Alarms {
		changed[a.AlarmID] = a.Change
	}
	want := map[string]string{}
	alarmsAfter := w.alarms()
	for id, row := range alarmsBefore {
		if _, there := alarmsAfter[id]; !there {
			want[id] = transform.Disappears
		} else if alarmsAfter[id] != row {
			want[id] = transform.Differs
		}
	}
	for id := range alarmsAfter {
		if _, there := alarmsBefore[id]; !there {
			want[id] = transform.Appears
		}
	}
	if diff := cmp.Diff(want, changed); diff != "" || len(want) == 0 {
		t.Errorf("alarms (-changed by the run +announced):\n%s", diff)
	}
}

// alarms are the published ones, by id.
func (w *world) alarms() map[string]string {
	rows := make(map[string]string)
	for line := range strings.Lines(w.query("select alarm_id, * from alarm order by all")) {
		id, row, _ := strings.Cut(line, ",")
		rows[id] = row
	}
	return rows
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
