package warehouse

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

func TestAPublicationIsWhatWasStagedOverItsParent(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	first := firstContent().mustRun(t, w)
	equal(t, "first snapshot", snapshotFiles(t, w, first), firstContent().files())
	equal(t, "glob tree", globTree(t, w.Root()), firstContent().files())

	second := secondContent().mustRun(t, w)
	want := secondContent().over(firstContent()).files()
	equal(t, "second snapshot", snapshotFiles(t, w, second), want)
	equal(t, "glob tree", globTree(t, w.Root()), want)
	equal(t, "ids", []string{first.ID, first.Parent, second.ID, second.Parent}, []string{"0000000001", "", "0000000002", "0000000001"})

	latest, err := w.Latest()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "latest", latest, second)
	for _, id := range []string{"1", "0000000001"} {
		old, err := w.Snapshot(id)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "the old snapshot stays", snapshotFiles(t, w, old), firstContent().files())
	}
	equal(t, "days", second.Days("events"), []bizday.Day{day1, day2, day3})
	equal(t, "days of reports", second.Days(ReportTable), []bizday.Day{day1, day2})
	if f, ok := second.File(ReportTable, day2); !ok || f.Path != "reports/dt=2026-01-03/index.html" {
		t.Errorf("the report of the newest day: got %v, %v", f, ok)
	}
	if _, ok := second.File("alarm", day1); ok {
		t.Error("a removed file is in the manifest")
	}
	if _, err := os.Stat(filepath.Join(w.Root(), "marts/alarm/dt=2026-01-02")); !os.IsNotExist(err) {
		t.Errorf("the folder of a removed file: got %v, want none", err)
	}
	noLeftOvers(t, w.Root())
}

// A mart that a version no longer has goes with its next snapshot; of the lake nothing goes.
func TestAMartThatTheVersionDoesNotHaveGoes(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	firstContent().mustRun(t, w)
	tx, err := w.Begin(context.Background(), identity, []Table{table("metric_daily")})
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	if _, err := tx.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	want := firstContent().files()
	delete(want, "marts/alarm/dt=2026-01-02/data.parquet")
	equal(t, "glob tree", globTree(t, w.Root()), want)
}

func noLeftOvers(t testing.TB, root string) {
	t.Helper()
	for name := range disk(t, root) {
		if strings.Contains(name, nextPrefix) || strings.HasPrefix(name, stagingDir) {
			t.Errorf("left over: %s", name)
		}
	}
	staging, err := os.ReadDir(filepath.Join(root, stagingDir))
	if err != nil || len(staging) > 0 {
		t.Errorf("staging holds %v, %v; want nothing", staging, err)
	}
}

// The order is the proof of promises 1 to 3: what a name refers to is durable before the name appears.
func TestTheOrderOfAPublication(t *testing.T) {
	for _, c := range []struct {
		golden string
		rule   faultfs.Rule
	}{
		{"publish.txt", nil},
		{"publish_without_links.txt", faultfs.Every("link", faultfs.Fail)},
	} {
		t.Run(c.golden, func(t *testing.T) {
			root := t.TempDir()
			firstContent().mustRun(t, machine{root: root, fs: faultfs.New(vfs.OS(), c.rule)}.open(t))
			fsys := faultfs.New(vfs.OS(), c.rule)
			secondContent().mustRun(t, machine{root: root, fs: fsys}.open(t))
			var b strings.Builder
			for _, call := range fsys.Calls() {
				if call.Changes() {
					b.WriteString(strings.ReplaceAll(strings.ReplaceAll(call.String(), root+"/", ""), root, ".") + "\n")
				}
			}
			golden(t, c.golden, b.String())
		})
	}
}

