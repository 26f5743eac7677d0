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
	State, Reason                          string               // Reason "" is NULL
	FiringSince                            sql.Null[bizday.Day] // first day of the newest run of firing days, until an ok day follows it
	Explanation                            string               // "" is NULL
}

// subject is what an evaluation is about, on any day.
type subject struct{ rule, level, env, vaultType string }

func (e Evaluation) subject() subject { return subject{e.Rule, e.Level, e.Env, e.VaultType} }

// change returns the exact relative change of a row that has numbers on both sides.
func (e Evaluation) change() *big.Rat {
	return pair{
		side{state: ok, numerator: e.Numerator.V, denominator: e.Denominator.V},
		side{state: ok, numerator: e.BaselineNumerator.V, denominator: e.BaselineDenominator.V},
	}.change()
}

// cellKey names a rate of metric_daily.
type cellKey struct{ env, metric, period, vaultType string }

// cells are the rates of a day; a day that is not extracted has none.
type cells map[cellKey]side

// metricsOfDay are the rates that the rules of a day compare.
type metricsOfDay struct {
	dt            bizday.Day
	today, before cells // before: of dt-1
}

// pair returns the sides of a rule for an env and type.
func (m metricsOfDay) pair(r Rule, env, vaultType string) pair {
	if r.Comparison == dayOverDay {
		key := cellKey{env, r.Metric, "day", vaultType}
		return pair{m.today[key], m.before[key]}
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

// evaluate returns the rows of a day in the order of their key. before are the rows of the newest extracted day before it,
// whichever that is.
func evaluate(rules []Rule, m metricsOfDay, before []Evaluation) []Evaluation {
	earlier := make(map[subject]Evaluation, len(before))
	for _, e := range before {
		earlier[e.subject()] = e
	}
	var rows []Evaluation
	for _, r := range rules {
		for _, env := range m.envs(r.Metric) {
			for _, vaultType := range r.Types {
				p := m.pair(r, env, vaultType)
				e := r.row(m.dt, env, vaultType, r.find(p))
				e.follow(earlier[e.subject()])
				if e.State == firing {
					e.Explanation = r.explain(e, m).encode()
				}
				rows = append(rows, e)
			}
		}
	}
	slices.SortFunc(rows, func(a, b Evaluation) int {
		return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Env, b.Env), cmp.Compare(a.VaultType, b.VaultType))
	})
	return rows
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
		e.Value, e.Baseline = some(double(f.change)), some(double(f.baselineRate))
	}
	if f.p != nil {
		e.PValue = some(*f.p)
	}
	return e
}

func some[T any](value T) sql.Null[T] { return sql.Null[T]{V: value, Valid: true} }

// follow sets what depends on the row of the extracted day before: the zero Evaluation if there is none.
func (e *Evaluation) follow(before Evaluation) {
	switch {
	case e.State == firing && before.State == firing && before.Dt == e.Dt-1:
		e.FiringSince = before.FiringSince
	case e.State == firing:
		e.FiringSince = some(e.Dt)
	case e.State == ok && before.FiringSince.Valid:
		e.State = resolved
	case e.State != ok:
		e.FiringSince = before.FiringSince
	}
}
