package alarm

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

// Mismatch is a difference between what a case expects and what the rules find.
type Mismatch struct {
	Line                  int
	About                 string // "states of claim_rate_drop/GOLD"
	Expected, Found, Note string
}

// The env of a case, and its first day, from which it is told what has passed. Neither decides anything.
const (
	envOfCases = "prod"
	firstOfAll = bizday.Day(0)
)

// Run evaluates rules over the case and returns the differences, in the order of lines. A rule that fires although no line is
// about it is one, too. The rules fit, which Check says.
func (c Case) Run(rules []Rule) ([]Mismatch, error) {
	zone, err := bizday.LoadZone("UTC")
	if err != nil {
		return nil, err
	}
	v := &evaluator{zone: zone, rules: rules, evaluations: map[bizday.Day][]Evaluation{}, moments: map[bizday.Day][]momentRow{}}
	events := c.eventsFor(rules)
	for i := range c.days() {
		dt := firstOfAll + bizday.Day(i)
		v.days = append(v.days, dt)
		events.start, events.end = zone.Bounds(dt)
		v.moments[dt] = findMoments(rules, events, v.moments[dt-1])
		v.evaluations[dt] = evaluate(rules, c.metricsOn(i, zone), v.moments[dt], v.evaluations[dt-1])
	}
	var episodes []episode
	for i := range v.days {
		started, _, err := v.startedOn(context.Background(), i)
		if err != nil {
			return nil, err
		}
		for _, p := range started {
			episodes = append(episodes, p.episode)
		}
	}
	var all []Mismatch
	for _, r := range rules {
		for _, vaultType := range r.types() {
			all = append(all, c.compare(r, vaultType, v, episodes)...)
		}
	}
	slices.SortStableFunc(all, func(a, b Mismatch) int { return cmp.Compare(a.Line, b.Line) })
	return all, nil
}

// days returns how many days the case has: those of the longest series, up to the last instant that it names.
func (c Case) days() int {
	const day = 24 * 3_600_000_000
	days, last := 1, int64(0)
	for _, s := range c.rates {
		days = max(days, len(s.days))
	}
	for _, s := range c.variants {
		days = max(days, len(s.days))
	}
	for _, s := range c.metrics {
		days = max(days, len(s.days))
	}
	for _, s := range c.events {
		last = max(last, slices.Max(s.times))
	}
	for _, r := range c.depths {
		last = max(last, r.at)
	}
	for _, s := range c.pending {
		last = max(last, s.from)
	}
	for _, e := range c.expected {
		days = max(days, len(e.states))
		for _, a := range e.alarms {
			last = max(last, a.started)
			if a.ended != open {
				last = max(last, a.ended-1)
			}
		}
	}
	return max(days, int(last/day)+1)
}

// eventsFor returns what the rules on event time read; start and end are those of no day.
func (c Case) eventsFor(rules []Rule) eventsOfDay {
	d := eventsOfDay{
		envs: []string{envOfCases}, emitted: map[emission]bool{}, moments: map[string]map[string][]moment{},
		readings: map[string][]reading{envOfCases: c.depths}, pending: map[string][]stretch{envOfCases: c.pending},
	}
	for _, r := range rules {
		for _, kind := range r.Source.kinds() {
			d.emitted[emission{"", kind}] = true
		}
		if r.Kind == window {
			d.moments[r.Source.key()] = map[string][]moment{envOfCases: c.momentsOf(r.Source)}
		}
	}
	return d
}

