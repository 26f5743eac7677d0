package scheduler

import (
	"context"
	"crypto/sha256"
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
//	-- then/FILE --      a file that is written after the runs, or options that differ from then on
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
				w.runLine(strings.TrimSpace(line))
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
	before, err := published(o)
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
	after, err := published(o)
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

// tree is every file and folder below a folder, with what tells that somebody wrote there.
func (w *world) tree(dir string) map[string]string {
	w.t.Helper()
	found := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content := ""
		if !d.IsDir() {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			content = string(text)
		}
		found[path] = fmt.Sprintf("%s %s %x", info.Mode(), info.ModTime(), sha256.Sum256([]byte(content)))
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func TestAPlanWritesNothingAndNeedsNoLease(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	before := w.tree(w.dir)
	if p := w.mustPlan("2026-01-02"); p.Snapshot != "" || len(p.Days) != 1 || len(p.Models) == 0 {
		t.Errorf("without a warehouse: %+v", p)
	}
	if diff := cmp.Diff(before, w.tree(w.dir)); diff != "" {
		t.Errorf("without a warehouse:\n%s", diff)
	}
	w.mustRun("2026-01-02")
	w.write("logs/2026-01-02/b.jsonl", []byte(sent(2)+"\n"))
	_, err := inTransaction(context.Background(), w.optionsFor("2026-01-02"), func(context.Context, *warehouse.Tx, *transform.Project, Options) (any, error) {
		before := w.tree(w.dir)
		if p := w.mustPlan("2026-01-02"); p.Snapshot != "0000000001" || len(p.Days) != 1 {
			t.Errorf("beside a run: %+v", p)
		}
		if diff := cmp.Diff(before, w.tree(w.dir)); diff != "" {
			t.Errorf("beside a run:\n%s", diff)
		}
		return nil, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAPlanRefusesAnotherKeyAndAnotherZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	w.mustRun("2026-01-02")
	w.options.Zone = newWorld(t, "UTC").options.Zone
	if _, err := Plan(context.Background(), w.optionsFor("2026-01-02")); errs.ClassOf(err) != errs.Usage {
		t.Errorf("got %v, want class Usage", err)
	}
}

func TestAFullPlanShowsWhatTheRunThenChangesAndPublishesNothing(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	_, last, _ := strings.Cut(night.span, "..")
	var late strings.Builder
	for i := range 1000 {
		day := mustDay(t, last) - bizday.Day(1+i%5)
		fmt.Fprintf(&late, `{"ts":"%sT%02d:00:00+09:00","event":"VAULT_CLAIMED","user_id":%d,"vault_type":"GOLD","env":"prod"}`+"\n", day, i%24, 1000+i)
	}
	w.write("logs/"+last+"/late.jsonl.gz", []byte(late.String()))
	before := w.digests()
	full, err := PlanFull(context.Background(), w.optionsFor(last))
	if err != nil {
		t.Fatal(err)
	}
	parent, err := published(w.optionsFor(last))
	if err != nil || parent.ID != night.result.Snapshot {
		t.Fatalf("newest snapshot %v, error %v", parent, err)
	}
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("published files changed:\n%s", diff)
	}
	p := w.mustPlan(last)
	if len(p.Days) != 5 {
		t.Errorf("planned days: %+v", p.Days)
	}
	w.checkPlan(p, last)

	for _, c := range full.Tables {
		if c.Table == "events" && c.Added != 200 {
			t.Errorf("events of %s: %+v", c.Dt, c)
		}
	}
	after, err := published(w.optionsFor(last))
	if err != nil {
		t.Fatal(err)
	}
	differing := 0
	for _, f := range after.Files {
		if was, _ := parent.File(f.Table, f.Dt); f.Table != warehouse.ReportTable && was.SHA256 != f.SHA256 {
			differing++
		}
	}
	if differing != len(full.Tables)+full.SameRows {
		t.Errorf("%d files differ after the run, %d with other rows and %d with the same were announced", differing, len(full.Tables), full.SameRows)
	}
	var cells strings.Builder
	cells.WriteString("dt,env,metric,period,vault_type,variant_id,segment,statistic,old_state,new_state\n")
	for _, c := range full.Cells {
		fmt.Fprintf(&cells, "%s,%s,%s,%s,%s,%s,%s,%s,%s,%s\n", c.Dt, c.Env, c.Metric, c.Period, c.VaultType, c.VariantID, c.Segment, c.Statistic, textOf(c.OldState), textOf(c.NewState))
	}
	restated := w.query("select dt, env, metric, period, vault_type, variant_id, segment, statistic, old_state, new_state from restatement order by dt, env, metric, period, vault_type, variant_id, segment, statistic")
	if diff := cmp.Diff(restated, cells.String()); diff != "" || len(full.Cells) < 5 {
		t.Errorf("%d cells (-restated +announced):\n%s", len(full.Cells), diff)
	}
	if len(full.Pages) == 0 {
		t.Error("no page would change")
	}
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
