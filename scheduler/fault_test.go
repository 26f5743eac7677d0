package scheduler

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

// everyFault makes the test below fail each call in each way; otherwise it takes an even sample of them. Its value K/N leaves
// every N-th fault from the K-th on, so that N processes can share them: 0/1 for one.
const everyFault = "VAULTREPORT_FAULTS"

// Whichever call of a night fails, and however: readers find each day old or new and whole, and the next run ends with the
// bytes of an undisturbed one. What DuckDB writes goes past the file system that is failed here; TestARunThatIsKilledLeavesOldOrNew
// of cmd/vaultreport has that.
func TestEveryFileSystemCallOfANightMayFail(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Warehouse = filepath.Join(memoryDir(t), "warehouse")
	w.options.Threads = 1
	line := func(day, clock, event string, user int) string {
		return fmt.Sprintf(`{"ts":"%sT%s+09:00","event":"%s","env":"prod","user_id":%d,"vault_type":"GOLD","req_id":"%s-%s-%d"}`+"\n", day, clock, event, user, day, clock, user)
	}
	w.write("logs/2026-01-02/a.jsonl", []byte(line("2026-01-02", "10:00:00", "VAULT_UNLOCKED", 1)+line("2026-01-02", "10:00:01", "VAULT_UNLOCKED", 2)+"{"))
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 UNLOCKED", "2 UNLOCKED"))
	w.mustRun("2026-01-02")
	w.write("logs/2026-01-03/a.jsonl", []byte(line("2026-01-03", "11:00:00", "VAULT_CLAIMED", 1)+line("2026-01-03", "23:00:00", "VAULT_EXPIRED", 2)))
	w.write("dumps/prod/2026-01-03/vault_status.csv", vaults("1 CLAIMED", "2 EXPIRED", "3 NOBODY"))
	before, saved := w.digests(), w.options.Warehouse+"-saved"
	w.save(saved)

	night := func(rule faultfs.Rule) (calls []faultfs.Call, err error) {
		w.restore(saved)
		fsys := faultfs.New(vfs.OS(), rule)
		w.options.FS = fsys
		_, err = w.run("2026-01-03")
		w.options.FS = nil
		return fsys.Calls(), err
	}
	calls, err := night(nil)
	if err != nil {
		t.Fatal(err)
	}
	after := w.digests()
	changed := 0
	for path, sum := range before {
		if sum != after[path] {
			changed++
		}
	}
	if changed < 3 {
		t.Fatalf("the night changes %d files that readers have: too few to see old beside new", changed)
	}
	if again, _ := night(nil); len(again) != len(calls) || len(calls) < 300 {
		t.Fatalf("%d calls, then %d: the k-th call of a night must be the k-th of the next", len(calls), len(again))
	}
	kinds := []struct {
		name  string
		fault faultfs.Fault
	}{{"fails", faultfs.Fail}, {"fails late", faultfs.Late}, {"kills", faultfs.Crash}}
	const sampled = 24
	step := len(calls)*len(kinds)/sampled | 1
	if step%len(kinds) == 0 {
		step += 2 // or each kind would not have its turn
	}
	first := 0
	if share := os.Getenv(everyFault); share != "" {
		if _, err := fmt.Sscanf(share, "%d/%d", &first, &step); err != nil || step < 1 {
			t.Fatalf("%s is %q, not of the form 0/1", everyFault, share)
		}
	}
	t.Logf("%d calls, one in %d faults", len(calls), step)
	told := first
	for n := first; n < len(calls)*len(kinds); n += step {
		k, kind := n/len(kinds), kinds[n%len(kinds)]
		if kind.fault == faultfs.Late && !calls[k].Changes() {
			continue // no deed that could be done before the error
		}
		if n-told >= 300 {
			told = n
			t.Logf("%d of %d faults", n, len(calls)*len(kinds))
		}
		where := fmt.Sprintf("call %d of %d %s: %s", k, len(calls), kind.name, strings.ReplaceAll(calls[k].String(), w.options.Warehouse, ""))
		_, err := night(faultfs.At(k, kind.fault))
		if kind.fault == faultfs.Crash && err == nil && k < len(calls)-1 {
			t.Errorf("%s: no error", where)
		}
		if err != nil && !errors.Is(err, faultfs.ErrInjected) {
			t.Errorf("%s: %v", where, err)
		}
		w.eachIsOldOrNew(where, before, after)
		if _, err := w.run("2026-01-03"); err != nil {
			t.Errorf("%s: the next run: %v", where, err)
		}
		if diff := cmp.Diff(after, w.digests()); diff != "" {
			t.Errorf("%s: the next run ends with other bytes (-want +got):\n%s", where, diff)
		}
		if t.Failed() {
			return
		}
	}
}

// eachIsOldOrNew looks at the folders as a reader does who globs.
func (w *world) eachIsOldOrNew(where string, before, after map[string]string) {
	w.t.Helper()
	got := w.digests("/.") // names that begin with a point are no data
	for path, sum := range got {
		if sum != before[path] && sum != after[path] {
			w.t.Errorf("%s: a reader finds other bytes than the old or the new ones at %s", where, path)
		}
	}
	for path := range before {
		if _, there := got[path]; !there {
			w.t.Errorf("%s: a reader misses %s", where, path)
		}
	}
}

func (w *world) save(to string)      { w.copyTree(w.options.Warehouse, to) }
func (w *world) restore(from string) { w.copyTree(from, w.options.Warehouse) }

// memoryDir returns a new folder, in memory where the machine has such a disk: many whole runs are started in it.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "scheduler")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
