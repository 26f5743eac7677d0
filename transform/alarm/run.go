package alarm

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Tables that this package writes, and those that rules on rates read.
const (
	spanTable       = "alarm_span"
	evaluationTable = "alarm_evaluation"
	alarmTable      = "alarm"
	metricTable     = "metric_daily"
	alertTable      = "alert_daily"
)

// codeVersion is the version of what this package does besides the rules: states, sentences, columns. A change that gives
// other rows needs a new one, so that published files are written again.
const codeVersion = "5"

// Passes is how many times Run goes over the days.
const Passes = 3

// Options say with what the rules are evaluated.
type Options struct {
	transform.Options
	Rules []Rule
	Days  []bizday.Day // of the run: Run returns what fires on them
}

// Fired is an alarm that fires on a day of the run; several of a rule that started on one day are one.
type Fired struct {
	Dt                          bizday.Day // on which it started
	Rule, Level, Env, VaultType string
	Firing                      bool // at the end of the newest day of the run
}

// Summary says what a run did.
type Summary struct {
	Built, Reused int     // files of all tables
	Fired         []Fired // by day, then by key
}

// Run brings alarm_span, alarm_evaluation and alarm of every day of metric_daily up to date.
func Run(ctx context.Context, store transform.Store, p *transform.Project, o Options) (Summary, error) {
	writer, err := transform.NewWriter(ctx, store, p, o.Options)
	if err != nil {
		return Summary{}, err
	}
	r := &runner{
		evaluator: newEvaluator(store, o), writer: writer, options: o,
		digest: digestOfRules(o.Rules), digestOnEventTime: digestOfRules(slices.DeleteFunc(slices.Clone(o.Rules), func(r Rule) bool { return !r.isOnEventTime() })),
	}
	passes := [Passes]func(context.Context, int) error{r.spansOfDay, r.evaluateDay, r.alarmsOfDay}
	for _, pass := range passes {
		for i, dt := range r.days {
			if o.Progress != nil {
				o.Progress(dt, alarmTable)
			}
			if err := pass(ctx, i); err != nil {
				return Summary{}, err
			}
		}
	}
	if err := writer.Check(ctx); err != nil {
		return Summary{}, err
	}
	if r.summary.Fired, err = r.fired(ctx); err != nil {
		return Summary{}, err
	}
	o.Log.Info("alarms are up to date", "days", len(r.days), "built", r.summary.Built, "reused", r.summary.Reused, "fired", len(r.summary.Fired))
	return r.summary, nil
}

// runner is one Run.
type runner struct {
	*evaluator
	writer                    *transform.Writer
	options                   Options
	digest, digestOnEventTime string
	summary                   Summary
}

// write makes a file, unless the one that is there has the same key.
func write[T any](r *runner, c transform.Computed, rows func() ([]T, error)) error {
	if f, ok := r.store.File(c.Table, c.Dt); ok && f.Key == r.writer.Key(c) {
		r.summary.Reused++
		return nil
	}
	list, err := rows()
	if err != nil {
		return err
	}
	r.summary.Built++
	_, err = transform.Write(r.writer, c, list)
	return err
}

// spansOfDay brings alarm_span of a day up to date. The days before it are. It reads no metrics, so that a day whose windows
// mature need not read its events again.
func (r *runner) spansOfDay(ctx context.Context, i int) error {
	dt := r.days[i]
	c := transform.Computed{Table: spanTable, Dt: dt, Digest: r.digestOnEventTime, Inputs: r.eventInputsOf(i).files()}
	if r.follows(i) {
		c.Inputs = append(c.Inputs, r.must(spanTable, r.days[i-1]))
	}
	return write(r, c, func() ([]spanRow, error) {
		rows, err := r.findMoments(ctx, i)
		return spanRows(dt, rows), err
	})
}

// evaluateDay brings alarm_evaluation of a day up to date. The days before it are, and alarm_span of the day is.
func (r *runner) evaluateDay(ctx context.Context, i int) error {
	dt := r.days[i]
	c := transform.Computed{Table: evaluationTable, Dt: dt, Digest: r.digest, Inputs: append(r.metricInputs(i), r.must(spanTable, dt))}
	if i > 0 {
		c.Inputs = append(c.Inputs, r.must(evaluationTable, r.days[i-1]))
	}
	return write(r, c, func() ([]evaluationRow, error) {
		rows, err := r.evaluate(ctx, i)
		return evaluationRows(rows), err
	})
}

// must returns a file that this run wrote or found up to date.
func (r *runner) must(table string, dt bizday.Day) warehouse.File {
	f, _ := r.store.File(table, dt)
	return f
}

