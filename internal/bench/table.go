package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
)

// row is a line of the table.
type row struct {
	Bar, Measured, Figure, Baseline, Ratio, Verdict string
}

const noBar = "no bar"

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "missed"
}

// ratios returns wall by wall and CPU by CPU. Less than a microsecond counts as one.
func ratios(above, below cost) (wall, cpu float64) {
	by := func(a, b time.Duration) float64 {
		return float64(max(a, time.Microsecond)) / float64(max(b, time.Microsecond))
	}
	return by(above.Wall, below.Wall), by(above.CPU, below.CPU)
}

// atMost is a bar that the figure's wall and CPU may be no more than limit times the baseline's.
func atMost(bar, measured string, figure, baseline cost, limit float64) row {
	wall, cpu := ratios(figure, baseline)
	return row{bar, measured, figure.String(), baseline.String(), fmt.Sprintf("%.2fx wall, %.2fx CPU", wall, cpu), verdict(max(wall, cpu) <= limit)}
}

// atMostWall is the same of wall time alone.
func atMostWall(bar, measured string, figure, baseline cost, limit float64) row {
	r := atMost(bar, measured, figure, baseline, limit)
	wall, _ := ratios(figure, baseline)
	r.Verdict = verdict(wall <= limit)
	return r
}

// atLeast is a bar that the baseline's wall and CPU must be at least limit times the figure's.
func atLeast(bar, measured string, figure, baseline cost, limit float64) row {
	wall, cpu := ratios(baseline, figure)
	return row{bar, measured, figure.String(), baseline.String(), fmt.Sprintf("%.0fx less wall, %.0fx less CPU", wall, cpu), verdict(min(wall, cpu) >= limit)}
}

// atMostBoth is a bar with a limit for each of wall and CPU.
func atMostBoth(bar, measured string, figure, baseline cost, wallLimit, cpuLimit float64) row {
	r := atMost(bar, measured, figure, baseline, 0)
	wall, cpu := ratios(figure, baseline)
	r.Verdict = verdict(wall <= wallLimit && cpu <= cpuLimit)
	return r
}

// lessCPU is a bar that the baseline's CPU must be at least limit times the figure's.
func lessCPU(bar, measured string, figure, baseline cost, limit float64) row {
	wall, cpu := ratios(baseline, figure)
	return row{bar, measured, figure.String(), baseline.String(), fmt.Sprintf("%.2fx less wall, %.2fx less CPU", wall, cpu), verdict(cpu >= limit)}
}

// lessMemory is a bar that the baseline's peak memory must be at least limit times the figure's.
func lessMemory(bar, measured string, figure, baseline cost, limit float64) row {
	memory := float64(baseline.RSS) / float64(max(figure.RSS, 1))
	return row{bar, measured, figure.String(), baseline.String(), fmt.Sprintf("%.1fx less memory", memory), verdict(memory >= limit)}
}

// withinMemory is a bar on peak memory, in bytes.
func withinMemory(bar, measured string, figure cost, limit int64) row {
	return row{bar, measured, figure.String(), "-", "-", verdict(figure.RSS <= limit)}
}

// within is a bar in absolute numbers; rss 0 sets none.
func within(bar, measured string, figure cost, wall time.Duration, rss int64) row {
	return row{bar, measured, figure.String(), "-", "-", verdict(figure.Wall <= wall && (rss == 0 || figure.RSS <= rss))}
}

// smallerThan is a bar on a size in bytes.
func smallerThan(bar, measured string, size, limit int64) row {
	return row{bar, measured, humanize.Bytes(uint64(size)), "-", "-", verdict(size <= limit)}
}

// without makes a row whose ratio is worth reading and has no bar.
func without(r row) row {
	r.Verdict = noBar
	return r
}

// Forms of the output.
const (
	formTable    = "table"
	formMarkdown = "markdown"
)

func (r row) cells() []string {
	return []string{r.Bar, r.Measured, r.Figure, r.Baseline, r.Ratio, r.Verdict}
}

var header = row{"bar", "measured", "figure", "baseline", "ratio", "verdict"}

// writeTable writes the facts about machine and data, and the rows.
func writeTable(w io.Writer, form string, facts []string, rows []row) error {
	var b strings.Builder
	if form == formMarkdown {
		for _, fact := range facts {
			fmt.Fprintf(&b, "- %s\n", fact)
		}
		b.WriteString("\n" + pipes(header) + "|---|---|---|---|---|---|\n")
		for _, r := range rows {
			b.WriteString(pipes(r))
		}
		_, err := io.WriteString(w, b.String())
		return err
	}
	for _, fact := range facts {
		fmt.Fprintln(&b, fact)
	}
	b.WriteByte('\n')
	t := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, r := range append([]row{header}, rows...) {
		fmt.Fprintln(t, strings.Join(r.cells(), "\t"))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func pipes(r row) string { return "| " + strings.Join(r.cells(), " | ") + " |\n" }
