package main

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/spf13/pflag"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/scheduler"
)

// Every flag of every verb has a twin of the name that the contract gives, and help says what the flag is.
func TestEveryFlagHasATwin(t *testing.T) {
	root := newRoot(&app{lookup: environment})
	for _, c := range append(root.Commands(), root) {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.ToUpper(twin(f.Name)) != twin(f.Name) || strings.ContainsAny(twin(f.Name), "-.") {
				t.Errorf("%s --%s: %q", c.Name(), f.Name, twin(f.Name))
			}
		})
	}
	if got := twin("log-format"); got != "VAULTREPORT_LOG_FORMAT" {
		t.Errorf("got %s", got)
	}
}

func TestDaysOfARun(t *testing.T) {
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	day := func(d int) *bizday.Day { v := bizday.Of(2026, 1, d); return &v }
	lateEvening := time.Date(2026, 1, 9, 14, 59, 0, 0, time.UTC) // 23:59 of the 9th in Seoul
	midnight := lateEvening.Add(time.Minute)
	for _, c := range []struct {
		name        string
		flags       runFlags
		now         time.Time
		first, last int
	}{
		{"one day", runFlags{askedDays: askedDays{Date: day(3)}}, lateEvening, 3, 3},
		{"several days", runFlags{askedDays: askedDays{Start: day(3), End: day(5)}}, lateEvening, 3, 5},
		{"yesterday in the zone, before midnight", runFlags{}, lateEvening, 8, 8},
		{"yesterday in the zone, after midnight", runFlags{}, midnight, 9, 9},
	} {
		if first, last := c.flags.days(zone, c.now); first != *day(c.first) || last != *day(c.last) {
			t.Errorf("%s: got %s to %s", c.name, first, last)
		}
	}
}

func result(status string) scheduler.Result {
	return scheduler.Result{
		RunID: "r", Snapshot: "0000000007", Status: status, Days: []bizday.Day{bizday.Of(2026, 1, 1), bizday.Of(2026, 4, 30)},
		Report: "/data/warehouse/reports/dt=2026-04-30/index.html",
		Ledger: extract.Totals{Read: 123456789012345, Kept: 120000000000000, Duplicate: 1234, Blank: 5, Quarantined: 3456789011106},
		WallMS: 83456, PeakRSSBytes: 512 << 20,
	}
}

