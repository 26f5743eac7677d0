package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/yamlschema"
	"vaultreport/transform/alarm"
)

// thresholds is a flag of thresholds to try: rule=10%,15% or rule:level=100,200, several of them by comma or by repeating it.
type thresholds struct {
	text string
	all  []ladder
}

// ladder is the thresholds to try of the rules that a name stands for.
type ladder struct {
	name  string // RULE, or RULE:LEVEL
	rungs []alarm.Ratio
}

func (t *thresholds) Set(text string) error {
	var found []ladder
	for _, word := range strings.Split(text, ",") {
		name, value, isNew := strings.Cut(word, "=")
		switch {
		case isNew:
			found = append(found, ladder{name: strings.TrimSpace(name)})
		case len(found) == 0:
			return errors.New("must have the form RULE=THRESHOLD,THRESHOLD or RULE:LEVEL=THRESHOLD")
		default:
			value = word
		}
		rung, err := alarm.ParseRatio(value)
		if err != nil {
			return err
		}
		last := &found[len(found)-1]
		last.rungs = append(last.rungs, rung)
	}
	t.all = append(t.all, found...)
	t.text = strings.Trim(t.text+","+text, ",")
	return nil
}

func (t *thresholds) String() string { return t.text }
func (t *thresholds) Type() string   { return "RULE=T,T..." }

// apply returns the rules as they are tried: each under the thresholds given for it, else, if suggest is set, under those of
// its ladder, else under its own.
func (t *thresholds) apply(rules []alarm.Rule, suggest bool) ([]alarm.Rule, error) {
	var tried []alarm.Rule
	used := map[string]bool{}
	for _, r := range rules {
		rungs := []alarm.Ratio{r.Threshold}
		if suggest {
			rungs = r.Ladder()
		}
		for _, l := range t.all {
			if l.name == r.Name || l.name == r.Name+":"+r.Severity {
				rungs, used[l.name] = l.rungs, true
			}
		}
		for _, rung := range rungs {
			tried = append(tried, r.Under(rung))
		}
	}
	for _, l := range t.all {
		if !used[l.name] {
			return nil, unknownRule("--threshold", l.name, rules)
		}
	}
	return tried, nil
}

// onlyRule leaves the rules of a name, which may have a level; an empty one leaves all.
func onlyRule(rules []alarm.Rule, name string) ([]alarm.Rule, error) {
	if name == "" {
		return rules, nil
	}
	left := slices.DeleteFunc(slices.Clone(rules), func(r alarm.Rule) bool { return name != r.Name && name != r.Name+":"+r.Severity })
	if len(left) == 0 {
		return nil, unknownRule("--rule", name, rules)
	}
	return left, nil
}

func unknownRule(flag, name string, rules []alarm.Rule) error {
	var names []string
	for _, r := range rules {
		names = append(names, r.Name, r.Name+":"+r.Severity)
	}
	slices.Sort(names)
	return usage(fmt.Sprintf("%s: no rule is named %q", flag, name), yamlschema.Nearest("nearest rule: ", name, slices.Compact(names)))
}
