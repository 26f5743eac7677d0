package transform

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// binding is a query with the exact files and days that it sees for one dt.
type binding struct {
	query    *query
	dt       bizday.Day
	inputs   []boundInput
	calendar []bizday.Day
}

// boundInput is a file under the name that the query uses; without a file it is the table with zero rows.
type boundInput struct {
	name    string
	table   warehouse.Table
	file    warehouse.File
	hasFile bool
}

func (r *runner) bind(q *query, dt bizday.Day) binding {
	b := binding{query: q, dt: dt}
	for i, in := range q.Inputs {
		bound := boundInput{name: in.name(), table: r.project.contract(in.Table).table}
		if day, ok := q.pickers[i].pick(dt, r.extracted); ok {
			bound.file, bound.hasFile = r.store.File(in.Table, day)
		}
		b.inputs = append(b.inputs, bound)
	}
	if q.calendar != nil {
		b.calendar = q.calendar.of(dt, r.extracted)
	}
	return b
}

// sql returns the query with its inputs and calendar as relations in front.
func (b binding) sql(readPath func(warehouse.File) string) string {
	var relations []string
	for _, in := range b.inputs {
		source := in.table.Empty()
		if in.hasFile {
			// The folder dt=D of a published path must not be taken for a column.
			source = fmt.Sprintf("select * from read_parquet([%s], hive_partitioning = false)", duck.Quote(readPath(in.file)))
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

// arguments returns the parameters of a query: those of the day, and those that its contract names.
func (b binding) arguments(p Params) []any {
	first, last := b.dt.AlignedPreviousQuarter()
	return append(p.named(b.query.Parameters),
		sql.Named("dt", b.dt.String()),
		sql.Named("quarter_start", b.dt.QuarterStart().String()),
		sql.Named("previous_quarter_start", first.String()),
		sql.Named("previous_quarter_end", last.String()))
}

// key is equal for two files exactly when they are built from the same.
func (b binding) key(m *model, o Options, engine string) string {
	hash := sha256.New()
	write := func(parts ...string) {
		for _, part := range parts {
			fmt.Fprintf(hash, "%d:%s", len(part), part)
		}
		fmt.Fprintln(hash)
	}
	write("rules", rulesVersion, engine)
	write("model", m.table.Name, m.digest, o.Zone.Name(), b.dt.String())
	for _, name := range m.Parameters {
		write("parameter", name, fmt.Sprint(o.Params.value(name)))
	}
	if m.Suppress {
		write("suppress", fmt.Sprint(o.Params.K))
	}
	for _, in := range b.inputs {
		if in.hasFile {
			write("input", in.name, in.file.Dt.String(), in.file.SHA256)
		} else {
			write("no input", in.name)
		}
	}
	for _, day := range b.calendar {
		write("extracted", day.String())
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// files returns the files that are read.
func (b binding) files() (files []warehouse.File) {
	for _, in := range b.inputs {
		if in.hasFile {
			files = append(files, in.file)
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
