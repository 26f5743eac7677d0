package transform

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// binding is a query with the exact files and days that it sees for one dt.
type binding struct {
	query      *query
	dt         bizday.Day
	zone       bizday.Zone
	inputs     []boundInput
	calendar   []bizday.Day
	knownUntil bizday.Day // the last day that the query knows, from dt on
}

// boundInput is what the query reads under a name: a view, or the files by day; without one it is the table with zero rows.
type boundInput struct {
	name  string
	table warehouse.Table
	files []warehouse.File
	view  *binding
}

func (r *runner) bind(q *query, dt bizday.Day) binding {
	zone := r.options.Zone
	b := binding{query: q, dt: dt, zone: zone, knownUntil: knownUntil(dt, q.window, r.extracted, zone), inputs: make([]boundInput, 0, len(q.Inputs))}
	for i, in := range q.Inputs {
		bound := boundInput{name: in.name(), table: r.project.contract(in.Table).table}
		if view := r.project.views[in.Table]; view != nil {
			itself := r.bind(&view.query, dt)
			bound.view = &itself
			b.inputs = append(b.inputs, bound)
			continue
		}
		for _, day := range q.pickers[i].pick(dt, b.knownUntil, r.extracted) {
			if file, there := r.store.File(in.Table, day); there {
				bound.files = append(bound.files, file)
			}
		}
		b.inputs = append(b.inputs, bound)
	}
	if q.calendar != nil {
		b.calendar = q.calendar.of(dt, r.extracted)
	}
	return b
}

// sql returns the query with its inputs and calendar as relations in front, and its arguments. The paths are among them: DuckDB
// plans a query that reads files when it is prepared and once more when it runs, unless it cannot know the files before.
func (b binding) sql(readPath func(warehouse.File) string, p Params) (text string, args []any) {
	args = b.arguments(p)
	return b.text(readPath, &args), args
}

func (b binding) text(readPath func(warehouse.File) string, args *[]any) string {
	var relations []string
	for _, in := range b.inputs {
		source := in.table.Empty()
		switch {
		case in.view != nil:
			source = in.view.text(readPath, args)
		case len(in.files) > 0:
			paths := make([]string, len(in.files))
			for i, file := range in.files {
				paths[i] = readPath(file)
			}
			name := fmt.Sprintf("files_%d", len(*args))
			*args = append(*args, sql.Named(name, paths))
			// The folder dt=D of a published path must not be taken for a column.
			source = fmt.Sprintf("select * from read_parquet($%s, hive_partitioning = false)", name)
		}
		// Materialized, a filter on the relation would not reach the file.
		relations = append(relations, fmt.Sprintf("%s as not materialized (%s)", in.name, source))
	}
	if b.query.calendar != nil {
		days := make([]string, len(b.calendar))
		for i, day := range b.calendar {
			days[i] = duck.Quote(day.String())
		}
		relations = append(relations, fmt.Sprintf("%s as (select unnest([%s]::date[]) as dt)", calendarName, strings.Join(days, ", ")))
	}
	return b.query.statement.bind(relations)
}

// arguments returns the parameters of a query: those of the day, and those that its contract and its views name.
func (b binding) arguments(p Params) []any {
	first, last := b.dt.AlignedPreviousQuarter()
	return append(p.named(b.parameters()),
		sql.Named("dt", b.dt.String()),
		sql.Named("day_start", b.start(b.dt)),
		sql.Named("day_end", b.start(b.dt+1)),
		sql.Named("start_of_day_2", b.start(b.dt+2)),
		sql.Named("start_of_day_3", b.start(b.dt+3)),
		sql.Named("start_of_day_4", b.start(b.dt+4)),
		sql.Named("known_until", b.start(b.knownUntil+1)),
		sql.Named("quarter_start", b.dt.QuarterStart().String()),
		sql.Named("previous_quarter_start", first.String()),
		sql.Named("previous_quarter_end", last.String()))
}

func (b binding) parameters() []string {
	names := slices.Clone(b.query.Parameters)
	for _, in := range b.inputs {
		if in.view != nil {
			names = append(names, in.view.parameters()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// start returns the first instant of a day as a TIMESTAMP in UTC.
func (b binding) start(d bizday.Day) string {
	return b.zone.Start(d).UTC().Format("2006-01-02 15:04:05")
}

// key is equal for two files exactly when they are built from the same.
func (b binding) key(o Options, engine string) string {
	k := newKeyHash()
	k.write("rules", rulesVersion, engine)
	k.write("zone", o.Zone.Name(), b.dt.String())
	for _, name := range b.parameters() {
		k.write("parameter", name, fmt.Sprint(o.Params.value(name)))
	}
	if b.query.Suppress {
		k.write("suppress", fmt.Sprint(o.Params.K))
	}
	k.write("model", b.query.table.Name, b.query.digest)
	b.writeKey(k)
	return k.sum()
}

// writeKey writes what is read.
func (b binding) writeKey(k *keyHash) {
	for _, in := range b.inputs {
		if in.view != nil {
			in.view.writeKey(k)
			continue
		}
		for _, file := range in.files {
			k.write("input", in.name, file.Dt.String(), file.SHA256)
		}
		if len(in.files) == 0 {
			k.write("no input", in.name)
		}
	}
	if b.query.window > 0 {
		k.write("known until", b.knownUntil.String())
	}
	for _, day := range b.calendar {
		k.write("extracted", day.String())
	}
}

// files returns the files that are read.
func (b binding) files() (files []warehouse.File) {
	for _, in := range b.inputs {
		files = append(files, in.files...)
		if in.view != nil {
			files = append(files, in.view.files()...)
		}
	}
	return files
}

// inputDigest is the SHA-256 over the sorted digests of files, a line each.
func inputDigest(files []warehouse.File) string {
	digests := make([]string, len(files))
	for i, f := range files {
		digests[i] = f.SHA256 + "\n"
	}
	slices.Sort(digests)
	return digestOf([]byte(strings.Join(slices.Compact(digests), "")))
}