// momentsOf returns the events that a source is made from, in the order of time.
func (c Case) momentsOf(s Source) []moment {
	var found []moment
	for _, e := range c.events {
		value, matches := e.valueOf(s)
		if !matches {
			continue
		}
		for _, at := range e.times {
			found = append(found, moment{at, value})
		}
	}
	slices.SortStableFunc(found, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	return found
}

// metricsOn returns the rates of a day.
func (c Case) metricsOn(i int, zone bizday.Zone) metricsOfDay {
	dt := firstOfAll + bizday.Day(i)
	m := metricsOfDay{dt: dt, follows: i > 0, zone: zone, today: c.cellsOn(i), earlier: map[bizday.Day]cells{}, variants: map[string]map[string][]variant{}, quantities: map[bizday.Day]quantities{}}
	for _, back := range daysBack {
		m.earlier[dt-back] = c.cellsOn(i - int(back))
	}
	for earlier := range i + 1 {
		m.quantities[firstOfAll+bizday.Day(earlier)] = c.quantitiesOn(earlier)
	}
	for _, s := range c.variants {
		v := dayOf(s.days, i)
		if v == nil {
			continue
		}
		found := variant{name: s.name, side: v.side, mature: v.denominator, sent: v.denominator}
		if v.state == immature {
			found.sent = 1
		}
		if m.variants[s.metric] == nil {
			m.variants[s.metric] = map[string][]variant{}
		}
		m.variants[s.metric][envOfCases] = append(m.variants[s.metric][envOfCases], found)
		whole := cellKey{envOfCases, s.metric, "day", all}
		if m.today[whole].standing() != notComputable { // one that is makes it of all
			m.today[whole] = side{state: v.state, reason: v.reason}
		}
	}
	return m
}

func (c Case) cellsOn(i int) cells {
	found := cells{}
	for _, s := range c.rates {
		if v := dayOf(s.days, i); v != nil {
			found[cellKey{envOfCases, s.metric, s.period, s.vaultType}] = v.side
		}
	}
	return found
}

func (c Case) quantitiesOn(i int) quantities {
	found := quantities{}
	for _, s := range c.metrics {
		if v := dayOf(s.days, i); v != nil {
			found[s.quantityKey] = *v
		}
	}
	return found
}

func dayOf(days []*quantity, i int) *quantity {
	if i < 0 || i >= len(days) {
		return nil
	}
	return days[i]
}

// compare holds what a rule found for a type against what the case expects of it.
func (c Case) compare(r Rule, vaultType string, v *evaluator, episodes []episode) (all []Mismatch) {
	var alarms []expectedAlarm
	for _, p := range episodes {
		if p.rule.Name == r.Name && p.level == r.Severity && p.vaultType == vaultType {
			alarms = append(alarms, expectedAlarm{started: p.started, ended: p.ended, peak: p.peak})
		}
	}
	isMentioned := false
	for _, e := range c.expected {
		switch {
		case !e.isOf(r, vaultType):
			continue
		case e.isOfStates:
			all = append(all, e.compareStates(r, v)...)
		case !slices.EqualFunc(e.alarms, alarms, expectedAlarm.fits):
			all = append(all, Mismatch{Line: e.line, About: "alarms of " + e.name, Expected: r.alarmsText(e.alarms), Found: r.alarmsText(alarms)})
		}
		isMentioned = true
	}
	if !isMentioned && len(alarms) > 0 {
		about := fmt.Sprintf("alarms of %s:%s/%s", r.Name, r.Severity, vaultType)
		all = append(all, Mismatch{Line: c.Line, About: about, Expected: "none, as no line is about them", Found: r.alarmsText(alarms)})
	}
	return all
}

// fits says whether a found alarm is the expected one.
func (a expectedAlarm) fits(found expectedAlarm) bool {
	if a.started != found.started || a.ended != found.ended {
		return false
	}
	return a.peak == nil || found.peak != nil && a.peak.FloatString(a.digits) == found.peak.FloatString(a.digits)
}

func (e expectation) compareStates(r Rule, v *evaluator) []Mismatch {
	found, notes := make([]string, len(v.days)), []string{}
	for i, dt := range v.days {
		found[i] = noRow
		j := slices.IndexFunc(v.evaluations[dt], func(row Evaluation) bool {
			return row.subject() == subject{r.Name, r.Severity, envOfCases, e.vaultType}
		})
		if j >= 0 {
			found[i] = v.evaluations[dt][j].State
		}
		if i < len(e.states) && e.states[i] == found[i] {
			continue
		}
		note := fmt.Sprintf("day %d is %s", i+1, found[i])
		if j >= 0 {
			note += v.evaluations[dt][j].words(r)
		}
		notes = append(notes, note)
	}
	if len(notes) == 0 {
		return nil
	}
	return []Mismatch{{
		Line: e.line, About: "states of " + e.name, Expected: strings.Join(e.states, " "), Found: strings.Join(found, " "), Note: strings.Join(notes, "\n"),
	}}
}
