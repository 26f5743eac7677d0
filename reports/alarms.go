package reports

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/bizday"
)

// evaluation is a row of alarm_evaluation.
type evaluation struct {
	rule, level, env, vaultType            string
	value, baseline, threshold, pValue     sql.Null[float64]
	numerator, denominator                 sql.Null[int64]
	baselineNumerator, baselineDenominator sql.Null[int64]
	state                                  string
	reason, since                          sql.Null[string]
	explanation                            explanation
}

// explanation says what a change is made of. A rule without one has the zero explanation.
type explanation struct {
	Text   string
	Change float64
	Parts  []struct {
		Name, Part string
		Value      float64
	}
}

const evaluationQuery = `select rule, level, env, vault_type, value, baseline, threshold, p_value, numerator, denominator,
    baseline_numerator, baseline_denominator, state, reason, firing_since::varchar, coalesce(explanation, '{}')
from read_parquet([?])`

func (m *marts) addEvaluation(rows *sql.Rows) error {
	var e evaluation
	var text string
	err := rows.Scan(&e.rule, &e.level, &e.env, &e.vaultType, &e.value, &e.baseline, &e.threshold, &e.pValue, &e.numerator, &e.denominator,
		&e.baselineNumerator, &e.baselineDenominator, &e.state, &e.reason, &e.since, &text)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), &e.explanation); err != nil {
		return fmt.Errorf("explanation of %s: %w", e.rule, err)
	}
	m.evaluations = append(m.evaluations, e)
	return nil
}

// stretch is a row of alarm_span that is a stretch of time: a condition held, or an alarm fired. Instants are microseconds
// since 1970 in UTC.
type stretch struct {
	rule, level, env, vaultType         string
	since, started, ended, until, topAt sql.Null[int64]
	top                                 float64 // the most extreme value
}

const stretchQuery = `select rule, level, env, vault_type, epoch_us(holds_since), epoch_us(held_until), epoch_us(started_at), epoch_us(ended_at),
    peak, epoch_us(peak_at)
from read_parquet([?])
where place > 0
order by rule, level, env, vault_type, place`

func (m *marts) addStretch(rows *sql.Rows) error {
	var s stretch
	var top string
	err := rows.Scan(&s.rule, &s.level, &s.env, &s.vaultType, &s.since, &s.until, &s.started, &s.ended, &top, &s.topAt)
	if err != nil {
		return err
	}
	exact, ok := new(big.Rat).SetString(strings.ReplaceAll(top, ",", ""))
	if !ok {
		return fmt.Errorf("peak %q of %s is no number", top, s.rule)
	}
	s.top, _ = exact.Float64()
	m.stretches = append(m.stretches, s)
	return nil
}

// Rule is what the page says of a rule, besides what it found.
type Rule struct {
	Name, Level    string
	IsBelow        bool   // it fires below its threshold, else above
	Unit           string // of the threshold: relative, points, ratio, ms, or any other for a plain number
	MinDenominator int64
	Significance   float64
	For            string // how long its condition has to hold, such as 10m; "" fires at once
	Owner, Runbook string
}

// ruleOf returns the rule of an evaluation. One that is not configured has no words of its own.
func (p *page) ruleOf(e evaluation) Rule {
	for _, r := range p.options.Rules {
		if r.Name == e.rule && r.Level == e.level {
			return r
		}
	}
	r := Rule{Name: e.rule, Level: e.level, IsBelow: e.threshold.V < 0}
	if e.baseline.Valid {
		r.Unit = "relative"
	}
	return r
}

// alarmAmount returns a value, threshold or peak of the rule.
func (p *page) alarmAmount(r Rule, value float64) string {
	switch r.Unit {
	case "relative":
		return signedPercent(value)
	case "points":
		return p.say("amount_points", "points", signedHundredfold(value))
	case "ratio":
		return percent(value)
	case "ms":
		return p.say("amount_ms", "ms", plainNumber(value))
	default:
		return plainNumber(value)
	}
}

// alarmsPage is what alarms.html shows.
type alarmsPage struct {
	Lead    string // one sentence for all
	Changes []string
	Firing  []firingView
	Envs    []rulesOfEnv
}

type firingView struct {
	ID, Rule, Level, Env, VaultType string
	Since                           string
	ValueName, Value, Threshold     string
	Peak, PeakAt                    string
	Counts, Baseline, BaselineFrom  string
	PValue, Text, Change            string
	Owner, Runbook                  string
	Parts                           []partView
}

type partView struct{ Name, Part, Points string }

// levels are the severities, the most urgent first.
var levels = []string{"critical", "warn", "investigate"}

