package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/internal/sample"
	"vaultreport/scheduler"
)

// runFlags are the flags of run besides the global ones; a nil is not given.
type runFlags struct {
	Date, Start, End *bizday.Day
	Threads          *int
	Memory           *memory
	MaxQuarantine    *quarantineLimit
	Wait             time.Duration
	FailOn           string
	RequireDelivery  bool
	AllowSuperuser   bool
	RetakeSnapshot   bool
}

func newRunCommand(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the nightly job: extract, transform, publish, report",
		Long: `Read what is new, compute the days asked for and every cell that new or late lines touch, and publish all days or none.
Without a date it takes yesterday in the zone. Running again is safe: what did not change is not published again.
Without a configuration it writes synthetic data to a new temporary folder and runs all its days.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, a missing or mixed key",
				"3  a contract, ledger or PII gate failed, nothing published", "4  published, and an alarm at or above --fail-on is firing",
				"5  a source is not ready", "6  another run holds the lease", "7  a source or store is unreachable", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport run
  vaultreport run --config vaultreport.yaml --date 2026-04-30
  vaultreport run --start 2026-04-01 --end 2026-04-30 -o json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runRun(cmd.Context(), f) },
	}
	f.addFlags(cmd)
	return cmd
}

func (f *runFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.FailOn = "none"
	flags.Var(dayFlag(&f.Date), "date", "the one day (default: yesterday in the zone)")
	flags.Var(dayFlag(&f.Start), "start", "first day, with --end")
	flags.Var(dayFlag(&f.End), "end", "last day, inclusive")
	flags.Var(optional(&f.Threads, "N", wholeNumber(0, maxThreads)), "threads", "threads; 0: what the cgroup allows (default: limits.threads)")
	flags.Var(optional(&f.Memory, "size|P%", parseMemory), "memory", "memory of the run (default: limits.memory)")
	flags.Var(optional(&f.MaxQuarantine, "N|P%", parseQuarantineLimit), "max-quarantine", "refused lines that the run may have (default: limits.max_quarantine)")
	flags.Var(durationFlag(&f.Wait), "wait", "how long to wait for sources that are not ready")
	flags.Var(oneOf(&f.FailOn, "none", "investigate", "warn", "critical"), "fail-on", "end with 4 if an alarm of this severity or above is firing")
	flags.BoolVar(&f.RequireDelivery, "require-delivery", false, "end with 7 if a delivery fails")
	flags.BoolVar(&f.AllowSuperuser, "allow-superuser", false, "read tables as a superuser")
	flags.BoolVar(&f.RetakeSnapshot, "retake-snapshot", false, "read tables again that were read for the day")
}

func (f *runFlags) validate() error {
	switch {
	case f.Date != nil && (f.Start != nil || f.End != nil):
		return usage("--date and --start, --end exclude each other", "give one day, or a first and a last one")
	case (f.Start == nil) != (f.End == nil):
		return usage("--start and --end belong together", "give both, or --date")
	case f.Start != nil && *f.End < *f.Start:
		return usage(fmt.Sprintf("--end %s lies before --start %s", f.End, f.Start), "")
	}
	return nil
}

// days returns the first and the last day asked for: those of the flags, else yesterday.
func (f *runFlags) days(zone bizday.Zone, now time.Time) (first, last bizday.Day) {
	switch {
	case f.Date != nil:
		return *f.Date, *f.Date
	case f.Start != nil:
		return *f.Start, *f.End
	}
	yesterday := zone.DayOf(now.UnixMicro()) - 1
	return yesterday, yesterday
}

func (a *app) runRun(ctx context.Context, f runFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	progress, log := a.newProgress()
	if c.File == "" {
		if c, err = a.useSample(ctx, &f, log, progress); err != nil {
			return err
		}
	}
	o, err := a.runOptions(c, f)
	if err != nil {
		return err
	}
	o.Log, o.Progress = log, progress
	for _, message := range c.ignored() {
		log.Warn(message)
	}
	if f.FailOn != "none" {
		log.Warn("--fail-on is set, and this version evaluates no alarms")
	}
	result, err := runWhenReady(ctx, o, f.Wait)
	if err != nil {
		return err
	}
	if err := a.printResult(result); err != nil {
		return err
	}
	return failing(result.Alarms, f.FailOn)
}

// useSample writes the embedded sample and makes f ask for all its days if it asks for none.
func (a *app) useSample(ctx context.Context, f *runFlags, log *slog.Logger, progress scheduler.Progress) (config, error) {
	dir, err := os.MkdirTemp("", "vaultreport-sample-")
	if err != nil {
		return config{}, &errs.Error{Class: errs.Unexpected, What: "run: make a temporary folder", Err: reasonOf(err), Hint: "set TMPDIR to a folder that can be written"}
	}
	o := sample.Default()
	o.Dir = dir
	result, err := writeSample(ctx, o, progress)
	if err != nil {
		return config{}, err
	}
	log.Warn("no configuration: running on synthetic data with the public demo key", "folder", dir)
	c, err := loadConfig(result.Config, a.lookup)
	if err != nil {
		return config{}, err
	}
	if f.Date != nil || f.Start != nil {
		return c, nil
	}
	first, err := bizday.Parse(result.First)
	if err != nil {
		return config{}, err
	}
	last, err := bizday.Parse(result.Last)
	f.Start, f.End = &first, &last
	return c, err
}

// runOptions turns words into values; everything that can be said wrong is said before the run touches anything.
func (a *app) runOptions(c config, f runFlags) (scheduler.Options, error) {
	if len(c.Events) == 0 {
		return scheduler.Options{}, usage("config "+c.File+": events names no source", "add one; vaultreport init writes an example")
	}
	zone, err := bizday.LoadZone(c.Zone)
	if err != nil {
		return scheduler.Options{}, errs.Wrap(errs.Usage, "config "+c.File, err)
	}
	key, err := a.key(c)
	if err != nil {
		return scheduler.Options{}, err
	}
	root, err := a.warehouse(c)
	if err != nil {
		return scheduler.Options{}, err
	}
	if f.Threads != nil {
		c.Limits.Threads = *f.Threads
	}
	if f.Memory != nil {
		c.Limits.Memory = *f.Memory
	}
	if f.MaxQuarantine != nil {
		c.Limits.MaxQuarantine = *f.MaxQuarantine
	}
	limits, err := c.engineLimits()
	if err != nil {
		return scheduler.Options{}, err
	}
	first, last := f.days(zone, a.now())
	return scheduler.Options{
		Warehouse: root, Base: c.Base, Zone: zone, Sources: c.sources(), Stdin: a.in, Key: key,
		K: c.Privacy.K, RetireAfter: c.Metrics.RetireAfter, Title: c.Report.Title, Language: c.Report.Language,
		Start: first, End: last, Threads: limits.Threads, MemoryBytes: limits.MemoryBytes,
		MaxQuarantine: c.Limits.MaxQuarantine.Limit, ToolVersion: toolVersion(), Now: a.now,
	}, nil
}

// sources are the configured sources of event lines with absolute paths.
func (c config) sources() []extract.Source {
	sources := make([]extract.Source, len(c.Events))
	for i, s := range c.Events {
		sources[i] = s.source(c.Base)
	}
	return sources
}

// source makes a path absolute. The folder of the configuration is a name and no pattern: its wildcards are escaped, and
// braces, which stand for placeholders, match as any character.
func (s eventSource) source(base string) extract.Source {
	path := s.Path
	if path != extract.Stdin && !filepath.IsAbs(path) {
		literal := strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `?`, `}`, `?`)
		path = filepath.Join(literal.Replace(base), path)
	}
	return extract.Source{Name: s.Name, Path: path, Env: s.Env, Lookback: s.Lookback, Lookahead: s.Lookahead, MaxLine: int(s.MaxLine)}
}

// key reads the key that hashes user ids. No error shows any of it.
func (a *app) key(c config) (*pii.Key, error) {
	const makeOne = "make one with: openssl rand -hex 32"
	var text []byte
	where := ""
	switch {
	case c.Privacy.KeyEnv != "":
		where = "privacy.key_env " + c.Privacy.KeyEnv
		value, set := a.lookup(c.Privacy.KeyEnv)
		if !set || value == "" {
			return nil, usage("config "+c.File+": "+where+" is not set", "set it to the key; "+makeOne)
		}
		text = []byte(value)
	case c.Privacy.KeyFile != "":
		where = "privacy.key_file " + c.Privacy.KeyFile
		read, err := os.ReadFile(c.resolve(c.Privacy.KeyFile))
		if err != nil {
			return nil, &errs.Error{Class: errs.Usage, What: "config " + c.File + ": " + where, Err: reasonOf(err), Hint: makeOne}
		}
		text = read
	default:
		return nil, usage("config "+c.File+": neither privacy.key_file nor privacy.key_env names the key that hashes user ids", makeOne)
	}
	key, err := pii.ParseKey(text)
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "config " + c.File + ": " + where, Err: err, Hint: makeOne}
	}
	return key, nil
}

// askAgain is how often a source that is not ready is looked at.
const askAgain = 10 * time.Second

// runWhenReady repeats a run that found a source not ready until wait is over. Such a run has published nothing.
func runWhenReady(ctx context.Context, o scheduler.Options, wait time.Duration) (scheduler.Result, error) {
	deadline := o.Now().Add(wait)
	for {
		result, err := scheduler.Run(ctx, o)
		left := deadline.Sub(o.Now())
		if err == nil || errs.ClassOf(err) != errs.NotReady || left <= 0 {
			return result, err
		}
		o.Log.Warn("a source is not ready, waiting", "reason", err.Error(), "seconds_left", int(left.Seconds()))
		select {
		case <-ctx.Done():
			return result, errors.Join(ctx.Err(), err)
		case <-time.After(min(askAgain, left)):
		}
	}
}

// failing is the error of exit code 4: an alarm at or above the severity.
func failing(alarms []scheduler.Alarm, failOn string) error {
	severity := map[string]int{"investigate": 1, "warn": 2, "critical": 3}
	least, set := severity[failOn]
	if !set {
		return nil
	}
	var names []string
	for _, alarm := range alarms {
		if severity[alarm.Level] >= least {
			names = append(names, fmt.Sprintf("%s (%s, %s, %s)", alarm.Rule, alarm.Level, alarm.Env, alarm.Dt))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return errs.New(errs.Alarm, "published, and firing: "+strings.Join(names, ", "), "look at the report")
}

func (a *app) printResult(r scheduler.Result) error {
	if a.global.Output == formJSON {
		return json.NewEncoder(a.out).Encode(r)
	}
	facts := []fact{{"run_id", r.RunID}, {"snapshot", r.Snapshot}, {"status", r.Status}}
	if a.global.Output == formCSV {
		return writeFacts(a.out, formCSV, append(facts,
			fact{"first_day", r.Days[0]}, fact{"last_day", r.Days[len(r.Days)-1]}, fact{"days", len(r.Days)}, fact{"report", r.Report},
			fact{"read", r.Ledger.Read}, fact{"kept", r.Ledger.Kept}, fact{"duplicate", r.Ledger.Duplicate}, fact{"blank", r.Ledger.Blank},
			fact{"quarantined", r.Ledger.Quarantined}, fact{"out_of_range", r.Ledger.OutOfRange}, fact{"alarms", len(r.Alarms)},
			fact{"restated", r.Restated}, fact{"wall_ms", r.WallMS}, fact{"peak_rss_bytes", r.PeakRSSBytes}))
	}
	_, err := fmt.Fprint(a.out, summary(r))
	return err
}

// summary is the result for people, at most 80 columns wide but for the path in its last line.
func summary(r scheduler.Result) string {
	var b strings.Builder
	line := func(name, format string, values ...any) {
		fmt.Fprintf(&b, "%-13s %s\n", name, fmt.Sprintf(format, values...))
	}
	if r.Status == scheduler.Unchanged {
		b.WriteString("nothing to do: no input is new or changed, and nothing was published\n\n")
	}
	days := "1 day"
	if n := len(r.Days); n > 1 {
		days = fmt.Sprintf("%d days", n)
	}
	line("days", "%s to %s (%s)", r.Days[0], r.Days[len(r.Days)-1], days)
	line("snapshot", "%s (%s)", r.Snapshot, r.Status)
	ledger := func(name string, n int64) {
		share := ""
		if r.Ledger.Read > 0 && name != "read" {
			share = fmt.Sprintf("  %6.2f %%", 100*float64(n)/float64(r.Ledger.Read))
		}
		line(name, "%15s%s", humanize.Comma(n), share)
	}
	ledger("read", r.Ledger.Read)
	ledger("kept", r.Ledger.Kept)
	ledger("duplicate", r.Ledger.Duplicate)
	ledger("blank", r.Ledger.Blank)
	ledger("quarantined", r.Ledger.Quarantined)
	ledger("out of range", r.Ledger.OutOfRange)
	if r.Restated > 0 {
		line("restated", "%15s cells", humanize.Comma(r.Restated))
	}
	line("alarms", "%15s", humanize.Comma(int64(len(r.Alarms))))
	line("wall time", "%s", (time.Duration(r.WallMS) * time.Millisecond).String())
	line("peak memory", "%s", humanize.IBytes(uint64(max(r.PeakRSSBytes, 0))))
	fmt.Fprintf(&b, "\nreport: %s\n", r.Report)
	return b.String()
}
