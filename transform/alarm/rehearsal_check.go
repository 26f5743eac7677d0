package alarm

import (
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/yamlschema"
)

// Check returns what of the cases does not fit the rules that they are about.
func (r Rehearsal) Check(rules []Rule) (problems []yamlschema.Problem) {
	for _, c := range r.Cases {
		for _, e := range c.expected {
			if what, hint := e.check(rules); what != "" {
				problems = append(problems, yamlschema.Problem{Line: e.line, What: what, Hint: hint})
			}
		}
	}
	return problems
}

func (e expectation) check(rules []Rule) (what, hint string) {
	var names, levels, types []string
	for _, r := range rules {
		names = append(names, r.Name)
		if r.Name == e.rule {
			levels = append(levels, r.Severity)
			types = r.types()
		}
	}
	switch {
	case len(levels) == 0:
		return fmt.Sprintf("no rule is named %q", e.rule), yamlschema.Nearest("nearest rule: ", e.rule, slices.Compact(names))
	case e.level == "" && len(levels) > 1:
		return e.rule + " has several levels", "name one: " + e.rule + ":" + strings.Join(levels, " or "+e.rule+":")
	case e.level != "" && !slices.Contains(levels, e.level):
		return fmt.Sprintf("%s has no level %q", e.rule, e.level), yamlschema.Nearest("nearest level: ", e.level, levels)
	case !slices.Contains(types, e.vaultType):
		return fmt.Sprintf("%s is not evaluated for %q", e.rule, e.vaultType), "it is for " + strings.Join(types, ", ")
	}
	return "", ""
}

// types are the vault types that the rule is evaluated for.
func (r Rule) types() []string {
	if r.Kind == rateChange || r.Kind == ofMetric {
		return r.Types
	}
	return []string{all}
}

// isOf says whether the expectation is about a rule and type.
func (e expectation) isOf(r Rule, vaultType string) bool {
	return e.rule == r.Name && (e.level == "" || e.level == r.Severity) && e.vaultType == vaultType
}
