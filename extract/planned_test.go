package extract

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// plannedWorld is a folder with logs of two extracted days, 2026-01-02 and 2026-01-03, and what a run remembers of them.
type plannedWorld struct {
	t       *testing.T
	dir     string
	options Options
	parent  warehouse.Manifest
}

func alertOn(day string) string {
	return `{"ts":"` + day + `T10:00:00Z","event":"ALERT_SENT","user_id":1,"env":"prod"}` + "\n"
}

func (w *plannedWorld) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		w.t.Fatal(err)
	}
}

func newPlannedWorld(t *testing.T) *plannedWorld {
	key, zone := keyAndZone(t)
	w := &plannedWorld{t: t, dir: t.TempDir()}
	table := func(name string) warehouse.Table { return warehouse.Table{Name: name, Dir: "lake"} }
	w.options = Options{
		FS: vfs.OS(), Base: w.dir, Zone: zone, Key: key, Threads: 1, Log: slog.New(slog.DiscardHandler), Progress: quiet{}, Now: written,
		Sources: []Source{{Name: "api", Path: filepath.Join(w.dir, "logs/{date}/*"), MaxLine: 1000, Lookback: 1, Lookahead: 1}},
		Asked:   []bizday.Day{day(t, "2026-01-03")}, Stdin: strings.NewReader(""),
		Events: table("events"), Refused: table("quarantine"), Ledger: table("row_ledger"), SourceLedger: table("source_ledger"), Unknown: table("unknown_field"),
		Catalogue: table("source_catalogue"), Lake: map[string]warehouse.Table{},
	}
	for _, name := range TableNames() {
		w.options.Lake[name] = table(name)
	}
	w.write("logs/2026-01-02/a", alertOn("2026-01-02"))
	w.write("logs/2026-01-03/a", alertOn("2026-01-03")+alertOn("2026-01-09"))
	w.write("logs/2026-01-03/torn.gz", "\x1f\x8b\x08")
	w.remember()
	return w
}

// remember makes the parent what a run that extracted the two days publishes.
func (w *plannedWorld) remember() {
	w.t.Helper()
	x := newRun(&warehouse.Manifest{}, w.options)
	if err := x.discover(); err != nil {
		w.t.Fatal(err)
	}
	if err := x.read(context.Background(), firstPass(x.files, x.known, x.wanted, x.replay.isOfFile), nil); err != nil {
		w.t.Fatal(err)
	}
	w.parent = warehouse.Manifest{Inputs: x.inputs()}
	for _, table := range []string{"events", "source_catalogue"} {
		for _, d := range []string{"2026-01-02", "2026-01-03"} {
			path := warehouse.Table{Name: table, Dir: "lake"}.Path(day(w.t, d))
			w.parent.Files = append(w.parent.Files, warehouse.File{Table: table, Dt: day(w.t, d), Path: path, Key: catalogueKey(w.options.Sources, nil, nil)})
		}
	}
}

func (w *plannedWorld) text(p Planned) string {
	var lines []string
	for _, d := range p.Days {
		lines = append(lines, fmt.Sprintf("%s %s %d-%d %v", d.Dt, d.Reason, d.Lines, d.LinesBefore, d.Tables))
	}
	for _, f := range p.Files {
		if f.State != IsDamaged { // in every one
			lines = append(lines, f.File+" "+f.State)
		}
	}
	if p.NotReady != nil {
		lines = append(lines, p.NotReady.Error())
	}
	return strings.Join(lines, "\n")
}

