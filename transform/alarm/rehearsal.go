package alarm

import (
	"math/big"
	"strconv"
)

// Rehearsal is a file that tests rules: cases that give numbers and events, and expect states and alarms.
// docs/operators.md, "Tests of rules", describes the format; ParseRehearsal reads it.
type Rehearsal struct {
	Rules string // the file of rules, as the file names it; "" if it names none
	Cases []Case
}

// Case is one test of rules, in one env, over days that are numbered from 0.
type Case struct {
	Name string
	Line int

	rates    []rateSeries
	variants []variantSeries
	metrics  []metricSeries
	events   []eventSeries
	depths   []reading // at is what has passed of the first day
	pending  []stretch // the same
	expected []expectation
}

// rateSeries is a rate of metric_daily, a value a day; nil is a day without a row.
type rateSeries struct {
	metric, period, vaultType string
	days                      []*quantity
}

// variantSeries is the rate of a variant, a value a day; nil is a day without it.
type variantSeries struct {
	metric, name string
	days         []*quantity
}

// metricSeries is a value of metric_daily a day; nil is a day without a row.
type metricSeries struct {
	quantityKey
	days []*quantity
}

// eventSeries is events of one kind that differ in their time only, which is what has passed of the first day.
type eventSeries struct {
	kind    string
	columns map[string]string
	times   []int64
}

// expectation is what a rule is expected to find: a state each day, or all its alarms.
type expectation struct {
	line        int
	name        string // as written
	rule, level string // level is "" where it is not written
	vaultType   string
	isOfStates  bool
	states      []string
	alarms      []expectedAlarm
}

// expectedAlarm is an alarm in what has passed of the first day. ended is open while it fires; peak is nil if any will do.
type expectedAlarm struct {
	started, ended int64
	peak           *big.Rat
	digits         int // after the point, to which the peak is compared
}

// valueOf returns the number that each event of the series has for a source, if it is one of its events.
func (e eventSeries) valueOf(s Source) (value int64, matches bool) {
	if e.kind != s.Events {
		return 0, false
	}
	for column, wanted := range s.Where {
		if e.columns[column] != wanted {
			return 0, false
		}
	}
	if s.Of == "" {
		return 0, true
	}
	value, err := strconv.ParseInt(e.columns[s.Of], 10, 64)
	return value, err == nil // readEvents has seen to it that what is given is a number
}
