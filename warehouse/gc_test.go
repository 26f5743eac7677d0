package warehouse

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

// history makes a warehouse with five snapshots, n days old for the n-th newest, each with a record of its run. The third is
// the first again, so the objects of the first are not all its own.
func history(t testing.TB) (root string) {
	t.Helper()
	root = prepare(t, nil)
	for i, c := range []content{
		secondContent(),
		firstContent(),
		{{"metric_daily", day1}: "metrics of day 1, computed anew"},
		{{"metric_daily", day1}: "metrics of day 1, computed once more", {"report", day2}: ""},
	} {
		if m := c.mustRun(t, machine{root: root}.open(t)); m.ID != snapshotID(i+2) {
			t.Fatalf("snapshot %s after content %d", m.ID, i)
		}
	}
	for n := 1; n <= 5; n++ {
		age := time.Duration(5-n) * 24 * time.Hour
		record := filepath.Join(runsDir, fmt.Sprintf("20260103T02130%dZ-4121-%d.json", n, n))
		text := fmt.Sprintf(`{"snapshot":%q}`, snapshotID(n))
		if err := os.WriteFile(filepath.Join(root, record), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
		setAge(t, root, record, age)
		setAge(t, root, snapshotPath(n), age)
	}
	return root
}

func setAge(t testing.TB, root, name string, age time.Duration) {
	t.Helper()
	at := newClock().now.Add(-age)
	if err := os.Chtimes(filepath.Join(root, name), at, at); err != nil {
		t.Fatal(err)
	}
}

func retention(keep int, days float64) (r Retention) {
	if keep > 0 {
		r.Keep = &keep
	}
	if days >= 0 {
		age := time.Duration(days * float64(24*time.Hour))
		r.OlderThan = &age
	}
	return r
}

func collect(t testing.TB, w *Warehouse, r Retention) (Collected, error) {
	t.Helper()
	tx, err := w.Begin(t.Context(), identity, testTables())
	if err != nil {
		return Collected{}, err
	}
	c, err := tx.Collect(t.Context(), r)
	return c, errors.Join(err, tx.Close())
}

// checkWhole holds that every snapshot that is there has all its bytes, that the newest is there, and the glob tree with it.
func checkWhole(t testing.TB, root string) (ids []string) {
	t.Helper()
	w := machine{root: root}.open(t)
	numbers, err := w.snapshotNumbers()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range numbers {
		m, err := w.Snapshot(snapshotID(n))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range m.Files {
			if digest, size, err := w.digest(w.ObjectPath(f)); err != nil || digest != f.SHA256 || size != f.Bytes {
				t.Errorf("snapshot %s: %s: %v", m.ID, f.Path, err)
			}
		}
		ids = append(ids, m.ID)
		if n == 5 {
			equal(t, "glob tree", globTree(t, root), snapshotFiles(t, w, m))
		}
	}
	if !slices.Contains(ids, snapshotID(5)) {
		t.Error("the newest snapshot is gone")
	}
	return ids
}

func TestWhichSnapshotsGo(t *testing.T) {
	for _, c := range []struct {
		name string
		r    Retention
		gone []string
	}{
		{"without a condition none goes", retention(0, -1), nil},
		{"all but the three newest", retention(3, -1), []string{"0000000001", "0000000002"}},
		{"the newest alone stays", retention(1, -1), []string{"0000000001", "0000000002", "0000000003", "0000000004"}},
		{"the newest stays, however old it is", retention(0, 0), []string{"0000000001", "0000000002", "0000000003", "0000000004"}},
		{"of exactly the age none goes", retention(0, 3), []string{"0000000001"}},
		{"both conditions hold of what goes: few are old", retention(1, 2.5), []string{"0000000001", "0000000002"}},
		{"both conditions hold of what goes: many are kept", retention(4, 0), []string{"0000000001"}},
		{"more are kept than there are", retention(9, 0), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := history(t)
			before := disk(t, root)
			planned, err := machine{root: root}.open(t).PlanGC(c.r)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "disk after the plan", disk(t, root), before)
			got, err := collect(t, machine{root: root}.open(t), c.r)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "what the plan said", planned, got)
			if !slices.Equal(got.Snapshots, c.gone) || got.Kept != 5-len(c.gone) || got.Records != len(c.gone) {
				t.Errorf("got %+v, want %v to go", got, c.gone)
			}
			if ids := checkWhole(t, root); len(ids) != got.Kept {
				t.Errorf("there are %v", ids)
			}
			noLeftOvers(t, root)
			again, err := collect(t, machine{root: root}.open(t), c.r)
			if err != nil || len(again.Snapshots)+again.Objects+again.Records > 0 {
				t.Errorf("a second gc: got %+v, %v; want nothing to go", again, err)
			}
			freed := int64(0)
			after := disk(t, root)
			for name, text := range before {
				if _, stays := after[name]; !stays {
					freed += int64(len(text))
				}
			}
			if got.FreedBytes != freed {
				t.Errorf("freed %d bytes, said %d", freed, got.FreedBytes)
			}
		})
	}
}

