package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/scheduler"
	"vaultreport/warehouse"
)

func newVerifyCommand(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Compare what is published with what its inputs give",
		Long: `Compare the newest snapshot with itself and with what is made of its inputs now. Nothing is published or repaired:

  content        every file of the snapshot has the bytes of its digest
  folders        the folders that people read hold these bytes, and no other data
  lake           the day, extracted again from its source files, has the same bytes; if they are still as they were read
  marts, alarms  the day's, made again from the published lake and earlier marts, have the same bytes
  personal data  the day's files hold no personal data and no canary

There is a line for each check, and one for each file that differs, with how many rows: ok, differs, or "not verified" with
the reason, which is no failure. restatement and pages are not made again: they tell of what was published before.
It takes no lease, and writes to a temporary folder that it removes.` +
			exitCodesHelp("0  nothing differs", "1  unexpected failure", "2  wrong usage or configuration, nothing published on that day, a mixed key", "3  something differs",
				"7  the warehouse or a source cannot be read", "130, 143  interrupted"),
		Example: `  vaultreport verify
  vaultreport verify --date 2026-04-30 -o json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runVerify(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(dayFlag(&f.Date), "date", "the day to make again (default: the newest)")
	f.addLimits(flags)
	return cmd
}

func (a *app) runVerify(ctx context.Context, f runFlags) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	o, err := a.verifyOptions(ctx, c, f)
	if err != nil {
		return err
	}
	progress, log := a.newProgress()
	o.Log, o.Progress = log, progress
	found, err := scheduler.Verify(ctx, o, f.Date)
	if err != nil {
		return err
	}
	if err := a.printVerification(found); err != nil {
		return err
	}
	if !found.OK {
		return errs.New(errs.Gate, "verify: something differs", `see "Verify" in docs/operators.md for what to do`)
	}
	return nil
}

// verifyOptions are those of a run. Without a source there is nothing to read again and no key is needed; the zone is the
// warehouse's own then.
func (a *app) verifyOptions(ctx context.Context, c config, f runFlags) (scheduler.Options, error) {
	if len(c.Events)+len(c.Tables) > 0 {
		return a.runOptions(ctx, c, f)
	}
	o, err := a.computeOptions(ctx, c, f)
	if err != nil {
		return scheduler.Options{}, err
	}
	w, err := warehouse.Open(warehouse.Options{Root: o.Warehouse})
	if err != nil {
		return scheduler.Options{}, err
	}
	manifest, err := readManifest(w, "")
	if err != nil {
		return scheduler.Options{}, err
	}
	if o.Zone, err = bizday.LoadZone(manifest.Zone); err != nil {
		return scheduler.Options{}, errs.Wrap(errs.Unexpected, "read snapshot "+manifest.ID, err)
	}
	return o, nil
}

func (a *app) printVerification(v scheduler.Verification) error {
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(v)
	case formCSV:
		g := &grid{columns: []string{"result", "check", "table", "dt", "only_published", "only_again", "changed", "same", "what"}}
		for _, c := range v.Checks {
			row := []any{c.Result, c.Check, nil, nil, nil, nil, nil, nil, c.What}
			if c.Table != "" {
				row[2] = c.Table
			}
			if c.Dt != nil {
				row[3] = c.Dt.String()
			}
			if r := c.Rows; r != nil {
				row[4], row[5], row[6], row[7] = r.OnlyPublished, r.OnlyAgain, r.Changed, r.Same
			}
			g.add(row...)
		}
		return a.write(g.csv())
	}
	text := fmt.Appendf(nil, "snapshot %s, day %s\n\n", v.Snapshot, v.Dt)
	for _, c := range v.Checks {
		what := c.What
		if c.Table != "" && !strings.Contains(what, c.Table) {
			what = c.Table + " of " + c.Dt.String() + ": " + what
		}
		text = append(text, hanging(fmt.Sprintf("%-12s  %-13s  ", c.Result, c.Check), what)...)
	}
	return a.write(text)
}

// hanging returns text in lines of at most 80 columns, where words allow it: the first begins with head, the others below
// the first word.
func hanging(head, text string) string {
	const width = 80
	var b strings.Builder
	line := head
	isEmpty := true
	for _, word := range strings.Fields(text) {
		if !isEmpty && len(line)+1+len(word) > width {
			b.WriteString(line + "\n")
			line, isEmpty = strings.Repeat(" ", len(head)), true
		}
		if !isEmpty {
			line += " "
		}
		line, isEmpty = line+word, false
	}
	return b.String() + strings.TrimRight(line, " ") + "\n"
}
