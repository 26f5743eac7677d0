package warehouse

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

// checkReaders looks at the warehouse as readers do. Each partition has to be a whole one of the first or the second
// snapshot, and the newest manifest has to be one of the two with all its bytes.
func checkReaders(t testing.TB, root string, first, second map[string]string) {
	t.Helper()
	tree := globTree(t, root)
	paths := maps.Clone(tree)
	maps.Copy(paths, first)
	maps.Copy(paths, second)
	for path := range paths {
		got, is := tree[path]
		was, inFirst := first[path]
		will, inSecond := second[path]
		if !(is == inFirst && got == was || is == inSecond && got == will) {
			t.Errorf("readers find %q (there: %v) at %s, want %q or %q", got, is, path, was, will)
		}
	}
	w := machine{root: root}.open(t)
	m, err := w.Latest()
	if err != nil {
		t.Errorf("readers: %v", err)
		return
	}
	want := map[string]map[string]string{"0000000001": first, "0000000002": second}[m.ID]
	if want == nil {
		t.Errorf("readers find snapshot %q", m.ID)
		return
	}
	equal(t, "snapshot "+m.ID, snapshotFiles(t, w, m), want)
}

// prepare makes a warehouse with the first snapshot on a disk with or without links.
func prepare(t testing.TB, rule faultfs.Rule) (root string) {
	t.Helper()
	root = filepath.Join(memoryDir(t), "w")
	firstContent().mustRun(t, machine{root: root, fs: faultfs.New(vfs.OS(), rule)}.open(t))
	return root
}

// memoryDir returns a new folder, in memory where the machine has such a disk: thousands of runs are started below.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "warehouse")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// Promises 1 to 4: whichever call of a run fails, and however.
func TestEveryCallOfARunMayFail(t *testing.T) {
	first, second := firstContent().files(), secondContent().over(firstContent()).files()
	for _, links := range []bool{true, false} {
		var always faultfs.Rule // what this disk never does
		if !links {
			always = faultfs.Every("link", faultfs.Fail)
		}
		withFault := func(k int, fault faultfs.Fault) faultfs.Rule {
			return func(n int, c faultfs.Call) faultfs.Fault {
				if n != k && always != nil {
					return always(n, c)
				}
				return faultfs.At(k, fault)(n, c)
			}
		}
		root := prepare(t, always)
		undisturbed := faultfs.New(vfs.OS(), always)
		secondContent().mustRun(t, machine{root: root, fs: undisturbed}.open(t))
		wantDisk, calls := disk(t, root), undisturbed.Calls()
		if len(calls) < 150 {
			t.Fatalf("only %d calls: they are not counted", len(calls))
		}
		for fault, name := range map[faultfs.Fault]string{faultfs.Fail: "fails", faultfs.Late: "fails late", faultfs.Crash: "kills"} {
			t.Run(fmt.Sprintf("links %v, a call %s", links, name), func(t *testing.T) {
				for k, call := range calls {
					if fault == faultfs.Late && !call.Changes() {
						continue // no deed that could be done before the error
					}
					root := prepare(t, always)
					m, err := secondContent().run(machine{root: root, fs: faultfs.New(vfs.OS(), withFault(k, fault))}.open(t))
					checkReaders(t, root, first, second)
					if err == nil && m.ID != "0000000002" {
						t.Errorf("no error, and snapshot %q", m.ID)
					}

					// The next run is another process, and finds the lease of the dead one.
					next := machine{root: root, fs: faultfs.New(vfs.OS(), always), pid: 4122, dead: []int{4121}}
					secondContent().mustRun(t, next.open(t))
					got := disk(t, root)
					for path := range got {
						if strings.HasPrefix(path, runsDir+"/torn-") {
							delete(got, path)
						}
					}
					equal(t, "disk after the next run", got, wantDisk)
					noLeftOvers(t, root)
					if t.Failed() {
						t.Fatalf("call %d of %d: %s", k, len(calls), strings.ReplaceAll(call.String(), root, ""))
					}
				}
			})
		}
	}
}

// The same process tries again in the same transaction, as after a disk that was full for a moment.
func TestPublishMayBeTriedAgain(t *testing.T) {
	second := secondContent().over(firstContent()).files()
	publishing := false
	count := 0
	run := func(t *testing.T, k int) (failed bool, calls int) {
		root := prepare(t, nil)
		publishing, count = false, 0
		w := machine{root: root, fs: faultfs.New(vfs.OS(), func(int, faultfs.Call) faultfs.Fault {
			if !publishing {
				return faultfs.None
			}
			count++
			if count == k {
				return faultfs.Fail
			}
			return faultfs.None
		})}.open(t)
		tx := begin(t, w)
		mustStage(t, secondContent(), tx)
		publishing = true
		m, err := tx.Publish(t.Context())
		committed := err != nil && m != nil
		if err != nil && !committed && errs.ClassOf(err) != errs.Unexpected {
			t.Errorf("call %d: class of %v", k, err)
		}
		if err != nil {
			if _, again := tx.Publish(t.Context()); again != nil {
				t.Fatalf("call %d: %v, then %v", k, err, again)
			}
		}
		calls, publishing = count, false
		if err := tx.Close(); err != nil {
			t.Fatal(err)
		}
		equal(t, "glob tree", globTree(t, root), second)
		noLeftOvers(t, root)
		return err != nil, calls
	}
	_, calls := run(t, 0)
	failures := 0
	for k := 1; k <= calls; k++ {
		if failed, _ := run(t, k); failed {
			failures++
		}
		if t.Failed() {
			t.Fatalf("at call %d of %d", k, calls)
		}
	}
	if failures < calls/2 {
		t.Errorf("%d of %d faults were noticed", failures, calls)
	}
}

