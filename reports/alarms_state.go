package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// rulesOfEnv are the states of all rules in one env: what did not fire is as visible as what did.
type rulesOfEnv struct {
	Env, Caption string
	Rules        []ruleView
}

type ruleView struct {
	Rule, Level, Condition string
	Firing                 bool
	States                 []stateView
}

// stateView is what several types have in common: State is a word, Text says of each why.
type stateView struct{ State, Text string }

// states are those of a day, those first that somebody has to look at.
var states = []string{"firing", "pending", "resolved", "insufficient_data", "no_data", "ok"}

// rulesOfEnvs returns the states of evaluations, which are in the order of env and rule.
func (p *page) rulesOfEnvs(m *marts, rows []evaluation) (views []rulesOfEnv) {
	for _, ofEnv := range runs(rows, func(e evaluation) string { return e.env }) {
		rules := runs(ofEnv, func(e evaluation) string { return e.level + " " + e.rule })
		slices.SortStableFunc(rules, func(a, b []evaluation) int { return cmp.Compare(worst(a), worst(b)) })
		view := rulesOfEnv{Env: ofEnv[0].env, Caption: p.say("alarm_states", "env", ofEnv[0].env)}
		for _, rule := range rules {
			view.Rules = append(view.Rules, p.ruleView(m, rule))
		}
		views = append(views, view)
	}
	return views
}

// runs cuts a list where the key changes.
func runs[T any](list []T, key func(T) string) (found [][]T) {
	for i, item := range list {
		if i == 0 || key(item) != key(list[i-1]) {
			found = append(found, nil)
		}
		found[len(found)-1] = append(found[len(found)-1], item)
	}
	return found
}

// worst returns the place of the first state that one of the evaluations has.
func worst(rows []evaluation) int {
	place := len(states)
	for _, e := range rows {
		if i := slices.Index(states, e.state); i >= 0 {
			place = min(place, i)
		}
	}
	return place
}

func (p *page) ruleView(m *marts, rows []evaluation) ruleView {
	r := p.ruleOf(rows[0])
	view := ruleView{Rule: r.Name, Level: r.Level, Condition: p.condition(r, rows[0]), Firing: worst(rows) == 0}
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b evaluation) int {
		return cmp.Or(cmp.Compare(slices.Index(states, a.state), slices.Index(states, b.state)), strings.Compare(a.reason.V, b.reason.V))
	})
	for _, same := range runs(rows, func(e evaluation) string { return e.state + " " + e.reason.V }) {
		view.States = append(view.States, p.stateView(m, r, same))
	}
	return view
}

// stateView says what evaluations of one state and reason found.
func (p *page) stateView(m *marts, r Rule, same []evaluation) stateView {
	first := same[0]
	var each []string
	for _, e := range same {
		text := p.finding(m, r, e)
		if e.vaultType != all || len(same) > 1 || text == "" && r.MinDenominator > 0 && r.Unit != "points" {
			text = strings.TrimSpace(e.vaultType + " " + text)
		}
		if text != "" {
			each = append(each, text)
		}
	}
	if first.state == "firing" && len(each) == 0 {
		each = []string{p.say("alarm_hidden")}
	}
	view := stateView{State: p.sayOr("alarm_state_"+first.state, first.state), Text: strings.Join(each, ", ")}
	if why := p.why(r, first); why != "" {
		if view.Text != "" {
			view.Text += ": "
		}
		view.Text += why
	}
	return view
}

// finding returns the numbers of an evaluation that its state is due to; "" where there are none, or they may not be told.
func (p *page) finding(m *marts, r Rule, e evaluation) string {
	if texts := p.stretchTexts(m, r, e); texts != "" {
		return texts
	}
	switch {
	case e.reason.V == "min_denominator" && e.denominator.Valid && e.baselineDenominator.Valid:
		return p.say("alarm_too_few", "now", count(e.denominator.V), "baseline", count(e.baselineDenominator.V))
	case !e.value.Valid:
		return ""
	case e.reason.V == "significance" && e.pValue.Valid:
		return fmt.Sprintf("%s (%s)", p.alarmAmount(r, e.value.V), pValue(e.pValue.V))
	case r.Unit == "relative" || r.Unit == "points" || r.Unit == "ratio":
		return p.alarmAmount(r, e.value.V)
	case r.IsBelow:
		return p.say("alarm_lowest", "value", p.alarmAmount(r, e.value.V))
	default:
		return p.say("alarm_highest", "value", p.alarmAmount(r, e.value.V))
	}
}

// stretchTexts tells the alarms of the day on event time, from when to when, or since when one is pending.
func (p *page) stretchTexts(m *marts, r Rule, e evaluation) string {
	var texts []string
	for _, s := range m.stretchesOf(e) {
		pairs := []string{"peak", p.alarmAmount(r, s.top), "at", p.clock(m.day, s.topAt.V)}
		switch {
		case s.ended.Valid:
			texts = append(texts, p.say("alarm_from_to", append(pairs, "from", p.clock(m.day, s.started.V), "to", p.clock(m.day, s.ended.V))...))
		case s.started.Valid:
			texts = append(texts, p.say("alarm_from", append(pairs, "from", p.clock(m.day, s.started.V))...))
		default:
			texts = append(texts, p.say("alarm_pending_since", append(pairs, "from", p.clock(m.day, s.since.V))...))
		}
	}
	return strings.Join(texts, "; ")
}

// why returns the reason of a state in words.
func (p *page) why(r Rule, e evaluation) string {
	switch {
	case !e.reason.Valid:
		return ""
	case e.reason.V == "min_denominator" && r.Unit == "points":
		return p.say("alarm_few_variants", "needed", count(r.MinDenominator))
	case e.reason.V == "min_denominator" && r.MinDenominator > 0:
		return p.say("alarm_needed", "needed", count(r.MinDenominator))
	case e.reason.V == "significance" && r.Significance > 0:
		return p.say("alarm_chance_needed", "p", plainNumber(r.Significance))
	case e.state == "ok" || isEvent(e.reason.V) || strings.Contains(e.reason.V, "."):
		return p.missing(e.reason.V)
	default:
		return p.reason(e.state, e.reason.V, e.value.Valid)
	}
}