// Whichever call fails, and however: every snapshot that is there is whole, and the next gc ends where an undisturbed one does.
func TestEveryCallOfAGCMayFail(t *testing.T) {
	r := retention(2, -1)
	start := history(t)
	orphan(t, start)
	root := memoryDir(t)
	restore := func() {
		if err := os.RemoveAll(root); err != nil {
			t.Fatal(err)
		}
		copyLinked(t, start, root)
	}
	restore()
	undisturbed := faultfs.New(vfs.OS(), nil)
	collected, err := collect(t, machine{root: root, fs: undisturbed}.open(t), r)
	if err != nil {
		t.Fatal(err)
	}
	if len(collected.Snapshots) != 3 || collected.Objects < 3 {
		t.Fatalf("too little goes: %+v", collected)
	}
	want, calls := disk(t, root), undisturbed.Calls()
	for fault, name := range map[faultfs.Fault]string{faultfs.Fail: "fails", faultfs.Late: "fails late", faultfs.Crash: "kills"} {
		for k, call := range calls {
			if fault == faultfs.Late && !call.Changes() {
				continue
			}
			restore()
			_, err := collect(t, machine{root: root, fs: faultfs.New(vfs.OS(), faultfs.At(k, fault))}.open(t), r)
			if err != nil && !errors.Is(err, faultfs.ErrInjected) {
				t.Errorf("%v", err)
			}
			checkWhole(t, root)
			if _, err := collect(t, machine{root: root, pid: 4122, dead: []int{4121}}.open(t), r); err != nil {
				t.Errorf("the next gc: %v", err)
			}
			got := disk(t, root)
			for _, files := range []map[string]string{got, want} {
				delete(files, runsDir+"/"+leaseFile) // counts its holders
			}
			equal(t, "disk after the next gc", got, want)
			noLeftOvers(t, root)
			if t.Failed() {
				t.Fatalf("call %d of %d %s: %s", k, len(calls), name, strings.ReplaceAll(call.String(), root, ""))
			}
		}
	}
}

// A manifest must not come back after a power cut when its objects are gone.
func TestManifestsAreGoneForGoodBeforeObjectsGo(t *testing.T) {
	root := history(t)
	fsys := faultfs.New(vfs.OS(), nil)
	if _, err := collect(t, machine{root: root, fs: fsys}.open(t), retention(1, -1)); err != nil {
		t.Fatal(err)
	}
	var manifest, synced, object int
	for k, c := range fsys.Calls() {
		switch name := relative(t, root, c.Name); {
		case c.Op == "remove" && strings.HasPrefix(name, snapshotsDir):
			manifest = k
		case c.Op == "syncdir" && name == snapshotsDir:
			synced = k
		case c.Op == "remove" && strings.HasPrefix(name, objectsDir) && object == 0:
			object = k
		}
	}
	if manifest == 0 || !(manifest < synced && synced < object) {
		t.Errorf("last manifest at call %d, sync at %d, first object at %d", manifest, synced, object)
	}
}

