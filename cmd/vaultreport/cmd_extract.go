package main

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"vaultreport/scheduler"
)

func newExtractCommand(a *app) *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:   "extract",
		Short: "Read what is new into the lake alone, and say what became of every line",
		Long: `Read what is new, as run does, and publish the lake: masked events, tables, quarantine and row_ledger. No model is computed
and no page built; those that are published stay, and the next run brings them up to date.

The result is the ledger of what was read, by source and file: read = kept + duplicate + blank + quarantined + out of range,
in lines, or in rows of tables. With more than 20 files it shows sources alone; csv and json always show every file.` +
			exitCodesHelp("0  published, or nothing to do", "1  unexpected failure, nothing published", "2  wrong usage or configuration, a missing or mixed key, a superuser of the database",
				"3  the ledger, max_quarantine or the search for personal data said no, a table lacks a column or a right, nothing published",
				"5  a source is not ready", "6  another run holds the lease", "7  a source, database or store is unreachable, nothing published", "130, 143  interrupted, nothing published"),
		Example: `  vaultreport extract --date 2026-04-30
  vaultreport extract --start 2026-04-01 --end 2026-04-30 -o json --quiet`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runExtract(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addDays(flags)
	f.addLimits(flags)
	f.addReading(flags)
	f.addLive(flags)
	return cmd
}

func (a *app) runExtract(ctx context.Context, f runFlags) error {
	o, err := a.prepareRun(ctx, &f)
	if err != nil {
		return err
	}
	result, err := whenReady(ctx, o, f.Wait, scheduler.Extract)
	if err != nil {
		return err
	}
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(result)
	case formCSV:
		return a.write(ledgerRows(result.Files).csv())
	}
	return a.write([]byte(extractedText(result)))
}
