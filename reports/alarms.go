package reports

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

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

// alarmsPage is what alarms.html shows.
type alarmsPage struct {
	Lead   string // one sentence for all
	Firing []firingView
	Ended  []silentView // resolved on the day
	Silent []silentView // what could not be evaluated, and why
}

type firingView struct {
	ID, Rule, Level, Env, VaultType string
	Since                           string
	Value, Threshold                string
	Counts, Baseline, BaselineFrom  string
	PValue, Text, Change            string
	Parts                           []partView
}

type partView struct{ Name, Part, Points string }

type silentView struct{ Rule, Env, Types, Why string }

// levels are the severities, the most urgent first.
var levels = []string{"critical", "warn", "investigate"}

func alarmsView(p *page, m *marts, _ string) any {
	rows := slices.Clone(m.evaluations)
	slices.SortFunc(rows, func(a, b evaluation) int {
		return cmp.Or(cmp.Compare(slices.Index(levels, a.level), slices.Index(levels, b.level)), cmp.Compare(notProd(a.env), notProd(b.env)),
			cmp.Compare(a.env, b.env), cmp.Compare(a.rule, b.rule), cmp.Compare(typeRank(a.vaultType), typeRank(b.vaultType)), cmp.Compare(a.vaultType, b.vaultType))
	})
	var view alarmsPage
	for _, e := range rows {
		switch e.state {
		case "firing":
			view.Firing = append(view.Firing, p.firing(m.day, e))
		case "resolved":
			view.Ended = addSilent(view.Ended, e, p.say("alarm_resolved"))
		case "ok":
		default:
			view.Silent = addSilent(view.Silent, e, p.note(e.state, e.reason, e.value.Valid))
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

// typeRank puts the total first: it is what a reader looks for.
func typeRank(vaultType string) int {
	if vaultType == all {
		return 0
	}
	return 1
}

// addSilent adds a row, or only its type where the last row says the same of another one.
func addSilent(views []silentView, e evaluation, why string) []silentView {
	if n := len(views); n > 0 && views[n-1].Rule == e.rule && views[n-1].Env == e.env && views[n-1].Why == why {
		views[n-1].Types += ", " + e.vaultType
		return views
	}
	return append(views, silentView{e.rule, e.env, e.vaultType, why})
}

func (p *page) firing(day bizday.Day, e evaluation) firingView {
	view := firingView{
		ID: strings.Join([]string{"alarm", e.rule, e.level, e.env, e.vaultType}, "-"), Rule: e.rule, Level: e.level, Env: e.env, VaultType: e.vaultType,
		Since: p.say("alarm_since", "day", e.since.V), Value: signedPercent(e.value.V), Threshold: p.say("alarm_threshold", "threshold", signedPercent(e.threshold.V)),
		Counts:   p.say("counts", "numerator", count(e.numerator.V), "denominator", count(e.denominator.V)),
		Baseline: percent(e.baseline.V), BaselineFrom: p.say("counts", "numerator", count(e.baselineNumerator.V), "denominator", count(e.baselineDenominator.V)),
		PValue: pValue(e.pValue.V), Text: e.explanation.Text, Change: p.say("alarm_parts", "change", signedHundredfold(e.explanation.Change)),
	}
	if e.since.V == day.String() {
		view.Since = p.say("alarm_new")
	}
	for _, part := range e.explanation.Parts {
		view.Parts = append(view.Parts, partView{part.Name, p.sayOr("alarm_part_"+part.Part, part.Part), signedHundredfold(part.Value)})
	}
	return view
}