func TestSummary(t *testing.T) {
	want := `days          2026-01-01 to 2026-04-30 (2 days)
snapshot      0000000007 (published)
read          123,456,789,012,345
kept          120,000,000,000,000   97.20 %
duplicate               1,234    0.00 %
blank                       5    0.00 %
quarantined   3,456,789,011,106    2.80 %
out of range                0    0.00 %
alarms                      0
wall time     1m23.456s
peak memory   512 MiB

report: /data/warehouse/reports/dt=2026-04-30/index.html
`
	got := summary(result(scheduler.Published))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	unchanged := summary(result(scheduler.Unchanged))
	if !strings.HasPrefix(unchanged, "nothing to do: ") {
		t.Errorf("got\n%s", unchanged)
	}
	for _, line := range strings.Split(got+unchanged, "\n") {
		if len(line) > 80 && !strings.HasPrefix(line, "report: ") {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}

// clock is a time that only a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func TestProgressInALog(t *testing.T) {
	var b bytes.Buffer
	c := &clock{time.Unix(0, 0)}
	log := slog.New(slog.NewTextHandler(&b, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	p := &loggedStages{now: c.now, log: log}
	p.Stage("extract", 100e6)
	p.Add(10e6)
	c.at = c.at.Add(6 * time.Second)
	p.Rows(7)
	p.Add(40e6)
	p.Add(1e6)
	p.Rows(1)
	c.at = c.at.Add(time.Second)
	p.Done()
	p.Stage("transform", 4)
	p.Add(2)
	c.at = c.at.Add(5 * time.Second)
	p.Add(1)
	p.Add(1)
	p.Done()
	p.Stage(extract.DatabaseStage, -1)
	p.Add(9)
	p.Done()
	want := `level=INFO msg="stage goes on" stage=extract done=50000000 total=100000000 rows=7 mb_per_second=8.3 percent=50 seconds_left=6 seconds=6
level=INFO msg="stage done" stage=extract done=51000000 total=100000000 rows=8 mb_per_second=7.3 percent=51 seconds_left=6.7 seconds=7
level=INFO msg="stage goes on" stage=transform done=3 total=4 percent=75 seconds_left=1.7 seconds=5
level=INFO msg="stage done" stage=transform done=4 total=4 seconds=5
level=INFO msg="stage done" stage="read database" done=9 seconds=0
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestProgressOnATerminal(t *testing.T) {
	var b bytes.Buffer
	live := &liveStages{out: &b}
	log := newTerminalLogger(live, globalFlags{}, true)
	live.Stage("transform", 4)
	live.Add(1)
	log.Warn("look")
	live.Add(1)
	if screen := lastLine(b.String()); !strings.Contains(screen, "transform") || !strings.Contains(screen, "(2/4)") || len(screen) > 80 {
		t.Errorf("below a line of the log stands %q of %q", screen, b.String())
	}
	for line := range strings.Lines(b.String()) {
		if line = lastLine(strings.TrimSuffix(line, "\n")); strings.Contains(line, "look") && strings.Contains(line, "transform") {
			t.Errorf("the line of the log is mixed with the live one: %q", line)
		}
	}
	live.Done()
	if screen := lastLine(b.String()); strings.TrimSpace(screen) != "" {
		t.Errorf("the line stays: %q", screen)
	}
	log.Warn("afterwards")
	live.Add(1)
}

func TestReadingOnATerminal(t *testing.T) {
	var b bytes.Buffer
	live := &liveStages{out: &b}
	live.Stage(extract.ReadStage, 2_500_000_000)
	live.Rows(9_999_000)
	live.Rows(1_000)
	live.Add(1_125_000_000)
	screen := lastLine(b.String())
	for _, want := range []string{"extract 10,000,000 rows", " 45% ", "(1.1/2.5 GB, ", "B/s)"} {
		if !strings.Contains(screen, want) {
			t.Errorf("%q is not in %q", want, screen)
		}
	}
	if !regexp.MustCompile(`\[\d+s:\d+s\] *$`).MatchString(screen) || utf8.RuneCountInString(screen) > 80 {
		t.Errorf("got %q, want the time left at its end within 80 columns", screen)
	}
}

// Who reads JSON gets nothing to skip; who is told nothing is told no progress either.
func TestProgressIsForWhoLooksOn(t *testing.T) {
	for _, c := range []struct {
		name   string
		global globalFlags
		want   bool
	}{
		{"as it is", globalFlags{LogFormat: "text", Output: formTable}, true},
		{"a log for collectors", globalFlags{LogFormat: "json", Output: formTable}, true},
		{"quiet", globalFlags{LogFormat: "text", Output: formTable, Quiet: true}, false},
		{"a result as JSON", globalFlags{LogFormat: "text", Output: formJSON}, true},
	} {
		var b bytes.Buffer
		a := &app{streams: streams{err: &b}, now: time.Now, global: c.global, lookup: environment}
		progress, _ := a.newProgress()
		progress.Stage("transform", 1)
		progress.Done()
		if told := strings.Contains(b.String(), "transform"); told != c.want {
			t.Errorf("%s: told %t, want %t: %s", c.name, told, c.want, b.String())
		}
	}
}

// lastLine is what a terminal shows in its last line.
func lastLine(text string) string {
	text = text[strings.LastIndex(text, "\n")+1:]
	var screen []rune
	at := 0
	for _, r := range text {
		if r == '\r' {
			at = 0
			continue
		}
		if at == len(screen) {
			screen = append(screen, r)
		} else {
			screen[at] = r
		}
		at++
	}
	return string(screen)
}

func TestLimits(t *testing.T) {
	c := defaultConfig()
	limits, err := c.engineLimits()
	if err != nil || limits.Threads < 1 || limits.MemoryBytes < 64<<20 {
		t.Errorf("got %+v, %v", limits, err)
	}
	c.Limits.Memory, c.Limits.Threads = memory{Bytes: 1 << 30}, 3
	if limits, err = c.engineLimits(); err != nil || limits.Threads != 3 || limits.MemoryBytes != 1<<30 {
		t.Errorf("got %+v, %v", limits, err)
	}
}

func TestShareOfTheMemory(t *testing.T) {
	provides := func(n uint64, err error) memlimit.Provider { return func() (uint64, error) { return n, err } }
	broken := errors.New("broken")
	for _, c := range []struct {
		name           string
		system, cgroup memlimit.Provider
		want           int64 // 0: an error
	}{
		{"the cgroup's limit", provides(16<<30, nil), provides(4000, nil), 3000},
		{"a limit above what the machine has", provides(4000, nil), provides(16<<30, nil), 3000},
		{"a cgroup without limit", provides(4000, nil), provides(0, memlimit.ErrNoLimit), 3000},
		{"no cgroup", provides(4000, nil), provides(0, memlimit.ErrNoCgroup), 3000},
		{"a system without cgroups", provides(4000, nil), provides(0, memlimit.ErrCgroupsNotSupported), 3000},
		{"a cgroup that cannot be read", provides(4000, nil), provides(0, broken), 0},
		{"a machine that does not tell", provides(0, broken), provides(4000, nil), 0},
	} {
		got, err := memory{Percent: 75}.bytes(c.system, c.cgroup)
		if got != c.want || (err != nil) != (c.want == 0) {
			t.Errorf("%s: got %d, %v, want %d", c.name, got, err, c.want)
		}
		if got, err := (memory{Bytes: 17}).bytes(c.system, c.cgroup); got != 17 || err != nil {
			t.Errorf("%s: a size became %d, %v", c.name, got, err)
		}
	}
}

func TestInitNeverOverwritesWhatCameMeanwhile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	if err := writeNew(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	err := writeNew(path, []byte("second"))
	if text, _ := os.ReadFile(path); errs.ClassOf(err) != errs.Usage || string(text) != "first" {
		t.Errorf("got %v, the file holds %q", err, text)
	}
}

func TestShellWords(t *testing.T) {
	for path, want := range map[string]string{"demo/a.yaml": "demo/a.yaml", "my demo": "'my demo'", "it's": `'it'\''s'`, "$x": "'$x'"} {
		if got := shellWord(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestLengthsOfTime(t *testing.T) {
	for seconds, want := range map[int64]string{0: "0h 0m", 59: "0h 0m", 3_660: "1h 1m", 86_399: "23h 59m", 86_400: "1d 0h", 180_000: "2d 2h", -43_200: "-12h 0m"} {
		if got := hoursOf(seconds); got != want {
			t.Errorf("%d: got %s, want %s", seconds, got, want)
		}
	}
}
