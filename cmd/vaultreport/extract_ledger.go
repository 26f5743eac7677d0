package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"vaultreport/extract"
	"vaultreport/scheduler"
)

// ledgerRows are the totals of files for machines; reasons are `name=rows`, with a space between two.
func ledgerRows(files []extract.FileTotals) *grid {
	g := &grid{columns: []string{"source", "file", "read", "kept", "duplicate", "blank", "quarantined", "out_of_range", "reasons"}}
	for _, f := range files {
		var reasons []string
		for _, name := range slices.Sorted(maps.Keys(f.Reasons)) {
			reasons = append(reasons, fmt.Sprintf("%s=%d", name, f.Reasons[name]))
		}
		g.add(f.Source, f.File, f.Read, f.Kept, f.Duplicate, f.Blank, f.Quarantined, f.OutOfRange, strings.Join(reasons, " "))
	}
	return g
}

// extractedText is the result of an extraction for people, at most 80 columns wide.
func extractedText(r scheduler.Extracted) string {
	var b strings.Builder
	if r.Status == scheduler.Unchanged {
		b.WriteString("nothing to do: no input is new or changed, and nothing was published\n\n")
	}
	fmt.Fprintf(&b, "days      %s to %s (%s)\nsnapshot  %s (%s)\n", r.Days[0], r.Days[len(r.Days)-1], counted(len(r.Days), "day"), r.Snapshot, r.Status)
	if len(r.Files) == 0 {
		return b.String()
	}
	b.WriteString("\n" + ledgerTable(r.Files))
	if reasons := reasonsTable(r.Files); reasons != "" {
		b.WriteString("\n" + reasons)
	}
	return b.String()
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return humanize.Comma(int64(n)) + " " + what + "s"
}

// With more files than this the table shows sources alone.
const mostFiles = 20

const columns = 80

type ledgerLine struct {
	name   string
	totals extract.Totals
}

// ledgerLines are every source with its files below it, and the sum of all. files are ordered by source.
func ledgerLines(files []extract.FileTotals) []ledgerLine {
	var lines []ledgerLine
	total := extract.Totals{}
	for first := 0; first < len(files); {
		end := first
		for end < len(files) && files[end].Source == files[first].Source {
			end++
		}
		own := files[first:end]
		sum := extract.Totals{}
		for _, f := range own {
			sum.Sum(f.Totals)
		}
		total.Sum(sum)
		name := files[first].Source
		if len(files) > mostFiles {
			name += " (" + counted(len(own), "file") + ")"
		}
		lines = append(lines, ledgerLine{name, sum})
		if len(files) <= mostFiles {
			for _, f := range own {
				lines = append(lines, ledgerLine{"  " + f.File, f.Totals})
			}
		}
		first = end
	}
	return append(lines, ledgerLine{"total", total})
}

// ledgerTable shows what became of the lines and rows of every source and file.
func ledgerTable(files []extract.FileTotals) string {
	lines := ledgerLines(files)
	number := humanize.Comma
	const readable = 24 // columns of a name that says something
	widths := ledgerWidths(lines, number)
	if columns-allOf(widths) < readable {
		number = func(n int64) string { return fmt.Sprint(n) }
		widths = ledgerWidths(lines, number)
	}
	room := max(0, columns-allOf(widths))
	longest := 0
	for _, l := range lines {
		longest = max(longest, len([]rune(l.name)))
	}
	room = min(room, longest)
	var b strings.Builder
	write := func(name string, cells [6]string) {
		fmt.Fprintf(&b, "%-*s", room, shortened(name, room))
		for i, cell := range cells {
			fmt.Fprintf(&b, "%*s", widths[i], cell)
		}
		b.WriteByte('\n')
	}
	write("", [6]string{5: "out of"})
	write("", [6]string{"read", "kept", "duplicate", "blank", "quarantined", "range"})
	for _, l := range lines {
		write(l.name, l.cells(number))
	}
	return b.String()
}

func (l ledgerLine) cells(number func(int64) string) (cells [6]string) {
	t := l.totals
	for i, n := range [6]int64{t.Read, t.Kept, t.Duplicate, t.Blank, t.Quarantined, t.OutOfRange} {
		cells[i] = number(n)
	}
	return cells
}

// ledgerWidths are those of the columns of numbers with the space before them.
func ledgerWidths(lines []ledgerLine, number func(int64) string) (widths [6]int) {
	for i, header := range [6]string{"read", "kept", "duplicate", "blank", "quarantined", "out of"} {
		widths[i] = len(header) + 2
		for _, l := range lines {
			widths[i] = max(widths[i], len(l.cells(number)[i])+2)
		}
	}
	return widths
}

func allOf(widths [6]int) (total int) {
	for _, w := range widths {
		total += w
	}
	return total
}

// shortened leaves out the beginning of a name that is too long: the end of a path says more.
func shortened(name string, room int) string {
	runes := []rune(name)
	if len(runes) <= room {
		return name
	}
	indent := len(name) - len(strings.TrimLeft(name, " "))
	if room <= indent {
		return name[:room]
	}
	return name[:indent] + "…" + string(runes[len(runes)-(room-indent-1):])
}

// reasonsTable says why how many lines and rows are quarantined, the most frequent reason first; "" if none is.
func reasonsTable(files []extract.FileTotals) string {
	sums := make(map[string]int64)
	for _, f := range files {
		for reason, rows := range f.Reasons {
			sums[reason] += rows
		}
	}
	if len(sums) == 0 {
		return ""
	}
	g := grid{columns: []string{"reason", "quarantined"}}
	for _, reason := range slices.SortedFunc(maps.Keys(sums), func(a, b string) int {
		return cmp.Or(cmp.Compare(sums[b], sums[a]), cmp.Compare(a, b))
	}) {
		g.add(reason, commas(sums[reason]))
	}
	return string(g.table())
}

// commas is a number as people read it, which a grid aligns as one.
type commas int64

func (c commas) String() string { return humanize.Comma(int64(c)) }
