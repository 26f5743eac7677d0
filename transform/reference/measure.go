package reference

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// Metric is a row of metric_daily without dt; nil and "" are NULL.
type Metric struct {
	Env, Metric, Period, VaultType, Variant, Segment, Statistic string
	Value                                                       *big.Rat
	Numerator, Denominator, SampleSize, Users                   *int64
	CILow, CIHigh                                               *float64
	State, Reason, Unit                                         string
}

// measure is a metric's row before it is judged.
type measure struct {
	Metric
	isOpenEnded bool // of a split that has rows for what occurred only
	hasNoSample bool // sample_size does not apply
	hasUnits    bool // there is something to divide by, or there are rows, mature or not
	immature    int  // windows
	missingDays int
	okReason    string
	noDataIs    string // the reason where it is no_data
}

func number(n int64) *int64 { return &n }

func whole(n int64) *big.Rat { return new(big.Rat).SetInt64(n) }

// day returns a measure of one day over ALL; with names some of them are replaced.
func dayOf(metric, statistic, unit string) measure {
	return measure{Metric: Metric{Metric: metric, Period: "day", VaultType: "ALL", Variant: "ALL", Segment: "ALL", Statistic: statistic, Unit: unit}}
}

func (m measure) ofType(t string) measure    { m.VaultType = t; return m }
func (m measure) ofVariant(v string) measure { m.Variant = v; return m }
func (m measure) ofSegment(s string) measure { m.Segment = s; return m }
func (m measure) openEnded() measure         { m.isOpenEnded = true; return m }

// count makes it a count of n.
func (m measure) count(n int64, users *int64) measure {
	m.hasUnits, m.Value, m.SampleSize, m.Users = true, whole(n), number(n), users
	return m
}

// number makes it a value over so many rows; none is no value.
func (m measure) number(value *big.Rat, rows int64, users *int64) measure {
	m.hasUnits, m.Value, m.SampleSize, m.Users, m.noDataIs = value != nil, value, number(rows), users, "no_rows"
	return m
}

// ratio makes it a rate of mature units.
func (m measure) ratio(numerator, denominator int64, users *int64) measure {
	m.hasUnits = m.immature > 0 || denominator > 0
	m.Numerator, m.Denominator, m.SampleSize, m.Users, m.noDataIs = number(numerator), number(denominator), number(denominator), users, "zero_denominator"
	if denominator > 0 {
		m.Value = big.NewRat(numerator, denominator)
		m.CILow, m.CIHigh = wilson(numerator, denominator)
	}
	return m
}

// judge gives the row its state; lack names what is missing for it, if anything is.
func (m measure) judge(lack string) Metric {
	row := m.Metric
	switch {
	case lack != "":
		return row.without("not_computable", lack)
	case !m.hasUnits:
		row.State, row.Reason = "no_data", m.noDataIs
		row.empty()
		if row.Statistic == "rate" {
			row.Numerator, row.Denominator = number(0), number(0)
		}
	case m.immature > 0:
		row.State, row.Reason = "immature", "immature_windows"
		if row.Value == nil {
			row.empty()
		}
	case m.missingDays > 0:
		row.State, row.Reason = "partial", missingDays(m.missingDays)
	default:
		row.State, row.Reason = "ok", m.okReason
	}
	if m.hasNoSample {
		row.SampleSize = nil
	}
	return row
}

// empty leaves a row without a value.
func (m *Metric) empty() {
	m.Value, m.Numerator, m.Denominator, m.SampleSize = nil, nil, nil, number(0)
	if m.Users != nil {
		m.Users = number(0)
	}
}

// without returns the row of that state, which has no numbers.
func (m Metric) without(state, reason string) Metric {
	m.Value, m.Numerator, m.Denominator, m.SampleSize, m.Users, m.CILow, m.CIHigh = nil, nil, nil, nil, nil, nil, nil
	m.State, m.Reason = state, reason
	return m
}

func (m Metric) key() []string {
	return []string{m.Env, m.Metric, m.Period, m.VaultType, m.Variant, m.Segment, m.Statistic}
}

// judged returns the rows of an env. Of what is not computable they are the fixed ones, or one ALL where there is none.
func (w *World) judged(dt bizday.Day, env string, measures []measure) (rows []Metric) {
	for _, m := range measures {
		m.Env = env
		if w.isWithoutEvents(dt, env) && isFromEither(m.Metric) {
			m.okReason = "from_snapshots"
		}
		if lack := w.lack(dt, env, m.Metric); lack == "" || !m.isOpenEnded {
			rows = append(rows, m.judge(lack))
		}
	}
	// The one metric without a fixed row.
	delivery := dayOf("alert_delivery", "count", "count")
	delivery.Env = env
	if lack := w.lack(dt, env, delivery.Metric); lack != "" {
		rows = append(rows, delivery.judge(lack))
	}
	return rows
}

// wilson returns the 95 % Wilson interval.
func wilson(numerator, denominator int64) (low, high *float64) {
	if numerator > denominator {
		return nil, nil
	}
	const z = 1.959963984540054
	n := float64(denominator)
	p := float64(numerator) / n
	center := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	l, h := center-half, center+half
	return &l, &h
}

// quantile is the continuous quantile of q = a/b: between two neighbours in proportion. Nothing has none.
func quantile(values []int64, a, b int64) *big.Rat {
	if len(values) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(values))
	at := new(big.Rat).Mul(big.NewRat(a, b), whole(int64(len(sorted)-1)))
	below := new(big.Int).Quo(at.Num(), at.Denom()).Int64()
	rest := new(big.Rat).Sub(at, whole(below))
	value := whole(sorted[below])
	if rest.Sign() > 0 {
		step := new(big.Rat).Sub(whole(sorted[below+1]), whole(sorted[below]))
		value.Add(value, step.Mul(step, rest))
	}
	return value
}

func compareMetrics(a, b Metric) int { return slices.Compare(a.key(), b.key()) }

// distinct returns how many different values other than zero there are.
func distinct[T cmp.Ordered](values []T) *int64 {
	var zero T
	seen := map[T]bool{}
	for _, v := range values {
		if v != zero {
			seen[v] = true
		}
	}
	return number(int64(len(seen)))
}

func missingDays(n int) string { return fmt.Sprintf("missing_days=%d", n) }
