// Package diff compares the rows of two snapshots, or of anything else that has files of tables by day.
//
// Files of equal digest are equal and are not opened. Of the others rows are paired by the table's key, so that a row is in
// one side only, changed, or the same. A table without a key, or with rows of one key twice, is compared as a multiset: no
// row is changed there, it is gone from one side and new in the other. Pages are not compared: what is on them is in tables.
//
// Begin with Compare.
package diff

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Side is one of the two: its files, one a table and day, and where the bytes of each lie.
type Side struct {
	Files []warehouse.File
	Path  func(warehouse.File) string
}

// Options say what is compared. The zero Options compare all and show no row.
type Options struct {
	Table       string      // only this one
	First, Last *bizday.Day // only from and to these days
	Samples     int         // rows of each table that are shown, at most
}

// Table is what two sides have of a table.
type Table struct {
	Name      string   `json:"table"`
	Key       []string `json:"key"`        // empty: rows were compared as a multiset
	EqualDays int      `json:"equal_days"` // of which both sides have the same bytes
	Days      []Day    `json:"days"`       // the others, ascending
	Columns   []Column `json:"columns"`    // besides the key, of the rows that were paired
	OnlyA     []string `json:"columns_only_a"`
	OnlyB     []string `json:"columns_only_b"`
	Samples   []Sample `json:"samples"`
}

// Day counts the rows of a day.
type Day struct {
	Dt      bizday.Day `json:"dt"`
	Files   string     `json:"files"` // both, a or b: who has a file
	OnlyA   int64      `json:"only_a"`
	OnlyB   int64      `json:"only_b"`
	Changed int64      `json:"changed"`
	Same    int64      `json:"same"`
}

// Column says of how many paired rows the values are equal.
type Column struct {
	Name  string
	Equal int64
	Rows  int64
}

// MarshalJSON adds the share equal, null if no row was paired.
func (c Column) MarshalJSON() ([]byte, error) {
	out := struct {
		Column string   `json:"column"`
		Equal  int64    `json:"equal"`
		Rows   int64    `json:"rows"`
		Share  *float64 `json:"share"`
	}{Column: c.Name, Equal: c.Equal, Rows: c.Rows}
	if c.Rows > 0 {
		share := float64(c.Equal) / float64(c.Rows)
		out.Share = &share
	}
	return json.Marshal(out)
}

// Values of Sample.Change and Day.Files.
const (
	OnlyA   = "only_a"
	OnlyB   = "only_b"
	Changed = "changed"

	both, inA, inB = "both", "a", "b"
)

// Sample is a row that differs. Values are text, as query shows them; nil is NULL, or that the side lacks the row.
type Sample struct {
	Change  string             `json:"change"`
	Copies  int64              `json:"copies"` // how many more of it one side has: 1 with a key
	Key     map[string]*string `json:"key"`
	Columns []Cell             `json:"columns"` // of a changed row those that differ
}

// Cell is a value in both sides.
type Cell struct {
	Column string  `json:"column"`
	A      *string `json:"a"`
	B      *string `json:"b"`
}

// Differs says whether a row or a column differs, or one side has a file more. Files of the same rows may have other bytes:
// what they were built from is in them.
func (t Table) Differs() bool {
	return len(t.OnlyA)+len(t.OnlyB) > 0 || slices.ContainsFunc(t.Days, Day.Differs)
}

// Differs says whether a row differs, or one side has no file.
func (d Day) Differs() bool { return d.Files != both || d.OnlyA+d.OnlyB+d.Changed > 0 }

// IsOnly says whether the file is in one side only, and which.
func (d Day) IsOnly() (side string, is bool) { return d.Files, d.Files != both }

// Sum counts the rows of all days that do not have the same bytes.
func (t Table) Sum() (s Day) {
	for _, d := range t.Days {
		s.OnlyA, s.OnlyB, s.Changed, s.Same = s.OnlyA+d.OnlyA, s.OnlyB+d.OnlyB, s.Changed+d.Changed, s.Same+d.Same
	}
	return s
}

// Compare compares two sides, table by table in the order of their names; key names the columns that identify a row of a
// table. A file that cannot be read is an error.
func Compare(ctx context.Context, conn *sql.Conn, key func(table string) []string, a, b Side, o Options) ([]Table, error) {
	byTable := map[string]map[bizday.Day]pair{}
	put := func(s Side, set func(*pair, warehouse.File)) {
		for _, f := range s.Files {
			if f.Table == warehouse.ReportTable || o.Table != "" && f.Table != o.Table || o.First != nil && f.Dt < *o.First || o.Last != nil && f.Dt > *o.Last {
				continue
			}
			if byTable[f.Table] == nil {
				byTable[f.Table] = map[bizday.Day]pair{}
			}
			p := byTable[f.Table][f.Dt]
			set(&p, f)
			byTable[f.Table][f.Dt] = p
		}
	}
	put(a, func(p *pair, f warehouse.File) { p.a = &f })
	put(b, func(p *pair, f warehouse.File) { p.b = &f })
	tables := []Table{}
	for _, name := range slices.Sorted(maps.Keys(byTable)) {
		c := &comparison{conn: conn, a: a, b: b, samples: o.Samples, table: Table{
			Name: name, Key: append([]string{}, key(name)...), Days: []Day{}, Columns: []Column{}, OnlyA: []string{}, OnlyB: []string{}, Samples: []Sample{},
		}}
		if err := c.compare(ctx, byTable[name]); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "compare "+name, err)
		}
		tables = append(tables, c.table)
	}
	return tables, nil
}

// pair is the files of a day.
type pair struct{ a, b *warehouse.File }

// Rows of many days are compared at once, since a query costs more than a file, and not of too many.
const (
	maxFiles = 60
	maxRows  = 1_000_000
)

// comparison is that of one table.
type comparison struct {
	conn    *sql.Conn
	a, b    Side
	samples int
	table   Table
}

func (c *comparison) compare(ctx context.Context, days map[bizday.Day]pair) error {
	var open []pair
	rows := int64(0)
	flush := func() error {
		if len(open) == 0 {
			return nil
		}
		err := c.open(ctx, open)
		open, rows = nil, 0
		return err
	}
	for _, dt := range slices.Sorted(maps.Keys(days)) {
		p := days[dt]
		switch {
		case p.b == nil:
			c.table.Days = append(c.table.Days, Day{Dt: dt, Files: inA, OnlyA: p.a.Rows})
		case p.a == nil:
			c.table.Days = append(c.table.Days, Day{Dt: dt, Files: inB, OnlyB: p.b.Rows})
		case p.a.SHA256 == p.b.SHA256:
			c.table.EqualDays++
		default:
			c.table.Days = append(c.table.Days, Day{Dt: dt, Files: both})
			open, rows = append(open, p), rows+p.a.Rows+p.b.Rows
			if len(open) == maxFiles || rows > maxRows {
				if err := flush(); err != nil {
					return err
				}
			}
		}
	}
	return flush()
}

// day returns where the rows of a day are counted.
func (c *comparison) day(dt bizday.Day) *Day {
	i, found := slices.BinarySearchFunc(c.table.Days, dt, func(d Day, dt bizday.Day) int { return cmp.Compare(d.Dt, dt) })
	if !found { // rows of another day than the file's
		c.table.Days = slices.Insert(c.table.Days, i, Day{Dt: dt, Files: both})
	}
	return &c.table.Days[i]
}
