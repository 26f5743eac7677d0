package alarm

import (
	"context"
	"slices"

	"vaultreport/internal/bizday"
)

// evaluator evaluates rules over the days of a store. What it found or read of a day it keeps.
type evaluator struct {
	reader
	zone        bizday.Zone
	rules       []Rule
	days        []bizday.Day // extracted
	first       int          // of what was before this one of the days nothing is known
	evaluations map[bizday.Day][]Evaluation
	moments     map[bizday.Day][]momentRow
	recent      map[bizday.Day]cells                           // the metrics of the days read last, which later ones are compared with
	variants    map[string]map[bizday.Day]map[string][]variant // by metric
	signs       map[bizday.Day]*dataSigns
	sources     map[bizday.Day][]source
}

func newEvaluator(store Stored, o Options) *evaluator {
	return &evaluator{
		reader: reader{store, o.DB}, zone: o.Zone, rules: o.Rules, days: store.Days(metricTable),
		evaluations: map[bizday.Day][]Evaluation{}, moments: map[bizday.Day][]momentRow{}, recent: map[bizday.Day]cells{},
		variants: map[string]map[bizday.Day]map[string][]variant{}, signs: map[bizday.Day]*dataSigns{}, sources: map[bizday.Day][]source{},
	}
}

// nightly is how many days a night evaluates: the newest, and those from a week before on, whose metrics have matured. What
// they need is read for all of them at once, since a query costs more than a file.
const nightly = 8

// from returns up to n extracted days, from a day on.
func (v *evaluator) from(dt bizday.Day, n int) []bizday.Day {
	i, _ := slices.BinarySearch(v.days, dt)
	return v.days[i:min(i+n, len(v.days))]
}

// follows says whether no day is missing between the extracted day i and the one before. A date that the zone skipped is none.
func (v *evaluator) follows(i int) bool {
	if i <= v.first {
		return false
	}
	return v.days[i-1] == dayBefore(v.zone, v.days[i]) || v.days[i-1] == v.days[i]-1
}

// dayBefore returns the last date before a day that has an instant.
func dayBefore(zone bizday.Zone, dt bizday.Day) bizday.Day {
	for dt--; zone.Start(dt).Equal(zone.Start(dt + 1)); dt-- {
	}
	return dt
}

func (v *evaluator) eventInputsOf(i int) eventInputs {
	var before *bizday.Day
	if i > 0 {
		before = &v.days[i-1]
	}
	return v.eventInputs(v.rules, v.days[i], before, v.zone)
}

// findMoments evaluates the rules on event time of a day.
func (v *evaluator) findMoments(ctx context.Context, i int) ([]momentRow, error) {
	var before []momentRow
	var err error
	if v.follows(i) {
		if before, err = v.momentsOf(ctx, i-1); err != nil {
			return nil, err
		}
	}
	events, err := v.eventsOf(ctx, v.eventInputsOf(i), v.zone)
	if err != nil {
		return nil, err
	}
	rows := findMoments(v.rules, events, before)
	v.moments[v.days[i]] = rows
	return rows, nil
}

// momentsOf returns the rows of a day that is evaluated.
func (v *evaluator) momentsOf(ctx context.Context, i int) ([]momentRow, error) {
	if err := v.readMoments(ctx, v.days[i:i+1]); err != nil {
		return nil, err
	}
	rows, known := v.moments[v.days[i]]
	if !known {
		return nil, missingFile(spanTable, v.days[i])
	}
	return rows, nil
}

func (v *evaluator) readMoments(ctx context.Context, days []bizday.Day) error {
	return readUnknown(ctx, v.store, spanTable, days, v.moments, v.readSpans)
}

// evaluate evaluates all rules of a day; those on event time have been.
func (v *evaluator) evaluate(ctx context.Context, i int) ([]Evaluation, error) {
	m, err := v.metricsOf(ctx, i)
	if err != nil {
		return nil, err
	}
	if err := v.readMoments(ctx, v.from(m.dt, nightly)); err != nil {
		return nil, err
	}
	moments, err := v.momentsOf(ctx, i)
	if err != nil {
		return nil, err
	}
	var before []Evaluation
	if i > v.first {
		if before, err = v.evaluationsOf(ctx, i-1); err != nil {
			return nil, err
		}
	}
	rows := evaluate(v.rules, m, moments, before)
	if err := v.beginWithTrouble(ctx, m.dt, rows); err != nil {
		return nil, err
	}
	v.evaluations[m.dt] = rows
	return rows, nil
}

