package scheduler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/errs"
)

func TestTheStagesOneByOneGiveWhatARunGives(t *testing.T) {
	t.Parallel()
	both := [2]*world{newWorld(t, "Asia/Seoul"), newWorld(t, "Asia/Seoul")}
	for _, w := range both {
		w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"+sent(2)+"\n"))
		w.write("logs/2026-01-03/a.jsonl", []byte(strings.ReplaceAll(sent(3), "01-02T", "01-03T")+"\n"))
	}
	both[0].mustRun("2026-01-02..2026-01-03")

	w, ctx := both[1], context.Background()
	o := w.optionsFor("2026-01-02..2026-01-03")
	if _, err := Extract(ctx, o); err != nil {
		t.Fatal(err)
	}
	if _, err := Report(ctx, o); errs.ClassOf(err) != errs.Usage {
		t.Errorf("pages of nothing: got %v, want class Usage", err)
	}
	if r, err := Transform(ctx, o); err != nil || r.Status != Published || r.Report != "" {
		t.Fatalf("transform: %+v, error %v", r, err)
	}
	if _, err := Report(ctx, o); errs.ClassOf(err) != errs.Usage || !strings.Contains(err.Error(), "alarms are not evaluated") {
		t.Errorf("pages without alarms: got %v, want class Usage", err)
	}
	if _, err := Evaluate(ctx, o); err != nil {
		t.Fatal(err)
	}
	for _, stage := range []func(context.Context, Options) (Result, error){Transform, Report} {
		if r, err := stage(ctx, o); err != nil || r.Status != Unchanged {
			t.Errorf("once more: %+v, error %v", r, err)
		}
	}
	if diff := cmp.Diff(both[0].digests(), w.digests()); diff != "" {
		t.Errorf("files (-run +stages):\n%s", diff)
	}
	page := func(w *world) string {
		text, err := os.ReadFile(filepath.Join(w.options.Warehouse, "reports/dt=2026-01-03/index.html"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if diff := cmp.Diff(page(both[0]), page(w)); diff != "" {
		t.Errorf("page (-run +stages):\n%s", diff)
	}

	o.Title = "Another title"
	if r, err := Report(ctx, o); err != nil || r.Status != Published || !strings.Contains(page(w), "Another title") {
		t.Errorf("another title: %+v, error %v", r, err)
	}
}