// orphan leaves what dead runs leave: an object that no manifest refers to, a file that is not ours, a torn manifest set aside.
func orphan(t testing.TB, root string) {
	t.Helper()
	for _, name := range []string{
		objectPath(strings.Repeat("ab", 32)), objectsDir + "/ab/note", runsDir + "/torn-0000000003-20260103T021305Z-4121-2", runsDir + "/mine.txt",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte("left over"), 0o640); err != nil {
			t.Fatal(err)
		}
		setAge(t, root, name, 10*24*time.Hour)
	}
}

func TestWhatDeadRunsLeftGoes(t *testing.T) {
	root := history(t)
	before := disk(t, root)
	orphan(t, root)
	got, err := collect(t, machine{root: root}.open(t), retention(0, 9))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "collected", got, Collected{Snapshots: []string{}, Kept: 5, Objects: 1, Records: 1, FreedBytes: 18})
	want := maps.Clone(before)
	want[objectsDir+"/ab/note"], want[runsDir+"/mine.txt"] = "left over", "left over"
	after := disk(t, root)
	for _, files := range []map[string]string{after, want} {
		delete(files, runsDir+"/"+leaseFile)
	}
	equal(t, "disk", after, want)
}

func TestWhatHasAnotherNameFreesNothing(t *testing.T) {
	root := history(t)
	backup := filepath.Join(filepath.Dir(root), "backup")
	if err := os.Mkdir(backup, 0o750); err != nil {
		t.Fatal(err)
	}
	orphan(t, root)
	if err := os.Link(filepath.Join(root, objectPath(strings.Repeat("ab", 32))), filepath.Join(backup, "object")); err != nil {
		t.Fatal(err)
	}
	got, err := collect(t, machine{root: root}.open(t), retention(0, 9))
	if err != nil || got.Objects != 1 || got.FreedBytes != int64(len("left over")) {
		t.Errorf("got %+v, %v; want the bytes of the torn manifest alone", got, err)
	}
}

func TestARecordOfASnapshotThatStaysIsKept(t *testing.T) {
	root := history(t)
	for n := 1; n <= 5; n++ {
		setAge(t, root, filepath.Join(runsDir, fmt.Sprintf("20260103T02130%dZ-4121-%d.json", n, n)), 1000*24*time.Hour)
	}
	got, err := collect(t, machine{root: root}.open(t), retention(2, 1))
	if err != nil || got.Records != 3 {
		t.Errorf("got %+v, %v; want the records of three snapshots to go", got, err)
	}
}

func TestWhatARunThatFailedLeftGoesWhenItIsOld(t *testing.T) {
	root := history(t)
	var folders []string
	for range 2 {
		tx := begin(t, machine{root: root}.open(t))
		folder, err := tx.KeepFailed("queue_depth.unique.json", []byte("{}\n"))
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.Close(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(folder, "queue_depth.unique.json"))
		if err != nil || info.Mode().Perm() != vfs.FileMode {
			t.Errorf("got %v, %v", info, err)
		}
		folders = append(folders, folder)
	}
	for i, age := range []time.Duration{40 * 24 * time.Hour, time.Hour} {
		run, err := filepath.Rel(root, filepath.Dir(folders[i]))
		if err != nil {
			t.Fatal(err)
		}
		setAge(t, root, run, age)
	}
	got, err := collect(t, machine{root: root}.open(t), retention(0, 30))
	if err != nil || got.Records != 1 {
		t.Errorf("got %+v, %v; want one folder to go", got, err)
	}
	for i, isThere := range []bool{false, true} {
		if _, err := os.Stat(filepath.Dir(folders[i])); (err == nil) != isThere {
			t.Errorf("folder %d: %v", i, err)
		}
	}
}

func TestAGCBesideARun(t *testing.T) {
	root := history(t)
	orphan(t, root)
	tx := begin(t, machine{root: root}.open(t))
	other := machine{root: root, pid: 4122}.open(t)
	if _, err := collect(t, other, retention(1, -1)); errs.ClassOf(err) != errs.Leased {
		t.Errorf("got %v, want the lease's holder", err)
	}
	planned, err := other.PlanGC(retention(0, 9))
	if err != nil || planned.Objects != 0 {
		t.Errorf("planned %+v, %v; want nothing that the run may be about to refer to", planned, err)
	}
	planned, err = other.PlanGC(retention(2, -1))
	if err != nil || planned.Objects != 2 {
		t.Errorf("planned %+v, %v; want what three snapshots alone refer to", planned, err)
	}
	checkWhole(t, root)
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
}

