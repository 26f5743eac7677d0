package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"vaultreport/extract/table"
	"vaultreport/internal/errs"
)

// Table looks a table, view or materialized view of the Spec's name up, along the search path. It keeps the table from being altered until the
// snapshot ends. there is false if there is none.
//
// A table that the role may not read is an error of class Gate that names it. Columns that it may not read are left out.
func (s *Snapshot) Table(ctx context.Context, spec *table.Spec) (t *Table, there bool, err error) {
	s.looking.Lock()
	defer s.looking.Unlock()
	t = &Table{snapshot: s, name: spec.Name}
	there, err = t.find(ctx)
	if err == nil && !there {
		err = s.explainAbsence(ctx, spec.Name)
	}
	if err != nil || !there {
		return nil, false, err
	}
	hidden, err := t.readColumns(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(t.columns) == 0 {
		what := fmt.Sprintf("%s: role %s has no right to select any column of it", t.reading(), s.config.User)
		if wanted := slices.DeleteFunc(hidden, func(name string) bool { return !isWanted(spec, name) }); len(wanted) > 0 {
			what += ", such as " + strings.Join(wanted, ", ")
		}
		return nil, false, errs.New(errs.Gate, what, t.grant())
	}
	for _, name := range hidden {
		if isWanted(spec, name) {
			s.log.Warn("a column may not be read and counts as missing", "table", spec.Name, "column", name, "hint", t.grant())
		}
	}
	if err := t.lock(ctx); err != nil {
		return nil, false, err
	}
	return t, true, t.readShape(ctx)
}

func isWanted(spec *table.Spec, name string) bool {
	return slices.ContainsFunc(spec.Columns, func(c table.Column) bool { return name == c.Source || name == c.Alias })
}

func (t *Table) grant() string {
	return fmt.Sprintf("grant select on %s to %s", t.sql(), t.snapshot.role())
}

func (s *Snapshot) role() string { return pgx.Identifier{s.config.User}.Sanitize() }

// find resolves the name. Functions see the catalogue as it is now, queries as of the snapshot: a table that was dropped and created again in
// between has an OID that pg_class does not know.
func (t *Table) find(ctx context.Context) (there bool, err error) {
	const sql = `
		select now.oid, c.oid is not null, coalesce(n.nspname::text, ''), coalesce(c.relkind::text, '')
		from (select pg_catalog.to_regclass($1)::oid as oid) as now
		left join pg_catalog.pg_class as c on c.oid = now.oid
		left join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
		where now.oid is not null`
	var isKnown bool
	err = t.snapshot.exporter.QueryRow(ctx, sql, pgx.Identifier{t.name}.Sanitize()).Scan(&t.oid, &isKnown, &t.schema, &t.kind)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case err != nil:
		return false, failure(ctx, t.reading(), err)
	case !isKnown:
		return false, t.changed()
	}
	return strings.Contains("rvmfp", t.kind), nil // not an index or a sequence
}

// explainAbsence tells a table that is not there from one that the role cannot see: a schema without USAGE is passed over in the search path.
func (s *Snapshot) explainAbsence(ctx context.Context, name string) error {
	const sql = `
		select n.nspname::text, pg_catalog.has_schema_privilege(n.oid, 'usage'),
			n.nspname = any(pg_catalog.string_to_array(pg_catalog.replace(pg_catalog.translate(pg_catalog.current_setting('search_path'), '" ', ''), '$user', current_user), ','))
		from pg_catalog.pg_class as c
		join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
		where c.relname = $1 and c.relkind in ('r', 'v', 'm', 'f', 'p')
		order by 3 desc, 1`
	type place struct {
		Schema       string
		MayUse       bool
		InSearchPath bool
	}
	rows, err := s.exporter.Query(ctx, sql, name)
	var places []place
	if err == nil {
		places, err = pgx.CollectRows(rows, pgx.RowToStructByPos[place])
	}
	if err != nil {
		return failure(ctx, "read table "+name, err)
	}
	for _, p := range places {
		schema := pgx.Identifier{p.Schema}.Sanitize()
		if p.InSearchPath && !p.MayUse {
			return errs.New(errs.Gate, fmt.Sprintf("read table %s: role %s may not use schema %s, where it stands", name, s.config.User, p.Schema),
				fmt.Sprintf("grant usage on schema %s to %s; grant select on %s.%s to %s", schema, s.role(), schema, pgx.Identifier{name}.Sanitize(), s.role()))
		}
		s.log.Warn("a table of that name stands outside the search path, and counts as missing", "table", name, "schema", p.Schema,
			"hint", fmt.Sprintf("alter role %s set search_path = %s", s.role(), schema))
	}
	return nil
}

