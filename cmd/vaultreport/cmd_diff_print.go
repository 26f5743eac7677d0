package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"vaultreport/internal/bizday"
	"vaultreport/transform/diff"
)

// snapshotDiff is what two snapshots do not share.
type snapshotDiff struct {
	a, b   diffSide
	tables []diff.Table
}

func (d snapshotDiff) numDifferent() (n int) {
	for _, t := range d.tables {
		if t.Differs() {
			n++
		}
	}
	return n
}

func (a *app) printSnapshotDiff(d snapshotDiff) error {
	switch a.global.Output {
	case formJSON:
		side := func(s diffSide) map[string]string {
			return map[string]string{"warehouse": s.warehouse.Root(), "snapshot": s.manifest.ID}
		}
		return writeObject(a.out, []fact{{"a", side(d.a)}, {"b", side(d.b)}, {"differs", d.numDifferent() > 0}, {"tables", d.tables}})
	case formCSV:
		g := &grid{columns: []string{"table", "dt", "files", "only_a", "only_b", "changed", "same"}}
		for _, t := range d.tables {
			for _, day := range t.Days {
				g.add(t.Name, day.Dt.String(), day.Files, day.OnlyA, day.OnlyB, day.Changed, day.Same)
			}
		}
		return a.write(g.csv())
	}
	return a.write(d.text())
}

// text is the difference for people, at most 80 columns wide where words allow it.
func (d snapshotDiff) text() []byte {
	var b strings.Builder
	for _, s := range []struct {
		name string
		diffSide
	}{{"A", d.a}, {"B", d.b}} {
		fmt.Fprintf(&b, "%s  snapshot %s of %s\n", s.name, s.manifest.ID, s.warehouse.Root())
	}
	if d.a.manifest.KeyID != d.b.manifest.KeyID {
		b.WriteString("the keys differ, and with them every user_key\n")
	}
	g := &grid{columns: []string{"table", "days", "only in A", "only in B", "changed", "same"}}
	equal := 0
	var otherBytes []string
	for _, t := range d.tables {
		switch sum := t.Sum(); {
		case t.Differs():
			g.add(t.Name, numDifferent(t.Days), sum.OnlyA, sum.OnlyB, sum.Changed, sum.Same)
		case len(t.Days) > 0:
			otherBytes = append(otherBytes, t.Name)
		default:
			equal++
		}
	}
	fmt.Fprintf(&b, "\ntables of the same bytes: %d\n", equal)
	if len(otherBytes) > 0 {
		fmt.Fprintf(&b, "of the same rows in other bytes: %d\n", len(otherBytes))
		b.WriteString(hanging("  ", strings.Join(otherBytes, ", ")))
	}
	b.WriteString(d.oneSided("a", "A") + d.oneSided("b", "B"))
	if len(g.rows) > 0 {
		b.WriteString("\nrows of the days that differ\n\n" + string(g.table()))
	}
	for _, t := range d.tables {
		if text := tableText(t); text != "" {
			b.WriteString("\n" + t.Name + "\n" + text)
		}
	}
	return []byte(b.String())
}

func numDifferent(days []diff.Day) (n int) {
	for _, day := range days {
		if day.Differs() {
			n++
		}
	}
	return n
}

// oneSided says of which days a side alone has files.
func (d snapshotDiff) oneSided(side, name string) string {
	days := map[bizday.Day]bool{}
	tables := 0
	for _, t := range d.tables {
		has := false
		for _, day := range t.Days {
			if of, is := day.IsOnly(); is && of == side {
				days[day.Dt], has = true, true
			}
		}
		if has {
			tables++
		}
	}
	if tables == 0 {
		return ""
	}
	list := slices.Sorted(maps.Keys(days))
	which := list[0].String()
	if n := len(list); n > 1 {
		which = fmt.Sprintf("%d days from %s to %s", n, list[0], list[n-1])
	}
	return fmt.Sprintf("files only in %s: of %d tables, %s\n", name, tables, which)
}

// tableText shows columns and rows of a table, "" if there are none to show.
func tableText(t diff.Table) string {
	var b strings.Builder
	for _, one := range []struct {
		columns []string
		where   string
	}{{t.OnlyA, "A"}, {t.OnlyB, "B"}} {
		if len(one.columns) > 0 {
			b.WriteString(hanging("  columns only in "+one.where+": ", strings.Join(one.columns, ", ")))
		}
	}
	var shares []string
	for _, c := range t.Columns {
		if c.Equal < c.Rows {
			shares = append(shares, fmt.Sprintf("%s %s", c.Name, percentEqual(c)))
		}
	}
	if len(shares) > 0 {
		b.WriteString(hanging("  equal: ", strings.Join(shares, ", ")))
	}
	names := map[string]string{diff.OnlyA: "  only in A  ", diff.OnlyB: "  only in B  ", diff.Changed: "  changed    "}
	for _, s := range t.Samples {
		var words []string
		for _, name := range t.Key {
			words = append(words, name+"="+textOrNull(s.Key[name]))
		}
		if len(words) > 0 {
			b.WriteString(hanging(names[s.Change], strings.Join(words, " ")))
		}
		head := "             "
		if len(words) == 0 {
			head = names[s.Change]
		}
		words = nil
		for _, c := range s.Columns {
			switch s.Change {
			case diff.OnlyA:
				words = appendKnown(words, c.Column, c.A)
			case diff.OnlyB:
				words = appendKnown(words, c.Column, c.B)
			default:
				words = append(words, fmt.Sprintf("%s: %s -> %s;", c.Column, textOrNull(c.A), textOrNull(c.B)))
			}
		}
		if s.Copies > 1 {
			words = append(words, "("+humanize.Comma(s.Copies)+" times)")
		}
		if len(words) > 0 {
			b.WriteString(hanging(head, strings.TrimSuffix(strings.Join(words, " "), ";")))
		}
	}
	return b.String()
}

// appendKnown appends a value that is not NULL.
func appendKnown(words []string, name string, value *string) []string {
	if value == nil {
		return words
	}
	return append(slices.Clip(words), name+"="+*value)
}

// percentEqual is rounded down: only what is equal everywhere is 100 %.
func percentEqual(c diff.Column) string {
	return fmt.Sprintf("%.1f%%", math.Floor(float64(c.Equal)*1000/float64(c.Rows))/10)
}

func textOrNull(value *string) string {
	if value == nil {
		return "NULL"
	}
	return *value
}