// A gc that slept finds that its lease went to a run, which may refer by now to what nothing referred to.
func TestAGCThatLostItsLeaseRemovesNothing(t *testing.T) {
	root := history(t)
	orphan(t, root)
	clock := newClock()
	tx := begin(t, machine{root: root, clock: clock}.open(t))
	clock.now = clock.now.Add(time.Hour)
	run := begin(t, machine{root: root, clock: clock, pid: 4122}.open(t))
	before := disk(t, root)
	if _, err := tx.Collect(t.Context(), retention(1, -1)); errs.ClassOf(err) != errs.Leased {
		t.Errorf("got %v, want a lost lease", err)
	}
	equal(t, "disk", disk(t, root), before)
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAManifestThatStaysAndCannotBeReadStopsGC(t *testing.T) {
	root := history(t)
	if err := os.WriteFile(filepath.Join(root, snapshotPath(2)), []byte(`{"format":2,"id":"0000000002"}`), 0o640); err != nil {
		t.Fatal(err)
	}
	before := disk(t, root)
	_, err := collect(t, machine{root: root}.open(t), retention(4, -1))
	if err == nil || !strings.Contains(err.Error(), "format 2 is newer") {
		t.Errorf("got %v", err)
	}
	after := disk(t, root)
	for _, files := range []map[string]string{after, before} {
		delete(files, runsDir+"/"+leaseFile)
	}
	equal(t, "disk", after, before)
}

func TestATornManifestBelowTheNewestIsSetAside(t *testing.T) {
	root := history(t)
	if err := os.WriteFile(filepath.Join(root, snapshotPath(2)), []byte(`{"format":1,`), 0o640); err != nil {
		t.Fatal(err)
	}
	setAge(t, root, snapshotPath(2), 0)
	got, err := collect(t, machine{root: root}.open(t), retention(0, 9))
	if err != nil || got.Kept != 4 {
		t.Errorf("got %+v, %v", got, err)
	}
	aside, _ := filepath.Glob(filepath.Join(root, runsDir, "torn-0000000002-*"))
	if len(aside) != 1 {
		t.Errorf("set aside: %v", aside)
	}
	checkWhole(t, root)
}

func TestASnapshotThatIsGoneIsTheReason(t *testing.T) {
	root := history(t)
	w := machine{root: root}.open(t)
	old, err := w.Snapshot("2")
	if err != nil {
		t.Fatal(err)
	}
	reading := errors.New("no such file")
	if got := w.IfGone(old, reading); got != reading {
		t.Errorf("got %v for a snapshot that is there", got)
	}
	if _, err := collect(t, w, retention(1, -1)); err != nil {
		t.Fatal(err)
	}
	if got := w.IfGone(old, reading); got.Error() != "snapshot 0000000002 was removed while it was read" || errs.HintOf(got) == "" {
		t.Errorf("got %v", got)
	}
	if got := w.IfGone(old, nil); got != nil {
		t.Errorf("got %v without an error", got)
	}
}

// copyLinked copies a folder, and links in the copy what is linked in it.
func copyLinked(t testing.TB, from, to string) {
	t.Helper()
	byObject := map[string]string{}
	err := filepath.Walk(from, func(name string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative(t, from, name))
		if info.IsDir() {
			return os.MkdirAll(target, 0o750)
		}
		text := readText(t, name)
		if vfs.Links(info) > 1 {
			if first := byObject[text]; first != "" {
				return os.Link(first, target)
			}
			byObject[text] = target
		}
		if err := os.WriteFile(target, []byte(text), 0o640); err != nil {
			return err
		}
		return os.Chtimes(target, info.ModTime(), info.ModTime())
	})
	if err != nil {
		t.Fatal(err)
	}
}
