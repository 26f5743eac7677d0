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

// Tables that this package writes, and the one that it reads.
const (
	evaluationTable = "alarm_evaluation"
	alarmTable      = "alarm"
	metricTable     = "metric_daily"
)

// codeVersion is the version of what this package does besides the rules: states, sentences, columns. A change that gives
// other rows needs a new one, so that published files are written again.
const codeVersion = "1"

// Options say with what the rules are evaluated.
type Options struct {
	transform.Options
	Rules []Rule
	Days  []bizday.Day // of the run: Run returns what fires on them
}

// Fired is an alarm that fires on a day of the run.
type Fired struct {
	Dt                          bizday.Day // on which it started
	Rule, Level, Env, VaultType string
	Firing                      bool // at the end of the newest day of the run
}

// Summary says what a run did.
type Summary struct {
	Built, Reused int     // files of both tables
	Fired         []Fired // by day, then by key
}

// Run brings alarm_evaluation and alarm of every day of metric_daily up to date.
func Run(ctx context.Context, store transform.Store, p *transform.Project, o Options) (Summary, error) {
	writer, err := transform.NewWriter(ctx, store, p, o.Options)
	if err != nil {
		return Summary{}, err
	}
	r := &runner{store: store, writer: writer, options: o, days: store.Days(metricTable), digest: digestOfRules(o.Rules), rows: map[bizday.Day][]Evaluation{}}
	for _, write := range []func(context.Context, int) error{r.evaluateDay, r.alarmsOfDay} {
		for i, dt := range r.days {
			if o.Progress != nil {
				o.Progress(dt, alarmTable)
			}
			if err := write(ctx, i); err != nil {
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
	store   transform.Store
	writer  *transform.Writer
	options Options
	days    []bizday.Day
	digest  string
	rows    map[bizday.Day][]Evaluation // of days that were evaluated or read by this run
	recent  struct {                    // the metrics read last: a day's are the next one's baseline
		file  warehouse.File
		cells cells
	}
	summary Summary
}

// write makes a file, unless the one that is there has the same key.
func (r *runner) write(ctx context.Context, c transform.Computed, rows func() ([][]any, error)) error {
	if f, ok := r.store.File(c.Table, c.Dt); ok && f.Key == r.writer.Key(c) {
		r.summary.Reused++
		return nil
	}
	values, err := rows()
	if err != nil {
		return err
	}
	r.summary.Built++
	_, err = r.writer.Write(ctx, c, values)
	return err
}

// evaluateDay brings alarm_evaluation of a day up to date. The days before it are.
func (r *runner) evaluateDay(ctx context.Context, i int) error {
	dt := r.days[i]
	today, _ := r.store.File(metricTable, dt)
	c := transform.Computed{Table: evaluationTable, Dt: dt, Digest: r.digest, Inputs: []warehouse.File{today}}
	yesterday, hasYesterday := r.store.File(metricTable, dt-1)
	if hasYesterday {
		c.Inputs = append(c.Inputs, yesterday)
	}
	if i > 0 {
		before, _ := r.store.File(evaluationTable, r.days[i-1])
		c.Inputs = append(c.Inputs, before)
	}
	return r.write(ctx, c, func() ([][]any, error) {
		m := metricsOfDay{dt: dt}
		var err error
		if hasYesterday {
			if m.before, err = r.cells(ctx, yesterday); err != nil {
				return nil, err
			}
		}
		if m.today, err = r.cells(ctx, today); err != nil {
			return nil, err
		}
		var before []Evaluation
		if i > 0 {
			if before, err = r.evaluations(ctx, r.days[i-1]); err != nil {
				return nil, err
			}
		}
		r.rows[dt] = evaluate(r.options.Rules, m, before)
		return evaluationValues(r.rows[dt]), nil
	})
}

// alarmsOfDay brings the alarms that start on a day up to date. All days are evaluated.
func (r *runner) alarmsOfDay(ctx context.Context, i int) error {
	dt := r.days[i]
	if stored, ok := r.store.File(alarmTable, dt); ok && r.fits(stored) {
		r.summary.Reused++
		return nil
	}
	rows, err := r.evaluations(ctx, dt)
	if err != nil {
		return err
	}
	episodes := episodesFrom(r.options.Rules, dt, rows)
	c := r.alarmFile(dt)
	running := len(episodes) > 0
	for running && r.extend(&c) {
		if rows, err = r.evaluations(ctx, r.lastOf(c)); err != nil {
			return err
		}
		running = follow(episodes, rows)
	}
	isNewest := running && r.lastOf(c) == r.days[len(r.days)-1]
	if running {
		c.Extra = []string{r.whyItStops(c)}
	}
	alarms := make([]Alarm, len(episodes))
	for i, p := range episodes {
		alarms[i] = p.alarm(r.options.Zone, p.running && isNewest)
	}
	r.summary.Built++
	_, err = r.writer.Write(ctx, c, alarmValues(alarms))
	return err
}

// What ends the reading of evaluations for the alarms of a day.
const (
	allEnded   = "ended"  // none of them runs on the last day that was read
	gapFollows = "gap"    // the day after it is not extracted
	nothingYet = "newest" // it is the newest day
)

// alarmFile returns what the alarms of a day are made from at least: the day alone, if none starts on it.
func (r *runner) alarmFile(dt bizday.Day) transform.Computed {
	f, _ := r.store.File(evaluationTable, dt)
	return transform.Computed{Table: alarmTable, Dt: dt, Digest: r.digest, Inputs: []warehouse.File{f}, Extra: []string{allEnded}}
}

// extend adds the evaluations of one more day; false if it is not extracted.
func (r *runner) extend(c *transform.Computed) bool {
	f, ok := r.store.File(evaluationTable, r.lastOf(*c)+1)
	if ok {
		c.Inputs = append(c.Inputs, f)
	}
	return ok
}

func (r *runner) lastOf(c transform.Computed) bizday.Day { return c.Inputs[len(c.Inputs)-1].Dt }

func (r *runner) whyItStops(c transform.Computed) string {
	if r.lastOf(c) == r.days[len(r.days)-1] {
		return nothingYet
	}
	return gapFollows
}

// fits says whether a file of alarms is made from the evaluations that there are. How many days of them it was made from is
// found out by trying, so that no file has to be read.
func (r *runner) fits(stored warehouse.File) bool {
	c := r.alarmFile(stored.Dt)
	for {
		if r.writer.Key(c) == stored.Key {
			return true
		}
		if stored.Rows == 0 {
			return false
		}
		if !r.extend(&c) {
			c.Extra = []string{r.whyItStops(c)}
			return r.writer.Key(c) == stored.Key
		}
	}
}

// cells returns the rates of a file of metric_daily.
func (r *runner) cells(ctx context.Context, f warehouse.File) (cells, error) {
	if r.recent.cells != nil && r.recent.file == f {
		return r.recent.cells, nil
	}
	found, err := r.readCells(ctx, f)
	r.recent.file, r.recent.cells = f, found
	return found, err
}

// evaluations returns the rows of a day whose file is up to date.
func (r *runner) evaluations(ctx context.Context, dt bizday.Day) ([]Evaluation, error) {
	if rows, known := r.rows[dt]; known {
		return rows, nil
	}
	f, ok := r.store.File(evaluationTable, dt)
	if !ok {
		return nil, errs.New(errs.Unexpected, fmt.Sprintf("read %s of %s: there is no file", evaluationTable, dt), "")
	}
	rows, err := r.readEvaluations(ctx, f)
	r.rows[dt] = rows
	return rows, err
}

// fired returns the alarms that fire on a day of the run.
func (r *runner) fired(ctx context.Context) ([]Fired, error) {
	found := map[Fired]bool{} // without Firing; whether it fires at the end of the newest day
	for _, dt := range r.options.Days {
		if _, extracted := slices.BinarySearch(r.days, dt); !extracted {
			continue
		}
		rows, err := r.evaluations(ctx, dt)
		if err != nil {
			return nil, err
		}
		for _, e := range rows {
			if e.State == firing {
				found[Fired{Dt: e.FiringSince.V, Rule: e.Rule, Level: e.Level, Env: e.Env, VaultType: e.VaultType}] = dt == slices.Max(r.options.Days)
			}
		}
	}
	list := []Fired{}
	for f, isFiring := range found {
		f.Firing = isFiring
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b Fired) int {
		return cmp.Or(cmp.Compare(a.Dt, b.Dt), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Env, b.Env), cmp.Compare(a.VaultType, b.VaultType))
	})
	return list, nil
}
