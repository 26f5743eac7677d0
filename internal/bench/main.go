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
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"vaultreport/internal/bizday"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options say how much is measured. The defaults take several minutes on two cores.
type options struct {
	binary, form, dir   string
	end                 bizday.Day // the night that is measured
	days, users, events int        // history before it, users of prod, event lines per user and day
	bigUsers, bigEvents int        // of the day of a million events
	pairs               int
}

func (o *options) parse(args []string, stderr io.Writer) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.binary, "bin", "bin/vaultreport", "the program to measure")
	f.StringVar(&o.form, "o", formTable, "form of the output: table or markdown")
	f.StringVar(&o.dir, "dir", "", "folder for several GB of data, which are removed at the end; empty: that for temporary files")
	f.TextVar(&o.end, "end", bizday.Of(2026, time.June, 30), "the night that is measured")
	f.IntVar(&o.days, "days", 180, "days of history before it")
	f.IntVar(&o.users, "users", 5_000, "users of prod")
	f.IntVar(&o.events, "events", 10, "event lines per user and day")
	f.IntVar(&o.bigUsers, "big-users", 100_000, "users of the big day")
	f.IntVar(&o.bigEvents, "big-events", 10, "event lines per user of the big day")
	f.IntVar(&o.pairs, "pairs", 5, "how often figure and baseline take turns")
	if err := f.Parse(args); err != nil {
		return err
	}
	switch {
	case f.NArg() > 0:
		return fmt.Errorf("unknown argument %q", f.Arg(0))
	case o.form != formTable && o.form != formMarkdown:
		return fmt.Errorf("-o %q: %s or %s", o.form, formTable, formMarkdown)
	case o.days < 1 || o.pairs < 1:
		return errors.New("-days and -pairs are 1 or more")
	}
	return nil
}

// bench is one run of it.
type bench struct {
	options options
	program program
	dir     string
	stderr  io.Writer
	began   time.Time
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
	w, err := b.measure(ctx)
	return errors.Join(err, writeTable(stdout, b.options.form, b.facts(ctx, w), b.rows)) // after an error, what there is
}

// measure runs all processes first: see costOf.
func (b *bench) measure(ctx context.Context) (world, error) {
	o := b.options
	b.say("sample of %d days and %d users with %d events a day each", o.days+1, o.users, o.events)
	w, err := newWorld(ctx, b.program, filepath.Join(b.dir, "world"), o.end, o.days+1, o.users, o.events)
	if err != nil {
		return w, err
	}
	warehouse, err := b.nights(ctx, w)
	if err != nil {
		return w, err
	}
	if err := b.start(ctx, w, warehouse); err != nil {
		return w, err
	}
	if err := b.bigDay(ctx); err != nil {
		return w, err
	}
	return w, b.queries(ctx, warehouse, w.first, w.last-1)
}

// fullLines are the events that the table of docs/performance.md C was measured with.
const fullLines = 100_000_000

// facts say what the figures are about.
func (b *bench) facts(ctx context.Context, w world) []string {
	o := b.options
	return []string{
		fmt.Sprintf("commit %s, %s %s/%s", commit(ctx), runtime.Version(), runtime.GOOS, runtime.GOARCH),
		fmt.Sprintf("machine: %d cores (%s), %s of memory, load %s at the end", runtime.NumCPU(), line("/proc/cpuinfo", "model name"), line("/proc/meminfo", "MemTotal"), load()),
		fmt.Sprintf("data: `vaultreport sample`, %s event lines in %d days of %s users in prod: 1/%.0f of the %s that the bars are about; metrics.retire_after is %d",
			humanize.Comma(w.lines), w.days(), humanize.Comma(int64(o.users)), fullLines/float64(max(w.lines, 1)), humanize.Comma(fullLines), retireAfter),
		fmt.Sprintf("medians of %d alternating pairs where nothing else is said; of wall and CPU the worse ratio decides; the bench took %s", o.pairs, time.Since(b.began).Round(time.Second)),
	}
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
