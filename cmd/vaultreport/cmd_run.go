package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/sample"
	"vaultreport/scheduler"
)

// runFlags are the flags of run besides the global ones; a nil is not given.
type runFlags struct {
	askedDays
	Threads        *int
	Memory         *memory
	MaxQuarantine  *quarantineLimit
	Wait           time.Duration
	FailOn         string
	AllowSuperuser bool
	RetakeSnapshot bool
}

func newRunCommand(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Run the nightly job: extract, transform, publish, report",
		Long: `Read what is new, compute the days asked for and every cell that new or late lines touch, and publish all days or none.
Without a date it takes yesterday in the zone, and the days missed before it: those not extracted yet, from the quarter
before on, whose sources are ready. Running again is safe: what did not change is not published again.
Without a configuration it writes synthetic data to a new temporary folder and runs all its days.

Tables of a database (dsn) are read once, as the snapshot of the last day asked for, and only if that is yesterday or
today: what they hold now says nothing about other days. All tables of a source are as of one instant.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, a missing or mixed key, a superuser of the database",
				"3  a contract, a data test, the ledger or max_quarantine said no, a table lacks a column or a right, nothing published",
				"4  published, and an alarm at or above --fail-on fires, or fired on a day of the run",
				"5  a source is not ready", "6  another run holds the lease", "7  a source, database or store is unreachable, nothing published", "130, 143  interrupted, nothing published"),
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
	f.addDays(flags)
	f.addLimits(flags)
	f.addReading(flags)
	f.addFailOn(flags)
	f.addLive(flags)
}

func (f *runFlags) addReading(flags *pflag.FlagSet) {
	f.addMaxQuarantine(flags)
	flags.Var(durationFlag(&f.Wait), "wait", "how long to wait for sources that are not ready")
}

func (f *runFlags) addMaxQuarantine(flags *pflag.FlagSet) {
	flags.Var(optional(&f.MaxQuarantine, "N|P%", parseQuarantineLimit), "max-quarantine", "refused lines that the run may have (default: limits.max_quarantine)")
}

func (f *runFlags) addLive(flags *pflag.FlagSet) {
	flags.BoolVar(&f.AllowSuperuser, "allow-superuser", false, "read live tables even as a superuser of the database")
	flags.BoolVar(&f.RetakeSnapshot, "retake-snapshot", false, "read live tables again for a day that has their snapshot")
}

func (f *runFlags) addDays(flags *pflag.FlagSet) {
	f.askedDays.addDays(flags, "the one day (default: yesterday in the zone)")
}

func (f *runFlags) addLimits(flags *pflag.FlagSet) {
	flags.Var(optional(&f.Threads, "N", wholeNumber(0, maxThreads)), "threads", "threads; 0: what the cgroup allows (default: limits.threads)")
	flags.Var(optional(&f.Memory, "size|P%", parseMemory), "memory", "memory of the run (default: limits.memory)")
}

func (f *runFlags) addFailOn(flags *pflag.FlagSet) {
	f.FailOn = severities()[0]
	flags.Var(oneOf(&f.FailOn, severities()...), "fail-on", "end with 4 if an alarm of this severity or above fires")
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
	o, err := a.prepareRun(ctx, &f)
	if err != nil {
		return err
	}
	result, err := whenReady(ctx, o, f.Wait, scheduler.Run)
	if err != nil {
		return err
	}
	if err := a.printResult(result); err != nil {
		return err
	}
	return failOn(f.FailOn, result.Alarms)
}

// prepareRun reads the configuration for a verb that reads sources; without one it writes the sample, and f asks for that.
func (a *app) prepareRun(ctx context.Context, f *runFlags) (scheduler.Options, error) {
	if err := f.validate(); err != nil {
		return scheduler.Options{}, err
	}
	c, err := a.loadConfig()
	if err != nil {
		return scheduler.Options{}, err
	}
	progress, log := a.newProgress()
	if c.File == "" {
		if c, err = a.useSample(ctx, f, log, progress); err != nil {
			return scheduler.Options{}, err
		}
	}
	o, err := a.runOptions(ctx, c, *f)
	o.Log, o.Progress = log, progress
	return o, err
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
	log.Warn("no configuration: synthetic data, public demo key", "folder", dir)
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

// askAgain is how often a source that is not ready is looked at.
const askAgain = 10 * time.Second

// whenReady repeats a job that found a source not ready until wait is over. Such a job has published nothing.
func whenReady[R any](ctx context.Context, o scheduler.Options, wait time.Duration, job func(context.Context, scheduler.Options) (R, error)) (R, error) {
	deadline := o.Now().Add(wait)
	for {
		result, err := job(ctx, o)
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
