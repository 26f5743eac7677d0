package explain

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/warehouse"
)

// Comparison is a cell in two snapshots, and what made the difference. Of a cell without numbers there are no rows and no counts.
type Comparison struct {
	Before, After Side
	Origins       []ChangedOrigin
	Partitions    []ChangedPartition
}

// Side is a cell in one of two snapshots.
type Side struct {
	Snapshot string
	Cell     *Cell // nil where the snapshot has no such row
	Parts    *Parts
	Only     string // query of the rows that only this side has, over the files; empty where they may not be told
	OnlyRows *int64 // their number
}

// ChangedOrigin is a source file, or a taken table, of which lines or rows may have made the difference.
type ChangedOrigin struct {
	Source string       `json:"source"`
	Name   string       `json:"name"`
	Change string       `json:"change"` // new, changed, gone, or settings: read in another way
	Before *int64       `json:"rows_before"`
	After  *int64       `json:"rows_after"` // of the days that changed
	Days   []bizday.Day `json:"days"`
}

// ChangedPartition is a partition of the lineage that is not the same on both sides.
type ChangedPartition struct {
	Table  string     `json:"table"`
	Dt     bizday.Day `json:"dt"`
	Cause  string     `json:"cause"` // input, code (another model), or parameters (or zone, or engine)
	Before *int64     `json:"rows_before"`
	After  *int64     `json:"rows_after"`
}

// Compare returns what changed a cell of a day from one snapshot to another. Either cell may be nil, but not both.
func Compare(ctx context.Context, before, after Reading, m *catalogue.Metric, was, is *Cell, dt bizday.Day) (*Comparison, error) {
	same := cmp.Or(is, was)
	isTold := (was == nil || was.HasNumbers()) && (is == nil || is.HasNumbers())
	_, askedBefore, err := before.question(m, *same, dt)
	if err != nil {
		return nil, err
	}
	_, askedAfter, err := after.question(m, *same, dt)
	if err != nil {
		return nil, err
	}
	c := &Comparison{}
	if c.Before, err = before.side(ctx, was, askedBefore, askedAfter, isTold); err != nil {
		return nil, err
	}
	if c.After, err = after.side(ctx, is, askedAfter, askedBefore, isTold); err != nil {
		return nil, err
	}
	// Whatever was carried over from day to day counts: a late line may have come long before.
	from := before.lineage(askedBefore, dt, math.MinInt32)
	to := after.lineage(askedAfter, dt, math.MinInt32)
	if c.Partitions, err = changedPartitions(ctx, before, after, from, to); err != nil {
		return nil, err
	}
	c.Origins = changedOrigins(before.Manifest, after.Manifest, c.Partitions)
	judged, err := changedPartitions(ctx, before, after, before.judges(m, dt), after.judges(m, dt))
	if err != nil {
		return nil, err
	}
	// These differ whenever any metric of the day does: only what is no input says something.
	c.Partitions = append(c.Partitions, slices.DeleteFunc(judged, func(p ChangedPartition) bool { return p.Cause == "input" })...)
	if !isTold {
		c.hide()
	}
	return c, nil
}

func (r Reading) side(ctx context.Context, c *Cell, own, other transform.Asked, isTold bool) (Side, error) {
	s := Side{Snapshot: r.Manifest.ID, Cell: c}
	if !isTold {
		return s, nil
	}
	if c != nil {
		parts, err := r.parts(ctx, own, *c)
		if err != nil {
			return s, err
		}
		s.Parts = &parts
	}
	s.Only = fmt.Sprintf("select * from (select * from (%s) except all select * from (%s)) order by all", own.SQL, other.SQL)
	var n int64
	if err := r.Conn.QueryRowContext(ctx, "select count(*) from ("+s.Only+")").Scan(&n); err != nil {
		return s, errs.Wrap(errs.Unexpected, "explain: compare the rows", err)
	}
	s.OnlyRows = &n
	return s, nil
}

// hide takes every count away.
func (c *Comparison) hide() {
	for i := range c.Partitions {
		c.Partitions[i].Before, c.Partitions[i].After = nil, nil
	}
	for i := range c.Origins {
		c.Origins[i].Before, c.Origins[i].After = nil, nil
	}
}

// judges returns metric_daily of a day, and the partitions of the models that hold the metric's view.
func (r Reading) judges(m *catalogue.Metric, dt bizday.Day) (files []transform.Partition) {
	for _, table := range append([]string{"metric_daily"}, r.Project.Readers(m.Model)...) {
		if f, ok := r.Published.File(table, dt); ok {
			files = append(files, transform.Partition{File: f})
		}
	}
	return files
}

// changedPartitions returns the partitions that differ, by table and day.
func changedPartitions(ctx context.Context, before, after Reading, from, to []transform.Partition) ([]ChangedPartition, error) {
	was, is := byPath(from), byPath(to)
	var paths []string
	for path := range was {
		if is[path].SHA256 != was[path].SHA256 {
			paths = append(paths, path)
		}
	}
	for path := range is {
		if was[path].Path == "" {
			paths = append(paths, path)
		}
	}
	causes, err := causesOf(ctx, before, after, was, is, paths)
	if err != nil {
		return nil, err
	}
	var changed []ChangedPartition
	for _, path := range paths {
		f := is[path]
		if f.Path == "" {
			f = was[path]
		}
		p := ChangedPartition{Table: f.Table, Dt: f.Dt, Cause: causes[path]}
		if w := was[path]; w.Path != "" {
			p.Before = &w.Rows
		}
		if i := is[path]; i.Path != "" {
			p.After = &i.Rows
		}
		changed = append(changed, p)
	}
	slices.SortFunc(changed, func(a, b ChangedPartition) int {
		return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Dt, b.Dt))
	})
	return changed, nil
}

func byPath(lineage []transform.Partition) map[string]warehouse.File {
	files := map[string]warehouse.File{}
	for _, p := range lineage {
		files[p.Path] = p.File
	}
	return files
}
