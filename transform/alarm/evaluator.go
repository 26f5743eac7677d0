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
	recent      map[bizday.Day]cells // the metrics of the days read last, which later ones are compared with
}

func newEvaluator(store Stored, o Options) *evaluator {
	return &evaluator{
		reader: reader{store, o.DB}, zone: o.Zone, rules: o.Rules, days: store.Days(metricTable),
		evaluations: map[bizday.Day][]Evaluation{}, moments: map[bizday.Day][]momentRow{}, recent: map[bizday.Day]cells{},
	}
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
	dt := v.days[i]
	if rows, known := v.moments[dt]; known {
		return rows, nil
	}
	f, ok := v.store.File(spanTable, dt)
	if !ok {
		return nil, missingFile(spanTable, dt)
	}
	rows, err := v.readSpans(ctx, f)
	v.moments[dt] = rows
	return rows, err
}

// evaluate evaluates all rules of a day; those on event time have been.
func (v *evaluator) evaluate(ctx context.Context, i int) ([]Evaluation, error) {
	m, err := v.metricsOf(ctx, i)
	if err != nil {
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
	dt := v.days[i]
	if rows, known := v.evaluations[dt]; known {
		return rows, nil
	}
	f, ok := v.store.File(evaluationTable, dt)
	if !ok {
		return nil, missingFile(evaluationTable, dt)
	}
	rows, err := v.readEvaluations(ctx, f)
	v.evaluations[dt] = rows
	return rows, err
}

// episodesOf returns the episodes that fire on a day.
func (v *evaluator) episodesOf(ctx context.Context, i int) ([]episode, error) {
	day := found{dt: v.days[i]}
	var err error
	if day.evaluations, err = v.evaluationsOf(ctx, i); err != nil {
		return nil, err
	}
	if day.moments, err = v.momentsOf(ctx, i); err != nil {
		return nil, err
	}
	return episodes(v.rules, v.zone, day), nil
}

// startedEpisode is an episode that started on a day. runs says that it has no end in the days that were looked at: it fires
// still, or a day that is not extracted ended it.
type startedEpisode struct {
	episode
	runs bool
}

// startedOn returns the episodes that started on a day, and the last day that was looked at to know their ends.
func (v *evaluator) startedOn(ctx context.Context, i int) (all []startedEpisode, last int, err error) {
	today, err := v.episodesOf(ctx, i)
	if err != nil {
		return nil, i, err
	}
	start := v.zone.Start(v.days[i]).UnixMicro()
	started := slices.DeleteFunc(today, func(p episode) bool { return p.started < start })
	last = i
	runs := slices.ContainsFunc(started, func(p episode) bool { return p.ended == open })
	for ; runs && last+1 < len(v.days) && v.follows(last+1); last++ {
		next, err := v.episodesOf(ctx, last+1)
		if err != nil {
			return nil, i, err
		}
		runs = follow(started, next, v.zone.Start(v.days[last+1]).UnixMicro())
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
