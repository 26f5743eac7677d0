package scheduler

import (
	"vaultreport/reports"
	"vaultreport/transform/alarm"
)

// rulesOf returns the rules of a run.
func rulesOf(o Options) ([]alarm.Rule, error) {
	if o.Rules == nil {
		return alarm.Shipped()
	}
	return o.Rules, nil
}

// rulesOfPage returns what a page says of the rules.
func rulesOfPage(rules []alarm.Rule) []reports.Rule {
	list := make([]reports.Rule, len(rules))
	for i, r := range rules {
		list[i] = reports.Rule{
			Name: r.Name, Level: r.Severity, IsBelow: r.Op == "<", Unit: r.Unit(), MinDenominator: r.MinDenominator,
			Significance: r.PBelow(), Owner: r.Owner, Runbook: r.Runbook,
		}
		if r.For > 0 {
			list[i].For = r.For.String()
		}
	}
	return list
}
