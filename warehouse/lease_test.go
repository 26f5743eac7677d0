package warehouse

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

func TestWhoMayTakeALease(t *testing.T) {
	now := time.Date(2026, 1, 3, 2, 13, 5, 0, time.UTC)
	held := leaseRecord{Host: "node-7", PID: 4121, Boot: "boot-1", Run: "run-a", Token: 3, Expires: now.Add(time.Second)}
	us := process{host: "node-7", pid: 1, boot: "boot-1", alive: func(pid int) bool { return pid != 666 }}
	for _, c := range []struct {
		name   string
		change func(r *leaseRecord, p *process)
		ok     bool
		why    string
	}{
		{"a live one stays with its holder", func(*leaseRecord, *process) {}, false, ""},
		{"one given back is free", func(r *leaseRecord, _ *process) { *r = leaseRecord{Token: 3} }, true, ""},
		{"an expired one", func(r *leaseRecord, _ *process) { r.Expires = now }, true, "expired"},
		{"a dead holder on this machine", func(r *leaseRecord, _ *process) { r.PID = 666 }, true, "holder is dead"},
		{"a pid of another machine says nothing", func(r *leaseRecord, _ *process) { r.PID, r.Host = 666, "node-8" }, false, ""},
		{"a pid of another container of this name says nothing", func(r *leaseRecord, _ *process) { r.PID, r.Boot = 666, "boot-2" }, false, ""},
		{"a pid says nothing where machines cannot be told apart", func(r *leaseRecord, p *process) { r.PID, r.Boot, p.boot = 666, "", "" }, false, ""},
		{"our own pid, but of an earlier process", func(_ *leaseRecord, p *process) { p.pid = 4121 }, true, "an earlier process had this pid"},
		{"our own pid, and a run of ours", func(r *leaseRecord, p *process) { p.pid, r.Run = 4121, "run-ours" }, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			record, p := held, us
			c.change(&record, &p)
			ok, why := record.mayTake(p, now, func(run string) bool { return run == "run-ours" })
			if ok != c.ok || why != c.why {
				t.Errorf("got %v, %q; want %v, %q", ok, why, c.ok, c.why)
			}
		})
	}
}

func TestASecondWriterIsTurnedAway(t *testing.T) {
	root, clock := t.TempDir(), newClock()
	first := machine{root: root, clock: clock}.open(t)
	begin(t, first)
	for name, w := range map[string]*Warehouse{
		"of another machine": machine{root: root, clock: clock, host: "node-8"}.open(t),
		"of this machine":    machine{root: root, clock: clock, pid: 4122}.open(t),
		"of this process":    first,
	} {
		_, err := w.Begin(context.Background(), identity, testTables())
		want := "publish: lease held by node-7:4121 until 02:14:05Z"
		if err == nil || err.Error() != want || errs.ClassOf(err) != errs.Leased || errs.HintOf(err) == "" {
			t.Errorf("a writer %s: got %v, hint %q; want %s", name, err, errs.HintOf(err), want)
		}
	}
	if m, err := first.Latest(); err != nil || m.ID != "" {
		t.Errorf("a reader: got %v, %v", m, err)
	}
}

func readLeaseOf(t testing.TB, root string) (r leaseRecord) {
	t.Helper()
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(root, runsDir, leaseFile))), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestALeaseIsRenewedAndGivenBack(t *testing.T) {
	root, clock := t.TempDir(), newClock()
	tx := begin(t, machine{root: root, clock: clock}.open(t))
	<-clock.asked // the renewal waits
	acquired := readLeaseOf(t, root)
	clock.now = clock.now.Add(20 * time.Second)
	clock.ticks <- clock.now
	<-clock.asked // it waits again
	renewed := acquired
	renewed.Expires = clock.now.Add(time.Minute)
	equal(t, "renewed lease", readLeaseOf(t, root), renewed)
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "lease given back", readLeaseOf(t, root), leaseRecord{Token: acquired.Token})
	if next := begin(t, machine{root: root, host: "node-8"}.open(t)); next.lease.own.Token != acquired.Token+1 {
		t.Errorf("token %d after %d", next.lease.own.Token, acquired.Token)
	}
}

func TestALeaseThatOnceCouldNotBeRenewedIsTriedAgain(t *testing.T) {
	root, clock, broken := t.TempDir(), newClock(), false
	fsys := faultfs.New(vfs.OS(), func(_ int, c faultfs.Call) faultfs.Fault {
		if broken && c.Op == "write" {
			return faultfs.Fail
		}
		return faultfs.None
	})
	begin(t, machine{root: root, clock: clock, fs: fsys}.open(t))
	<-clock.asked
	broken = true
	clock.ticks <- clock.now
	<-clock.asked
	broken = false
	clock.now = clock.now.Add(40 * time.Second)
	clock.ticks <- clock.now
	<-clock.asked
	equal(t, "expiry", readLeaseOf(t, root).Expires, clock.now.Add(time.Minute))
}

