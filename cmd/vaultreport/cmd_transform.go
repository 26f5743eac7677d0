package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"vaultreport/scheduler"
	"vaultreport/warehouse"
)

func newTransformCommand(a *app) *cobra.Command {
	return a.newStageCommand(scheduler.Transform, cobra.Command{
		Use:   "transform",
		Short: "Bring the marts up to date with the published lake, and publish",
		Long: `Compute the models of all stored days, as run does, over the lake as it is published, and publish the marts. No source is
read; alarms and pages stay until the next run, or until alarms evaluate. It is for after extract, or a change of SQL. The
last day asked for is the one that restatement names.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, nothing is extracted",
				"3  a contract or a data test said no, or personal data was found, nothing published",
				"6  another run holds the lease", "7  the warehouse cannot be opened, nothing published", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport transform --date 2026-04-30
  vaultreport transform --quiet -o json`,
	})
}

// newStageCommand is a verb that does one stage of a run, over what is published.
func (a *app) newStageCommand(stage func(context.Context, scheduler.Options) (scheduler.Result, error), cmd cobra.Command) *cobra.Command {
	var f runFlags
	cmd.Args = noWords
	cmd.RunE = func(c *cobra.Command, _ []string) error {
		o, err := a.prepareStage(c.Context(), c.Name(), f)
		if err != nil {
			return err
		}
		result, err := stage(c.Context(), o)
		if err != nil {
			return err
		}
		return a.printStage(result)
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addDays(flags)
	f.addLimits(flags)
	return &cmd
}

// prepareStage reads the configuration for a verb that works on what is published.
func (a *app) prepareStage(ctx context.Context, verb string, f runFlags) (scheduler.Options, error) {
	if err := f.validate(); err != nil {
		return scheduler.Options{}, err
	}
	c, err := a.loadConfig()
	if err != nil {
		return scheduler.Options{}, err
	}
	if c.File == "" {
		return scheduler.Options{}, usage(verb+": there is no configuration", "name the one that the warehouse was made with: --config vaultreport.yaml")
	}
	o, err := a.runOptions(ctx, c, f)
	if err != nil {
		return scheduler.Options{}, err
	}
	w, err := warehouse.Open(warehouse.Options{Root: o.Warehouse})
	if err != nil {
		return scheduler.Options{}, err
	}
	if _, err := readManifest(w, ""); err != nil {
		return scheduler.Options{}, err
	}
	o.Progress, o.Log = a.newProgress()
	return o, nil
}

// printStage writes the result of one stage: as JSON and CSV in the form of run, whose ledger has read nothing.
func (a *app) printStage(r scheduler.Result) error {
	if a.global.Output != formTable {
		return a.printResult(r)
	}
	var text []byte
	if r.Status == scheduler.Unchanged {
		text = append(text, "nothing to do: everything is up to date, and nothing was published\n\n"...)
	}
	text = fmt.Appendf(text, "days      %s\nsnapshot  %s (%s)\n", rangeOf(r.Days[0], r.Days[len(r.Days)-1]), r.Snapshot, r.Status)
	if r.Restated > 0 {
		text = fmt.Appendf(text, "restated  %s\n", counted(int(r.Restated), "cell"))
	}
	return a.write(fmt.Appendf(text, "\nreport: %s\n", r.Report))
}
