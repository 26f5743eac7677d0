package explain

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/warehouse"
)

// Origin is a source file, or a table of a database as it was taken, with its lines of the days that were read: those of the
// cell's env, and of the refused also those whose env is not known.
type Origin struct {
	Source      string `json:"source"`
	Name        string `json:"name"`
	SHA256      string `json:"sha256"`
	Kept        *int64 `json:"kept"`
	Duplicate   *int64 `json:"duplicate"`
	Quarantined *int64 `json:"quarantined"`
}

// Refused is lines of a file that are not among the kept ones of a day, and that might have changed the cell.
type Refused struct {
	Dt       string `json:"dt"`
	Source   string `json:"source"`
	File     string `json:"file"`
	Reason   string `json:"reason"` // duplicate, or why the lines are quarantined
	Lines    *int64 `json:"lines"`
	Possible *int64 `json:"possible"` // of them those of a kind that the metric needs, or whose kind is not known; NULL for duplicates
}

// ledgerRow is lines of a file and day by what became of them.
type ledgerRow struct {
	dt, source, file, reason string
	isTable                  bool
	lines                    int64
	possible                 *int64
}

// Tables of the lake that are made of event lines.
var ofLines = []string{"events", "row_ledger", "source_ledger", "unknown_field", "quarantine"}

// daysRead returns the days of which event lines were read, and those of each source table.
func daysRead(lineage []transform.Partition) (lines []bizday.Day, tables map[string][]bizday.Day) {
	tables = map[string][]bizday.Day{}
	for _, p := range lineage {
		if slices.Contains(ofLines, p.Table) {
			lines = append(lines, p.Dt)
		} else {
			tables[p.Table] = append(tables[p.Table], p.Dt)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines), tables
}

// ledger returns what became of the lines and rows that the days of a lineage were read from, by day, source, file and reason.
func (r Reading) ledger(ctx context.Context, m *catalogue.Metric, c Cell, lineage []transform.Partition) (ledger []ledgerRow, err error) {
	lines, tables := daysRead(lineage)
	days := lines
	for _, dts := range tables {
		days = append(days, dts...)
	}
	events := m.Events()
	if len(events) == 0 {
		events = kinds() // of a metric that counts lines, each matters
	}
	text := fmt.Sprintf(`
		with of_tables as (
			select distinct dt, source, origin as file from (%s) where origin <> 'events'
		),
		refused as (
			select dt, source, file, reason, count(*) filter (where kind in (%s) or kind not in (%s)) as possible
			from (select dt, source, file, reason, regexp_extract(masked_text, '"event"\s*:\s*"([A-Z_]+)"', 1) as kind from (%s))
			group by dt, source, file, reason
		),
		lines as (
			select dt, source, file, reason, sum(rows)::bigint as lines
			from (%s)
			where %s in (env, 'ALL') or env is null
			group by dt, source, file, reason
		)
		select lines.dt::varchar, lines.source, lines.file, lines.reason, of_tables.file is not null, lines.lines,
			case when refused.possible is not null then least(refused.possible, lines.lines) end
		from lines
		left join refused using (dt, source, file, reason)
		left join of_tables using (dt, source, file)
		order by all`,
		r.files("source_ledger", days), list(events), list(kinds()), r.files("quarantine", days), r.files("row_ledger", days), duck.Quote(c.Env))
	rows, err := r.Conn.QueryContext(ctx, text)
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read row_ledger", err)
	}
	defer rows.Close()
	for rows.Next() {
		var l ledgerRow
		if err := rows.Scan(&l.dt, &l.source, &l.file, &l.reason, &l.isTable, &l.lines, &l.possible); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "explain: read row_ledger", err)
		}
		dt, err := bizday.Parse(l.dt)
		if err != nil {
			return nil, err
		}
		if l.isTable && slices.Contains(tables[l.file], dt) || !l.isTable && slices.Contains(lines, dt) {
			ledger = append(ledger, l)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read row_ledger", err)
	}
	return ledger, nil
}

// files is a table of some days as a query.
func (r Reading) files(table string, days []bizday.Day) string {
	t, _ := r.Project.Table(table)
	var paths []string
	slices.Sort(days)
	for _, dt := range slices.Compact(days) {
		if f, ok := r.Published.File(table, dt); ok {
			paths = append(paths, duck.Quote(r.Published.ReadPath(f)))
		}
	}
	if len(paths) == 0 {
		return t.Empty()
	}
	return "select * from read_parquet([" + strings.Join(paths, ", ") + "], hive_partitioning = false)"
}

func kinds() (names []string) {
	for _, k := range event.Kinds() {
		names = append(names, k.String())
	}
	return names
}

// list is texts as a list of SQL that is never empty.
func list(texts []string) string {
	quoted := []string{"NULL"}
	for _, text := range texts {
		quoted = append(quoted, duck.Quote(text))
	}
	if len(texts) > 0 {
		quoted = quoted[1:]
	}
	return strings.Join(quoted, ", ")
}

// origins returns the files and tables that the days of a lineage were read from, and that have something of the cell's env.
func (r Reading) origins(c Cell, lineage []transform.Partition, ledger []ledgerRow) (origins []Origin) {
	lines, tables := daysRead(lineage)
	for _, in := range r.Manifest.Inputs {
		table := tableOf(in)
		days := lines
		if table != "" {
			days = tables[table]
		}
		if !slices.ContainsFunc(in.Days, func(d warehouse.InputDay) bool { return slices.Contains(days, d.Dt) }) {
			continue
		}
		var kept, duplicate, quarantined int64
		for _, l := range ledger {
			ofTable := l.isTable && l.file == table && isOf(in, l.dt)
			if l.source != in.Source || !ofTable && (l.isTable || l.file != in.Name) {
				continue
			}
			switch l.reason {
			case "kept":
				kept += l.lines
			case "duplicate":
				duplicate += l.lines
			case "blank":
			default:
				quarantined += l.lines
			}
		}
		if kept+duplicate+quarantined > 0 {
			origins = append(origins, Origin{in.Source, in.Name, in.SHA256, told(c, kept), told(c, duplicate), told(c, quarantined)})
		}
	}
	return origins
}

// tableOf is the source table that an input is, and empty for event lines.
func tableOf(in warehouse.Input) string {
	table, _, isTable := strings.Cut(in.Reader, "/")
	if !isTable {
		return ""
	}
	return table
}

// isOf says whether an input has rows of a day.
func isOf(in warehouse.Input, day string) bool {
	return slices.ContainsFunc(in.Days, func(d warehouse.InputDay) bool { return d.Dt.String() == day })
}

// refused returns what is not among the kept lines. What cannot have changed the cell is left out: quarantined lines of other
// kinds of events.
func refused(c Cell, ledger []ledgerRow) (all []Refused) {
	for _, l := range ledger {
		isKept := l.reason == "kept" || l.reason == "blank"
		if isKept || !l.isTable && l.possible != nil && *l.possible == 0 {
			continue
		}
		one := Refused{Dt: l.dt, Source: l.source, File: l.file, Reason: l.reason, Lines: told(c, l.lines)}
		if l.possible != nil && c.HasNumbers() {
			one.Possible = l.possible
		}
		all = append(all, one)
	}
	return all
}
