package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
	"vaultreport/transform/alarm"
)

// diffFlags are the flags of alarms diff.
type diffFlags struct {
	daysFlags
	Env        string
	FailIfDiff bool
}

func newAlarmsDiffCommand(a *app) *cobra.Command {
	var f diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD.yaml NEW.yaml",
		Short: "Say what two files of rules do differently on past days",
		Long: `Replay two files of rules over the published days of the newest snapshot and list the episodes of which only one knows, or
of which start, end or peak differ. Rules that are the same in both are not replayed. Nothing is written.` +
			exitCodesHelp("0  compared, whatever was found", "1  unexpected failure", "2  wrong usage, an error in a file of rules, nothing published on these days",
				"3  there are differences, with --fail-if-diff", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport alarms diff alarms.yaml new.yaml --start 2026-01-01 --end 2026-04-30
  vaultreport alarms diff alarms.yaml new.yaml --env prod --fail-if-diff -o csv`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(fmt.Sprintf("alarms diff takes two files of rules, not %d", len(args)), "")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.runAlarmsDiff(cmd.Context(), args[0], args[1], f)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.daysFlags.addFlags(cmd)
	flags.StringVar(&f.Env, "env", "", "only what fires in this `environment`")
	flags.BoolVar(&f.FailIfDiff, "fail-if-diff", false, "end with 3 if an episode differs")
	return cmd
}

func (a *app) runAlarmsDiff(ctx context.Context, oldFile, newFile string, f diffFlags) error {
	oldRules, err := readRules(oldFile)
	if err != nil {
		return err
	}
	newRules, err := readRules(newFile)
	if err != nil {
		return err
	}
	return a.withNewest(ctx, func(n newest) error {
		before, err := a.try(ctx, n, withoutThose(oldRules, newRules), f.daysFlags)
		if err != nil {
			return err
		}
		after, err := a.try(ctx, n, withoutThose(newRules, oldRules), f.daysFlags)
		if err != nil {
			return err
		}
		before.keepEnv(f.Env)
		after.keepEnv(f.Env)
		d := rulesDiff{replay: after, unchanged: len(oldRules) - len(before.trials)}
		d.differences, d.same = alarm.Compare(before.alarms(), after.alarms())
		if err := a.printDiff(d); err != nil {
			return err
		}
		if f.FailIfDiff && len(d.differences) > 0 {
			return errs.New(errs.Gate, fmt.Sprintf("%s and %s differ in %d episodes", oldFile, newFile, len(d.differences)), "")
		}
		return nil
	})
}

// withoutThose returns the rules that others do not have as well, word for word.
func withoutThose(rules, others []alarm.Rule) []alarm.Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r alarm.Rule) bool {
		return slices.ContainsFunc(others, func(o alarm.Rule) bool { return o.Digest() == r.Digest() })
	})
}

func (r replay) alarms() (all []alarm.Alarm) {
	for _, t := range r.trials {
		all = append(all, t.Alarms...)
	}
	return all
}

// rulesDiff is what two files of rules do differently.
type rulesDiff struct {
	replay
	differences []alarm.Difference
	same        int // episodes of rules that differ
	unchanged   int // rules that are the same in both files
}

// differenceRow is an episode that differs as JSON.
type differenceRow struct {
	Change    string      `json:"change"` // gone, new, or changed
	Rule      string      `json:"rule"`
	Level     string      `json:"level"`
	Env       string      `json:"env"`
	VaultType string      `json:"vault_type"`
	Old       *episodeRow `json:"old"`
	New       *episodeRow `json:"new"`
}

func differenceOf(d alarm.Difference) differenceRow {
	row := differenceRow{Change: "changed"}
	of := d.New
	if d.Old != nil {
		old := episodeOf(*d.Old)
		row.Old, of = &old, d.Old
	}
	if d.New != nil {
		new := episodeOf(*d.New)
		row.New = &new
	}
	switch {
	case row.Old == nil:
		row.Change = "new"
	case row.New == nil:
		row.Change = "gone"
	}
	row.Rule, row.Level, row.Env, row.VaultType = of.Rule, of.Level, of.Env, of.VaultType
	return row
}

func (a *app) printDiff(d rulesDiff) error {
	rows := []differenceRow{}
	count := map[string]int{"new": 0, "gone": 0, "changed": 0, "same": d.same}
	list := grid{columns: []string{
		"change", "rule", "level", "env", "vault_type", "old_started_at", "old_ended_at", "old_peak", "new_started_at", "new_ended_at", "new_peak",
	}}
	times := func(e *episodeRow) []any {
		if e == nil {
			return []any{nil, nil, nil}
		}
		return []any{e.StartedAt, orNil(e.EndedAt), orNil(e.Peak)}
	}
	for _, difference := range d.differences {
		row := differenceOf(difference)
		rows = append(rows, row)
		count[row.Change]++
		list.rows = append(list.rows, slices.Concat([]any{row.Change, row.Rule, row.Level, row.Env, row.VaultType}, times(row.Old), times(row.New)))
	}
	switch a.global.Output {
	case formJSON:
		return writeObject(a.out, []fact{
			{"snapshot", d.snapshot}, {"start", d.first.String()}, {"end", d.last.String()}, {"days", d.days},
			{"unchanged_rules", d.unchanged}, {"episodes", count}, {"differences", rows},
		})
	case formCSV:
		return a.write(list.csv())
	}
	text := fmt.Appendf(nil, "%d days from %s to %s, snapshot %s\n", d.days, d.first, d.last, d.snapshot)
	text = fmt.Appendf(text, "rules that are the same in both: %d\nepisodes of the others: %d new, %d gone, %d changed, %d the same\n",
		d.unchanged, count["new"], count["gone"], count["changed"], d.same)
	if len(rows) > 0 {
		text = append(append(text, '\n'), list.table()...)
	}
	return a.write(text)
}
