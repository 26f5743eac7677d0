package reference

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/transform/explain"
	"vaultreport/warehouse"
)

// explainedCells is how many cells of a world are explained: of each kind and state at most one.
const explainedCells = 3

// catalogueSeen is the metric catalogue, and what the worlds had rows of: shapes, each with the values of its splits.
type catalogueSeen struct {
	catalogue.Catalogue
	sync.Mutex
	seen map[string]bool
}

// newCatalogueSeen returns a catalogue that fails the test at its end if no row was seen of a shape, or of one of the values that
// always have a row.
func newCatalogueSeen(t *testing.T) *catalogueSeen {
	t.Helper()
	metrics, _, err := catalogue.Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	c := &catalogueSeen{Catalogue: metrics, seen: map[string]bool{}}
	t.Cleanup(func() {
		if t.Failed() {
			return
		}
		for i := range metrics {
			for j, s := range metrics[i].Shapes {
				name := shapeName(&metrics[i], j)
				for _, value := range slices.Concat([]string{""}, s.Statistics, s.Periods, s.VaultTypes, s.Variants, s.Segments) {
					if !c.seen[name+value] {
						t.Errorf("no world has a row that is %s %s", name, value)
					}
				}
			}
		}
	})
	return c
}

func shapeName(m *catalogue.Metric, shape int) string {
	s := m.Shapes[shape]
	return fmt.Sprintf("%s: %v, %v, rows[%d]", m.Name, s.Statistics, s.Periods, shape)
}

// shapeOf returns the name of the one shape that a row has, and marks it and its values as seen.
func (c *catalogueSeen) shapeOf(t *rapid.T, r Metric) string {
	metric, known := c.Metric(r.Metric)
	if !known {
		t.Fatalf("the catalogue does not know %s", r.Metric)
	}
	found := ""
	for i, s := range metric.Shapes {
		if !s.Has(cellOf(r)) {
			continue
		}
		if found != "" || s.Unit != r.Unit {
			t.Fatalf("%v is of two shapes, or its unit is not %s", r.cells(), s.Unit)
		}
		found = shapeName(metric, i)
	}
	if found == "" {
		t.Fatalf("the catalogue does not know %v", r.cells())
	}
	c.Lock()
	defer c.Unlock()
	for _, value := range []string{"", r.Statistic, r.Period, r.VaultType, r.Variant, r.Segment} {
		c.seen[found+value] = true
	}
	return found
}

func cellOf(r Metric) catalogue.Cell {
	return catalogue.Cell{Metric: r.Metric, Period: r.Period, VaultType: r.VaultType, Variant: r.Variant, Segment: r.Segment, Statistic: r.Statistic}
}

// addUp holds every row of metric_daily against the catalogue, and explains some rows of a day.
func (m *machine) addUp(t *rapid.T, store *folder, w *World, want map[bizday.Day]*Results, c *catalogueSeen) {
	groups := map[string][]explainedRow{}
	var names []string
	for _, dt := range w.sorted() {
		for _, r := range want[dt].Metrics {
			name := c.shapeOf(t, r) + " " + r.State
			if r.Value != nil && r.Value.Sign() != 0 {
				name += ", not 0"
			}
			if groups[name] == nil {
				names = append(names, name)
			}
			groups[name] = append(groups[name], explainedRow{dt, r})
		}
	}
	reading := explain.Reading{
		Manifest: &warehouse.Manifest{ID: "1"}, Published: store, Conn: m.db.Conn(), Zone: w.Zone, Project: m.project,
		Params: transform.Params{K: w.K, RetireAfter: w.RetireAfter, DiamondTarget: w.DiamondTarget},
	}
	for range min(explainedCells, len(names)) {
		name := pick(t, "explained kind", names)
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
		r := rapid.SampledFrom(groups[name]).Draw(t, name)
		if fault := r.explain(reading, c); fault != "" {
			t.Fatalf("%s %v: %s\n%s", r.dt, r.cells(), fault, describe(w))
		}
	}
}

// explainedRow is a row of metric_daily of a day.
type explainedRow struct {
	dt bizday.Day
	Metric
}

// explain says what is wrong with what leads to a row.
func (r explainedRow) explain(reading explain.Reading, c *catalogueSeen) string {
	metric, _ := c.Metric(r.Metric.Metric)
	cells, err := reading.Cells(context.Background(), metric.Name, r.dt)
	if err != nil {
		return err.Error()
	}
	i := slices.IndexFunc(cells, func(c explain.Cell) bool { return c.Env == r.Env && c.Cell == cellOf(r.Metric) })
	if i < 0 {
		return "it is not there"
	}
	e, err := reading.Explain(context.Background(), metric, cells[i], r.dt)
	switch {
	case err != nil:
		return err.Error()
	case !cells[i].HasNumbers() && (e.Parts != nil || e.Partitions[0].Rows != nil):
		return "it has no numbers, and its explanation has"
	case cells[i].HasNumbers() && !e.Parts.AddsUp:
		return fmt.Sprintf("%d rows add up to %v, %v of %v", e.Parts.Rows, orNULL(e.Parts.Value), e.Parts.Numerator, e.Parts.Denominator)
	default:
		return ""
	}
}

func orNULL[T any](n *T) string {
	if n == nil {
		return "NULL"
	}
	return fmt.Sprint(*n)
}