func TestAHolderThatWakesUpCannotPublish(t *testing.T) {
	for _, c := range []struct {
		name      string
		meanwhile func(t *testing.T, w *Warehouse)
		want      map[string]string
	}{
		{"the next run published", func(t *testing.T, w *Warehouse) {
			content{{"events", day1}: "events of the other run"}.mustRun(t, w)
		}, content{{"events", day1}: "events of the other run"}.over(firstContent()).files()},
		{"the next run published nothing", func(t *testing.T, w *Warehouse) {
			content{}.mustRun(t, w)
		}, firstContent().files()},
		{"the next run is at work", func(t *testing.T, w *Warehouse) {
			begin(t, w)
		}, firstContent().files()},
	} {
		t.Run(c.name, func(t *testing.T) {
			root, clock := t.TempDir(), newClock()
			firstContent().mustRun(t, machine{root: root}.open(t))
			sleeper := begin(t, machine{root: root, clock: clock}.open(t))
			mustStage(t, secondContent(), sleeper)
			clock.now = clock.now.Add(time.Minute)
			c.meanwhile(t, machine{root: root, clock: clock, host: "node-8"}.open(t))
			lease := readLeaseOf(t, root)

			if late, err := sleeper.AddReport(day3, []byte("late"), ""); errs.ClassOf(err) != errs.Leased {
				t.Errorf("add: got %v, %v; want errs.Leased", late, err)
			}
			m, err := sleeper.Publish(context.Background())
			if m != nil || errs.ClassOf(err) != errs.Leased {
				t.Errorf("publish: got %v, %v; want errs.Leased", m, err)
			}
			if err := sleeper.Close(); err != nil {
				t.Errorf("close: %v", err)
			}
			equal(t, "the lease is left alone", readLeaseOf(t, root), lease)
			equal(t, "glob tree", globTree(t, root), c.want)
		})
	}
}

// It slept between the commit point and the switch: its snapshot counts, its switch must not undo the next one's.
func TestAHolderThatWakesUpAfterTheCommitDoesNotSwitch(t *testing.T) {
	root, clock := t.TempDir(), newClock()
	firstContent().mustRun(t, machine{root: root}.open(t))
	other := content{{"events", day1}: "events of the other run", {"events", day3}: ""}
	committed := false
	fsys := faultfs.New(vfs.OS(), func(_ int, c faultfs.Call) faultfs.Fault {
		switch {
		case c.Op == "link" && strings.HasSuffix(c.To, snapshotPath(2)):
			committed = true
		case committed && c.Op == "syncdir":
			committed = false
			clock.now = clock.now.Add(time.Minute)
			if m := other.mustRun(t, machine{root: root, clock: clock, host: "node-8"}.open(t)); m.ID != "0000000003" {
				t.Errorf("the other run published %s", m.ID)
			}
		}
		return faultfs.None
	})
	m, err := secondContent().run(machine{root: root, clock: clock, fs: fsys}.open(t))
	if err != nil || m.ID != "0000000002" {
		t.Errorf("got %v, %v; want snapshot 2 without an error", m, err)
	}
	equal(t, "glob tree", globTree(t, root), other.over(secondContent().over(firstContent())).files())
	equal(t, "hint", readText(t, filepath.Join(root, currentFile)), `{"snapshot":"0000000003"}`+"\n")
}

// Where neither lock nor lease helps, the number does.
func TestOfTwoWritersForOneNumberTheSecondHasLost(t *testing.T) {
	for _, links := range []bool{true, false} {
		root := prepare(t, nil)
		foreign := `{"format":1,"id":"0000000002","files":[],"inputs":[]}`
		fsys := faultfs.New(vfs.OS(), func(_ int, c faultfs.Call) faultfs.Fault {
			if c.Op != "link" {
				return faultfs.None
			}
			if strings.HasSuffix(c.To, snapshotPath(2)) {
				if err := vfs.WriteFile(vfs.OS(), c.To, []byte(foreign)); err != nil {
					t.Error(err)
				}
			}
			if links {
				return faultfs.None
			}
			return faultfs.Fail
		})
		m, err := secondContent().run(machine{root: root, fs: fsys}.open(t))
		want := "publish: snapshot 0000000002 was taken by another run"
		if m != nil || err == nil || err.Error() != want || errs.ClassOf(err) != errs.Leased {
			t.Errorf("links %v: got %v, %v; want %s", links, m, err, want)
		}
		equal(t, "the winner's manifest", readText(t, filepath.Join(root, snapshotPath(2))), foreign)
		equal(t, "glob tree", globTree(t, root), firstContent().files())
	}
}

// A process that was stopped while it held the lock cannot be told from one that works.
func TestALockThatIsNeverGivenBack(t *testing.T) {
	root, clock := t.TempDir(), newClock()
	begin(t, machine{root: root, clock: clock}.open(t))
	lock, err := vfs.OS().Lock(filepath.Join(root, runsDir, lockFile))
	if err != nil {
		t.Fatal(err)
	}
	waiting := newClock()
	waiting.now = clock.now.Add(time.Hour)
	close(waiting.ticks)
	second := machine{root: root, clock: waiting, host: "node-8"}.open(t)
	_, err = second.Begin(context.Background(), identity, testTables())
	if errs.ClassOf(err) != errs.Leased || !strings.Contains(err.Error(), "node-7:4121") || len(waiting.asked) != lockAttempts-1 {
		t.Errorf("got %v after %d pauses", err, len(waiting.asked))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	third := machine{root: root, clock: clock, host: "node-8"}.open(t)
	if _, err := third.Begin(ctx, identity, testTables()); err != context.Canceled {
		t.Errorf("cancelled while waiting: got %v", err)
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOnlyASureNoIsDeath(t *testing.T) {
	self := Options{Root: t.TempDir()}
	w, err := Open(self)
	if err != nil {
		t.Fatal(err)
	}
	if !w.self.alive(w.self.pid) || !w.self.alive(1) {
		t.Error("this process or the first one is taken for dead")
	}
	if w.self.alive(1 << 30) {
		t.Error("a pid that cannot be is taken for alive")
	}
}
