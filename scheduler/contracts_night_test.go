package scheduler

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// publishOtherwise publishes a day of queue_depth with a column that its contract does not have, under the same version.
func (w *world) publishOtherwise(day string) {
	w.t.Helper()
	ctx := context.Background()
	project, err := shippedProject()
	if err != nil {
		w.t.Fatal(err)
	}
	o := w.options
	o.Log = slog.New(slog.DiscardHandler)
	tx, err := begin(ctx, o, project)
	if err != nil {
		w.t.Fatal(err)
	}
	defer tx.Close()
	db, err := duck.Open(ctx, duck.Options{Threads: 1, MemoryBytes: 1 << 30, TempDir: w.t.TempDir()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	table, _ := project.Table("queue_depth")
	path, err := tx.StagePath(table, mustDay(w.t, day))
	if err != nil {
		w.t.Fatal(err)
	}
	text := "copy (select *, 1::bigint as samples from (" + table.Empty() + ")) to " + duck.Quote(path) + " (format parquet, kv_metadata {schema_version: '1'})"
	if _, err := db.Conn().ExecContext(ctx, text); err != nil {
		w.t.Fatal(err)
	}
	if _, err := tx.Add(table, mustDay(w.t, day), 0, ""); err != nil {
		w.t.Fatal(err)
	}
	if _, err := tx.Publish(ctx); err != nil {
		w.t.Fatal(err)
	}
}

func TestAContractThatDropsAPublishedColumnStopsTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	w.mustRun("2026-01-02")
	w.publishOtherwise("2026-01-02")
	before := w.latest()

	w.write("logs/2026-01-03/a.jsonl", []byte(finished(1, "close")+"\n"))
	_, err := w.run("2026-01-03")
	const want = "queue_depth is published otherwise: column samples is gone, which version 1 has"
	if errs.ClassOf(err) != errs.Gate || !strings.Contains(err.Error(), want) || !strings.Contains(errs.HintOf(err), "raise version to 2; nothing of this run is published") {
		t.Fatalf("got %v (hint %s), want %q", err, errs.HintOf(err), want)
	}
	if diff := cmp.Diff(before, w.latest()); diff != "" {
		t.Errorf("the snapshot is another (-before +after):\n%s", diff)
	}
	opened, err := warehouse.Open(warehouse.Options{Root: w.options.Warehouse})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := opened.Begin(context.Background(), warehouse.Identity{KeyID: w.options.Key.ID(), Zone: "Asia/Seoul"}, nil)
	if err != nil {
		t.Fatalf("the lease was not given back: %v", err)
	}
	tx.Close()
}
