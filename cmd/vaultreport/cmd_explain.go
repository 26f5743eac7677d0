package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/transform/explain"
)

// explainFlags say which value is explained.
type explainFlags struct {
	explain.Wanted
	Date     *bizday.Day
	Snapshot string
	Between  []string

	metric string
}

// takeSnapshots takes what can only be a number of a snapshot out of the words: "--between 7 8" means 7 and 8.
func (f *explainFlags) takeSnapshots(args []string) (words []string) {
	for _, word := range args {
		if _, err := strconv.Atoi(word); err == nil && len(f.Between) == 1 {
			f.Between = append(f.Between, word)
		} else {
			words = append(words, word)
		}
	}
	return words
}

func newExplainCommand(a *app) *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain METRIC --date D",
		Short: "Lead from a number to the rows that it counts",
		Long: `Explain a value of metric_daily: what it is, what its rows add up to, up to ten of them, the SQL that returns them all, the
partitions and source files that they come from, and the refused and duplicate lines that might have changed it. Users are
shown by their keys, as in the lake. A value that is suppressed or not computable is explained without numbers.

What is not said is chosen: the day, the metric's first statistic, and ALL, or the only value that there is. --env is needed
where there are several. --between compares two snapshots: which rows differ, and which files or models made the difference.` +
			exitCodesHelp("0  explained", "1  unexpected failure", "2  no such metric, day or row, wrong usage, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport explain vault_claim_rate_by_type --date 2026-04-30 --env prod --vault-type GOLD
  vaultreport explain dlq_size --date 2026-04-30 --env prod --statistic max -o json
  vaultreport explain alert_sent_count --date 2026-04-30 --env prod --between 7 8`,
		Args: func(_ *cobra.Command, args []string) error {
			if args = f.takeSnapshots(args); len(args) != 1 {
				return usage(fmt.Sprintf("explain takes the name of one metric, not %d words", len(args)), `"vaultreport metrics list" lists them`)
			}
			f.metric = args[0]
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runExplain(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.Var(dayFlag(&f.Date), "date", "business day of the value")
	flags.StringVar(&f.Env, "env", "", "`environment` of the value; ALL for the quality of the day's data")
	flags.StringVar(&f.Period, "period", "", "`period`: day, qtd or prev_qtd (default: day)")
	flags.StringVar(&f.VaultType, "vault-type", "", "`type` of the vault (default: ALL)")
	flags.StringVar(&f.Variant, "variant", "", "`variant` (default: ALL)")
	flags.StringVar(&f.Segment, "segment", "", "`segment` (default: ALL)")
	flags.StringVar(&f.Statistic, "statistic", "", "`statistic` (default: the first of the metric)")
	flags.StringVar(&f.Snapshot, "snapshot", "", "`ID` of an older snapshot")
	flags.StringSliceVar(&f.Between, "between", nil, "two `IDs` of snapshots: what changed the value from the first to the second")
	return cmd
}

func (f explainFlags) validate() error {
	switch {
	case f.Date == nil:
		return usage("explain needs --date", "name the business day: --date 2026-04-30")
	case len(f.Between) != 0 && len(f.Between) != 2:
		return usage(fmt.Sprintf("--between takes two snapshots, not %d", len(f.Between)), "for example: --between 7 8")
	case len(f.Between) != 0 && f.Snapshot != "":
		return usage("--between and --snapshot exclude each other", "name both snapshots with --between")
	}
	return nil
}

func (a *app) runExplain(ctx context.Context, f explainFlags) error {
	if err := f.validate(); err != nil {
		return err
	}
	project, err := a.project()
	if err != nil {
		return err
	}
	m, err := findMetric(project.Metrics(), f.metric)
	if err != nil {
		return err
	}
	if len(m.Shapes) == 0 {
		return usage(m.Name+" is a mart of its own, and not in metric_daily", fmt.Sprintf(`vaultreport query "from %s where dt = date '%s'"`, m.Model, f.Date))
	}
	if len(f.Between) == 2 {
		return a.runExplainBetween(ctx, m, f)
	}
	r, done, err := a.openReading(ctx, f.Snapshot)
	if err != nil {
		return err
	}
	defer done()
	cells, err := r.Cells(ctx, m.Name, *f.Date)
	if err != nil {
		return err
	}
	c, err := explain.Pick(m, cells, f.Wanted)
	if err != nil {
		return err
	}
	e, err := r.Explain(ctx, m, c, *f.Date)
	if err != nil {
		return err
	}
	return a.printExplanation(ctx, r, m, e)
}

func (a *app) runExplainBetween(ctx context.Context, m *catalogue.Metric, f explainFlags) error {
	before, done, err := a.openReading(ctx, f.Between[0])
	if err != nil {
		return err
	}
	defer done()
	after, doneAfter, err := a.openReading(ctx, f.Between[1])
	if err != nil {
		return err
	}
	defer doneAfter()
	was, errBefore := before.Cells(ctx, m.Name, *f.Date)
	is, errAfter := after.Cells(ctx, m.Name, *f.Date)
	if errBefore != nil && errAfter != nil {
		return errAfter
	}
	// The row may be in one of them only: it is picked among those of both.
	picked, err := explain.Pick(m, append(append([]explain.Cell{}, is...), was...), f.Wanted)
	if err != nil {
		return err
	}
	c, err := explain.Compare(ctx, before, after, m, sameCell(was, picked), sameCell(is, picked), *f.Date)
	if err != nil {
		return err
	}
	return a.printComparison(ctx, after, m, picked, *f.Date, c)
}

func sameCell(cells []explain.Cell, picked explain.Cell) *explain.Cell {
	for i, c := range cells {
		if c.Env == picked.Env && c.Cell == picked.Cell {
			return &cells[i]
		}
	}
	return nil
}

// openReading opens a snapshot, the newest one without an id.
func (a *app) openReading(ctx context.Context, id string) (r explain.Reading, done func(), err error) {
	c, err := a.loadConfig()
	if err != nil {
		return r, nil, err
	}
	s, done, err := a.open(ctx, c, id)
	if err != nil {
		return r, nil, err
	}
	zone, err := bizday.LoadZone(s.manifest.Zone)
	if err != nil {
		done()
		return r, nil, errs.Wrap(errs.Unexpected, "read snapshot "+s.manifest.ID, err)
	}
	project, err := c.project()
	if err != nil {
		done()
		return r, nil, err
	}
	return explain.Reading{
		Manifest: s.manifest, Published: newest{s.manifest, c, zone, s.DB, s.warehouse}, Conn: s.Conn(), Zone: zone, Project: project,
		Params: transform.Params{K: c.Privacy.K, RetireAfter: c.Metrics.RetireAfter, DiamondTarget: c.Metrics.DiamondTarget},
	}, done, nil
}

// cellName says which row of metric_daily is meant.
func cellName(c explain.Cell) string {
	words := []string{"env " + c.Env, c.Period, c.Statistic, "vault_type " + c.VaultType, "variant_id " + c.Variant, "segment " + c.Segment}
	return strings.Join(words, ", ")
}