func TestWhatIsPublishedIsForTheGroupAtMost(t *testing.T) {
	w := machine{root: filepath.Join(t.TempDir(), "warehouse")}.open(t)
	firstContent().mustRun(t, w)
	err := filepath.WalkDir(w.Root(), func(name string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		most := vfs.FileMode
		if e.IsDir() {
			most = vfs.DirMode
		}
		if info.Mode().Perm()&^most != 0 {
			t.Errorf("%s: mode %s, at most %s wanted", relative(t, w.Root(), name), info.Mode().Perm(), most)
		}
		path := relative(t, w.Root(), name)
		if hidden := strings.HasPrefix(path, "_") || strings.HasPrefix(e.Name(), "."); hidden && strings.HasSuffix(path, ".parquet") {
			t.Errorf("%s looks like data", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingChangedMakesNoSnapshot(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	first := firstContent().mustRun(t, w)
	before := disk(t, w.Root())

	tx := begin(t, w)
	mustStage(t, firstContent(), tx)
	path, err := tx.StagePath(table("events"), day1)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("events of day 1"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Add(table("events"), day1, 7, "another key"); err != nil {
		t.Fatal(err)
	}
	tx.SetInputs([]Input{{Source: "api", Name: "new.jsonl"}})
	if changed := tx.Changed(); len(changed) > 0 {
		t.Errorf("changed: got %v, want nothing", changed)
	}
	m, err := tx.Publish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "manifest", m, first)
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "disk", disk(t, w.Root()), before)
}

func TestAnEmptyRunOnAnEmptyWarehouse(t *testing.T) {
	w := machine{root: filepath.Join(t.TempDir(), "new", "warehouse")}.open(t)
	if m, err := w.Latest(); err != nil || m.ID != "" || len(m.Files) > 0 {
		t.Errorf("latest of no folder: got %v, %v; want an empty manifest", m, err)
	}
	if m := (content{}).mustRun(t, w); m.ID != "" {
		t.Errorf("got snapshot %s, want none", m.ID)
	}
	if _, err := os.Stat(filepath.Join(w.Root(), viewsFile)); !os.IsNotExist(err) {
		t.Errorf("views.sql: got %v, want none", err)
	}
}

func TestInputsAndKeysGoWithTheNextSnapshot(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	tx := begin(t, w)
	mustStage(t, firstContent(), tx)
	filed := day2
	inputs := []Input{
		{Source: "api", Name: "b.jsonl", Size: 7, MTime: time.Date(2026, 1, 3, 0, 0, 0, 5, time.UTC), SHA256: "00ff", Reader: "1", Filed: &filed, Lines: 3, Days: []InputDay{{day1, 2}}},
		{Source: "api", Name: "a.jsonl", Damaged: true},
	}
	tx.SetInputs(inputs)
	if _, err := tx.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	want := []Input{inputs[1], inputs[0]}

	m := secondContent().mustRun(t, w)
	equal(t, "inputs stay with a run that sets none", m.Inputs, want)
	read, err := w.Latest()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "inputs as read", read.Inputs, want)
}

func TestATransactionSeesWhatItStagedOverTheParent(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	firstContent().mustRun(t, w)
	tx := begin(t, w)
	mustStage(t, secondContent(), tx)
	equal(t, "parent", tx.Parent().ID, "0000000001")
	equal(t, "days", tx.Days("events"), []bizday.Day{day1, day2, day3})
	got := map[string]string{}
	for _, at := range []place{{"events", day1}, {"events", day3}, {"metric_daily", day1}} {
		f, ok := tx.File(at.table, at.dt)
		if !ok {
			t.Fatalf("%v is not there", at)
		}
		got[f.Path] = readText(t, tx.ReadPath(f))
		if strings.HasSuffix(tx.ReadPath(f), ".parquet") {
			t.Errorf("%s looks like data", tx.ReadPath(f))
		}
	}
	equal(t, "content", got, map[string]string{
		"lake/events/dt=2026-01-02/data.parquet":        "events of day 1",
		"lake/events/dt=2026-01-04/data.parquet":        "events of day 3",
		"marts/metric_daily/dt=2026-01-02/data.parquet": "metrics of day 1, with late rows",
	})
	if f, ok := tx.File("alarm", day1); ok {
		t.Errorf("a removed file is there: %v", f)
	}
	var changed []string
	for _, f := range tx.Changed() {
		changed = append(changed, f.Path)
	}
	equal(t, "changed", changed, []string{
		"lake/events/dt=2026-01-04/data.parquet", "marts/metric_daily/dt=2026-01-02/data.parquet", "reports/dt=2026-01-03/index.html",
	})
	equal(t, "readers", globTree(t, w.Root()), firstContent().files())
	m, err := tx.Publish(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range m.Files {
		equal(t, f.Path+" after publication", readText(t, tx.ReadPath(f)), secondContent().over(firstContent()).files()[f.Path])
	}
}

func TestACancelledRunPublishesNothing(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	firstContent().mustRun(t, w)
	tx := begin(t, w)
	mustStage(t, secondContent(), tx)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := tx.Publish(ctx); err == nil {
		t.Error("published")
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "glob tree", globTree(t, w.Root()), firstContent().files())
	noLeftOvers(t, w.Root())
}

func TestTheRecordOfARunStays(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	tx := begin(t, w)
	for _, status := range []string{"running", "published"} {
		if err := tx.Record(map[string]string{"status": status}); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	begin(t, w)
	equal(t, "record", readText(t, filepath.Join(w.Root(), runsDir, tx.RunID()+".json")), `{"status":"published"}`+"\n")
}

func TestRunIDsAreUniqueWithinASecond(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	seen := map[string]bool{}
	for range 3 {
		tx := begin(t, w)
		if seen[tx.RunID()] || !strings.HasPrefix(tx.RunID(), "20260103T021305Z-4121") {
			t.Errorf("run id %s", tx.RunID())
		}
		seen[tx.RunID()] = true
		if err := tx.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAWarehouseNeverMixesKeysOrZones(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	firstContent().mustRun(t, w)
	for _, c := range []struct {
		name string
		id   Identity
		want string
	}{
		{"another key", Identity{KeyID: "ffffffff", Zone: "Asia/Seoul"}, "begin run: the warehouse has key id 0011aabb, this run has ffffffff"},
		{"another zone", Identity{KeyID: "0011aabb", Zone: "UTC"}, "begin run: the warehouse has zone Asia/Seoul, this run has UTC"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.Begin(context.Background(), c.id, testTables())
			if err == nil || err.Error() != c.want || errs.ClassOf(err) != errs.Usage || !strings.Contains(errs.HintOf(err), "new warehouse folder") {
				t.Errorf("got %v, hint %q; want %s", err, errs.HintOf(err), c.want)
			}
		})
	}
	secondContent().mustRun(t, w) // the refused runs hold no lease
}

func TestRefusals(t *testing.T) {
	if _, err := Open(Options{Root: "warehouse"}); errs.ClassOf(err) != errs.Usage {
		t.Errorf("relative root: got %v", err)
	}
	w := machine{root: t.TempDir()}.open(t)
	if _, err := w.Snapshot("1"); errs.ClassOf(err) != errs.Usage || errs.HintOf(err) != "nothing was published yet" {
		t.Errorf("no snapshots: got %v, hint %q", err, errs.HintOf(err))
	}
	firstContent().mustRun(t, w)
	for _, id := range []string{"2", "0", "", "x", "-1", "../1"} {
		if _, err := w.Snapshot(id); errs.ClassOf(err) != errs.Usage || errs.HintOf(err) != "the newest is 0000000001" {
			t.Errorf("snapshot %q: got %v, hint %q", id, err, errs.HintOf(err))
		}
	}
	for _, bad := range []Table{{Name: "../x", Dir: "marts"}, {Name: "x", Dir: "_runs"}, {Name: "x", Dir: "marts"}, {Name: "", Dir: "lake"}} {
		if _, err := w.Begin(context.Background(), identity, []Table{bad}); err == nil {
			t.Errorf("table %v: no error", bad)
		}
	}
	tx := begin(t, w)
	if _, err := tx.Add(table("events"), day1, 0, ""); err == nil {
		t.Error("add without a path: no error")
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	if err := tx.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	if _, err := tx.StagePath(table("events"), day1); err == nil {
		t.Error("stage after close: no error")
	}
	if _, err := tx.Publish(context.Background()); err == nil {
		t.Error("publish after close: no error")
	}
}

func TestTheResultOfAScanStandsWithItsSnapshotAlone(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	tx := begin(t, w)
	mustStage(t, firstContent(), tx)
	scan := Scan{Files: 5, Values: 70, Patterns: []string{"email", "card"}, Canaries: 3}
	tx.SetScan(scan)
	if _, err := tx.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	secondContent().mustRun(t, w)
	for id, want := range map[string]*Scan{"1": &scan, "2": nil} {
		read, err := w.Snapshot(id)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "scan of snapshot "+id, read.Scan, want)
	}
}

func TestRecordsOfRunsAreListedNewestFirst(t *testing.T) {
	w := machine{root: t.TempDir()}.open(t)
	if ids, err := w.Runs(); err != nil || len(ids) != 0 {
		t.Errorf("an empty warehouse has the runs %v, error %v", ids, err)
	}
	var want []string
	for range 3 {
		tx := begin(t, w)
		if err := errors.Join(tx.Record(map[string]string{"run": tx.RunID()}), tx.Close()); err != nil {
			t.Fatal(err)
		}
		want = append([]string{tx.RunID()}, want...)
	}
	failed := begin(t, w)
	if err := failed.Close(); err != nil {
		t.Fatal(err)
	}
	ids, err := w.Runs()
	if err != nil || !slices.Equal(ids, want) {
		t.Errorf("got %v, error %v, want %v", ids, err, want)
	}
	record, err := w.RunRecord(want[0])
	equal(t, "record", string(record), `{"run":"`+want[0]+`"}`+"\n")
	if err != nil {
		t.Error(err)
	}
	for _, id := range []string{failed.RunID(), "", "lease", "../_current"} {
		if _, err := w.RunRecord(id); errs.ClassOf(err) != errs.Usage || errs.HintOf(err) == "" {
			t.Errorf("%q: got %v, want an error of class Usage with a way out", id, err)
		}
	}
}
