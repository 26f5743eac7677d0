package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"vaultreport/scheduler"
	"vaultreport/warehouse"
)

// What stays if gc is told nothing.
const (
	defaultKeep      = 30
	defaultOlderThan = 30 * 24 * time.Hour
)

// gcFlags are the flags of gc; a nil is not given.
type gcFlags struct {
	Keep      *int
	OlderThan *time.Duration
	DryRun    bool
}

func newGCCommand(a *app) *cobra.Command {
	var f gcFlags
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Remove old snapshots, and what only they refer to",
		Long: `Remove old snapshots, the content that no other snapshot refers to, what dead runs left, and the records of runs whose
snapshots are gone. The newest snapshot always stays, and so do the folders that people read: they are its files.

With both conditions a snapshot goes that is not among the --keep newest and is older than --older-than. With one of them
that one alone decides. With none it is as if --keep 30 --older-than 30d were given. The age is that of the manifest's file.

A query that still reads a snapshot when it goes ends with an error that says so. Freed are the bytes of files that have no
other name: hard links of a backup keep theirs.` +
			exitCodesHelp("0  removed, or there is nothing to remove", "1  unexpected failure; every snapshot that is there is whole", "2  wrong usage, nothing published",
				"6  a run holds the lease; --dry-run needs none", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport gc --dry-run
  vaultreport gc --keep 30 --older-than 90d
  vaultreport gc --keep 1 -o json`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runGC(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(optional(&f.Keep, "N", wholeNumber(1, 1_000_000)), "keep", "the N newest snapshots stay (default, without --older-than: 30)")
	flags.Var(optional(&f.OlderThan, "age", parseAge), "older-than", "only what is older goes: 30d, 12h, 1d12h (default, without --keep: 30d)")
	flags.BoolVar(&f.DryRun, "dry-run", false, "say what would go, and write nothing")
	return cmd
}

// parseAge reads a length of time in days of 24 hours and the units of Go: 30d, 12h, 1d12h.
func parseAge(text string) (time.Duration, error) {
	wrong := errors.New("must be an age such as 30d, 12h or 1d12h")
	days, rest, hasDays := strings.Cut(strings.TrimSpace(text), "d")
	var age time.Duration
	if hasDays {
		const most = 36500
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > most {
			return 0, wrong
		}
		age = time.Duration(n) * 24 * time.Hour
	} else {
		rest = days
	}
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 || age+more < 0 {
			return 0, wrong
		}
		age += more
	} else if !hasDays {
		return 0, wrong
	}
	return age, nil
}

func (f gcFlags) retention() warehouse.Retention {
	if f.Keep != nil || f.OlderThan != nil {
		return warehouse.Retention{Keep: f.Keep, OlderThan: f.OlderThan}
	}
	keep, age := defaultKeep, defaultOlderThan
	return warehouse.Retention{Keep: &keep, OlderThan: &age}
}

func (a *app) runGC(ctx context.Context, f gcFlags) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	root, err := a.warehouse(c)
	if err != nil {
		return err
	}
	models, err := c.loadedModels()
	if err != nil {
		return err
	}
	result, err := scheduler.Collect(ctx, scheduler.CollectOptions{
		Warehouse: root, Models: models, Retention: f.retention(), DryRun: f.DryRun, ToolVersion: toolVersion(), Log: a.logger(),
	})
	if err != nil {
		return err
	}
	return a.printCollected(result, f.DryRun)
}

func (a *app) printCollected(c warehouse.Collected, dryRun bool) error {
	if a.global.Output == formJSON {
		return writeObject(a.out, []fact{
			{"dry_run", dryRun}, {"snapshots", c.Snapshots}, {"kept", c.Kept}, {"objects", c.Objects}, {"records", c.Records}, {"freed_bytes", c.FreedBytes},
		})
	}
	if a.global.Output == formCSV {
		return writeFacts(a.out, formCSV, []fact{
			{"dry_run", dryRun}, {"snapshots", len(c.Snapshots)}, {"kept", c.Kept}, {"objects", c.Objects}, {"records", c.Records}, {"freed_bytes", c.FreedBytes},
		})
	}
	verb := "removed"
	if dryRun {
		verb = "would remove"
	}
	which := ""
	if n := len(c.Snapshots); n > 0 {
		which = fmt.Sprintf(" (%s to %s)", c.Snapshots[0], c.Snapshots[n-1])
	}
	return writeFacts(a.out, formTable, []fact{
		{verb, fmt.Sprintf("%d snapshots%s, %d stay", len(c.Snapshots), which, c.Kept)},
		{"objects", c.Objects}, {"records", c.Records}, {"freed", humanize.IBytes(uint64(c.FreedBytes))},
	})
}
