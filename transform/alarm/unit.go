package alarm

// Units of what a rule compares with its threshold.
const (
	UnitRelative = "relative" // a relative change
	UnitPoints   = "points"   // a difference of rates
	UnitRatio    = "ratio"    // a rate
	UnitMS       = "ms"
	UnitNumber   = "number"
)

// Unit returns the unit of what the rule compares with its threshold, and of value and peak of its alarms.
func (r Rule) Unit() string {
	switch {
	case r.Kind == rateChange, r.Comparison != "" && r.Change == "relative":
		return UnitRelative
	case r.Kind == rateGap, r.Planned != nil, r.Comparison != "" && r.isRate():
		return UnitPoints
	case r.isRate():
		return UnitRatio
	case r.Of == "latency_ms":
		return UnitMS
	default:
		return UnitNumber
	}
}

// PBelow returns the bound that a p-value must lie below for the rule to fire; 0 of a rule without a test.
func (r Rule) PBelow() float64 {
	if r.Significance == nil {
		return 0
	}
	return r.Significance.double()
}
