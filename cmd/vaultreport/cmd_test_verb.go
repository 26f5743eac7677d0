package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
)

// testFlags are the flags of test.
type testFlags struct {
	askedDays
	Failing bool
	Unit    bool
}

func newTestCommand(a *app) *cobra.Command {
	var f testFlags
	cmd := &cobra.Command{
		Use:   "test [SELECTOR...]",
		Short: "Test the published data, or the models on their cases",
		Long: `Run the tests of contracts (columns, rows, unique key, not null, accepted values, ranges, relations, volumes) and the invariants over the
published tables: those that a run holds new files to before it publishes. Without a day they are about the newest one. A line a test
says how many rows offend it, on how many days. A test whose severity is warn never fails, and rows of a day within its tolerance
count for nothing. It writes nothing and takes no lease. Selectors are those of "models list"; an invariant is chosen with any table
that it reads.

With --unit the cases of models/*.test run instead, each in a folder of its own and without any warehouse: rows that are given, and
rows that must come out.` +
			exitCodesHelp("0  no test fails", "1  unexpected failure", "2  wrong usage, nothing published on these days", "3  a test or a case fails", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport test\n  vaultreport test vault_daily+ --start 2026-04-01 --end 2026-04-30 --failing\n  vaultreport test -o json\n  vaultreport test --unit vault_state",
		RunE:    func(cmd *cobra.Command, selectors []string) error { return a.runTest(cmd.Context(), f, selectors) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.addDays(flags, "the one day to test (default: the newest published one)")
	flags.BoolVar(&f.Failing, "failing", false, "only tests that fail or warn")
	flags.BoolVar(&f.Unit, "unit", false, "the cases of models instead of published data")
	cmd.AddCommand(newTestRecordCommand(a))
	return cmd
}

// days returns the days to test of those that are published.
func (f testFlags) days(published []bizday.Day) ([]bizday.Day, error) {
	var first, last bizday.Day
	switch {
	case f.Date != nil:
		first, last = *f.Date, *f.Date
	case f.Start != nil:
		first, last = *f.Start, *f.End
	case len(published) > 0:
		first, last = published[len(published)-1], published[len(published)-1]
	}
	days := slices.DeleteFunc(slices.Clone(published), func(d bizday.Day) bool { return d < first || d > last })
	if len(days) == 0 {
		return nil, usage("nothing is published on these days", `"vaultreport runs list" shows which days are`)
	}
	return days, nil
}

func (a *app) runTest(ctx context.Context, f testFlags, selectors []string) error {
	if err := f.validate(); err != nil {
		return err
	}
	if f.Unit {
		return a.runUnitTests(ctx, f, selectors)
	}
	chosen, err := a.selectedEntries(selectors)
	if err != nil {
		return err
	}
	project, err := a.project()
	if err != nil {
		return err
	}
	return a.withNewest(ctx, func(n newest) error {
		days, err := f.days(n.Days("events"))
		if err != nil {
			return err
		}
		o := transform.Options{
			DB: n.db, Zone: n.zone, Log: a.logger(),
			Params: transform.Params{K: n.config.Privacy.K, RetireAfter: n.config.Metrics.RetireAfter, DiamondTarget: n.config.Metrics.DiamondTarget},
		}
		results, err := transform.Test(ctx, n, project, o, days, func(table string) bool {
			return slices.ContainsFunc(chosen, func(e transform.Entry) bool { return e.Name == table })
		})
		if err != nil {
			return err
		}
		shown := results
		if f.Failing {
			shown = slices.DeleteFunc(slices.Clone(results), func(r transform.TestResult) bool { return r.State == transform.TestPassed })
		}
		if err := a.writeTests(shown); err != nil {
			return err
		}
		return failedTests(results)
	})
}

// failedTests is an error that names the first tests that fail and how to see their rows, nil if none does.
func failedTests(results []transform.TestResult) error {
	const named = 3
	var names []string
	hint := `"vaultreport test --failing -o json" has the days and rows of each`
	failed := 0
	for _, r := range results {
		if r.State != transform.TestFailed {
			continue
		}
		if failed++; failed > named {
			continue
		}
		names = append(names, fmt.Sprintf("%s: %s: %d rows, from %s on", r.Table, r.Test, r.Rows, r.FirstDay()))
		if failed == 1 && r.Query != "" {
			hint = fmt.Sprintf("vaultreport query %q", r.Query)
		}
	}
	if failed == 0 {
		return nil
	}
	if failed > named {
		names = append(names, fmt.Sprintf("and %d more", failed-named))
	}
	return errs.New(errs.Gate, fmt.Sprintf("%d of %d tests fail: %s", failed, len(results), strings.Join(names, "; ")), hint)
}

// shownTest is a test for machines.
type shownTest struct {
	Table     string          `json:"table"`
	Test      string          `json:"test"`
	Severity  string          `json:"severity"`
	Tolerance int64           `json:"tolerance"`
	State     string          `json:"state"`
	Rows      int64           `json:"rows"`
	Days      []shownTestDays `json:"days"`
	Query     *string         `json:"query"`
}

type shownTestDays struct {
	Dt   bizday.Day `json:"dt"`
	Rows int64      `json:"rows"`
}

func (a *app) writeTests(results []transform.TestResult) error {
	switch a.global.Output {
	case formJSON:
		shown := make([]shownTest, len(results))
		for i, r := range results {
			s := shownTest{Table: r.Table, Test: r.Test, Severity: r.Severity, Tolerance: r.Tolerance, State: r.State, Rows: r.Rows, Days: []shownTestDays{}}
			for _, d := range r.Days {
				s.Days = append(s.Days, shownTestDays(d))
			}
			if r.Query != "" {
				s.Query = &r.Query
			}
			shown[i] = s
		}
		return json.NewEncoder(a.out).Encode(shown)
	case formCSV:
		g := &grid{columns: []string{"table", "test", "severity", "tolerance", "state", "days", "rows", "query"}}
		for _, r := range results {
			g.add(r.Table, r.Test, r.Severity, r.Tolerance, r.State, len(r.Days), r.Rows, r.Query)
		}
		_, err := a.out.Write(g.csv())
		return err
	}
	g := &grid{columns: []string{"state", "rows", "days", "table", "test"}}
	for _, r := range results {
		g.add(r.State, r.Rows, len(r.Days), r.Table, r.Test)
	}
	_, err := a.out.Write(g.table())
	return err
}
