package transform

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// smallModels has a model of each way to read: its own day, the day before that is there, days ahead, the calendar, a parameter.
// Each adds up numbers and adds one of its own, so that a change of SQL may show or not.
var smallModels = map[string]string{
	"own_day": "inputs:\n  - {table: events, days: same}\n",
	"running": "inputs:\n  - {table: own_day, days: same}\n  - {table: running, days: last_before, as: before}\n",
	"ahead":   "inputs:\n  - {table: own_day, days: window}\nwindow: 24h\n",
	"quarter": "inputs:\n  - {table: running, days: same}\ncalendar: previous_quarter_start..same\n",
	"limited": "inputs:\n  - {table: ahead, days: same}\nparameters: [retire_after]\n",
}

func smallProject(t *rapid.T, constants map[string]int) *Project {
	const head = "description: numbers\ngrain: one row\nversion: 1\nowner: data team\n"
	const columns = "columns:\n  - {name: dt, type: DATE, meaning: day}\n  - {name: n, type: BIGINT, meaning: number}\n"
	files := fstest.MapFS{"metrics.yaml": {Data: []byte("metrics: []\n")}, "lake/events.yaml": {Data: []byte(head + "written_by: extraction\n" + columns)}}
	for name, reads := range smallModels {
		from := map[string]string{
			"own_day": "select n from events", "running": "select n from own_day union all select n from before", "ahead": "select n from own_day",
			"quarter": "select n from running union all select count(*) from calendar", "limited": "select n + $retire_after as n from ahead",
		}[name]
		files["models/"+name+".yaml"] = &fstest.MapFile{Data: []byte(head + "key: [dt]\n" + reads + columns)}
		// Only every other constant gives another number.
		files["models/"+name+".sql"] = &fstest.MapFile{Data: fmt.Appendf(nil,
			"with numbers as (%s) select $dt::date as dt, coalesce(sum(n), 0)::bigint + %d // 2 as n from numbers order by dt", from, constants[name])}
	}
	p, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// snapshotOf is what a folder holds as a snapshot that a run with these models published.
func snapshotOf(store *folder, recipe map[string]string) *warehouse.Manifest {
	m := &warehouse.Manifest{Recipe: recipe}
	for _, files := range store.Files() {
		m.Files = slices.AppendSeq(m.Files, maps.Values(files))
	}
	slices.SortFunc(m.Files, func(a, b warehouse.File) int { return strings.Compare(a.Path, b.Path) })
	return m
}

// Whatever comes, in whichever order, a run builds nothing that was not planned, and all that was planned for a reason of its own.
func TestWhatIsBuiltWasPlanned(t *testing.T) {
	db, root := engine(t, 1), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "plan")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := &planWorld{t: t, db: db, store: newFolder(dir), constants: map[string]int{}, retireAfter: 90}
		for range rapid.IntRange(1, 4).Draw(t, "runs") {
			w.step()
		}
	})
}

type planWorld struct {
	t           *rapid.T
	db          *duck.DB
	store       *folder
	recipe      map[string]string
	constants   map[string]int
	retireAfter int
}

func (w *planWorld) step() {
	t, ctx := w.t, context.Background()
	seoul, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(smallModels)) {
		if rapid.IntRange(0, 9).Draw(t, "edits "+name) == 0 {
			w.constants[name]++
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "parameter") == 0 {
		w.retireAfter++
	}
	p := smallProject(t, w.constants)
	o := Options{DB: w.db, Zone: seoul, Params: Params{K: 1, RetireAfter: w.retireAfter, DiamondTarget: 1}, Log: quiet()}

	extracted := map[bizday.Day]bool{}
	for _, d := range w.store.Days(eventsTable) {
		extracted[d] = true
	}
	var changes []Change
	rows := map[bizday.Day]int{}
	for _, d := range rapid.SliceOfNDistinct(rapid.IntRange(0, 9), 0, 3, rapid.ID).Draw(t, "days") {
		dt := bizday.Of(2026, 3, 27) + bizday.Day(d) // the quarter changes in it
		reason := "late_rows"
		if !extracted[dt] {
			reason = NewDay
		}
		extracted[dt], rows[dt] = true, rapid.IntRange(0, 2).Draw(t, "rows")
		changes = append(changes, Change{eventsTable, dt, reason})
	}
	planned, err := Plan(ctx, snapshotOf(w.store, w.recipe), p, o, slices.Sorted(maps.Keys(extracted)), changes)
	if err != nil {
		t.Fatal(err)
	}

	before := w.keys()
	events, _ := p.Table(eventsTable)
	for _, c := range changes {
		w.put(events, c.Dt, rows[c.Dt])
	}
	r, err := newRunner(ctx, w.store, p, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(ctx, w.store, p, o); err != nil {
		t.Fatal(err)
	}
	w.recipe = r.recipe()
	listed := map[string]Planned{}
	for _, f := range planned {
		listed[f.Model+" "+f.Dt.String()] = f
	}
	after := w.keys()
	for at, key := range after {
		f, is := listed[at]
		switch isBuilt := before[at] != key; {
		case isBuilt && !is:
			t.Errorf("%s was built and not planned", at)
		case !isBuilt && is && f.Via == "":
			t.Errorf("%s was not built, and planned: %s", at, f.Reason)
		}
	}
	if again, err := Plan(ctx, snapshotOf(w.store, w.recipe), p, o, w.store.Days(eventsTable), nil); err != nil || len(again) > 0 {
		t.Errorf("after the run, planned is %v, error %v", again, err)
	}
}

func (w *planWorld) put(events warehouse.Table, dt bizday.Day, rows int) {
	path, err := w.store.StagePath(events, dt)
	if err != nil {
		w.t.Fatal(err)
	}
	query := fmt.Sprintf("copy (select date '%s' as dt, i as n from range(%d) as numbers(i)) to %s (format parquet)", dt, rows, duck.Quote(path))
	if _, err := w.db.Conn().ExecContext(context.Background(), query); err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.store.Add(events, dt, int64(rows), "given"); err != nil {
		w.t.Fatal(err)
	}
}

// keys are those of the models' files.
func (w *planWorld) keys() map[string]string {
	keys := map[string]string{}
	for name, files := range w.store.Files() {
		for dt, f := range files {
			if name != eventsTable {
				keys[name+" "+dt.String()] = f.Key
			}
		}
	}
	return keys
}
