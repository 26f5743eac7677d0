package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/scheduler"
)

// replayedLines are the flags of quarantine replay; what is empty filters nothing.
type replayedLines struct {
	dayFilter
	Source, Reason, Field string
	limits                runFlags // its threads, memory and max-quarantine
	Files                 []string
	DryRun                bool
}

func newQuarantineReplayCommand(a *app) *cobra.Command {
	var f replayedLines
	cmd := &cobra.Command{
		Use:   "replay [FILE...]",
		Short: "Read the files of refused lines again, after a fix",
		Long: `Read the files and dumps again that hold refused lines and rows, under the configuration as it is now, changed or not, and
publish what changes, as run does: lake, marts, alarms, pages. FILE is a name as the list has it; without a file and
without a flag all refused lines are read again.

The result says what became of the refused lines, by source and file: kept, duplicate, still quarantined and why, or out of
range (of a day that is not extracted). Rows of tables have no place: as many as are refused now stand for those that were.
The snapshot of a database is taken once, and its refused rows stay; "run --retake-snapshot" takes it again while it may.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, a missing or mixed key",
				"3  a contract, a data test, the ledger or max_quarantine said no, nothing published",
				"5  a file that holds refused lines is not there any more", "6  another run holds the lease", "7  a source is unreachable, nothing published", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport quarantine replay --date 2026-04-30 --reason unknown_event --dry-run
  vaultreport quarantine replay --date 2026-04-30 --reason unknown_event
  vaultreport quarantine replay logs/2026-04-30/prod.jsonl.gz -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			f.Files = args
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runQuarantineReplay(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addFilter(flags)
	flags.StringVar(&f.Source, "source", "", "only of this `source`")
	flags.StringVar(&f.Reason, "reason", "", "only for this `reason`")
	flags.StringVar(&f.Field, "field", "", "only about this `field`")
	flags.BoolVar(&f.DryRun, "dry-run", false, "say what would become of the lines, and publish nothing")
	f.limits.addLimits(flags)
	f.limits.addMaxQuarantine(flags)
	return cmd
}

func (f *replayedLines) picks(l extract.RefusedLine) bool {
	is := func(wanted, has string) bool { return wanted == "" || wanted == has }
	return is(f.Source, l.Source) && is(f.Reason, l.Reason) && is(f.Field, l.Field) &&
		(len(f.Files) == 0 || slices.Contains(f.Files, l.File))
}

func (a *app) runQuarantineReplay(ctx context.Context, f replayedLines) error {
	first, last, err := f.span()
	if err != nil {
		return err
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	if c.File == "" {
		return usage("quarantine replay: there is no configuration that names sources", "name one with --config")
	}
	// The days are those of the lines that are picked.
	o, err := a.runOptions(ctx, c, f.limits)
	if err != nil {
		return err
	}
	o.Progress, o.Log = a.newProgress()
	result, err := scheduler.Replay(ctx, o, scheduler.ReplayOptions{Start: first, End: last, Pick: f.picks, DryRun: f.DryRun})
	if err != nil {
		return err
	}
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(result)
	case formCSV:
		return a.write(ledgerRows(result.Files).csv())
	}
	return a.write([]byte(replayedText(result)))
}

// replayedText is the result of a replay for people, at most 80 columns wide.
func replayedText(r scheduler.Replayed) string {
	if len(r.Days) == 0 {
		return "nothing to do: no refused line is picked\n"
	}
	var b strings.Builder
	if r.Status == scheduler.Unchanged {
		b.WriteString("nothing changed, and nothing was published\n\n")
	}
	fmt.Fprintf(&b, "refused   %s of %s, %s\n", counted(int(r.Replayed.Read), "line"), counted(len(r.Files), "file"), spanOf(r.Days))
	fmt.Fprintf(&b, "snapshot  %s (%s)\n", r.Snapshot, strings.ReplaceAll(r.Status, "_", " "))
	if r.Restated > 0 {
		fmt.Fprintf(&b, "restated  %s\n", counted(int(r.Restated), "cell"))
	}
	if len(r.Files) > 0 {
		b.WriteString("\n" + ledgerTable(r.Files))
	}
	if reasons := reasonsTable(r.Files); reasons != "" {
		b.WriteString("\n" + reasons)
	}
	return b.String()
}

func spanOf(days []bizday.Day) string {
	if len(days) == 1 {
		return days[0].String()
	}
	return fmt.Sprintf("%s to %s", days[0], days[len(days)-1])
}
