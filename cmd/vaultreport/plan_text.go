package main

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/scheduler"
	"vaultreport/transform"
)

// plannedRows is a plan for machines: a row a day, a file and a model's file.
func plannedRows(p scheduler.Planned) *grid {
	g := &grid{columns: []string{"kind", "dt", "source", "name", "reason", "via", "lines", "lines_before", "bytes"}}
	for _, d := range p.Days {
		g.add("day", d.Dt, nil, strings.Join(d.Tables, " "), d.Reason, nil, d.Lines, d.LinesBefore, nil)
	}
	for _, f := range p.Files {
		g.add("file", nil, f.Source, f.File, f.State, nil, nil, nil, f.Bytes)
	}
	for _, m := range p.Models {
		g.add("model", m.Dt, nil, m.Model, m.Reason, m.Via, nil, nil, nil)
	}
	return g
}

// plannedText is a plan for people, at most 80 columns wide but for the names of files.
func plannedText(p scheduler.Planned) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "asked     %s\nsnapshot  %s\n", rangeOf(p.Asked[0], p.Asked[len(p.Asked)-1]), orNoneYet(p.Snapshot))
	if len(p.Days)+len(p.Models) == 0 && p.Stop == nil {
		b.WriteString("\nnothing to do: no input is new or changed, and every model is up to date\n")
	}
	if len(p.Days) > 0 {
		fmt.Fprintf(&b, "\n%s would be extracted, or extracted again\n\n%s", counted(len(p.Days), "day"), daysTable(p.Days))
	}
	if len(p.Files) > 0 {
		fmt.Fprintf(&b, "\n%s of input: new, changed, gone, or read again\n\n%s", counted(len(p.Files), "file"), filesTable(p.Files))
	}
	if len(p.Models) > 0 {
		fmt.Fprintf(&b, "\n%s of models would be computed, at most\n\n%s", counted(len(p.Models), "file"), modelsTable(p.Models))
		b.WriteString("\nOne that comes out as it was ends there what it was the reason for; alarms and\npages follow what changes. \"vaultreport plan --full\" shows what would change.\n")
	}
	return b.Bytes()
}

func orNoneYet(text string) string {
	if text == "" {
		return "none yet"
	}
	return text
}

func rangeOf(first, last bizday.Day) string {
	if first == last {
		return first.String()
	}
	return fmt.Sprintf("%s to %s", first, last)
}

// daysTable has a line for each run of days with one reason.
func daysTable(days []extract.PlannedDay) []byte {
	g := grid{columns: []string{"days", "reason", "lines", "tables"}}
	for first := 0; first < len(days); {
		end, more, tables := first, int64(0), map[string]bool{}
		for ; end < len(days) && days[end].Reason == days[first].Reason && days[end].Dt-days[first].Dt == bizday.Day(end-first); end++ {
			more += days[end].Lines - days[end].LinesBefore
			for _, name := range days[end].Tables {
				tables[name] = true
			}
		}
		g.add(rangeOf(days[first].Dt, days[end-1].Dt), words(days[first].Reason), signed(more), len(tables))
		first = end
	}
	return g.table()
}

// signed is a difference: +1,000.
type signed int64

func (n signed) String() string {
	if n < 0 {
		return humanize.Comma(int64(n))
	}
	return "+" + humanize.Comma(int64(n))
}

// filesTable names files if they are few, else it counts them.
func filesTable(files []extract.PlannedFile) []byte {
	if len(files) <= mostFiles {
		g := grid{columns: []string{"state", "size", "source", "file"}}
		for _, f := range files {
			g.add(words(f.State), sizeOf(f.Bytes), f.Source, f.File)
		}
		return g.table()
	}
	type kind struct{ source, state string }
	counts, sizes := map[kind]int{}, map[kind]int64{}
	for _, f := range files {
		counts[kind{f.Source, f.State}]++
		sizes[kind{f.Source, f.State}] += f.Bytes
	}
	g := grid{columns: []string{"state", "size", "source", "files"}}
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b kind) int { return strings.Compare(a.source+"\x00"+a.state, b.source+"\x00"+b.state) }) {
		g.add(words(k.state), sizeOf(sizes[k]), k.source, counts[k])
	}
	return g.table()
}

// sizeOf is a number of bytes for people.
type sizeOf int64

func (n sizeOf) String() string { return humanize.IBytes(uint64(max(n, 0))) }

// fewModels is how many models of a reason are named.
const fewModels = 6

// modelsTable has a line for each reason, and below it the names of models where they are few.
func modelsTable(models []transform.Planned) []byte {
	type group struct {
		days  map[bizday.Day]bool
		names map[string]bool
		files int
	}
	groups := map[string]*group{}
	for _, m := range models {
		own := groups[m.Reason]
		if own == nil {
			own = &group{days: map[bizday.Day]bool{}, names: map[string]bool{}}
			groups[m.Reason] = own
		}
		own.days[m.Dt], own.names[m.Model] = true, true
		own.files++
	}
	g := grid{columns: []string{"reason", "from", "to", "days", "models", "files"}}
	var named strings.Builder
	for _, reason := range slices.Sorted(maps.Keys(groups)) {
		own := groups[reason]
		days := slices.Sorted(maps.Keys(own.days))
		g.add(words(reason), days[0].String(), days[len(days)-1].String(), len(days), len(own.names), own.files)
		if len(own.names) <= fewModels {
			named.WriteString(wrapped(words(reason)+": "+strings.Join(slices.Sorted(maps.Keys(own.names)), ", "), columns) + "\n")
		}
	}
	text := g.table()
	if named.Len() > 0 {
		text = fmt.Appendf(text, "\n%s", named.String())
	}
	return text
}

// words is a reason or a state as people read it.
func words(reason string) string {
	switch reason {
	case transform.ChangedSQL:
		return "changed SQL"
	case transform.MaturedWindow:
		return "window matures"
	case extract.IsReadAgain:
		return "read again"
	case extract.IsLive:
		return "live table"
	}
	return strings.ReplaceAll(reason, "_", " ")
}
