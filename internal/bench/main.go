package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"vaultreport/internal/bizday"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == childWord {
		os.Exit(child(os.Args[2:], os.Stdout, os.Stderr))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options say how much is measured. The defaults take most of an hour on two cores.
type options struct {
	binary, form, dir string
	sections          string // letters of docs/performance.md
	pairs             int
	end               bizday.Day // the night that is measured

	lines, fewLines, manyLines int    // A: of the day, and of the days whose peak memory alone is measured
	rows                       int    // B
	days, users, events        int    // C: history before the night, users of prod, event lines per user and day
	bigUsers, bigEvents        int    // C: of the day of a million events
	warehouse                  string // C: one that is there, of which the questions alone are asked
}

func (o *options) parse(args []string, stderr io.Writer) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.binary, "bin", "bin/vaultreport", "the program to measure")
	f.StringVar(&o.form, "o", formTable, "form of the output: table or markdown")
	f.StringVar(&o.dir, "dir", "", "folder for some 10 GB of data, which are removed at the end; empty: that for temporary files")
	f.StringVar(&o.sections, "sections", allSections, "what is measured: A reading lines, B PostgreSQL, C models and whole runs")
	f.IntVar(&o.pairs, "pairs", 3, "how often figure and baseline take turns")
	f.TextVar(&o.end, "end", bizday.Of(2026, time.June, 30), "the night that is measured")
	f.IntVar(&o.lines, "lines", 10_000_000, "A: event lines of the day")
	f.IntVar(&o.fewLines, "few-lines", 2_000_000, "A: of a day of which only peak memory is measured; 0: none")
	f.IntVar(&o.manyLines, "many-lines", 0, "A: the same, 30000000 for the bar; 0: none")
	f.IntVar(&o.rows, "rows", 5_000_000, "B: rows of the table")
	f.IntVar(&o.days, "days", 180, "C: days of history before the night")
	f.IntVar(&o.users, "users", 5_000, "C: users of prod")
	f.IntVar(&o.events, "events", 10, "C: event lines per user and day")
	f.IntVar(&o.bigUsers, "big-users", 100_000, "C: users of the big day")
	f.IntVar(&o.bigEvents, "big-events", 10, "C: event lines per user of the big day")
	f.StringVar(&o.warehouse, "warehouse", "", "C: a warehouse of the days before -end, of which the questions are asked; nothing else of C is measured")
	if err := f.Parse(args); err != nil {
		return err
	}
	o.sections = strings.ToUpper(strings.ReplaceAll(o.sections, ",", ""))
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("unknown argument %q", f.Arg(0))
	case o.form != formTable && o.form != formMarkdown:
		return fmt.Errorf("-o %q: %s or %s", o.form, formTable, formMarkdown)
	case o.sections == "" || strings.Trim(o.sections, allSections) != "":
		return fmt.Errorf("-sections %q: letters of %s", o.sections, allSections)
	case min(o.days, o.pairs, o.lines, o.rows) < 1:
		return errors.New("-days, -pairs, -lines and -rows are 1 or more")
	}
	return nil
}

const allSections = "ABC"

// bench is one run of it.
type bench struct {
	options options
	program program
	dir     string
	stderr  io.Writer
	began   time.Time
	facts   []string // about the data
	rows    []row
}

func (b *bench) add(r row) { b.rows = append(b.rows, r) }

func (b *bench) say(format string, values ...any) {
	fmt.Fprintf(b.stderr, "%6.1fs  %s\n", time.Since(b.began).Seconds(), fmt.Sprintf(format, values...))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) (err error) {
	b := bench{stderr: stderr, began: time.Now()}
	if err := b.options.parse(args, stderr); err != nil {
		return err
	}
	binary, err := filepath.Abs(b.options.binary)
	if err != nil {
		return err
	}
	b.program = program(binary)
	if b.dir, err = os.MkdirTemp(b.options.dir, "vaultreport-bench-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.dir)) }()
	err = b.measure(ctx)
	return errors.Join(err, writeTable(stdout, b.options.form, b.allFacts(ctx), b.rows)) // after an error, what there is
}

// measure measures C last: its queries make this process large, see costOf.
func (b *bench) measure(ctx context.Context) error {
	for _, section := range []struct {
		letter  string
		measure func(context.Context) error
	}{{"A", b.reading}, {"B", b.postgres}, {"C", b.models}} {
		if !strings.Contains(b.options.sections, section.letter) {
			continue
		}
		if err := section.measure(ctx); err != nil {
			return fmt.Errorf("section %s: %w", section.letter, err)
		}
	}
	return nil
}

// models measures section C, all processes first.
func (b *bench) models(ctx context.Context) error {
	o := b.options
	if o.warehouse != "" {
		return b.queries(ctx, o.warehouse, o.end-bizday.Day(o.days), o.end-1)
	}
	b.say("sample of %d days and %d users with %d events a day each", o.days+1, o.users, o.events)
	w, err := newWorld(ctx, b.program, filepath.Join(b.dir, "world"), o.end, o.days+1, o.users, o.events)
	if err != nil {
		return err
	}
	b.tell("C: `vaultreport sample`, %s event lines in %d days of %s users in prod: 1/%.0f of the %s that the bars are about; metrics.retire_after is %d",
		humanize.Comma(w.lines), w.days(), humanize.Comma(int64(o.users)), fullLines/float64(max(w.lines, 1)), humanize.Comma(fullLines), retireAfter)
	warehouse, err := b.nights(ctx, w)
	if err != nil {
		return err
	}
	if err := b.start(ctx, w, warehouse); err != nil {
		return err
	}
	if err := b.bigDay(ctx); err != nil {
		return err
	}
	return b.queries(ctx, warehouse, w.first, w.last-1)
}

// fullLines are the events that the table of docs/performance.md C was measured with.
const fullLines = 100_000_000

// tell adds a fact about the data.
func (b *bench) tell(format string, values ...any) {
	b.facts = append(b.facts, fmt.Sprintf(format, values...))
}

// allFacts say what the figures are about.
func (b *bench) allFacts(ctx context.Context) []string {
	return slices.Concat([]string{
		fmt.Sprintf("commit %s, %s %s/%s", commit(ctx), runtime.Version(), runtime.GOOS, runtime.GOARCH),
		fmt.Sprintf("machine: %d cores (%s), %s of memory, load %s at the end", runtime.NumCPU(), line("/proc/cpuinfo", "model name"), line("/proc/meminfo", "MemTotal"), load()),
	}, b.facts, []string{
		fmt.Sprintf("medians of %d alternating pairs where nothing else is said; of wall and CPU the worse ratio decides, unless the bar names one; the bench took %s", b.options.pairs, time.Since(b.began).Round(time.Second)),
	})
}

// commit names the checked out commit, with a + if files differ from it.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty=+").Output()
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(out))
}

// line returns the value of the first line of a file of /proc that begins with a name.
func line(file, name string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		return "unknown"
	}
	for l := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(l, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return "unknown"
}

func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Fields(string(text))[0]
}
