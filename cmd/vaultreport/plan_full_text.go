package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize"

	"vaultreport/scheduler"
	"vaultreport/transform"
)

// rehearsedRows are the changes for machines: a row a table and day, a cell, an alarm and a page.
func rehearsedRows(r scheduler.Rehearsed) *grid {
	g := &grid{columns: []string{"kind", "dt", "name", "env", "period", "vault_type", "variant_id", "segment", "statistic",
		"added", "removed", "changed", "old_value", "new_value", "old_state", "new_state"}}
	for _, t := range r.Tables {
		g.add("table", t.Dt, t.Table, nil, nil, nil, nil, nil, nil, t.Added, t.Removed, t.Changed, nil, nil, nil, nil)
	}
	for _, c := range r.Cells {
		g.add("cell", c.Dt, c.Metric, c.Env, c.Period, c.VaultType, c.VariantID, c.Segment, c.Statistic, nil, nil, nil,
			orNil(c.OldValue), orNil(c.NewValue), orNil(c.OldState), orNil(c.NewState))
	}
	for _, a := range r.Alarms {
		g.add("alarm", a.Dt, a.Rule+" "+a.Level, a.Env, nil, a.VaultType, nil, nil, nil, nil, nil, nil,
			orNil(a.OldPeak), orNil(a.NewPeak), orNil(a.OldState), orNil(a.NewState))
	}
	for _, d := range r.Pages {
		g.add("page", d, "report", nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, nil)
	}
	return g
}

// firstFew is how many changes of a kind people are shown.
const firstFew = 20

// rehearsedText is what would change, for people.
func rehearsedText(r scheduler.Rehearsed) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "asked     %s\nsnapshot  %s\nread      %s lines and rows\n", rangeOf(r.Asked[0], r.Asked[len(r.Asked)-1]), orNoneYet(r.Snapshot), humanize.Comma(r.Ledger.Read))
	if len(r.Tables)+len(r.Pages)+r.SameRows == 0 {
		b.WriteString("\nnothing would change\n")
		return b.Bytes()
	}
	tables := rowsByTable(r.Tables)
	fmt.Fprintf(&b, "\nrows of %s would change\n", counted(len(tables.rows), "table"))
	if len(tables.rows) > 0 {
		fmt.Fprintf(&b, "\n%s", tables.table())
	}
	if r.SameRows > 0 {
		fmt.Fprintf(&b, "\n%s would be written and hold the same rows, or none\n", counted(r.SameRows, "more file"))
	}
	if len(r.Cells) > 0 {
		fmt.Fprintf(&b, "\n%s of metric_daily would change%s\n\n%s", counted(len(r.Cells), "cell"), onlySome(len(r.Cells)), cellsText(r.Cells))
	}
	if len(r.Alarms) > 0 {
		fmt.Fprintf(&b, "\n%s would change%s\n\n%s", counted(len(r.Alarms), "alarm"), onlySome(len(r.Alarms)), alarmsText(r.Alarms))
	}
	if len(r.Pages) > 0 {
		fmt.Fprintf(&b, "\n%s of reports would change: %s\n", counted(len(r.Pages), "page"), rangeOf(r.Pages[0], r.Pages[len(r.Pages)-1]))
	}
	b.WriteString("\nnothing was published: all of it is dropped\n")
	return b.Bytes()
}

// onlySome says that not all of n are shown.
func onlySome(n int) string {
	if n <= firstFew {
		return ""
	}
	return fmt.Sprintf("; the first %d (-o json has all)", firstFew)
}

// rowsByTable adds up the days of each table.
func rowsByTable(changes []scheduler.TableChange) *grid {
	g := &grid{columns: []string{"table", "days", "added", "removed", "changed"}}
	for first := 0; first < len(changes); {
		end, sum := first, scheduler.TableChange{}
		for ; end < len(changes) && changes[end].Table == changes[first].Table; end++ {
			sum.Added, sum.Removed, sum.Changed = sum.Added+changes[end].Added, sum.Removed+changes[end].Removed, sum.Changed+changes[end].Changed
		}
		g.add(changes[first].Table, end-first, sum.Added, sum.Removed, sum.Changed)
		first = end
	}
	return g
}

// cellsText names each cell by its metric and by what makes it one of several.
func cellsText(cells []transform.CellChange) string {
	var b strings.Builder
	for _, c := range cells[:min(len(cells), firstFew)] {
		name := c.Metric + " " + c.Period
		for _, part := range []string{c.VaultType, c.VariantID, c.Segment} {
			if part != "ALL" {
				name += " " + part
			}
		}
		b.WriteString(change(fmt.Sprintf("%s  %s  %s %s", c.Dt, c.Env, name, c.Statistic), valueOr(c.OldValue, c.OldState), valueOr(c.NewValue, c.NewState)))
	}
	return b.String()
}

// change is a line, or two where one would be too wide.
func change(name, old, new string) string {
	line := fmt.Sprintf("%s: %s -> %s\n", name, old, new)
	if len(line) <= columns+1 {
		return line
	}
	return fmt.Sprintf("%s:\n            %s -> %s\n", name, old, new)
}

// valueOr is a value, with its state unless that is ok; a cell that is not there is "-".
func valueOr(value *float64, state *string) string {
	switch {
	case state == nil:
		return "-"
	case value == nil:
		return *state
	case *state == "ok":
		return shortText(*value)
	}
	return shortText(*value) + " " + *state
}

func alarmsText(alarms []transform.AlarmChange) string {
	var b strings.Builder
	for _, a := range alarms[:min(len(alarms), firstFew)] {
		name := fmt.Sprintf("%s  %s  %s %s %s %s", a.Dt, a.Env, a.Rule, a.Level, a.VaultType, a.Change)
		b.WriteString(change(name, valueOr(a.OldPeak, a.OldState), valueOr(a.NewPeak, a.NewState)))
	}
	return b.String()
}
