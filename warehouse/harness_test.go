package warehouse

import (
	"context"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
)

var update = flag.Bool("update", false, "rewrite golden files")

const (
	day1 = bizday.Day(20455) // 2026-01-02
	day2 = day1 + 1
	day3 = day1 + 2
)

func testTables() []Table {
	dt := Column{"dt", "DATE"}
	return []Table{
		{"events", "lake", []Column{dt, {"event", "VARCHAR"}, {"ts", "TIMESTAMP"}}},
		{"metric_daily", "marts", []Column{dt, {"metric", "VARCHAR"}, {"value", "DOUBLE"}}},
		{"alarm", "marts", []Column{dt, {"rule", "VARCHAR"}}},
	}
}

func table(name string) Table {
	for _, t := range testTables() {
		if t.Name == name {
			return t
		}
	}
	return reports
}

// clock is a clock that stands until it is moved. Whoever waits for it shows up in asked and goes on with ticks.
type clock struct {
	now   time.Time
	asked chan struct{}
	ticks chan time.Time
}

func newClock() *clock {
	return &clock{time.Date(2026, 1, 3, 2, 13, 5, 0, time.UTC), make(chan struct{}, 1000), make(chan time.Time)}
}

func (c *clock) After(time.Duration) <-chan time.Time {
	c.asked <- struct{}{}
	return c.ticks
}

type machine struct {
	root  string
	fs    vfs.FS
	clock *clock
	host  string
	pid   int
	dead  []int
}

func (m machine) open(t testing.TB) *Warehouse {
	t.Helper()
	if m.clock == nil {
		m.clock = newClock()
	}
	if m.host == "" {
		m.host = "node-7"
	}
	if m.pid == 0 {
		m.pid = 4121
	}
	w, err := Open(Options{
		Root: m.root, FS: m.fs, Host: m.host, PID: m.pid, Boot: "boot-1", After: m.clock.After,
		Now: func() time.Time { return m.clock.now },
		Alive: func(pid int) bool {
			for _, d := range m.dead {
				if d == pid {
					return false
				}
			}
			return true
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var identity = Identity{ToolVersion: "v1", KeyID: "0011aabb", Zone: "Asia/Seoul"}

// place is a table and a day; content is what a test stages there, "" to remove it.
type place struct {
	table string
	dt    bizday.Day
}
type content map[place]string

// The two snapshots of the tests: the second changes a file, adds some, removes one and leaves one as it is.
func firstContent() content {
	return content{
		{"events", day1}: "events of day 1", {"events", day2}: "events of day 2",
		{"metric_daily", day1}: "metrics of day 1", {"alarm", day1}: "alarms of day 1", {"report", day1}: "report of day 1",
	}
}

func secondContent() content {
	return content{
		{"events", day1}: "events of day 1", {"events", day3}: "events of day 3",
		{"metric_daily", day1}: "metrics of day 1, with late rows", {"alarm", day1}: "", {"report", day2}: "report of day 2",
	}
}

// over returns the content after c on top of a warehouse that holds before.
func (c content) over(before content) content {
	sum := content{}
	for _, layer := range []content{before, c} {
		for at, text := range layer {
			sum[at] = text
			if text == "" {
				delete(sum, at)
			}
		}
	}
	return sum
}

// files returns the glob tree of the content.
func (c content) files() map[string]string {
	files := map[string]string{}
	newest := bizday.Day(-1)
	for at, text := range c {
		files[table(at.table).Path(at.dt)] = text
		if at.table == ReportTable && at.dt > newest {
			newest = at.dt
			files[latestReportPath] = text
		}
	}
	return files
}

func (c content) stage(tx *Tx) error {
	// In a fixed order, so that the n-th call of one run is the n-th of the next.
	for _, name := range []string{"events", "metric_daily", "alarm", ReportTable} {
		for dt := day1; dt <= day3; dt++ {
			text, ok := c[place{name, dt}]
			switch {
			case !ok:
			case text == "":
				tx.Remove(name, dt)
			case name == ReportTable:
				if _, err := tx.AddReport(dt, []byte(text), "key of "+text); err != nil {
					return err
				}
			default:
				path, err := tx.StagePath(table(name), dt)
				if err != nil {
					return err
				}
				// As DuckDB does: past our file system, with a mode of its own.
				if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
					return err
				}
				if _, err := tx.Add(table(name), dt, 1, "key of "+text); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// run is a whole run: it returns what was published and the first thing that went wrong.
func (c content) run(w *Warehouse) (m *Manifest, err error) {
	ctx := context.Background()
	tx, err := w.Begin(ctx, identity, testTables())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	if err := c.stage(tx); err != nil {
		return nil, err
	}
	return tx.Publish(ctx)
}

func (c content) mustRun(t testing.TB, w *Warehouse) *Manifest {
	t.Helper()
	m, err := c.run(w)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func begin(t testing.TB, w *Warehouse) *Tx {
	t.Helper()
	tx, err := w.Begin(context.Background(), identity, testTables())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { tx.Close() })
	return tx
}

func mustStage(t testing.TB, c content, tx *Tx) {
	t.Helper()
	if err := c.stage(tx); err != nil {
		t.Fatal(err)
	}
}

// globTree returns what people see who read the folders.
func globTree(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"lake/*/dt=*/*.parquet", "marts/*/dt=*/*.parquet", "reports/*/*.html"} {
		names, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			files[relative(t, root, name)] = readText(t, name)
		}
	}
	return files
}

// snapshotFiles returns what people see who read a manifest.
func snapshotFiles(t testing.TB, w *Warehouse, m *Manifest) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, f := range m.Files {
		files[f.Path] = readText(t, w.ObjectPath(f))
		if int64(len(files[f.Path])) != f.Bytes {
			t.Errorf("%s: %d bytes, the manifest says %d", f.Path, len(files[f.Path]), f.Bytes)
		}
	}
	return files
}

// disk returns every file below the root but those of the lease, with the root's own path as ROOT.
func disk(t testing.TB, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && !strings.HasPrefix(e.Name(), "lease.") {
			files[relative(t, root, name)] = strings.ReplaceAll(readText(t, name), root, "ROOT")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func relative(t testing.TB, root, name string) string {
	t.Helper()
	name, err := filepath.Rel(root, name)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.ToSlash(name)
}

func readText(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// golden compares with a file of testdata, or writes it with -update.
func golden(t testing.TB, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	equal(t, name, got, readText(t, name))
}

func equal[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
