package diff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// opened is the files of several days in both sides as relations of SQL.
type opened struct {
	a, b    string   // selects of the common columns
	columns []column // in the order of the first side
	key     []string // empty: a multiset
}

type column struct{ name, kind string }

func (c *comparison) open(ctx context.Context, pairs []pair) error {
	var filesA, filesB []string
	for _, p := range pairs {
		filesA, filesB = append(filesA, quotedPath(c.a, p.a)), append(filesB, quotedPath(c.b, p.b))
	}
	fromA, fromB := relation(filesA), relation(filesB)
	columnsA, err := c.columnsOf(ctx, fromA)
	if err != nil {
		return err
	}
	columnsB, err := c.columnsOf(ctx, fromB)
	if err != nil {
		return err
	}
	o := opened{key: c.table.Key}
	o.columns, o.a, o.b = c.common(columnsA, columnsB, fromA, fromB)
	if o.key, err = c.keyOf(ctx, o); err != nil {
		return err
	}
	if len(o.key) == 0 {
		c.table.Key = []string{}
		return c.multiset(ctx, o)
	}
	return c.byKey(ctx, o)
}

func quotedPath(s Side, f *warehouse.File) string { return duck.Quote(s.Path(*f)) }

func relation(files []string) string {
	return "read_parquet([" + strings.Join(files, ", ") + "], hive_partitioning = false, union_by_name = true)"
}

func (c *comparison) columnsOf(ctx context.Context, from string) (list []column, err error) {
	return list, c.each(ctx, "select column_name, column_type from (describe select * from "+from+")", func(rows *sql.Rows) error {
		var found column
		err := rows.Scan(&found.name, &found.kind)
		list = append(list, found)
		return err
	})
}

// common notes the columns that one side lacks, and returns the others with a select of each side. A column whose type
// changed is compared as text.
func (c *comparison) common(a, b []column, fromA, fromB string) (columns []column, selectA, selectB string) {
	var list []string
	for _, col := range a {
		i := slices.IndexFunc(b, func(other column) bool { return other.name == col.name })
		if i < 0 {
			c.table.OnlyA = addTo(c.table.OnlyA, col.name)
			continue
		}
		selected := ident(col.name)
		if b[i].kind != col.kind {
			selected, col.kind = fmt.Sprintf("cast(%s as varchar) as %s", selected, selected), "VARCHAR"
		}
		columns, list = append(columns, col), append(list, selected)
	}
	for _, col := range b {
		if !slices.ContainsFunc(a, func(other column) bool { return other.name == col.name }) {
			c.table.OnlyB = addTo(c.table.OnlyB, col.name)
		}
	}
	selected := "select " + strings.Join(list, ", ") + " from "
	return columns, selected + fromA, selected + fromB
}