func TestWhatRunWouldDo(t *testing.T) {
	later := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name   string
		change func(w *plannedWorld)
		want   []string
	}{
		{"nothing", func(*plannedWorld) {}, nil},
		{"a file with another time and the same bytes", func(w *plannedWorld) {
			os.Chtimes(filepath.Join(w.dir, "logs/2026-01-02/a"), later, later)
		}, []string{"logs/2026-01-02/a touched"}},
		{"a line more", func(w *plannedWorld) {
			w.write("logs/2026-01-02/a", alertOn("2026-01-02")+alertOn("2026-01-02"))
		}, []string{"2026-01-02 late_rows 2-1 []", "logs/2026-01-02/a changed"}},
		{"a late file, for which another is read again", func(w *plannedWorld) {
			w.write("logs/2026-01-03/late", alertOn("2026-01-02"))
		}, []string{"2026-01-02 late_rows 1-0 []", "logs/2026-01-02/a again", "logs/2026-01-03/late new"}},
		{"lines of days that nobody asked for", func(w *plannedWorld) {
			w.write("logs/2026-01-03/late", alertOn("2026-01-08"))
		}, []string{"logs/2026-01-03/late new"}},
		{"a file that is gone and held nothing that is needed", func(w *plannedWorld) {
			os.Remove(filepath.Join(w.dir, "logs/2026-01-02/a"))
		}, []string{"logs/2026-01-02/a gone"}},
		{"a file that is gone and needed", func(w *plannedWorld) {
			os.Remove(filepath.Join(w.dir, "logs/2026-01-02/a"))
			w.write("logs/2026-01-02/b", alertOn("2026-01-02"))
		}, []string{
			"2026-01-02 late_rows 1-0 []", "logs/2026-01-02/a gone", "logs/2026-01-02/b new",
			"extract 2026-01-02: logs/2026-01-02/a of source api, which held 1 lines of this day, is not there any more",
		}},
		{"a shorter limit of a line", func(w *plannedWorld) { w.options.Sources[0].MaxLine = 500 }, []string{
			"2026-01-02 changed_config 1-1 []", "2026-01-03 changed_config 2-2 []",
			"logs/2026-01-02/a changed_config", "logs/2026-01-03/a changed_config", "logs/2026-01-03/torn.gz changed_config",
		}},
		{"a new day that has too few events", func(w *plannedWorld) {
			w.write("logs/2026-01-04/a", alertOn("2026-01-04"))
			w.options.Asked = []bizday.Day{day(w.t, "2026-01-04")}
			w.options.Sources[0].Ready.MinEvents = 2
		}, []string{
			"2026-01-04 new_day 1-0 []", "logs/2026-01-04/a new",
			"extract: source api has 1 events for 2026-01-04, and ready.min_events is 2",
		}},
		{"a new day whose lines were out of range before", func(w *plannedWorld) {
			w.options.Sources[0].Ready.AllowMissing = true
			w.options.Asked = []bizday.Day{day(w.t, "2026-01-09")}
		}, []string{"2026-01-09 new_day 1-0 []", "logs/2026-01-03/a again"}},
		{"live tables of yesterday, which nobody asks", func(w *plannedWorld) {
			w.options.Tables = []TableSource{{Name: "db", Env: "prod", DSN: "host=nowhere.invalid"}}
			for i := range w.parent.Files {
				if w.parent.Files[i].Table == "source_catalogue" {
					w.parent.Files[i].Key = catalogueKey(w.options.Sources, w.options.Tables, nil)
				}
			}
			w.options.Now = time.Date(2026, 1, 4, 3, 0, 0, 0, time.UTC)
		}, []string{
			"2026-01-03 late_rows 0-0 [compensation_queue notifications_queue vault_expiry_extension_log vault_status]",
			"2026-01-03/compensation_queue live", "2026-01-03/notifications_queue live", "2026-01-03/vault_expiry_extension_log live", "2026-01-03/vault_status live",
		}},
		{"standard input", func(w *plannedWorld) {
			w.options.Sources = append(w.options.Sources, Source{Name: "pipe", Path: Stdin, MaxLine: 1000})
			w.options.Stdin = strings.NewReader(alertOn("2026-01-02"))
			for i := range w.parent.Files {
				w.parent.Files[i].Key = catalogueKey(w.options.Sources, nil, nil)
			}
		}, []string{"2026-01-02 late_rows 1-0 []", "logs/2026-01-02/a again", "- new"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newPlannedWorld(t)
			c.change(w)
			p, err := Plan(context.Background(), &w.parent, w.options)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := w.text(p), strings.Join(c.want, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if p.NotReady != nil && errs.ClassOf(p.NotReady) != errs.NotReady {
				t.Errorf("%v is not of class NotReady", p.NotReady)
			}
			for _, f := range p.Lake {
				if !slices.ContainsFunc(p.Days, func(d PlannedDay) bool { return d.Dt == f.Dt }) {
					t.Errorf("%s of %s is of no day that is planned", f.Table, f.Dt)
				}
			}
		})
	}
}
