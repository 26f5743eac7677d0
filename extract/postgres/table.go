package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"vaultreport/extract/table"
	"vaultreport/internal/errs"
)

// Table is a table or view of a Snapshot. It is safe for concurrent use.
type Table struct {
	snapshot  *Snapshot
	name      string // of the Spec
	oid       uint32
	schema    string
	kind      string // r, v, m, f or p, as in pg_class
	columns   []column
	pages     int64
	hasRanges bool // whether it can be read by ranges of pages
}

type column struct {
	table.Attribute
	form form
	cast bool // to text
}

func (c column) sql() string {
	name := pgx.Identifier{c.Name}.Sanitize()
	if c.cast {
		return name + "::pg_catalog.text"
	}
	return name
}

func (t *Table) sql() string { return pgx.Identifier{t.schema, t.name}.Sanitize() }

func (t *Table) reading() string { return "read table " + t.name }

// Parts returns readers that together give every row once: one for each of Options.Connections if the table can be read by ranges of
// pages and is long enough, else one. They may read side by side; those for which there is no connection wait for one.
// Their errors are ready for the user, and ErrLost knows those after which another snapshot may succeed.
func (t *Table) Parts() []table.Reader {
	n := 1
	if t.hasRanges {
		n = cap(t.snapshot.readers)
	}
	var parts []table.Reader
	for _, condition := range ranges(t.pages, n) {
		parts = append(parts, &part{table: t, condition: condition})
	}
	return parts
}

// ranges returns conditions of which each row fulfils one. The outer ones have no ends: of a table that inherits, all have pages of their
// own, and some more than the parent.
func ranges(pages int64, n int) []string {
	const least = 16 // pages that are worth a connection
	n = int(max(1, min(int64(n), pages/least)))
	conditions := make([]string, n)
	for i := range conditions {
		var both []string
		if i > 0 {
			both = append(both, fmt.Sprintf("ctid >= '(%d,0)'", pages*int64(i)/int64(n)))
		}
		if i < n-1 {
			both = append(both, fmt.Sprintf("ctid < '(%d,0)'", pages*int64(i+1)/int64(n)))
		}
		conditions[i] = strings.Join(both, " and ")
	}
	return conditions
}

// part reads a range of a table. It implements table.Reader.
type part struct {
	table     *Table
	condition string // "" for all
}

// Attributes returns the columns that the role may select.
func (p *part) Attributes() []table.Attribute {
	return p.table.attributes()
}

// Rows reads the named columns of every row, in no order.
func (p *part) Rows(ctx context.Context, names []string, each func([]table.Value) error) (err error) {
	sql, forms, err := p.query(names)
	if err != nil {
		return err
	}
	conn, err := p.table.snapshot.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { p.table.snapshot.release(conn, err) }()
	d := newDecoder(ctx, forms, each)
	tag, err := conn.PgConn().CopyTo(ctx, d, sql)
	switch {
	case d.err != nil:
		return d.err
	case err == nil && ctx.Err() == nil:
		err = d.finish(tag.RowsAffected())
	}
	if err != nil || ctx.Err() != nil {
		return failure(ctx, p.table.reading(), err)
	}
	return nil
}

func (p *part) query(names []string) (sql string, forms []form, err error) {
	var columns []string
	for _, name := range names {
		i := slices.IndexFunc(p.table.columns, func(c column) bool { return c.Name == name })
		if i < 0 || p.table.columns[i].form == noForm {
			return "", nil, errs.New(errs.Unexpected, fmt.Sprintf("%s: column %s cannot be selected", p.table.reading(), name), "")
		}
		columns = append(columns, p.table.columns[i].sql())
		forms = append(forms, p.table.columns[i].form)
	}
	sql = fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), p.table.sql())
	if p.condition != "" {
		sql += " where " + p.condition
	}
	return "copy (" + sql + ") to stdout (format binary)", forms, nil
}

// Close does nothing: connections belong to the Snapshot.
func (p *part) Close() error { return nil }
