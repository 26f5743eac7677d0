package explain

import (
	"cmp"
	"context"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
)

// Explanation is a cell with what leads to it. Of a cell without numbers there are neither parts nor counts.
type Explanation struct {
	Snapshot   string
	Dt         bizday.Day
	Cell       Cell
	Parts      *Parts
	File       string // of the query of the rows
	Rows       string // that query, over the files
	SQL        string // that query, over the tables
	Partitions []Partition
	Origins    []Origin
	Refused    []Refused
}

// Partition is a file of the warehouse that the rows come from.
type Partition struct {
	Table  string     `json:"table"`
	Dt     bizday.Day `json:"dt"`
	Rows   *int64     `json:"rows"`
	SHA256 string     `json:"sha256"`
	// IsCarried says that the file is of a day before: what it was computed from is not listed.
	IsCarried bool `json:"carried"`
}

// Explain returns what leads to a cell of a day.
func (r Reading) Explain(ctx context.Context, m *catalogue.Metric, c Cell, dt bizday.Day) (*Explanation, error) {
	q, asked, err := r.question(m, c, dt)
	if err != nil {
		return nil, err
	}
	e := &Explanation{Snapshot: r.Manifest.ID, Dt: dt, Cell: c, File: "sql/" + q.File, Rows: asked.SQL, SQL: asked.Tables}
	if c.HasNumbers() {
		parts, err := r.parts(ctx, asked, c)
		if err != nil {
			return nil, err
		}
		e.Parts = &parts
	}
	lineage := r.lineage(asked, dt, firstDay(c, dt))
	for _, p := range lineage {
		e.Partitions = append(e.Partitions, Partition{p.Table, p.Dt, told(c, p.Rows), p.SHA256, p.IsCarried})
	}
	ledger, err := r.ledger(ctx, m, c, lineage)
	if err != nil {
		return nil, err
	}
	e.Origins = r.origins(c, lineage, ledger)
	e.Refused = refused(c, ledger)
	return e, nil
}

// told is a count that a cell's explanation may tell.
func told(c Cell, n int64) *int64 {
	if !c.HasNumbers() {
		return nil
	}
	return &n
}

// lineage returns the partitions of which the rows of a cell are made, back to a day, and those that decide what is computable.
func (r Reading) lineage(asked transform.Asked, dt, first bizday.Day) []transform.Partition {
	lineage := r.models().Lineage(asked.Files, first)
	for _, table := range []string{"metric_gap", "source_catalogue"} {
		f, ok := r.Published.File(table, dt)
		if ok && !slices.ContainsFunc(lineage, func(p transform.Partition) bool { return p.Path == f.Path }) {
			lineage = append(lineage, transform.Partition{File: f})
		}
	}
	slices.SortFunc(lineage, func(a, b transform.Partition) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Dt, b.Dt))
	})
	return lineage
}

// firstDay is the first day of a cell's period.
func firstDay(c Cell, dt bizday.Day) bizday.Day {
	switch c.Period {
	case "qtd":
		return dt.QuarterStart()
	case "prev_qtd":
		first, _ := dt.AlignedPreviousQuarter()
		return first
	default:
		return dt
	}
}
