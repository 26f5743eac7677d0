package scheduler

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/errs"
	"vaultreport/transform/alarm"
)

func TestRulesAreEvaluatedAgainWithoutARun(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	unborn := w.options
	unborn.Warehouse = filepath.Join(t.TempDir(), "warehouse")
	if _, err := Evaluate(context.Background(), unborn); errs.ClassOf(err) != errs.Usage {
		t.Errorf("of a warehouse without days: %v", err)
	}
	first := night.result
	before := w.digests()
	evaluate := func(rules []alarm.Rule, status string) Result {
		t.Helper()
		o := w.options
		o.Rules = rules
		result, err := Evaluate(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		if result.Status != status || result.Ledger.Read != 0 {
			t.Errorf("%+v, want %s", result, status)
		}
		return result
	}
	if again := evaluate(nil, Unchanged); again.Snapshot != first.Snapshot {
		t.Errorf("the same rules made snapshot %s of %s", again.Snapshot, first.Snapshot)
	}
	if none := evaluate([]alarm.Rule{}, Published); len(none.Alarms) > 0 {
		t.Errorf("without rules: %+v", none)
	}
	if diff := cmp.Diff(before, w.digests()); diff == "" {
		t.Error("without rules the files are the same")
	}
	evaluate(nil, Published)
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("back under the first rules (-before +after):\n%s", diff)
	}
	if last := w.mustRun(night.span); last.Status != Unchanged {
		t.Errorf("a run after it: %+v", last)
	}
}