// alarmsOfDay brings the alarms that start on a day up to date. All days are evaluated.
func (r *runner) alarmsOfDay(ctx context.Context, i int) error {
	dt := r.days[i]
	if r.fits(i) {
		r.summary.Reused++
		return nil
	}
	if err := r.readAhead(ctx, r.unfit(i), bothKinds); err != nil {
		return err
	}
	started, last, err := r.startedOn(ctx, i)
	if err != nil {
		return err
	}
	c := r.alarmFile(dt)
	for j := i + 1; j <= last; j++ {
		c.Inputs = append(c.Inputs, r.inputsOfAlarms(r.days[j])...)
	}
	c.Extra = []string{allEnded}
	if slices.ContainsFunc(started, func(p startedEpisode) bool { return p.runs }) {
		c.Extra = []string{r.whyItStops(last)}
	}
	alarms := make([]Alarm, len(started))
	for i, p := range started {
		alarms[i] = p.alarm(r.zone)
	}
	r.summary.Built++
	_, err = transform.Write(r.writer, c, alarmRows(alarms))
	return err
}

// What ends the reading of days for the alarms of one.
const (
	allEnded   = "ended"  // none of them runs on the last day that was read
	gapFollows = "gap"    // the day after it is not extracted
	nothingYet = "newest" // it is the newest day
)

// alarmFile returns what the alarms of a day are made from at least: the day alone, if none starts on it.
func (r *runner) alarmFile(dt bizday.Day) transform.Computed {
	return transform.Computed{Table: alarmTable, Dt: dt, Digest: r.digest, Inputs: r.inputsOfAlarms(dt)}
}

func (r *runner) inputsOfAlarms(dt bizday.Day) []warehouse.File {
	return []warehouse.File{r.must(evaluationTable, dt), r.must(spanTable, dt)}
}

func (r *runner) whyItStops(last int) string {
	if last == len(r.days)-1 {
		return nothingYet
	}
	return gapFollows
}

// unfit returns those days from i on of which the alarms have to be found again, and i is: all are read at once. There are few,
// unless all days were just evaluated, and then nothing is left to be read.
func (r *runner) unfit(i int) (days []bizday.Day) {
	if _, known := r.evaluations[r.days[i]]; known {
		return nil
	}
	for ; i < len(r.days); i++ {
		if !r.fits(i) {
			days = append(days, r.days[i])
		}
	}
	return days
}

// fits says whether the file of alarms of day i is made from the days that there are. How many of them it was made from is found
// out by trying, so that no file has to be read.
func (r *runner) fits(i int) bool {
	stored, ok := r.store.File(alarmTable, r.days[i])
	if !ok {
		return false
	}
	keys := r.writer.Keys(r.alarmFile(stored.Dt))
	for last := i; ; last++ {
		if keys.Key(allEnded) == stored.Key {
			return true
		}
		if stored.Rows == 0 {
			return false
		}
		if last+1 == len(r.days) || !r.follows(last+1) {
			return keys.Key(r.whyItStops(last)) == stored.Key
		}
		keys.Add(r.inputsOfAlarms(r.days[last+1])...)
	}
}

// fired returns the alarms that fire on a day of the run.
func (r *runner) fired(ctx context.Context) ([]Fired, error) {
	isFiring := map[Fired]bool{} // without Firing
	for _, dt := range r.options.Days {
		i, extracted := slices.BinarySearch(r.days, dt)
		if !extracted {
			continue
		}
		all, err := r.episodesOf(ctx, i, bothKinds)
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			if p.ended <= r.zone.Start(dt).UnixMicro() {
				continue // at the first instant of the day it no longer fired
			}
			f := Fired{Dt: r.zone.DayOf(p.started), Rule: p.rule.Name, Level: p.level, Env: p.env, VaultType: p.vaultType}
			isFiring[f] = isFiring[f] || p.ended == open && dt == slices.Max(r.options.Days)
		}
	}
	list := []Fired{}
	for f, firing := range isFiring {
		f.Firing = firing
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Fired) int {
		return cmp.Or(cmp.Compare(a.Dt, b.Dt), subject{a.Rule, a.Level, a.Env, a.VaultType}.compare(subject{b.Rule, b.Level, b.Env, b.VaultType}))
	})
	return list, nil
}

// missingFile is a fault of the store: what a run wrote or found is gone.
func missingFile(table string, dt bizday.Day) error {
	return errs.New(errs.Unexpected, fmt.Sprintf("read %s of %s: there is no file", table, dt), "")
}
