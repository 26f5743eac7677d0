package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform"
)

// unitResult is a case for machines.
type unitResult struct {
	Model  string   `json:"model"`
	Case   string   `json:"case"`
	Rule   string   `json:"rule"`
	File   string   `json:"file"`
	Line   int      `json:"line"`
	State  string   `json:"state"`
	Faults []string `json:"faults"`
	WallMS int64    `json:"wall_ms"`
}

// runUnitTests runs the cases of models that selectors choose. It reads no warehouse.
func (a *app) runUnitTests(ctx context.Context, f testFlags, selectors []string) error {
	if f.Date != nil || f.Start != nil || f.End != nil {
		return usage("--unit has no days", "a case says of itself which days it is about")
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	files, err := c.models()
	if err != nil {
		return err
	}
	project, err := c.project()
	if err != nil {
		return err
	}
	chosen, err := a.selectedEntries(selectors)
	if err != nil {
		return err
	}
	cases, err := transform.UnitCases(files, nil)
	if err != nil {
		return err
	}
	cases = slices.DeleteFunc(cases, func(u transform.UnitCase) bool {
		return !slices.ContainsFunc(chosen, func(e transform.Entry) bool { return e.Name == u.Model })
	})
	if len(cases) == 0 {
		return usage("there are no cases of what is chosen", "cases of a model are in models/NAME.test")
	}
	results, err := a.runCases(ctx, c, project, cases)
	if err != nil {
		return err
	}
	shown := results
	if f.Failing {
		shown = slices.DeleteFunc(slices.Clone(results), func(r unitResult) bool { return r.State == transform.TestPassed })
	}
	if err := a.writeUnits(shown); err != nil {
		return err
	}
	return failedUnits(results)
}

func (a *app) runCases(ctx context.Context, c config, project *transform.Project, cases []transform.UnitCase) ([]unitResult, error) {
	limits, remove, err := c.engine()
	if err != nil {
		return nil, err
	}
	defer remove()
	limits.Conns = min(limits.Threads, 4)
	db, err := duck.Open(ctx, limits)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	progress, _ := a.newProgress()
	progress.Stage("cases", int64(len(cases)))
	defer progress.Done()
	results := make([]unitResult, len(cases))
	for i, u := range cases {
		dir, err := os.MkdirTemp(limits.TempDir, "case-")
		if err != nil {
			return nil, errs.Wrap(errs.Unexpected, "make a temporary folder", err)
		}
		began := time.Now()
		faults, err := project.RunUnit(ctx, u, db, dir)
		if err != nil {
			return nil, err
		}
		if err := os.RemoveAll(dir); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "remove a temporary folder", err)
		}
		results[i] = unitResult{u.Model, u.Name, u.Rule, u.File, u.Line, transform.TestPassed, append([]string{}, faults...), time.Since(began).Milliseconds()}
		if len(faults) > 0 {
			results[i].State = transform.TestFailed
		}
		progress.Add(1)
	}
	return results, nil
}

func (a *app) writeUnits(results []unitResult) error {
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(results)
	case formCSV:
		g := &grid{columns: []string{"model", "case", "rule", "file", "line", "state", "faults", "wall_ms"}}
		for _, r := range results {
			g.add(r.Model, r.Case, r.Rule, r.File, r.Line, r.State, strings.Join(r.Faults, "\n"), r.WallMS)
		}
		return a.write(g.csv())
	}
	var b strings.Builder
	passed := map[string]int{}
	var models []string
	for _, r := range results {
		if !slices.Contains(models, r.Model) {
			models = append(models, r.Model)
		}
		if r.State == transform.TestPassed {
			passed[r.Model]++
			continue
		}
		fmt.Fprintf(&b, "FAIL  %s:%d: %s\n      rule: %s\n", r.File, r.Line, r.Case, r.Rule)
		for _, fault := range r.Faults {
			b.WriteString(indented(fault))
		}
	}
	g := &grid{columns: []string{"model", "passed", "failed"}}
	for _, model := range models {
		all := 0
		for _, r := range results {
			if r.Model == model {
				all++
			}
		}
		g.add(model, strconv.Itoa(passed[model]), strconv.Itoa(all-passed[model]))
	}
	return a.write(append([]byte(b.String()), g.table()...))
}

func indented(text string) string {
	return "      " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n      ") + "\n"
}

func failedUnits(results []unitResult) error {
	failed := slices.DeleteFunc(slices.Clone(results), func(r unitResult) bool { return r.State == transform.TestPassed })
	if len(failed) == 0 {
		return nil
	}
	return errs.New(errs.Gate, fmt.Sprintf("%d of %d cases fail, the first %s:%d", len(failed), len(results), failed[0].File, failed[0].Line), "the case says which rule it shows")
}