// readColumns reads the columns that the role may select, and names the others. A domain is as good as what it is made of.
func (t *Table) readColumns(ctx context.Context) (hidden []string, err error) {
	const sql = `
		with recursive part_of as (
			select a.attnum, a.attname::text as name, pg_catalog.format_type(a.atttypid, a.atttypmod) as type_name, a.atttypid as type_oid
			from pg_catalog.pg_attribute as a
			where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped
			union all
			select p.attnum, p.name, p.type_name, t.typbasetype
			from part_of as p
			join pg_catalog.pg_type as t on t.oid = p.type_oid
			where t.typtype = 'd'
		)
		select p.name, p.type_name, t.oid, t.typtype::text, t.typcategory::text, pg_catalog.has_column_privilege($1, p.attnum, 'select')
		from part_of as p
		join pg_catalog.pg_type as t on t.oid = p.type_oid
		where t.typtype <> 'd'
		order by p.attnum`
	type attribute struct {
		Name, TypeName string
		OID            uint32
		Kind, Category string
		MayRead        bool
	}
	rows, err := t.snapshot.exporter.Query(ctx, sql, t.oid)
	var attributes []attribute
	if err == nil {
		attributes, err = pgx.CollectRows(rows, pgx.RowToStructByPos[attribute])
	}
	if err != nil {
		return nil, failure(ctx, t.reading(), err)
	}
	for _, a := range attributes {
		if !a.MayRead {
			hidden = append(hidden, a.Name)
			continue
		}
		f, cast := formOf(a.OID, a.Kind, a.Category)
		t.columns = append(t.columns, column{Attribute: table.Attribute{Name: a.Name, Type: typeOfForm[f], TypeName: a.TypeName}, form: f, cast: cast})
	}
	return hidden, nil
}

// lock takes the weakest lock for as long as the snapshot lives, by a statement that a right on one column is enough for.
func (t *Table) lock(ctx context.Context) error {
	sql := fmt.Sprintf("select %s from %s limit 0", t.columns[0].sql(), t.sql())
	if _, err := t.snapshot.exporter.Exec(ctx, sql); err != nil {
		return failure(ctx, t.reading(), err)
	}
	return nil
}

// readShape looks at what only a locked table tells for sure. A table, or one that a view or a table of parts reads from, whose file is
// another than that of the snapshot was truncated, rewritten or dropped since.
func (t *Table) readShape(ctx context.Context) error {
	const sql = `
		with recursive read_from as (
			select $1::oid as oid
			union
			select below.oid
			from read_from as r
			cross join lateral (
				select inhrelid as oid from pg_catalog.pg_inherits where inhparent = r.oid
				union all
				select d.refobjid
				from pg_catalog.pg_rewrite as w
				join pg_catalog.pg_depend as d on d.classid = 'pg_catalog.pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
				where w.ev_class = r.oid
			) as below
		)
		select coalesce(m.amname = 'heap', false) and c.relkind in ('r', 'm'),
			case when c.relkind in ('r', 'm') then pg_catalog.has_column_privilege(c.oid, 'ctid', 'select') else false end,
			case when c.relkind in ('r', 'm') then pg_catalog.pg_relation_size(c.oid) / pg_catalog.current_setting('block_size')::bigint else 0 end,
			exists (
				select from read_from as r
				join pg_catalog.pg_class as s on s.oid = r.oid
				where s.relfilenode <> 0 and s.relfilenode <> coalesce(pg_catalog.pg_relation_filenode(s.oid), 0)
			),
			pg_catalog.row_security_active(c.oid)
		from pg_catalog.pg_class as c
		left join pg_catalog.pg_am as m on m.oid = c.relam
		where c.oid = $1`
	var isHeap, hasCtid, isRewritten, isFiltered bool
	if err := t.snapshot.exporter.QueryRow(ctx, sql, t.oid).Scan(&isHeap, &hasCtid, &t.pages, &isRewritten, &isFiltered); err != nil {
		return failure(ctx, t.reading(), err)
	}
	if isRewritten {
		return t.changed()
	}
	if isFiltered {
		t.snapshot.log.Warn("row level security applies: rows that its policies hide are not read", "table", t.name, "role", t.snapshot.config.User)
	}
	const firstWithRanges = 140000 // before, a range of ctid reads the whole table
	t.hasRanges = isHeap && hasCtid && t.snapshot.version >= firstWithRanges
	return nil
}

// changed is the error about a table of which the snapshot no longer has the rows.
func (t *Table) changed() error {
	return &errs.Error{Class: errs.Unreachable, What: t.reading(), Err: &lostError{"it was truncated, rewritten or replaced while the snapshot was taken"}, Hint: "run again"}
}
