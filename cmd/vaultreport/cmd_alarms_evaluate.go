package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"vaultreport/scheduler"
)

func newAlarmsEvaluateCommand(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "evaluate",
		Short: "Bring stored alarms up to date with the configured rules, and publish",
		Long: `Evaluate the configured rules over all stored days, bring the pages that tell of alarms up to date, and publish. No source
is read and no metric computed: it is what a run does last, for after a change of the rules. An alarm may begin on any day
and end on another, so all days are evaluated; the days asked for are those of which alarms are named, and --fail-on
compares.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, an error in the file of rules, nothing is stored",
				"3  personal data or a canary was found, nothing published", "4  published, and an alarm at or above --fail-on fires, or fired on a day asked for",
				"6  another run holds the lease", "7  the warehouse cannot be opened, nothing published", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport alarms evaluate --date 2026-04-30
  vaultreport alarms evaluate --start 2026-04-01 --end 2026-04-30 -o json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runAlarmsEvaluate(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addDays(flags)
	f.addLimits(flags)
	f.addFailOn(flags)
	completeValues(cmd, "fail-on", severities()...)
	return cmd
}

func (a *app) runAlarmsEvaluate(ctx context.Context, f runFlags) error {
	o, err := a.prepareStage(ctx, "alarms evaluate", f)
	if err != nil {
		return err
	}
	result, err := scheduler.Evaluate(ctx, o)
	if err != nil {
		return err
	}
	if err := a.printEvaluated(result); err != nil {
		return err
	}
	return failOn(f.FailOn, result.Alarms)
}

// printEvaluated writes the result: as JSON and CSV in the form of run, whose ledger has read nothing.
func (a *app) printEvaluated(r scheduler.Result) error {
	if a.global.Output != formTable {
		return a.printResult(r)
	}
	list := grid{columns: []string{"rule", "level", "env", "vault_type", "state", "dt"}}
	for _, alarm := range r.Alarms {
		list.add(alarm.Rule, alarm.Level, alarm.Env, alarm.VaultType, alarm.State, alarm.Dt.String())
	}
	text := fmt.Appendf(nil, "days      %s to %s\nsnapshot  %s (%s)\nalarms    %d\n", r.Days[0], r.Days[len(r.Days)-1], r.Snapshot, r.Status, len(r.Alarms))
	if len(r.Alarms) > 0 {
		text = append(append(text, '\n'), list.table()...)
	}
	return a.write(fmt.Appendf(text, "\nreport: %s\n", r.Report))
}