// evaluationsOf returns the rows of a day that is evaluated.
func (v *evaluator) evaluationsOf(ctx context.Context, i int) ([]Evaluation, error) {
	if err := v.readEvaluated(ctx, v.days[i:i+1]); err != nil {
		return nil, err
	}
	rows, known := v.evaluations[v.days[i]]
	if !known {
		return nil, missingFile(evaluationTable, v.days[i])
	}
	return rows, nil
}

func (v *evaluator) readEvaluated(ctx context.Context, days []bizday.Day) error {
	return readUnknown(ctx, v.store, evaluationTable, days, v.evaluations, v.readEvaluations)
}

// kinds are those of rules whose alarms are looked for: what the others found need not be read.
type kinds struct{ daily, onEventTime bool }

var bothKinds = kinds{true, true}

// kindsOf returns those of episodes.
func kindsOf(episodes []*episode) (k kinds) {
	for _, p := range episodes {
		k.daily = k.daily || !p.rule.isOnEventTime()
		k.onEventTime = k.onEventTime || p.rule.isOnEventTime()
	}
	return k
}

// episodesOf returns the episodes that fire on a day.
func (v *evaluator) episodesOf(ctx context.Context, i int, of kinds) ([]episode, error) {
	day := found{dt: v.days[i]}
	var err error
	if of.daily {
		if day.evaluations, err = v.evaluationsOf(ctx, i); err != nil {
			return nil, err
		}
	}
	if of.onEventTime {
		if day.moments, err = v.momentsOf(ctx, i); err != nil {
			return nil, err
		}
	}
	return episodes(v.rules, v.zone, day), nil
}

// startedEpisode is an episode that started on a day. runs says that it has no end in the days that were looked at: it fires
// still, or a day that is not extracted ended it.
type startedEpisode struct {
	episode
	runs bool
}

// startedOn returns the episodes that started on a day, and the last day that tells of one of them.
func (v *evaluator) startedOn(ctx context.Context, i int) (all []startedEpisode, last int, err error) {
	today, err := v.episodesOf(ctx, i, bothKinds)
	if err != nil {
		return nil, i, err
	}
	start := v.zone.Start(v.days[i]).UnixMicro()
	started := slices.DeleteFunc(today, func(p episode) bool { return p.started < start })
	last, err = v.follow(ctx, started, i)
	if err != nil {
		return nil, i, err
	}
	for _, p := range started {
		s := startedEpisode{p, p.ended == open}
		if s.runs && last+1 < len(v.days) {
			s.ended = v.zone.Start(v.days[last] + 1).UnixMicro()
		}
		all = append(all, s)
	}
	return all, last, nil
}

// follow finds out what became of the episodes of a day, and returns the last day that tells of one of them.
func (v *evaluator) follow(ctx context.Context, started []episode, i int) (last int, err error) {
	var running []*episode
	for j := range started {
		if started[j].ended == open {
			running = append(running, &started[j])
		}
	}
	last = i
	// A row has the start of its episode, and the peak of all its days: for one that the newest day tells of no day in between
	// is read, and alarms fire for months.
	if newest := len(v.days) - 1; len(running) > 0 && newest > i {
		now, err := v.episodesOf(ctx, newest, kindsOf(running))
		if err != nil {
			return i, err
		}
		running = slices.DeleteFunc(running, func(p *episode) bool {
			isNow := p.goOn(now)
			if isNow {
				last = newest
			}
			return isNow
		})
	}
	day, of := i, kindsOf(running)
	for unread := day + 1; len(running) > 0 && day+1 < len(v.days) && v.follows(day+1); day++ {
		if day+1 == unread {
			if err := v.readAhead(ctx, v.from(v.days[unread], nightly), of); err != nil {
				return i, err
			}
			unread += nightly
		}
		next, err := v.episodesOf(ctx, day+1, of)
		if err != nil {
			return i, err
		}
		start := v.zone.Start(v.days[day+1]).UnixMicro()
		running = slices.DeleteFunc(running, func(p *episode) bool {
			if !p.goOn(next) {
				p.ended = start // a daily rule that does not fire any more
			}
			return p.ended != open
		})
	}
	return max(last, day), nil
}

// readAhead reads what is stored of days: a query costs more than a file.
func (v *evaluator) readAhead(ctx context.Context, days []bizday.Day, of kinds) error {
	if of.daily {
		if err := v.readEvaluated(ctx, days); err != nil {
			return err
		}
	}
	if of.onEventTime {
		return v.readMoments(ctx, days)
	}
	return nil
}
