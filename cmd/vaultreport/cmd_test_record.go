package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform"
)

// recordFlags are the flags of test record.
type recordFlags struct {
	Date  *bizday.Day
	Env   string
	Users int
	Rows  int
	Out   string
	Force bool
}

func newTestRecordCommand(a *app) *cobra.Command {
	f := recordFlags{Users: 3, Rows: 50}
	cmd := &cobra.Command{
		Use:   "record MODEL",
		Short: "Make a case of a model from published rows",
		Long: `Write a case for models/MODEL.test: the rows of a few users as the model read them on a day, and what it makes of them. Users are
those of whom most of the files that it reads say something; rows of no user are given whole. Only the columns and the kinds of
events that the SQL names are given. The case has been run: it passes.

Keys and ids become names such as u01, in the same order; words from outside that are more than a plain word become names, too;
instants are in UTC. Small groups are not hidden: a case has rows of single users, and is for the data team. Read it before you
give it away, write as its rule which sentence it shows, and take out what does not belong to that.` +
			exitCodesHelp("0  written", "1  unexpected failure", "2  no such model or day, more rows than --rows, the file exists, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport test record vault_state --date 2026-04-30\n  vaultreport test record metrics_batch --env prod --rows 100\n  vaultreport test record deposit_daily --users 1 --out analytics/models/deposit_daily.test",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("test record takes the name of one model or view, not %d words", len(args)), `"vaultreport models list" lists them`)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runTestRecord(cmd.Context(), args[0], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(dayFlag(&f.Date), "date", "the `day` that the model is run for (default: the newest published one)")
	flags.StringVar(&f.Env, "env", "", "rows of this `environment` only (default: of all)")
	flags.Var(valueOf(&f.Users, "3", "N", wholeNumber(1, 100)), "users", "how many users")
	flags.Var(valueOf(&f.Rows, "50", "N", wholeNumber(0, 10_000)), "rows", "how many rows of no user a table may give on a day")
	flags.StringVar(&f.Out, "out", "", "`file` to write (default: stdout)")
	flags.BoolVar(&f.Force, "force", false, "write over --out if it exists")
	return cmd
}

func (f recordFlags) validate() error {
	if f.Force && f.Out == "" {
		return usage("--force is about --out", "name the file with --out")
	}
	return nil
}

func (a *app) runTestRecord(ctx context.Context, model string, f recordFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	if _, err := os.Lstat(f.Out); err == nil && !f.Force {
		return &errs.Error{Class: errs.Usage, What: "test record: " + f.Out, Err: fs.ErrExist, Hint: "nothing was overwritten: name another file, or say --force"}
	}
	project, err := a.project()
	if err != nil {
		return err
	}
	var text string
	err = a.withNewest(ctx, func(n newest) error {
		days, err := testFlags{askedDays: askedDays{Date: f.Date}}.days(n.Days("events"))
		if err != nil {
			return err
		}
		want := transform.Recording{Model: model, Dt: days[0], Env: f.Env, Users: f.Users, Rows: f.Rows}
		text, err = a.record(ctx, n, project, want)
		return err
	})
	if err != nil {
		return err
	}
	switch {
	case f.Out == "" && a.global.Output == formTable:
		return a.write([]byte(text))
	case f.Out == "":
		return writeFacts(a.out, a.global.Output, []fact{{"model", model}, {"case", text}})
	}
	if err := writeRecorded(f.Out, text, f.Force); err != nil {
		return err
	}
	return writeFacts(a.out, a.global.Output, []fact{{"file", f.Out}})
}

// record runs the model in a scratch folder: the engine of the snapshot writes nothing.
func (a *app) record(ctx context.Context, n newest, project *transform.Project, want transform.Recording) (string, error) {
	limits, err := n.config.engineLimits()
	if err != nil {
		return "", err
	}
	scratch, remove, err := scratchFolder()
	if err != nil {
		return "", err
	}
	defer remove()
	limits.TempDir, limits.Conns = scratch, 1
	if want.Scratch, err = duck.Open(ctx, limits); err != nil {
		return "", err
	}
	defer want.Scratch.Close()
	if want.Dir, err = os.MkdirTemp(scratch, "record-"); err != nil {
		return "", errs.Wrap(errs.Unexpected, "make a temporary folder", reasonOf(err))
	}
	o := transform.Options{
		DB: n.db, Zone: n.zone, Log: a.logger(),
		Params: transform.Params{K: n.config.Privacy.K, RetireAfter: n.config.Metrics.RetireAfter, DiamondTarget: n.config.Metrics.DiamondTarget},
	}
	return transform.Record(ctx, n, project, o, want)
}

// writeRecorded creates a file that must not exist yet, unless it may be written over.
func writeRecorded(path, text string, mayExist bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if mayExist {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	file, err := os.OpenFile(path, flags, 0o640)
	if err == nil {
		_, err = file.WriteString(text)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return &errs.Error{Class: errs.Usage, What: "test record: write " + path, Err: reasonOf(err), Hint: "name another file with --out"}
	}
	return nil
}
