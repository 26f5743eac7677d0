package scheduler

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// TestPlanCases runs the cases of testdata/plans. A case is a text archive as those of TestCases are, without rows, and besides:
//
//	-- then/FILE --      a file that is written after the runs, options that differ from then on, or further runs, which may be `extract DAYS`
//	-- then/replace --   `models/NAME: OLD => NEW` in the SQL, or in the contract of NAME.yaml
//	-- plan: DAYS --     what would be done: the days, the files, and the files of models by reason
//
// Then the days are run, and what was built is held against the plan. With -update the plans are rewritten; read the difference.
func TestPlanCases(t *testing.T) {
	paths, err := filepath.Glob("../testdata/plans/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			runPlanCase(t, path)
		})
	}
}

func runPlanCase(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "Asia/Seoul")
	w.options.K = 1
	planned := 0
	for i, file := range archive.Files {
		name := strings.TrimPrefix(file.Name, "then/")
		switch {
		case name == "options":
			w.setOptions(string(file.Data))
		case name == "replace":
			w.options.Models = replaced(t, string(file.Data))
		case strings.HasPrefix(name, "logs/"):
			w.write(name, file.Data)
		case strings.HasPrefix(name, "dumps/"):
			w.addTables(strings.Split(name, "/")[1])
			w.write(name, file.Data)
		case name == "runs":
			for line := range strings.Lines(string(file.Data)) {
				w.runOrExtract(strings.TrimSpace(line))
			}
		case strings.HasPrefix(name, "plan: "):
			planned++
			days := strings.TrimPrefix(name, "plan: ")
			p := w.mustPlan(days)
			got := planText(p)
			if diff := cmp.Diff(string(file.Data), got); diff != "" && !*update {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			archive.Files[i].Data = []byte(got)
			w.checkPlan(p, days)
		default:
			t.Fatalf("unknown section %q", file.Name)
		}
	}
	if planned == 0 {
		t.Fatal("the case plans nothing")
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) runOrExtract(line string) {
	w.t.Helper()
	days, alone := strings.CutPrefix(line, "extract ")
	if !alone {
		w.runLine(line)
		return
	}
	if _, err := Extract(context.Background(), w.optionsFor(days)); err != nil {
		w.t.Fatal(err)
	}
}

// replaced is the shipped SQL with some of it replaced.
func replaced(t *testing.T, text string) fs.FS {
	models := fstest.MapFS{}
	err := fs.WalkDir(sql.FS, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			models[path] = &fstest.MapFile{}
			models[path].Data, err = fs.ReadFile(sql.FS, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text) {
		file, change, _ := strings.Cut(strings.TrimSpace(line), ": ")
		old, now, _ := strings.Cut(change, " => ")
		if models[file] == nil || !strings.Contains(string(models[file].Data), old) {
			t.Fatalf("%s does not hold %q", file, old)
		}
		models[file].Data = []byte(strings.Replace(string(models[file].Data), old, now, 1))
	}
	return models
}

// optionsFor are those of a run of `2026-01-02` or `2026-01-02..2026-01-04`.
func (w *world) optionsFor(days string) Options {
	w.t.Helper()
	start, end, isSpan := strings.Cut(days, "..")
	if !isSpan {
		end = start
	}
	o := w.options
	o.Start, o.End = mustDay(w.t, start), mustDay(w.t, end)
	return o
}

func (w *world) mustPlan(days string) Planned {
	w.t.Helper()
	p, err := Plan(context.Background(), w.optionsFor(days))
	if err != nil {
		w.t.Fatalf("plan %s: %v", days, err)
	}
	return p
}

// checkPlan runs the days and holds what was built against the plan.
func (w *world) checkPlan(p Planned, days string) {
	w.t.Helper()
	o := w.optionsFor(days)
	before, err := toBuildOn(o)
	if err != nil {
		w.t.Fatal(err)
	}
	if p.Stop == nil {
		w.checkLake(p, o, before.Manifest)
	}
	result, err := w.run(days)
	if p.Stop != nil {
		if errs.ClassOf(err) != errs.NotReady || err.Error() != p.NotReady {
			w.t.Errorf("run %s: got %v, planned was %s", days, err, p.NotReady)
		}
		return
	}
	if err != nil {
		w.t.Fatalf("run %s: %v", days, err)
	}
	after, err := toBuildOn(o)
	if err != nil {
		w.t.Fatal(err)
	}
	planned := make(map[string]bool)
	for _, m := range p.Models {
		planned[m.Model+" "+m.Dt.String()] = true
	}
	noModels := []string{"alarm", "alarm_evaluation", "alarm_span", "restatement", "row_ledger"}
	for _, f := range after.Files {
		was, _ := before.File(f.Table, f.Dt)
		if strings.HasPrefix(f.Path, "marts/") && !slices.Contains(noModels, f.Table) && was.Key != f.Key && !planned[f.Table+" "+f.Dt.String()] {
			w.t.Errorf("%s of %s was built and not planned", f.Table, f.Dt)
		}
	}
	// Models that all came out as they were are not published, and would be computed again.
	if again := w.mustPlan(days); result.Status == Published && len(again.Models)+len(again.Days) > 0 {
		w.t.Errorf("after the run, the plan is not empty:\n%s", planText(again))
	}
}

// checkLake extracts into a staging that is dropped, and holds every file that was written against the plan.
func (w *world) checkLake(p Planned, o Options, parent *warehouse.Manifest) {
	w.t.Helper()
	project, err := o.project()
	if err != nil {
		w.t.Fatal(err)
	}
	with := extractOptions(project, p.Asked, o)
	with.FS = vfs.OS()
	planned, err := extract.Plan(context.Background(), parent, with)
	if err != nil {
		w.t.Fatal(err)
	}
	var want []string
	for _, f := range planned.Lake {
		want = append(want, f.Table+" "+f.Dt.String())
	}
	got, err := inTransaction(context.Background(), o, func(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) ([]string, error) {
		store := &recordingStore{Tx: tx, added: map[string]bool{}}
		_, err := extract.Run(ctx, store, extractOptions(project, p.Asked, o))
		return slices.Sorted(maps.Keys(store.added)), err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("files of the lake (-planned +written):\n%s", diff)
	}
}

// recordingStore knows what was added.
type recordingStore struct {
	*warehouse.Tx
	mu    sync.Mutex
	added map[string]bool
}

func (s *recordingStore) Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.added[table.Name+" "+dt.String()] = true
	return s.Tx.Add(table, dt, rows, key)
}

func planText(p Planned) string {
	var b strings.Builder
	if p.Stop != nil {
		fmt.Fprintf(&b, "stop %s\n", p.NotReady)
	}
	for _, d := range p.Days {
		fmt.Fprintf(&b, "day %s %s: %d lines, %d before; tables %v\n", d.Dt, d.Reason, d.Lines, d.LinesBefore, d.Tables)
	}
	for _, f := range p.Files {
		fmt.Fprintf(&b, "file %s %s: %s", f.Source, f.File, f.State)
		for _, d := range f.Days {
			fmt.Fprintf(&b, " %s=%d", d.Dt, d.Rows)
		}
		b.WriteByte('\n')
	}
	var lines []string
	days := make(map[string][]bizday.Day)
	for _, m := range p.Models {
		line := m.Model + " " + m.Reason
		if m.Via != "" {
			line += " via " + m.Via
		}
		if days[line] == nil {
			lines = append(lines, line)
		}
		days[line] = append(days[line], m.Dt)
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Fprintf(&b, "model %s:", line)
		for _, d := range days[line] {
			fmt.Fprintf(&b, " %s", d.String()[len("2026-"):])
		}
		b.WriteByte('\n')
	}
	return b.String()
}
