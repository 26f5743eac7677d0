package main

import (
	"fmt"
	"os"
	"path/filepath"

	"vaultreport/internal/errs"
	"vaultreport/scheduler"
	"vaultreport/transform/alarm"
)

// rules are those of the file that alarms.rules names, else the shipped ones. The error holds every error of the file, each
// an errs.Usage with file, line and a way out.
func (c config) rules() ([]alarm.Rule, error) {
	if c.Alarms.Rules == "" {
		return alarm.Shipped()
	}
	name := c.Alarms.Rules
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(c.File), name)
	}
	text, err := os.ReadFile(c.resolve(c.Alarms.Rules))
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "config " + c.File + ": alarms.rules " + c.Alarms.Rules, Err: reasonOf(err), Hint: "name a file of rules, or leave alarms.rules out to have the shipped ones"}
	}
	return parseRules(name, text)
}

// readRules reads a file of rules that the command line names.
func readRules(file string) ([]alarm.Rule, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "alarm rules " + file, Err: reasonOf(err), Hint: "name a file of rules"}
	}
	return parseRules(file, text)
}

// parseRules reads the rules of a file, which errors call by its name.
func parseRules(name string, text []byte) ([]alarm.Rule, error) {
	rules, problems, err := alarm.ParseRules(text)
	if err != nil {
		return nil, fmt.Errorf("alarm rules %s: %w", name, err)
	}
	if len(problems) == 0 {
		return rules, nil
	}
	all := make(joined, len(problems))
	for i, p := range problems {
		all[i] = errs.New(errs.Usage, fmt.Sprintf("alarm rules %s:%d: %s", name, p.Line, p.What), p.Hint)
	}
	return nil, all
}

// severities are the values of --fail-on, in their order.
func severities() []string { return []string{"none", "investigate", "warn", "critical"} }

// failOn returns an error of class Alarm if an alarm of the run is of the severity or above.
func failOn(severity string, alarms []scheduler.Alarm) error {
	rank := map[string]int{}
	for i, name := range severities() {
		rank[name] = i
	}
	if rank[severity] == 0 {
		return nil
	}
	n, first := 0, scheduler.Alarm{}
	for _, a := range alarms {
		if rank[a.Level] < rank[severity] {
			continue
		}
		if n == 0 {
			first = a
		}
		n++
	}
	if n == 0 {
		return nil
	}
	what := fmt.Sprintf("%s of %s in %s, %s since %s", first.Rule, first.VaultType, first.Env, first.State, first.Dt)
	if first.State == scheduler.Resolved {
		what = fmt.Sprintf("%s of %s in %s fired and is resolved, from %s on", first.Rule, first.VaultType, first.Env, first.Dt)
	}
	if n > 1 {
		what = fmt.Sprintf("%d alarms of severity %s or above, the first: %s", n, severity, what)
	}
	return errs.New(errs.Alarm, "published; "+what, `"vaultreport alarms list" shows all, "alarms show ID" why`)
}
