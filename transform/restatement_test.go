package transform

import (
	"context"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// history is a folder that remembers what was in it when it was published.
type history struct {
	*folder
	parent warehouse.Manifest
	inputs []warehouse.Input
	recipe map[string]string
}

func (h *history) Parent() *warehouse.Manifest        { return &h.parent }
func (h *history) Inputs() []warehouse.Input          { return h.inputs }
func (h *history) SetRecipe(recipe map[string]string) { h.recipe = recipe }

func (h *history) publish() {
	h.parent = warehouse.Manifest{Recipe: h.recipe, Inputs: h.inputs}
	for _, byDay := range h.Files() {
		for _, f := range byDay {
			h.parent.Files = append(h.parent.Files, f)
		}
	}
	slices.SortFunc(h.parent.Files, func(a, b warehouse.File) int { return strings.Compare(a.Path, b.Path) })
}

func TestARestatementOfCodeNamesEachCellThatItChanged(t *testing.T) {
	db, h, files := engine(t, 1), &history{folder: newFolder(t.TempDir())}, shipped(t)
	o := options(t, db)
	days := dayList(t, "2026-01-01..2026-01-02")
	var rows []string
	restate := func(p *Project) []string {
		t.Helper()
		if _, err := Run(context.Background(), h, p, o); err != nil {
			t.Fatal(err)
		}
		added, err := Restate(context.Background(), h, p, o, days[1])
		if err != nil {
			t.Fatal(err)
		}
		h.publish()
		before := len(rows)
		if rows = h.restatements(t, db); int64(len(rows)-before) != added {
			t.Errorf("%d rows are new, and it says %d", len(rows)-before, added)
		}
		return rows
	}
	load := func() *Project {
		t.Helper()
		p, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	p := load()
	fillWindows(t, h.folder, p, db, days...)
	if got := restate(p); got != nil {
		t.Errorf("new days are restated: %v", got)
	}
	edit(t, files, "models/metrics_referral.sql", "counts.revivals::double", "counts.revivals /* the same */ ::double")
	if got := restate(load()); got != nil {
		t.Errorf("a comment restates %v", got)
	}
	edit(t, files, "models/metrics_referral.sql", "events.event = 'REFERRAL_REVIVED'", "events.event = 'ALERT_SENT'")
	got := restate(load())
	if len(got) == 0 {
		t.Fatal("nothing is restated")
	}
	for _, row := range got {
		if !strings.Contains(row, " referral_revive_success_count ") || !strings.HasSuffix(row, "code 2026-01-02") {
			t.Errorf("restated: %s", row)
		}
	}
	if want := "2026-01-01 prod referral_revive_success_count day ALL ALL ALL count 0.0 9.0 ok ok code 2026-01-02"; !slices.Contains(got, want) {
		t.Errorf("not restated: %s\nbut %s", want, strings.Join(got, "\n"))
	}
	// Back again: the first change stays in the table.
	if all := restate(project(t)); len(all) != 2*len(got) {
		t.Errorf("the table has %d rows, want %d", len(all), 2*len(got))
	}
}

func (h *history) restatements(t *testing.T, db *duck.DB) (rows []string) {
	t.Helper()
	for _, day := range h.Days(restatementTable) {
		f, _ := h.File(restatementTable, day)
		for _, row := range texts(t, db, "select columns(*)::varchar from read_parquet(["+duck.Quote(f.Object)+"])") {
			rows = append(rows, strings.Join(row, " "))
		}
	}
	return rows
}
