package reference

import (
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// alarmRule is a level of one of the seven rules of section 6. It is either on event time and has a value at instants, or daily
// and has a finding on days.
type alarmRule struct {
	name, level string
	threshold   *big.Rat
	isBelow     bool // the condition is a value below the threshold, not above it

	value          func(a *alarms, env string, t int64) *big.Rat // nil: there is none
	changes        func(a *alarms, env string) []int64           // every instant at which the value may become another one
	kinds          []string                                      // what the value is made from, in the order of sources.md
	pending        int64                                         // `for`
	alwaysHasValue bool

	finding func(a *alarms, r alarmRule, dt bizday.Day, env, vaultType string) finding
	types   []string
}

const minute = hour / 60

var rateTypes = []string{"ALL", "DIAMOND", "GOLD", "PLATINUM"}

var (
	ofRuns          = []string{"BATCH_RUN_FINISHED"}
	ofNotifications = []string{"NOTIFY_ENQUEUED"}
	ofSamples       = []string{"DLQ_DEPTH_SAMPLED"}
	ofCompensations = []string{"COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED"}
)

// alarmRules is the table of section 6, in the order of name and level.
var alarmRules = []alarmRule{
	{name: "batch_fail", level: "warn", threshold: whole(0), value: failedRuns, changes: runEdges, kinds: ofRuns, alwaysHasValue: true},
	{name: "claim_rate_drop", level: "investigate", threshold: big.NewRat(-20, 100), isBelow: true, finding: quarterChange, types: rateTypes},
	{name: "compensation_pending", level: "critical", threshold: whole(50), value: pendingCompensations, changes: pendingEdges, kinds: ofCompensations, alwaysHasValue: true},
	{name: "compensation_pending", level: "warn", threshold: whole(0), value: pendingCompensations, changes: pendingEdges, kinds: ofCompensations, alwaysHasValue: true, pending: 10 * minute},
	{name: "dlq_size", level: "critical", threshold: whole(500), value: depthOfAll, changes: depthEdges, kinds: ofSamples},
	{name: "dlq_size", level: "warn", threshold: whole(100), value: depthOfAll, changes: depthEdges, kinds: ofSamples},
	{name: "expire_rate_spike", level: "investigate", threshold: big.NewRat(15, 100), finding: dayChange, types: rateTypes},
	{name: "notify_enqueue_latency", level: "warn", threshold: whole(5000), value: latencyP95, changes: latencyEdges, kinds: ofNotifications},
	{name: "variant_claim_gap", level: "investigate", threshold: big.NewRat(15, 100), finding: variantGap, types: []string{"ALL"}},
}

func (r alarmRule) isDaily() bool { return r.finding != nil }

// isMet is the condition: strict, and nothing without a value.
func (r alarmRule) isMet(value *big.Rat) bool {
	if value == nil {
		return false
	}
	return r.isBeyond(value, r.threshold)
}

// isBeyond says whether a value is farther on the side of the condition than another; a nil one is nowhere.
func (r alarmRule) isBeyond(value, other *big.Rat) bool {
	if other == nil {
		return true
	}
	if r.isBelow {
		return value.Cmp(other) < 0
	}
	return value.Cmp(other) > 0
}

// alarms is what the rules look at: the world, and the metrics of every day.
type alarms struct {
	*World
	metrics       map[bizday.Day][]Metric
	compensations map[bizday.Day]compensationDay
}

// AlarmResults are the tables alarm_evaluation and alarm of all days, each in the order of its key.
type AlarmResults struct {
	Evaluations []EvaluationRow
	Alarms      []AlarmRow
}

// Alarms computes both tables: section 6.
func (w *World) Alarms() *AlarmResults {
	a := &alarms{World: w, metrics: map[bizday.Day][]Metric{}, compensations: w.compensationDays()}
	for dt, r := range w.Results() {
		a.metrics[dt] = r.Metrics
	}
	found := &AlarmResults{}
	for env := range w.firstDays() {
		for _, r := range alarmRules {
			if !r.isDaily() {
				found.add(a.onEventTime(r, env))
				continue
			}
			for _, vaultType := range r.types {
				found.add(a.daily(r, env, vaultType))
			}
		}
	}
	slices.SortFunc(found.Evaluations, func(a, b EvaluationRow) int { return slices.Compare(a.key(), b.key()) })
	slices.SortFunc(found.Alarms, func(a, b AlarmRow) int { return slices.Compare(a.key(), b.key()) })
	return found
}

func (all *AlarmResults) add(evaluations []EvaluationRow, alarms []AlarmRow) {
	all.Evaluations = append(all.Evaluations, evaluations...)
	all.Alarms = append(all.Alarms, alarms...)
}

// newest is the newest evaluated day.
func (w *World) newest() bizday.Day { return slices.Max(w.sorted()) }

// daysOf are the extracted days that an env belongs to.
func (w *World) daysOf(env string) []bizday.Day {
	first := w.firstDays()[env]
	return slices.DeleteFunc(w.sorted(), func(dt bizday.Day) bool { return dt < first })
}
