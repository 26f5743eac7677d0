package reference

import (
	"math"
	"math/big"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

// Change is a row of metric_change without dt.
type Change struct {
	Env, Metric, VaultType, Variant, Segment, Statistic, Comparison string
	Current, Baseline                                               *big.Rat
	CurrentNumerator, CurrentDenominator                            *int64
	BaselineNumerator, BaselineDenominator                          *int64
	Absolute, Relative, PValue                                      *float64
	State, Reason                                                   string
}

func (c Change) key() []string {
	return []string{c.Env, c.Metric, c.VaultType, c.Variant, c.Segment, c.Statistic, c.Comparison}
}

// changes compares each row of the day with its baselines.
func (w *World) changes(dt bizday.Day, of map[bizday.Day][]Metric) (rows []Change) {
	byKey := map[bizday.Day]map[string]*Metric{}
	for _, d := range []bizday.Day{dt - 7, dt - 1, dt} {
		byKey[d] = map[string]*Metric{}
		for _, m := range of[d] {
			byKey[d][strings.Join(m.key(), " ")] = &m
		}
	}
	find := func(d bizday.Day, like Metric, period string) *Metric {
		like.Period = period
		return byKey[d][strings.Join(like.key(), " ")]
	}
	previousFirst, previousLast := dt.AlignedPreviousQuarter()
	for _, m := range of[dt] {
		switch m.Period {
		case "day":
			rows = append(rows,
				change(m, find(dt-1, m, "day"), "dod", false, !w.isExtracted(dt-1)),
				change(m, find(dt-7, m, "day"), "wow", false, !w.isExtracted(dt-7)))
		case "qtd":
			rows = append(rows, change(m, find(dt, m, "prev_qtd"), "qoq", !w.areExtracted(dt.QuarterStart(), dt), !w.areExtracted(previousFirst, previousLast)))
		}
	}
	slices.SortFunc(rows, func(a, b Change) int { return slices.Compare(a.key(), b.key()) })
	return rows
}

func (w *World) areExtracted(first, last bizday.Day) bool {
	for dt := first; dt <= last; dt++ {
		if !w.isExtracted(dt) {
			return false
		}
	}
	return true
}

// change compares two rows; a nil one does not exist, be it because its day is not extracted.
func change(current Metric, baseline *Metric, comparison string, currentMissing, baselineMissing bool) Change {
	c := Change{
		Env: current.Env, Metric: current.Metric, VaultType: current.VaultType, Variant: current.Variant, Segment: current.Segment,
		Statistic: current.Statistic, Comparison: comparison,
		Current: current.Value, CurrentNumerator: current.Numerator, CurrentDenominator: current.Denominator,
	}
	sides := []Metric{current}
	switch {
	case baseline != nil:
		sides = append(sides, *baseline)
	case baselineMissing: // nothing is known of it
	case current.Statistic == "count":
		sides = append(sides, Metric{State: "ok", Value: new(big.Rat)})
	default:
		sides = append(sides, Metric{State: "no_data"})
	}
	if len(sides) == 2 {
		c.Baseline, c.BaselineNumerator, c.BaselineDenominator = sides[1].Value, sides[1].Numerator, sides[1].Denominator
	}
	for _, state := range []string{"not_computable", "suppressed", "no_data"} {
		for _, side := range sides {
			if side.State == state {
				c.State, c.Reason = state, side.Reason
				if state == "no_data" {
					c.Reason = ""
				}
				return c
			}
		}
	}
	switch {
	case currentMissing:
		c.State, c.Reason = "no_data", "missing_current"
		return c
	case baselineMissing:
		c.State, c.Reason = "no_data", "missing_baseline"
		return c
	case c.Baseline != nil && c.Baseline.Sign() == 0:
		c.State, c.Reason = "no_data", "zero_baseline"
		return c
	}
	for _, state := range []string{"immature", "partial", "ok"} {
		if i := slices.IndexFunc(sides, func(m Metric) bool { return m.State == state }); i >= 0 {
			c.State = state
			if state != "ok" {
				c.Reason = sides[i].Reason
			}
			break
		}
	}
	if c.Current == nil || c.Baseline == nil {
		return c
	}
	// Of the numbers as they are written.
	now, _ := c.Current.Float64()
	then, _ := c.Baseline.Float64()
	absolute := now - then
	relative := absolute / then
	c.Absolute, c.Relative = &absolute, &relative
	if c.Statistic == "rate" {
		c.PValue = twoProportions(*c.CurrentNumerator, *c.CurrentDenominator, *c.BaselineNumerator, *c.BaselineDenominator)
	}
	return c
}

// twoProportions is the two-sided p-value with pooled variance; a pooled rate beyond 1 has none.
func twoProportions(x1, n1, x0, n0 int64) *float64 {
	pooled := float64(x1+x0) / float64(n1+n0)
	if pooled > 1 {
		return nil
	}
	p := 1.0
	if pooled > 0 && pooled < 1 {
		z := (float64(x1)/float64(n1) - float64(x0)/float64(n0)) / math.Sqrt(pooled*(1-pooled)*(1/float64(n1)+1/float64(n0)))
		p = math.Erfc(math.Abs(z) / math.Sqrt2)
	}
	return &p
}
