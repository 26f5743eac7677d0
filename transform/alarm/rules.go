package alarm

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// Kinds of rules (sql/alarms.schema.json says what each evaluates).
const (
	rateChange = "rate_change"
	rateGap    = "rate_gap"
	window     = "window"
	stepValue  = "step"
	ofMetric   = "metric"
)

// Comparisons of a rule.
const (
	dayOverDay         = "dod"            // the day with the day before
	weekOverWeek       = "wow"            // the day with the same weekday of the week before
	quarterOverQuarter = "qoq"            // the quarter to date with the aligned previous quarter
	weekdayMedian      = "weekday_median" // the day with the median of the same weekday of some weeks before
)

// Rule is one level of an entry of a file of rules; an entry with two levels gives two rules of one name.
type Rule struct {
	Name string `json:"name"`
	Kind string `json:"kind"`

	// each day
	Metric         string   `json:"metric,omitempty"`
	Comparison     string   `json:"comparison,omitempty"`
	Types          []string `json:"types,omitempty"`
	MinDenominator int64    `json:"min_denominator,omitempty"`
	Significance   *Ratio   `json:"significance,omitempty"`
	Cell                    // of a rule on any metric

	Source // on event time

	Op            string   `json:"op"`
	Threshold     Ratio    `json:"threshold"`
	Clear         *Ratio   `json:"clear,omitempty"`
	For           Duration `json:"for,omitempty"`
	KeepFiringFor Duration `json:"keep_firing_for,omitempty"`
	Severity      string   `json:"severity"`

	Owner   string `json:"owner,omitempty"`
	Runbook string `json:"runbook,omitempty"`
	Summary string `json:"summary,omitempty"`

	Labels      map[string]string `json:"labels,omitempty"`      // of its alarms, as they are
	Annotations map[string]string `json:"annotations,omitempty"` // templates over Facts
}

// Source says which signal a rule on event time is about: an aggregate of events in a sliding window, or a step function.
type Source struct {
	Events    string            `json:"events,omitempty"`
	Where     map[string]string `json:"where,omitempty"` // columns of the event and the value that each must have
	Aggregate string            `json:"aggregate,omitempty"`
	Of        string            `json:"of,omitempty"` // the column that a quantile is of
	Window    Duration          `json:"window,omitempty"`
	Signal    string            `json:"signal,omitempty"`
}

// isOnEventTime says whether the rule is evaluated at instants; else each day.
func (r Rule) isOnEventTime() bool { return r.Kind == window || r.Kind == stepValue }

// cleared returns the threshold that a condition which holds has to come back to.
func (r Rule) cleared() Ratio {
	if r.Clear != nil {
		return *r.Clear
	}
	return r.Threshold
}

// Digest returns the SHA-256 of everything that the rule says.
func (r Rule) Digest() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts, numbers and a list of texts
	}
	return digestOf(text)
}

// digestOfRules covers everything that decides an evaluation besides its inputs.
func digestOfRules(rules []Rule) string {
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // as in Digest
	}
	return digestOf(append([]byte(codeVersion+"\n"), text...))
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
