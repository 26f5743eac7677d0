package alarm

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
)

// Cell says which rows of metric_daily a rule on a metric is about, besides their metric and types.
type Cell struct {
	Period    string `json:"period,omitempty"`
	Variant   string `json:"variant,omitempty"`
	Segment   string `json:"segment,omitempty"`
	Statistic string `json:"statistic,omitempty"`
	Change    string `json:"change,omitempty"` // relative or absolute, of a rule that compares
	Weeks     int64  `json:"weeks,omitempty"`  // of weekday_median

	ShareOf []string `json:"share_of,omitempty"` // the value is the row's share of these segments, or variants, together
	Planned *Ratio   `json:"planned,omitempty"`  // what is evaluated is how far the share lies from this one
}

// isRate says whether the rule's value has a numerator and a denominator.
func (r Rule) isRate() bool { return r.Statistic == "rate" || len(r.ShareOf) > 0 }

// quantityKey names a row of metric_daily of a day.
type quantityKey struct{ env, metric, period, vaultType, variant, segment, statistic string }

// quantity is a value of metric_daily; the zero quantity is a row that does not exist.
type quantity struct {
	side
	exact *big.Rat // of a rate its quotient; nil where there is no value
}

// quantities are the values of a day; a day that is not extracted has none.
type quantities map[quantityKey]quantity

func (r Rule) quantityKey(env, vaultType string) quantityKey {
	return quantityKey{env, r.Metric, r.Period, vaultType, r.Variant, r.Segment, r.Statistic}
}

// quantity returns the value of a day that the rule is about. A count without a row is 0 on an extracted day
// (docs/definitions.md section 5, metric_change).
func (m metricsOfDay) quantity(r Rule, dt bizday.Day, env, vaultType string) quantity {
	key := r.quantityKey(env, vaultType)
	if len(r.ShareOf) > 0 {
		return m.quantities[dt].share(key, r.ShareOf)
	}
	return m.quantities[dt].at(key)
}

func (day quantities) at(k quantityKey) quantity {
	q, there := day[k]
	if !there && day != nil && k.statistic == "count" {
		return quantity{side{state: ok}, new(big.Rat)}
	}
	return q
}

// baseline returns what the rule compares with: the value of another day, or the median of those of several days that have one.
func (m metricsOfDay) baseline(r Rule, env, vaultType string) quantity {
	var found quantity
	var values []*big.Rat
	for _, back := range r.baselineDays() {
		found = m.quantity(r, m.dt-back, env, vaultType)
		if found.standing() == known {
			values = append(values, found.exact)
		}
	}
	if r.Comparison != weekdayMedian {
		return found
	}
	if len(values) == 0 {
		return quantity{}
	}
	slices.SortFunc(values, (*big.Rat).Cmp)
	return quantity{side{state: ok}, middle(values[(len(values)-1)/2], values[len(values)/2])}
}

// envsOf returns the envs of the day that have a row of the rule's metric, by name.
func (m metricsOfDay) envsOf(r Rule) []string {
	var envs []string
	for k := range m.quantities[m.dt] {
		if k.metric == r.Metric {
			envs = append(envs, k.env)
		}
	}
	slices.Sort(envs)
	return slices.Compact(envs)
}

// findMetric evaluates a rule on a metric: its value, or how it changed. The states are those of rules on rates.
func (r Rule) findMetric(current, baseline quantity, isFiring bool) finding {
	compares, isRate := r.Comparison != "", r.isRate()
	areRates := isRate && compares && r.Comparison != weekdayMedian // a median has no units of its own
	p := pair{current.side, baseline.side}
	if !compares {
		p.baseline = current.side
	}
	is := func(s standing) bool { return p.current.standing() == s || p.baseline.standing() == s }
	f := finding{state: noData}
	switch {
	case is(notComputable):
		f.reason = p.reasonOf(notComputable)
		return f
	case is(missing):
		f.reason = immature
		return f
	case is(empty):
		f.reason = p.reasonOf(empty)
		return f
	case compares && r.Change == "relative" && p.baseline.standing() == known && baseline.exact.Sign() == 0:
		f.reason = zeroBaseline
		return f
	}
	f.state = insufficientData
	if isRate && current.standing() == known {
		f.current = &p.current
	}
	if areRates && baseline.standing() == known {
		f.baseline = &p.baseline
	}
	if is(hidden) {
		f.reason = p.reasonOf(hidden)
		return f
	}
	f.change = current.exact
	if compares {
		f.baselineRate = baseline.exact
		f.change = minus(current.exact, baseline.exact)
		if r.Change == "relative" {
			f.change = new(big.Rat).Quo(f.change, baseline.exact)
		}
	}
	if r.Planned != nil {
		f.baselineRate = r.Planned.rat
		f.change = new(big.Rat).Abs(minus(current.exact, r.Planned.rat))
		p := plannedP(current.side, r.Planned.double())
		f.p = &p
	}
	if areRates {
		if value, ok := duck.TwoProportionP(p.current.numerator, p.current.denominator, p.baseline.numerator, p.baseline.denominator); ok {
			f.p = &value
		}
	}
	switch {
	case isRate && p.current.denominator < r.MinDenominator, areRates && p.baseline.denominator < r.MinDenominator:
		f.reason = fewUnits
	case !r.holdsStill(f.change, isFiring):
		f.state = ok
	case (areRates || r.Planned != nil) && (f.p == nil || *f.p >= r.Significance.double()):
		f.reason = perhapsChance
	default:
		f.state = firing
	}
	return f
}

// explainMetric says in words what a firing row found.
func (r Rule) explainMetric(e Evaluation, f finding) explanation {
	side := "above"
	if r.Op == "<" {
		side = "below"
	}
	what := fmt.Sprintf("%s (%s, type %s, variant %s, segment %s) in %s", r.Metric, r.Statistic, e.VaultType, r.Variant, r.Segment, e.Env)
	if r.Planned != nil {
		return explanation{text: fmt.Sprintf("%s: its share of %s is %s, planned %s; that is farther than chance explains.",
			what, strings.Join(r.ShareOf, ", "), rateWords(*f.current), r.Planned.Percent())}
	}
	if len(r.ShareOf) > 0 && r.Comparison == "" {
		return explanation{text: fmt.Sprintf("%s: its share of %s is %s, %s the threshold %s.",
			what, strings.Join(r.ShareOf, ", "), rateWords(*f.current), side, r.Threshold.Percent())}
	}
	if r.Comparison == "" {
		return explanation{text: fmt.Sprintf("%s is %s, %s the threshold %s.", what, grouped(number(f.change)), side, grouped(number(r.Threshold.rat)))}
	}
	return explanation{text: fmt.Sprintf("%s: its %s change against %s is %s, %s the threshold %s.",
		what, r.Change, comparisonWords(r.Comparison), grouped(number(f.change)), side, grouped(number(r.Threshold.rat)))}
}