func alarmsView(p *page, m *marts, _ string) any {
	rows := slices.Clone(m.evaluations)
	slices.SortFunc(rows, func(a, b evaluation) int {
		return cmp.Or(cmp.Compare(notProd(a.env), notProd(b.env)), cmp.Compare(a.env, b.env), byUrgency(a, b))
	})
	view := alarmsPage{Changes: p.changes(m), Envs: p.rulesOfEnvs(m, rows)}
	slices.SortStableFunc(rows, byUrgency)
	for _, e := range rows {
		if e.state == "firing" {
			view.Firing = append(view.Firing, p.firing(m, e))
		}
	}
	switch n := len(view.Firing); {
	case len(rows) == 0:
		view.Lead = p.say("alarms_without_rules")
	case n == 0:
		view.Lead = p.say("alarms_none", "evaluated", count(int64(len(rows))))
	case n == 1:
		view.Lead = p.say("alarms_one", "evaluated", count(int64(len(rows))))
	default:
		view.Lead = p.say("alarms_many", "alarms", count(int64(n)), "evaluated", count(int64(len(rows))))
	}
	return view
}

// byUrgency orders the evaluations of one env; the total comes before its types.
func byUrgency(a, b evaluation) int {
	return cmp.Or(cmp.Compare(slices.Index(levels, a.level), slices.Index(levels, b.level)), cmp.Compare(notProd(a.env), notProd(b.env)),
		cmp.Compare(a.env, b.env), cmp.Compare(a.rule, b.rule), cmp.Compare(typeRank(a.vaultType), typeRank(b.vaultType)), cmp.Compare(a.vaultType, b.vaultType))
}

// typeRank puts the total first: it is what a reader looks for.
func typeRank(vaultType string) int {
	if vaultType == all {
		return 0
	}
	return 1
}

func (p *page) firing(m *marts, e evaluation) firingView {
	r := p.ruleOf(e)
	view := firingView{
		ID: strings.Join([]string{"alarm", e.rule, e.level, e.env, e.vaultType}, "-"), Rule: e.rule, Level: e.level, Env: e.env, VaultType: e.vaultType,
		Since: p.say("alarm_since", "day", e.since.V), Text: e.explanation.Text, Change: p.say("alarm_parts", "change", signedHundredfold(e.explanation.Change)),
		Owner: r.Owner, Runbook: r.Runbook,
		ValueName: p.sayOr("alarm_value_"+r.Unit, p.say("alarm_value_of_day")), Threshold: p.condition(r, e),
	}
	if e.value.Valid {
		view.Value = p.alarmAmount(r, e.value.V)
	}
	if e.value.Valid && e.denominator.Valid { // beside a hidden side the threshold would tell of it
		view.Counts = p.say("counts", "numerator", count(e.numerator.V), "denominator", count(e.denominator.V))
	}
	switch {
	case e.baselineDenominator.Valid:
		view.Baseline = percent(e.baseline.V)
		view.BaselineFrom = p.say("counts", "numerator", count(e.baselineNumerator.V), "denominator", count(e.baselineDenominator.V))
	case e.baseline.Valid && r.Unit == "points":
		view.Baseline = percent(e.baseline.V)
	case e.baseline.Valid:
		view.Baseline = plainNumber(e.baseline.V) // of a rule on a metric that is no rate
	}
	if e.pValue.Valid {
		view.PValue = pValue(e.pValue.V)
	}
	if e.since.V == m.day.String() {
		view.Since = p.say("alarm_new")
	}
	for _, s := range m.stretchesOf(e) {
		if s.started.Valid && !s.ended.Valid {
			view.Since = p.say("alarm_since", "day", p.clock(m.day, s.started.V))
			view.Peak, view.PeakAt = p.alarmAmount(r, s.top), p.clock(m.day, s.topAt.V)
		}
	}
	for _, part := range e.explanation.Parts {
		view.Parts = append(view.Parts, partView{part.Name, p.sayOr("alarm_part_"+part.Part, part.Part), signedHundredfold(part.Value)})
	}
	return view
}

// condition says when the rule fires.
func (p *page) condition(r Rule, e evaluation) string {
	key := "above"
	if r.IsBelow {
		key = "below"
	}
	if r.For != "" {
		key += "_for"
	}
	return p.say("alarm_fires_"+key, "threshold", p.alarmAmount(r, e.threshold.V), "length", r.For)
}

// stretchesOf returns the stretches of time of an evaluation, in their order.
func (m *marts) stretchesOf(e evaluation) []stretch {
	return slices.DeleteFunc(slices.Clone(m.stretches), func(s stretch) bool {
		return s.rule != e.rule || s.level != e.level || s.env != e.env || s.vaultType != e.vaultType
	})
}

// clock returns an instant in local time, with its date where it lies on another day than the page's.
func (p *page) clock(day bizday.Day, micros int64) string {
	local := time.UnixMicro(micros).In(p.zone.Start(day).Location())
	if p.zone.DayOf(micros) == day {
		return local.Format("15:04:05")
	}
	return local.Format("2006-01-02 15:04:05")
}
