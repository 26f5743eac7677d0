package transform

import (
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

// text is a case as it stands in a file. What a file need not say is not written.
func (c UnitCase) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "case %s\nrule %s\n", c.Name, c.Rule)
	usual := newUnitCase()
	if c.zone != usual.zone {
		fmt.Fprintf(&b, "zone %s\n", c.zone)
	}
	if c.params.RetireAfter != usual.params.RetireAfter {
		fmt.Fprintf(&b, "retire_after %d\n", c.params.RetireAfter)
	}
	if c.params.DiamondTarget != usual.params.DiamondTarget {
		fmt.Fprintf(&b, "diamond_target %d\n", c.params.DiamondTarget)
	}
	fmt.Fprintf(&b, "days %s\n", dayListText(c.days))
	for _, given := range c.given {
		b.WriteString("given " + given.text())
	}
	for _, expected := range c.expected {
		b.WriteString("expect " + expected.text())
	}
	return b.String()
}

func (b block) text() string {
	text := fmt.Sprintf("%s %s\n", b.table, b.dt)
	if len(b.columns) > 0 {
		text += layout(b.columns, b.rows)
	}
	return text
}

// dayListText is what parseDayList reads.
func dayListText(days []bizday.Day) string {
	var words []string
	for i := 0; i < len(days); {
		last := i
		for last+1 < len(days) && days[last+1] == days[last]+1 {
			last++
		}
		word := days[i].String()
		if last > i {
			word += ".." + days[last].String()
		}
		words = append(words, word)
		i = last + 1
	}
	return strings.Join(words, " ")
}

// leaveOutNulls takes out the columns that are NULL in every row; a block with rows keeps one column at least.
func (b *block) leaveOutNulls() {
	if len(b.rows) == 0 {
		b.columns = nil
	}
	for i := len(b.columns) - 1; i >= 0; i-- {
		isNull := !slices.ContainsFunc(b.rows, func(row []string) bool { return row[i] != nullText })
		if isNull && len(b.columns) > 1 {
			b.leaveOut(i)
		}
	}
}

func (b *block) leaveOut(i int) {
	b.columns = slices.Delete(slices.Clone(b.columns), i, i+1)
	for n, row := range b.rows {
		b.rows[n] = slices.Delete(slices.Clone(row), i, i+1)
	}
}
