package main

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/spf13/cobra"

	"vaultreport/scheduler"
)

// planFlags are the flags of plan besides the global ones.
type planFlags struct {
	runFlags
	Full bool
}

func newPlanCommand(a *app) *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Say what run would do and why, without doing it",
		Long: `Say which days run would extract, from which files, and which models of which days it would compute, each with its reason:
a new day, late rows, changed SQL, changed configuration, a window that matures. It reads new and changed files, as run would,
and remembers nothing: no lease is taken, nothing is written, and it may run beside a run. Databases are not asked.

The models are the most that run computes: one that comes out as it was ends there what it was the reason for. Alarms and
pages follow what changes.

With --full it does all that run does, under the lease, up to the gates, in staging; it shows the rows, the cells of
metric_daily and the alarms that would change, and drops them. Nothing is published and no run recorded.` +
			exitCodesHelp("0  shown, or nothing to do", "1  unexpected failure", "2  wrong usage or configuration, a missing or mixed key",
				"3  a contract changed without its version; with --full whatever run ends with 3 for", "5  shown, and a source is not ready: run would stop",
				"6  with --full: another run holds the lease", "7  a source, or with --full a database, is unreachable", "130, 143  interrupted"),
		Example: `  vaultreport plan
  vaultreport plan --start 2026-04-01 --end 2026-04-30 -o json
  vaultreport plan --full --date 2026-04-30`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runPlan(cmd.Context(), f) },
	}
	f.addFlags(cmd)
	return cmd
}

func (f *planFlags) addFlags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addDays(flags)
	flags.BoolVar(&f.Full, "full", false, "run into staging, show what would change, and drop it")
	f.addLimits(flags)
	f.addReading(flags)
	f.addLive(flags)
}

func (f *planFlags) validate() error {
	if !f.Full && (f.Wait > 0 || f.MaxQuarantine != nil || f.AllowSuperuser) {
		return usage("--wait, --max-quarantine and --allow-superuser are for plan --full", "plan alone waits for nothing and asks no database")
	}
	return f.runFlags.validate()
}

func (a *app) runPlan(ctx context.Context, f planFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if c.File == "" {
		return usage("plan: there is no configuration: run would write synthetic data to a new folder and run all its days",
			`name one: --config vaultreport.yaml; "vaultreport init" writes one`)
	}
	o, err := a.runOptions(ctx, c, f.runFlags)
	if err != nil {
		return err
	}
	o.Progress, o.Log = a.newProgress()
	if f.Full {
		result, err := whenReady(ctx, o, f.Wait, scheduler.PlanFull)
		if err != nil {
			return err
		}
		return a.printAs(result, func() []byte { return rehearsedText(result) }, func() *grid { return rehearsedRows(result) })
	}
	result, err := scheduler.Plan(ctx, o)
	if err != nil {
		return err
	}
	err = a.printAs(result, func() []byte { return plannedText(result) }, func() *grid { return plannedRows(result) })
	return errors.Join(err, result.Stop)
}

// printAs writes a result in the form that is asked for.
func (a *app) printAs(result any, table func() []byte, csv func() *grid) error {
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(result)
	case formCSV:
		return a.write(csv().csv())
	}
	return a.write(table())
}
