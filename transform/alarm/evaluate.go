package alarm

import (
	"cmp"
	"database/sql"
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// Evaluation is a row of alarm_evaluation.
type Evaluation struct {
	Dt                                     bizday.Day
	Rule, Level, Env, VaultType            string
	Value, Baseline                        sql.Null[float64]
	Numerator, Denominator                 sql.Null[int64]
	BaselineNumerator, BaselineDenominator sql.Null[int64]
	Threshold                              float64
	PValue                                 sql.Null[float64]
	State, Reason                          string // Reason "" is NULL
	// First day of the newest run of firing days, until an ok day follows it; of a rule on event time the day on which the
	// alarm began that fires at the end of the day.
	FiringSince sql.Null[bizday.Day]
	Explanation string // "" is NULL
	// Of a firing day of a daily rule: the most extreme value since FiringSince, and its first day. nil where none may be told.
	Peak   *big.Rat
	PeakOn bizday.Day
}

// subject is what an evaluation is about, on any day.
type subject struct{ rule, level, env, vaultType string }

func (s subject) compare(t subject) int {
	return cmp.Or(cmp.Compare(s.rule, t.rule), cmp.Compare(s.level, t.level), cmp.Compare(s.env, t.env), cmp.Compare(s.vaultType, t.vaultType))
}

func (e Evaluation) subject() subject { return subject{e.Rule, e.Level, e.Env, e.VaultType} }

// exact returns what is compared with the threshold, of a row of a daily rule; nil where it may not be told. Of a rule on any
// metric it is the double that is recorded.
func (r Rule) exact(e Evaluation) *big.Rat {
	if !e.Value.Valid {
		return nil
	}
	if r.Kind == ofMetric {
		return new(big.Rat).SetFloat64(e.Value.V)
	}
	p := pair{
		side{state: ok, numerator: e.Numerator.V, denominator: e.Denominator.V},
		side{state: ok, numerator: e.BaselineNumerator.V, denominator: e.BaselineDenominator.V},
	}
	if r.Kind == rateGap {
		return minus(p.current.rate(), p.baseline.rate())
	}
	return p.change()
}

// cellKey names a rate of metric_daily.
type cellKey struct{ env, metric, period, vaultType string }

// cells are the rates of a day; a day that is not extracted has none.
type cells map[cellKey]side

// metricsOfDay are the rates that the rules of a day compare.
type metricsOfDay struct {
	dt       bizday.Day
	follows  bool // the extracted day before it is the day before
	zone     bizday.Zone
	today    cells
	earlier  map[bizday.Day]cells            // of the days that are compared with, where they are extracted
	variants map[string]map[string][]variant // by metric and env, tagged ones

	quantities map[bizday.Day]quantities // of rules on a metric: of the day, and of the days that are compared with
}

// daysBack says how many days before the day the baseline of a comparison of two days lies.
var daysBack = map[string]bizday.Day{dayOverDay: 1, weekOverWeek: 7}

// baselineDays says how many days before the day the days lie that the rule compares it with.
func (r Rule) baselineDays() (back []bizday.Day) {
	if days, ofTwo := daysBack[r.Comparison]; ofTwo {
		return []bizday.Day{days}
	}
	if r.Comparison == weekdayMedian {
		for week := range bizday.Day(r.Weeks) {
			back = append(back, 7*(week+1))
		}
	}
	return back
}

// pair returns the sides of a rule for an env and type.
func (m metricsOfDay) pair(r Rule, env, vaultType string) pair {
	if back, ofDays := daysBack[r.Comparison]; ofDays {
		key := cellKey{env, r.Metric, "day", vaultType}
		return pair{m.today[key], m.earlier[m.dt-back][key]}
	}
	return pair{m.today[cellKey{env, r.Metric, "qtd", vaultType}], m.today[cellKey{env, r.Metric, "prev_qtd", vaultType}]}
}

// envs returns the envs of the day that have the metric, by name.
func (m metricsOfDay) envs(metric string) []string {
	return m.distinct(metric, func(k cellKey) string { return k.env })
}

// parts returns the types of the metric that ALL is the total of, by name.
func (m metricsOfDay) parts(metric string) []string {
	return slices.DeleteFunc(m.distinct(metric, func(k cellKey) string { return k.vaultType }), func(t string) bool { return t == all })
}

func (m metricsOfDay) distinct(metric string, of func(cellKey) string) []string {
	var values []string
	for k := range m.today {
		if k.metric == metric {
			values = append(values, of(k))
		}
	}
	slices.Sort(values)
	return slices.Compact(values)
}

// evaluate returns the rows of a day in the order of their key. moments is what was found on event time, before the rows of
// the newest extracted day before it, whichever that is.
func evaluate(rules []Rule, m metricsOfDay, moments []momentRow, before []Evaluation) []Evaluation {
	earlier := make(map[subject]Evaluation, len(before))
	for _, e := range before {
		earlier[e.subject()] = e
	}
	var rows []Evaluation
	thresholds := map[string]float64{}
	for _, r := range rules {
		thresholds[r.Name+"|"+r.Severity] = r.Threshold.double()
		envs := m.envs(r.Metric)
		if r.Kind == ofMetric {
			envs = m.envsOf(r)
		}
		for _, env := range envs {
			types := r.Types
			if r.Kind == rateGap {
				types = []string{all}
			}
			for _, vaultType := range types {
				rows = append(rows, r.evaluate(m, env, vaultType, earlier[subject{r.Name, r.Severity, env, vaultType}]))
			}
		}
	}
	for i, row := range moments {
		if i == 0 || row.subject != moments[i-1].subject {
			rows = append(rows, Evaluation{
				Dt: m.dt, Rule: row.rule, Level: row.level, Env: row.env, VaultType: row.vaultType,
				Value: row.value, Threshold: thresholds[row.rule+"|"+row.level], State: row.state, Reason: row.reason,
			})
		}
		if row.fires() && row.ended == open {
			rows[len(rows)-1].FiringSince = some(m.zone.DayOf(row.started))
		}
	}
	slices.SortFunc(rows, func(a, b Evaluation) int { return a.subject().compare(b.subject()) })
	return rows
}

// evaluate returns the row of a rule on rates. before is that of the extracted day before: the zero Evaluation if there is none.
func (r Rule) evaluate(m metricsOfDay, env, vaultType string, before Evaluation) Evaluation {
	isFiring := before.State == firing && m.follows
	var e Evaluation
	explain := func() explanation { return r.explain(e, m) }
	switch r.Kind {
	case rateGap:
		g := r.findGap(m.today[cellKey{env, r.Metric, "day", all}], m.variants[r.Metric][env], isFiring)
		e = r.row(m.dt, env, vaultType, g.finding)
		explain = func() explanation { return r.explainGap(e, g) }
	case ofMetric:
		f := r.findMetric(m.quantity(r, m.dt, env, vaultType), m.baseline(r, env, vaultType), isFiring)
		e = r.row(m.dt, env, vaultType, f)
		explain = func() explanation { return r.explainMetric(e, f) }
	default:
		e = r.row(m.dt, env, vaultType, r.find(m.pair(r, env, vaultType), isFiring))
	}
	r.follow(&e, before, isFiring)
	if e.State == firing {
		e.Explanation = explain().encode()
	}
	return e
}

// row is a finding as it is recorded.
func (r Rule) row(dt bizday.Day, env, vaultType string, f finding) Evaluation {
	e := Evaluation{
		Dt: dt, Rule: r.Name, Level: r.Severity, Env: env, VaultType: vaultType,
		Threshold: r.Threshold.double(), State: f.state, Reason: f.reason,
	}
	if f.current != nil {
		e.Numerator, e.Denominator = some(f.current.numerator), some(f.current.denominator)
	}
	if f.baseline != nil {
		e.BaselineNumerator, e.BaselineDenominator = some(f.baseline.numerator), some(f.baseline.denominator)
	}
	if f.change != nil {
		e.Value = some(double(f.change))
	}
	if f.baselineRate != nil {
		e.Baseline = some(double(f.baselineRate))
	}
	if f.p != nil {
		e.PValue = some(*f.p)
	}
	return e
}

func some[T any](value T) sql.Null[T] { return sql.Null[T]{V: value, Valid: true} }

// follow sets what depends on the row of the extracted day before: the zero Evaluation if there is none. isFiring says that
// it is of the day before, and fires.
func (r Rule) follow(e *Evaluation, before Evaluation, isFiring bool) {
	switch {
	case e.State == firing && isFiring:
		e.FiringSince, e.Peak, e.PeakOn = before.FiringSince, before.Peak, before.PeakOn
	case e.State == firing:
		e.FiringSince = some(e.Dt)
	case e.State == ok && before.FiringSince.Valid:
		e.State = resolved
	case e.State != ok:
		e.FiringSince = before.FiringSince
	}
	if e.State != firing {
		return
	}
	if value := r.exact(*e); value != nil && (e.Peak == nil || r.beyond(value, e.Peak)) {
		e.Peak, e.PeakOn = value, e.Dt
	}
}