// Promise 3, between any two calls of a run that nothing disturbs.
func TestReadersSeeWholePartitionsAtAnyInstant(t *testing.T) {
	first, second := firstContent().files(), secondContent().over(firstContent()).files()
	for _, links := range []bool{true, false} {
		t.Run(fmt.Sprintf("links %v", links), func(t *testing.T) {
			rule := func(_ int, c faultfs.Call) faultfs.Fault {
				if c.Op == "link" && !links {
					return faultfs.Fail
				}
				return faultfs.None
			}
			root := prepare(t, rule)
			fsys := faultfs.New(vfs.OS(), func(n int, c faultfs.Call) faultfs.Fault {
				checkReaders(t, root, first, second)
				return rule(n, c)
			})
			secondContent().mustRun(t, machine{root: root, fs: fsys}.open(t))
			equal(t, "glob tree", globTree(t, root), second)
		})
	}
}

func TestALinkThatWorkedAndReportsAnErrorIsTheCommitPoint(t *testing.T) {
	root := prepare(t, nil)
	fsys := faultfs.New(vfs.OS(), faultfs.Every("link", faultfs.Late))
	if m, err := secondContent().run(machine{root: root, fs: fsys}.open(t)); err != nil || m.ID != "0000000002" {
		t.Errorf("got %v, %v; want snapshot 2 without an error", m, err)
	}
	equal(t, "glob tree", globTree(t, root), secondContent().over(firstContent()).files())
}

func TestATornManifestIsNoSnapshot(t *testing.T) {
	rule := faultfs.Every("link", faultfs.Fail)
	root := prepare(t, rule)
	name := filepath.Join(root, snapshotPath(2))
	fsys := faultfs.New(vfs.OS(), func(n int, c faultfs.Call) faultfs.Fault {
		if c.Op == "write" && c.Name == name {
			return faultfs.Crash
		}
		return rule(n, c)
	})
	if _, err := secondContent().run(machine{root: root, fs: fsys}.open(t)); !errors.Is(err, faultfs.ErrInjected) {
		t.Fatalf("got %v, want the injected fault", err)
	}
	torn := readText(t, name)
	if len(torn) < 100 || strings.HasSuffix(torn, "\n") {
		t.Fatalf("the manifest is not torn: %q", torn)
	}
	w := machine{root: root, pid: 4122, dead: []int{4121}, fs: faultfs.New(vfs.OS(), rule)}.open(t)
	if m, err := w.Latest(); err != nil || m.ID != "0000000001" {
		t.Errorf("latest: got %v, %v; want the first snapshot", m, err)
	}
	if _, err := w.Snapshot("2"); errs.ClassOf(err) != errs.Usage {
		t.Errorf("snapshot 2: got %v, want none", err)
	}
	if m := secondContent().mustRun(t, w); m.ID != "0000000002" {
		t.Errorf("got snapshot %s, want 0000000002", m.ID)
	}
	aside, err := filepath.Glob(filepath.Join(root, runsDir, "torn-*"))
	if err != nil || len(aside) != 1 || readText(t, aside[0]) != torn {
		t.Errorf("set aside: got %v, %v; want the torn manifest", aside, err)
	}
}

func TestASnapshotThatCannotBeReadIsAnError(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"of a newer format", `{"format":2,"id":"0000000002"}`, "read snapshot 0000000002: format 2 is newer than 1, the newest that this version reads"},
		{"with the number of another", `{"format":1,"id":"0000000001"}`, `read snapshot 0000000002: the manifest is that of snapshot "0000000001"`},
		{"with a path out of the warehouse", `{"format":1,"id":"0000000002","files":[{"path":"../x","object":"x","dt":"2026-01-02"}]}`, `read snapshot 0000000002: file "../x" leaves the warehouse`},
		{"not in order", `{"format":1,"id":"0000000002","files":[{"path":"b","object":"x","dt":"2026-01-02"},{"path":"a","object":"x","dt":"2026-01-02"}]}`, `read snapshot 0000000002: file "a" is out of order`},
	} {
		t.Run(c.name, func(t *testing.T) {
			root := prepare(t, nil)
			if err := vfs.WriteFile(vfs.OS(), filepath.Join(root, snapshotPath(2)), []byte(c.text)); err != nil {
				t.Fatal(err)
			}
			w := machine{root: root}.open(t)
			if _, err := w.Latest(); err == nil || err.Error() != c.want {
				t.Errorf("latest: got %v, want %s", err, c.want)
			}
			if _, err := secondContent().run(w); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("run: got %v, want %s", err, c.want)
			}
		})
	}
}
