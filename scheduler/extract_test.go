package scheduler

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract"
	"vaultreport/internal/errs"
)

func (w *world) mustExtract(day string) Extracted {
	w.t.Helper()
	o := w.options
	o.Start, o.End = mustDay(w.t, day), mustDay(w.t, day)
	result, err := Extract(context.Background(), o)
	if err != nil {
		w.t.Fatalf("extract %s: %v", day, err)
	}
	return result
}

// Extraction alone leaves marts and pages as they are; a run after it ends with the bytes of one that did both, and alarms may
// be evaluated in between.
func TestARunAfterAnExtractionEndsAsIfItHadDoneBoth(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Threads = 1
	first := w.mustExtract("2026-01-02")
	if first.Status != Published || first.Report != "" || len(first.Alarms) > 0 || first.Ledger.Kept == 0 {
		t.Errorf("%+v", first.Result)
	}
	if _, err := os.Stat(filepath.Join(w.options.Warehouse, "marts/metric_daily")); err == nil {
		t.Error("there are marts")
	}
	if _, err := Evaluate(context.Background(), w.options); errs.ClassOf(err) != errs.Usage {
		t.Errorf("alarms of a lake without marts: %v", err)
	}
	if again := w.mustExtract("2026-01-02"); again.Status != Unchanged || len(again.Files) != 0 {
		t.Errorf("the same day again: %+v", again)
	}
	if night := w.mustRun("2026-01-02"); night.Status != Published || night.Ledger.Read != 0 {
		t.Errorf("the run after it: %+v", night)
	}
	w.sameAsFresh("2026-01-02")

	// Late lines of the day, and a day whose models nobody ran.
	w.write("logs/2026-01-02/late.jsonl", []byte(sent(7)+"\nnonsense\n"))
	late := w.mustExtract("2026-01-03")
	want := []extract.FileTotals{{
		Source: "api", File: "logs/2026-01-02/late.jsonl", Totals: extract.Totals{Read: 2, Kept: 1, Quarantined: 1}, Reasons: map[string]int64{"not_json": 1},
	}}
	if got := filesNamed(late.Files, "logs/2026-01-02/late.jsonl"); !cmp.Equal(got, want) {
		t.Errorf("(-want +got)\n%s", cmp.Diff(want, got))
	}
	var sum extract.Totals
	for _, f := range late.Files {
		sum.Sum(f.Totals)
	}
	if sum != late.Ledger {
		t.Errorf("the files come to %+v, the ledger is %+v", sum, late.Ledger)
	}
	o := w.options
	o.Start, o.End = mustDay(t, "2026-01-02"), mustDay(t, "2026-01-03")
	if _, err := Evaluate(context.Background(), o); err != nil {
		t.Errorf("alarms before the models of the second day: %v", err)
	}
	w.mustRun("2026-01-03")
	w.sameAsFresh("2026-01-02..2026-01-03")
}

func filesNamed(files []extract.FileTotals, name string) (found []extract.FileTotals) {
	for _, f := range files {
		if f.File == name {
			found = append(found, f)
		}
	}
	return found
}

func TestAnExtractionHasTheGatesOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-03/a.jsonl", []byte("nonsense\n"+finished(1, "nightly-close-run")+"\n"))
	w.options.Start, w.options.End = mustDay(t, "2026-01-03"), mustDay(t, "2026-01-03")
	for name, spoil := range map[string]func(*Options){
		"too many lines are quarantined": func(o *Options) { o.MaxQuarantine = mustLimit(t, "0") },
		"a canary":                       func(o *Options) { o.Canaries = mustLiterals(t, "nightly-close-run") },
	} {
		o := w.options
		spoil(&o)
		if _, err := Extract(context.Background(), o); errs.ClassOf(err) != errs.Gate {
			t.Errorf("%s: got %v, want class Gate", name, err)
		}
		w.publishedNothing()
	}
	o := w.options
	o.Sources = nil
	if _, err := Extract(context.Background(), o); errs.ClassOf(err) != errs.Usage {
		t.Errorf("without a source: %v", err)
	}
}
