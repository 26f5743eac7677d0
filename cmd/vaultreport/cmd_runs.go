package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
	"vaultreport/scheduler"
	"vaultreport/warehouse"
)

func newRunsCommand(a *app) *cobra.Command {
	return newVerbGroup("runs", "Show the record of runs",
		`Show what runs did: their days, ledger, alarms, time and memory. A run that published, or had nothing to do, has a record; one
that failed has none, and its log says why.`,
		newRunsListCommand(a), newRunsShowCommand(a))
}

func newRunsListCommand(a *app) *cobra.Command {
	limit := 20
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List runs, the newest first",
		Long: "List the runs of the warehouse that have a record, the newest first." +
			exitCodesHelp("0  listed, or there are none", "1  unexpected failure", "2  wrong usage", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport runs list\n  vaultreport runs list --limit 0 -o json",
		Args:    noWords,
		RunE:    func(*cobra.Command, []string) error { return a.runRunsList(limit) },
	}
	cmd.Flags().IntVar(&limit, "limit", limit, "no more than `N`; 0: all")
	return cmd
}

func newRunsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one run, as it ended",
		Long: "Show the record of a run, in the form in which the run itself printed it." +
			exitCodesHelp("0  shown", "1  unexpected failure", "2  no such run, wrong usage", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport runs show 20260501T021305Z-4121-1\n  vaultreport runs show 20260501T021305Z-4121-1 -o json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Sprintf("runs show takes one id, not %d", len(args)), `"vaultreport runs list" lists them`)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runRunsShow(args[0]) },
	}
}

func (a *app) runRunsShow(id string) error {
	w, err := a.openWarehouse()
	if err != nil {
		return err
	}
	result, err := recordOf(w, id)
	if err != nil {
		return err
	}
	return a.printResult(result)
}

func (a *app) runRunsList(limit int) error {
	if limit < 0 {
		return usage(fmt.Sprintf("--limit %d is negative", limit), "")
	}
	w, err := a.openWarehouse()
	if err != nil {
		return err
	}
	ids, err := w.Runs()
	if err != nil {
		return err
	}
	if limit > 0 {
		ids = ids[:min(limit, len(ids))]
	}
	results := make([]scheduler.Result, len(ids))
	for i, id := range ids {
		if results[i], err = recordOf(w, id); err != nil {
			return err
		}
	}
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(results)
	case formCSV:
		_, err = a.out.Write(runRows(results).csv())
	default:
		_, err = a.out.Write(runTable(results))
	}
	return err
}

func (a *app) openWarehouse() (*warehouse.Warehouse, error) {
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	root, err := a.warehouse(c)
	if err != nil {
		return nil, err
	}
	return warehouse.Open(warehouse.Options{Root: root})
}

func recordOf(w *warehouse.Warehouse, id string) (r scheduler.Result, err error) {
	data, err := w.RunRecord(id)
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, errs.Wrap(errs.Unexpected, "read the record of run "+id, err)
	}
	if len(r.Days) == 0 {
		return r, errs.New(errs.Unexpected, "the record of run "+id+" names no day", "")
	}
	return r, nil
}

// runRows are runs for machines.
func runRows(results []scheduler.Result) *grid {
	g := &grid{columns: []string{"run_id", "status", "snapshot", "first_day", "last_day", "read", "kept", "quarantined", "alarms", "restated", "wall_ms", "peak_rss_bytes"}}
	for _, r := range results {
		g.add(r.RunID, r.Status, r.Snapshot, r.Days[0], r.Days[len(r.Days)-1], r.Ledger.Read, r.Ledger.Kept, r.Ledger.Quarantined, len(r.Alarms), r.Restated, r.WallMS, r.PeakRSSBytes)
	}
	return g
}

// runTable are runs for people, at most 80 columns wide.
func runTable(results []scheduler.Result) []byte {
	g := &grid{columns: []string{"run id", "snapshot", "last day", "days", "read", "alarms", "time", ""}}
	for _, r := range results {
		nothing := ""
		if r.Status == scheduler.Unchanged {
			nothing = "="
		}
		g.add(r.RunID, strings.TrimLeft(r.Snapshot, "0"), r.Days[len(r.Days)-1].String(), len(r.Days), humanize.Comma(r.Ledger.Read), len(r.Alarms),
			(time.Duration(r.WallMS) * time.Millisecond).Round(100*time.Millisecond).String(), nothing)
	}
	var b bytes.Buffer
	b.Write(g.table())
	b.WriteString("\n= nothing was new or changed, and nothing was published\n")
	return b.Bytes()
}