func addTo(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// keyOf returns the key by which rows are paired: none, if a side lacks a column of it or has rows of one key twice.
func (c *comparison) keyOf(ctx context.Context, o opened) ([]string, error) {
	for _, name := range o.key {
		if !slices.ContainsFunc(o.columns, func(col column) bool { return col.name == name }) {
			return nil, nil
		}
	}
	if len(o.key) == 0 {
		return nil, nil
	}
	for _, side := range []string{o.a, o.b} {
		twice := 0
		text := fmt.Sprintf("select count(*) from (select 1 from (%s) group by %s having count(*) > 1)", side, idents(o.key))
		if err := c.conn.QueryRowContext(ctx, text).Scan(&twice); err != nil || twice > 0 {
			return nil, err
		}
	}
	return o.key, nil
}

// byKey pairs rows by their key.
func (c *comparison) byKey(ctx context.Context, o opened) error {
	var on, equal, compared, keys, counts []string
	for _, name := range o.key {
		on = append(on, fmt.Sprintf("a.%[1]s is not distinct from b.%[1]s", ident(name)))
		keys = append(keys, fmt.Sprintf("case when b.there is null then a.%[1]s else b.%[1]s end as %[1]s", ident(name)))
	}
	for _, col := range o.columns {
		if !slices.Contains(o.key, col.name) {
			compared = append(compared, col.name)
			equal = append(equal, fmt.Sprintf("a.%[1]s is not distinct from b.%[1]s as %[2]s", ident(col.name), ident("equal "+col.name)))
			counts = append(counts, fmt.Sprintf("count(*) filter (where in_a and in_b and %s)", ident("equal "+col.name)))
		}
	}
	all := "true"
	for _, name := range compared {
		all += " and " + ident("equal "+name)
	}
	paired := fmt.Sprintf(`with a as (select true as there, * from (%s)), b as (select true as there, * from (%s)),
		paired as (select a.there is not null as in_a, b.there is not null as in_b, %s from a full join b on %s)`,
		o.a, o.b, strings.Join(slices.Concat(keys, equal, texts(o.columns, o.key)), ", "), strings.Join(on, " and "))
	day := "null"
	if slices.Contains(o.key, "dt") {
		day = "dt::varchar"
	}
	err := c.each(ctx, fmt.Sprintf(`%s select %s, count(*) filter (where not in_b), count(*) filter (where not in_a),
		count(*) filter (where in_a and in_b and not (%s)), count(*) filter (where in_a and in_b and %s) %s from paired group by 1 order by 1`,
		paired, day, all, all, listed(counts)), func(rows *sql.Rows) error {
		var dt sql.NullString
		var n Day
		found := make([]int64, len(compared))
		targets := []any{&dt, &n.OnlyA, &n.OnlyB, &n.Changed, &n.Same}
		for i := range found {
			targets = append(targets, &found[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		c.count(dt, n)
		for i, name := range compared {
			c.countColumn(name, found[i], n.Changed+n.Same)
		}
		return nil
	})
	left := c.samples - len(c.table.Samples)
	if err != nil || left <= 0 {
		return err
	}
	text := fmt.Sprintf("%s select in_a, in_b, 1%s%s from paired where not (in_a and in_b and %s) order by %s limit %d",
		paired, listed(keyTexts(o.key)), listed(valueTexts(compared)), all, idents(o.key), left)
	return c.sample(ctx, text, o.key, compared)
}

// multiset counts how many more of each row one side has.
func (c *comparison) multiset(ctx context.Context, o opened) error {
	var names []string
	for _, col := range o.columns {
		names = append(names, col.name)
	}
	columns := idents(names)
	counted := fmt.Sprintf(`with a as (%s), b as (%s), counted as (
		select %s, sum(in_a)::bigint as in_a, sum(in_b)::bigint as in_b
		from (select *, 1 as in_a, 0 as in_b from a union all select *, 0, 1 from b) group by %s)`, o.a, o.b, columns, columns)
	day := "null"
	if slices.Contains(names, "dt") {
		day = "dt::varchar"
	}
	err := c.each(ctx, counted+` select `+day+`, sum(greatest(in_a - in_b, 0))::bigint, sum(greatest(in_b - in_a, 0))::bigint, sum(least(in_a, in_b))::bigint
		from counted group by 1 order by 1`, func(rows *sql.Rows) error {
		var dt sql.NullString
		var n Day
		if err := rows.Scan(&dt, &n.OnlyA, &n.OnlyB, &n.Same); err != nil {
			return err
		}
		c.count(dt, n)
		return nil
	})
	left := c.samples - len(c.table.Samples)
	if err != nil || left <= 0 {
		return err
	}
	var values []string
	for _, col := range o.columns {
		values = append(values, textExpr(ident(col.name), col.kind), textExpr(ident(col.name), col.kind))
	}
	text := fmt.Sprintf("%s select in_a > in_b, in_b > in_a, abs(in_a - in_b)%s from counted where in_a <> in_b order by %s limit %d",
		counted, listed(values), columns, left)
	return c.sample(ctx, text, nil, names)
}

// count adds the rows of a day.
func (c *comparison) count(dt sql.NullString, n Day) {
	day, err := bizday.Parse(dt.String)
	if err != nil { // a table without days, or rows without one
		day = c.table.Days[0].Dt
	}
	d := c.day(day)
	d.OnlyA, d.OnlyB, d.Changed, d.Same = d.OnlyA+n.OnlyA, d.OnlyB+n.OnlyB, d.Changed+n.Changed, d.Same+n.Same
}

func (c *comparison) countColumn(name string, equal, rows int64) {
	i := slices.IndexFunc(c.table.Columns, func(known Column) bool { return known.Name == name })
	if i < 0 {
		i = len(c.table.Columns)
		c.table.Columns = append(c.table.Columns, Column{Name: name})
	}
	c.table.Columns[i].Equal += equal
	c.table.Columns[i].Rows += rows
}
