package alarm

import (
	"cmp"
	"database/sql"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// momentRow is a row of alarm_span: what a rule on event time found on a day, with one of its spans. Instants are
// microseconds since 1970 in UTC, or open.
type momentRow struct {
	subject
	place         int64             // 0: the day has no span; else from 1, in the order of time
	value         sql.Null[float64] // the day's most extreme
	state, reason string            // just before the end of the day

	since, until, started, ended int64
	peak                         *big.Rat
	peakAt                       int64
}

// fires says whether the span is an alarm, and not pending.
func (m momentRow) fires() bool { return m.place > 0 && m.started != open }

// Step functions that a rule may name, which are metrics of the same name.
const (
	queueDepth           = "dlq_size"
	pendingCompensations = "compensation_pending_count"
)

// quantiles are the aggregates that are one.
var quantiles = map[string]fraction{"p50": {1, 2}, "p90": {9, 10}, "p95": {19, 20}, "p99": {99, 100}, "max": {1, 1}}

// parts says in how many parts of one the source's amounts are counted.
func (s Source) parts() int64 {
	if q, is := quantiles[s.Aggregate]; is {
		return q.b
	}
	return 1
}

// mayBeUnknown says whether the source may have no value; a count of nothing is 0.
func (s Source) mayBeUnknown() bool {
	_, isQuantile := quantiles[s.Aggregate]
	return isQuantile || s.Signal == queueDepth
}

// kinds returns the kinds of events that the source is made from, in the order of docs/sources.md.
func (s Source) kinds() []string {
	switch s.Signal {
	case queueDepth:
		return []string{"DLQ_DEPTH_SAMPLED"}
	case pendingCompensations:
		return []string{"COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED"}
	default:
		return []string{s.Events}
	}
}

// key is equal for two sources that are the same.
func (s Source) key() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts
	}
	return string(text)
}

// eventsOfDay is what the rules on event time read of a day.
type eventsOfDay struct {
	start, end int64
	envs       []string
	emitted    map[emission]bool
	moments    map[string]map[string][]moment // by key of a source and env; in the order of time, reaching back by the window
	readings   map[string][]reading           // of queues by env, with what was carried in
	pending    map[string][]stretch           // compensations by env
}

// emission is a kind of events that a source of the env has. Env "" is a source that has lines of any.
type emission struct{ env, kind string }

// lack returns the first kind of events that the source needs and that no source of the env has.
func (d eventsOfDay) lack(s Source, env string) string {
	for _, kind := range s.kinds() {
		if !d.emitted[emission{env, kind}] && !d.emitted[emission{"", kind}] {
			return kind
		}
	}
	return ""
}

// signal returns the step function of a source and env.
func (d eventsOfDay) signal(s Source, env string) signal {
	switch {
	case s.Signal == queueDepth:
		return depthOf(d.readings[env], d.start, d.end)
	case s.Signal == pendingCompensations:
		return sumOf(d.pending[env], d.start, d.end, false)
	case s.Aggregate == "count":
		return sliding(d.moments[s.key()][env], s.Window.micros(), d.start, d.end, func() aggregate { return &counter{} })
	default:
		events := d.moments[s.key()][env]
		ranking := rankingOf(events)
		return sliding(events, s.Window.micros(), d.start, d.end, func() aggregate { return newQuantile(quantiles[s.Aggregate], ranking) })
	}
}

// findMoments evaluates the rules on event time. before are the rows of the day before; without rows nothing was open at
// midnight. The rows are in the order of their key.
func findMoments(rules []Rule, d eventsOfDay, before []momentRow) []momentRow {
	bySource := map[string][]Rule{}
	for _, r := range rules {
		if r.isOnEventTime() {
			bySource[r.Source.key()] = append(bySource[r.Source.key()], r)
		}
	}
	carried := map[subject]momentRow{}
	for _, row := range before {
		if row.place > 0 && row.ended == open {
			carried[row.subject] = row
		}
	}
	var found []momentRow
	for _, rules := range bySource {
		for _, env := range d.envs {
			found = append(found, momentsOf(rules, d, env, carried)...)
		}
	}
	slices.SortFunc(found, func(a, b momentRow) int { return cmp.Or(a.subject.compare(b.subject), cmp.Compare(a.place, b.place)) })
	return found
}

// momentsOf evaluates rules of one source in one env: they look at the same steps.
func momentsOf(rules []Rule, d eventsOfDay, env string, carried map[subject]momentRow) (found []momentRow) {
	source := rules[0].Source
	lack := d.lack(source, env)
	values := d.signal(source, env)
	if lack != "" && source.mayBeUnknown() {
		values = nothing(d.start)
	}
	finders := make([]*finder, len(rules))
	for i, r := range rules {
		finders[i] = r.finder(carried[r.subject(env)])
	}
	values(func(at int64, value amount, known bool) {
		for _, f := range finders {
			f.step(at, value, known)
		}
	})
	for i, f := range finders {
		f.finish(d.end)
		found = append(found, rules[i].moments(f, env, lack)...)
	}
	return found
}

func (r Rule) subject(env string) subject { return subject{r.Name, r.Severity, env, all} }

// finder returns what finds the rule's spans, with the one that was open at midnight: the zero row if there was none.
func (r Rule) finder(before momentRow) *finder {
	parts := r.parts()
	f := &finder{conditions: conditions{
		threshold: limitOf(r.Op, r.Threshold.rat, parts), clear: limitOf(r.Op, r.cleared().rat, parts),
		wait: r.For.micros(), keep: r.KeepFiringFor.micros(),
	}}
	if before.place == 0 {
		return f
	}
	peak, ok := amountIn(before.peak, parts)
	if !ok {
		panic("a peak is no value of its signal: " + before.peak.RatString()) // the file's key covers the rule
	}
	f.now = &span{since: before.since, until: before.until, started: before.started, ended: open, peak: peak, peakAt: before.peakAt}
	return f
}

// moments returns the rows of a rule and env.
func (r Rule) moments(f *finder, env, lack string) []momentRow {
	row := momentRow{subject: r.subject(env), state: f.state()}
	switch {
	case row.state == noData:
		row.reason = cmp.Or(lack, noRows)
	case row.state == ok:
		row.reason = lack // a count is 0 also where nobody would count; it says so
	}
	if f.known {
		row.value = some(double(f.extreme.rat(r.parts())))
	}
	spans := f.over
	if f.now != nil {
		spans = append(spans, *f.now)
	}
	if len(spans) == 0 {
		return []momentRow{row}
	}
	rows := make([]momentRow, len(spans))
	for i, s := range spans {
		rows[i] = row
		rows[i].place = int64(i + 1)
		rows[i].since, rows[i].until, rows[i].started, rows[i].ended = s.since, s.until, s.started, s.ended
		rows[i].peak, rows[i].peakAt = s.peak.rat(r.parts()), s.peakAt
	}
	return rows
}

// words names the signal in a sentence.
func (s Source) words() string {
	switch s.Signal {
	case queueDepth:
		return "The depth of all dead letter queues"
	case pendingCompensations:
		return "The number of pending compensations"
	}
	conditions := ""
	for _, column := range slices.Sorted(maps.Keys(s.Where)) {
		conditions += ", " + column + " " + s.Where[column]
	}
	if conditions != "" {
		conditions = " (" + strings.TrimPrefix(conditions, ", ") + ")"
	}
	what := "The number of " + s.Events
	if s.Aggregate != "count" {
		what = "The " + s.Aggregate + " of " + s.Of + " of " + s.Events
	}
	return what + conditions + " within " + s.Window.String()
}
