package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/checkup"
)

// doctorFlags are the flags of doctor.
type doctorFlags struct {
	Coverage []string
	Source   string
	runFlags // of the limits, and of live tables
}

func newDoctorCommand(a *app) *cobra.Command {
	var f doctorFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look at everything that a run needs, and say how to mend it",
		Long: `Look at the configuration, the key, the zone, the warehouse and its disk, the clock, memory and threads, and for yesterday at
the files of every source, at dumps, and at the rights in every database: one line each, with the fix; for a right that is
missing that is the GRANT. Nothing is published and no lease is taken. A source that is not ready yet is a warning.

With --coverage it reads log files instead, any number of them, and says which metrics can be computed from their lines, and
for the others which event or field is missing. That needs no key, and writes nothing.` +
			exitCodesHelp("0  nothing fails; warnings do not count", "1  unexpected failure", "2  a line fails, wrong usage", "7  a file of --coverage cannot be read", "130, 143  interrupted"),
		Example: `  vaultreport doctor
  vaultreport doctor --config /etc/vaultreport/vaultreport.yaml -o json
  vaultreport doctor --coverage 'logs/2026-04-30/*.jsonl.gz' --source app`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runDoctor(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringSliceVar(&f.Coverage, "coverage", nil, "log `files` or patterns to read instead; may be given several times")
	flags.StringVar(&f.Source, "source", "", "with --coverage: the `source` of events whose env, unwrap and rename the lines need")
	f.addLimits(flags)
	flags.BoolVar(&f.AllowSuperuser, "allow-superuser", false, "look at databases even as a superuser")
	return cmd
}

func (a *app) runDoctor(ctx context.Context, f doctorFlags) error {
	switch {
	case len(f.Coverage) > 0:
		return a.runCoverage(ctx, f)
	case f.Source != "":
		return usage("--source goes with --coverage", "leave it out: without --coverage every source is looked at")
	}
	lines := a.checkup(ctx, f.runFlags)
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := a.printCheckup(lines); err != nil {
		return err
	}
	failing := 0
	for _, l := range lines {
		if l.Status == checkup.Fails {
			failing++
		}
	}
	if failing > 0 {
		return usage(fmt.Sprintf("doctor: %d of %s fail", failing, counted(len(lines), "line")), "each line says what to do")
	}
	return nil
}

func (a *app) printCheckup(lines []checkup.Line) error {
	if a.global.Output == formJSON {
		return json.NewEncoder(a.out).Encode(lines)
	}
	if a.global.Output == formCSV {
		g := &grid{columns: []string{"check", "status", "what", "fix"}}
		for _, l := range lines {
			g.add(l.Check, string(l.Status), l.What, l.Fix)
		}
		return a.write(g.csv())
	}
	width := 0
	for _, l := range lines {
		width = max(width, len(l.Check))
	}
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintf(&b, "%-7s  %-*s  %s\n", l.Status, width, l.Check, withFix(l))
	}
	return a.write([]byte(b.String()))
}

// withFix is a finding in one line.
func withFix(l checkup.Line) string {
	text := l.What
	if l.Fix != "" {
		text += "; fix: " + l.Fix
	}
	return strings.ReplaceAll(text, "\n", "; ")
}
