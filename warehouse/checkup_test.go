package warehouse

import (
	"strings"
	"testing"
	"time"

	"vaultreport/internal/checkup"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

func findingOf(t *testing.T, lines []checkup.Line, check string) checkup.Line {
	t.Helper()
	for _, l := range lines {
		if l.Check == check {
			return l
		}
	}
	t.Fatalf("no line about %s: %v", check, lines)
	return checkup.Line{}
}

func TestWhatAWarehouseLacksIsFound(t *testing.T) {
	failAt := func(op string) vfs.FS {
		return faultfs.New(vfs.OS(), func(_ int, c faultfs.Call) faultfs.Fault {
			if c.Op == op && strings.Contains(c.Name+c.To, ".vaultreport-doctor-") {
				return faultfs.Fail
			}
			return faultfs.None
		})
	}
	for _, c := range []struct {
		name   string
		change func(m *machine, id *Identity)
		check  string
		status checkup.Status
		what   string
	}{
		{"all is well", func(*machine, *Identity) {}, "warehouse", checkup.OK, "can be written"},
		{"nobody made it yet", func(m *machine, _ *Identity) { m.root += "/deeper/down" }, "warehouse", checkup.OK, "does not exist yet"},
		{"hard links do not work", func(m *machine, _ *Identity) { m.fs = failAt("link") }, "warehouse", checkup.Warning, "files are copied"},
		{"locks do not work", func(m *machine, _ *Identity) { m.fs = failAt("lock") }, "warehouse", checkup.Fails, "flock"},
		{"a file cannot be made durable", func(m *machine, _ *Identity) { m.fs = failAt("sync") }, "warehouse", checkup.Fails, "durable"},
		{"another key", func(_ *machine, id *Identity) { id.KeyID = "ffffffff" }, "snapshot", checkup.Fails, "key id"},
		{"another zone", func(_ *machine, id *Identity) { id.Zone = "Europe/Paris" }, "snapshot", checkup.Fails, "zone"},
		{"nobody knows the key", func(_ *machine, id *Identity) { id.KeyID = "" }, "snapshot", checkup.OK, "0000000001"},
		{"the clock stands at the beginning of time", func(m *machine, _ *Identity) { m.clock.now = time.Unix(0, 0) }, "clock", checkup.Fails, "1970"},
		{"the clock is behind the snapshot", func(m *machine, _ *Identity) { m.clock.now = time.Now().Add(-time.Hour) }, "clock", checkup.Fails, "before the newest snapshot was written"},
		{"a run is going on", func(m *machine, _ *Identity) { begin(t, machine{root: m.root, clock: m.clock, host: "node-8"}.open(t)) }, "lease", checkup.Warning, "held by node-8:4121"},
		{"a run died long ago", func(m *machine, _ *Identity) {
			begin(t, machine{root: m.root, clock: m.clock, host: "node-8"}.open(t))
			m.clock.now = m.clock.now.Add(time.Hour)
		}, "lease", checkup.OK, "the next run takes it over"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := machine{root: t.TempDir(), clock: newClock()}
			firstContent().mustRun(t, machine{root: m.root}.open(t))
			m.clock.now = time.Now()
			id := identity
			c.change(&m, &id)
			before := globTree(t, m.root)
			lines := m.open(t).Checkup(id)
			if l := findingOf(t, lines, c.check); l.Status != c.status || !strings.Contains(l.What, c.what) || (l.Fix == "") != (l.Status == checkup.OK) {
				t.Errorf("got %+v, want %s: %s", l, c.status, c.what)
			}
			equal(t, "what the folder holds", globTree(t, m.root), before)
		})
	}
}
