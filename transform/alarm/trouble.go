package alarm

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// When data is in trouble (docs/definitions.md, choices): what a fair day has by accident is not.
const (
	manifold    = 2   // late, or quarantined, is more than so many times what the other day has
	quarantined = 100 // and quarantined more than one line of so many
)

// lateAfter says by kind of a source from which age of the newest line or row on it is late. Rows of a table may be of a
// quiet day.
var lateAfter = map[string]time.Duration{"events": 3 * time.Hour, "tables": 24 * time.Hour}

// dataSigns are what metric_daily tells of the data of a day.
type dataSigns struct {
	dt      bizday.Day
	length  int64                // of the day in microseconds
	ages    map[string]sourceAge // by source
	lines   int64                // of event logs
	refused int64                // of them quarantined
}

// sourceAge is how long before the end of the day a source had its newest line or row.
type sourceAge struct {
	state  string
	micros int64
}

// source is a source of the day's catalogue.
type source struct {
	name, kind string // kind is events or tables
	env        string // "" is any
}

// beginWithTrouble puts trouble of the data of a day, and of the days that it is compared with, before the explanations of
// alarms to investigate.
func (v *evaluator) beginWithTrouble(ctx context.Context, dt bizday.Day, rows []Evaluation) error {
	for i := range rows {
		e := &rows[i]
		r := v.rules[slices.IndexFunc(v.rules, func(r Rule) bool { return r.Name == e.Rule && r.Severity == e.Level })]
		if e.State != firing || !r.looksAtData() {
			continue
		}
		today, other, sources, err := v.signsOf(ctx, dt, dt-r.otherDay())
		if err != nil {
			return err
		}
		var sentences []string
		for _, pair := range [][2]*dataSigns{{today, other}, {other, today}} {
			sentences = append(sentences, trouble(pair[0], pair[1], e.Env, sources)...)
		}
		if len(sentences) > 0 {
			e.Explanation = beginning("Look at the data first: "+strings.Join(sentences, "; ")+".", e.Explanation)
		}
	}
	return nil
}

// looksAtData says whether an alarm of the rule begins with trouble of the data.
func (r Rule) looksAtData() bool { return !r.isOnEventTime() && r.Severity == "investigate" }

// otherDay says how many days before the day the one lies whose data is looked at with it.
func (r Rule) otherDay() bizday.Day {
	if back, ofDays := daysBack[r.Comparison]; ofDays {
		return back
	}
	return 1
}

// trouble returns what is wrong with the data of a day, in sentences without an end. other is the day that it is compared
// with. Either is nil where it is not extracted.
func trouble(day, other *dataSigns, env string, sources []source) (sentences []string) {
	if day == nil {
		return nil
	}
	for _, s := range sources {
		if s.env != "" && s.env != env {
			continue
		}
		age, has := day.ages[s.name]
		nothing := age.state == noData || age.state == ok && age.micros >= day.length
		switch {
		case !has:
		case s.kind == "tables" && age.state == "not_computable":
			sentences = append(sentences, fmt.Sprintf("source %s has no table of %s", s.name, day.dt))
		case s.kind == "events" && nothing:
			sentences = append(sentences, fmt.Sprintf("source %s has no line of %s", s.name, day.dt))
		case age.state == ok && other != nil:
			before, isKnown := other.ages[s.name]
			if isKnown && before.state == ok && age.micros > lateAfter[s.kind].Microseconds() && big.NewInt(age.micros).Cmp(multiple(before.micros)) > 0 {
				sentences = append(sentences, fmt.Sprintf("source %s is late: its newest line or row of %s lies %s before the end of the day, on %s %s",
					s.name, day.dt, inSeconds(age.micros), other.dt, inSeconds(before.micros)))
			}
		}
	}
	if other == nil || day.lines == 0 || other.lines == 0 {
		return sentences
	}
	now, before := big.NewRat(day.refused, day.lines), big.NewRat(other.refused, other.lines)
	if now.Cmp(big.NewRat(1, quarantined)) > 0 && now.Cmp(times(before, big.NewRat(manifold, 1))) > 0 {
		sentences = append(sentences, fmt.Sprintf("%s%% of the event lines of %s are quarantined, of %s %s%%",
			hundredfold(now), day.dt, other.dt, hundredfold(before)))
	}
	return sentences
}

func multiple(micros int64) *big.Int {
	return new(big.Int).Mul(big.NewInt(micros), big.NewInt(manifold))
}

// inSeconds returns a length in words, without parts of a second.
func inSeconds(micros int64) string {
	return Duration(time.Duration(micros) * time.Microsecond).String()
}

// beginning puts words before the text of an explanation, and leaves everything else as it is.
func beginning(words, explanation string) string {
	var x struct {
		Text   string          `json:"text"`
		Change json.RawMessage `json:"change"`
		Parts  json.RawMessage `json:"parts"`
	}
	if err := json.Unmarshal([]byte(explanation), &x); err != nil {
		panic(err) // encode wrote it
	}
	x.Text = words + " " + x.Text
	return encodeJSON(x)
}

// signsOf returns what there is to know of the data of a day and of the one that is looked at with it, nil for one that is not
// extracted, and the configured sources of the day.
func (v *evaluator) signsOf(ctx context.Context, dt, otherDay bizday.Day) (today, other *dataSigns, sources []source, err error) {
	days := v.from(dt, nightly)
	if _, extracted := slices.BinarySearch(v.days, otherDay); extracted {
		days = append([]bizday.Day{otherDay}, days...)
	}
	if err := readUnknown(ctx, v.store, metricTable, days, v.signs, v.readSigns); err != nil {
		return nil, nil, nil, err
	}
	err = readUnknown(ctx, v.store, catalogueTable, v.from(dt, nightly), v.sources, v.readSources)
	return v.signs[dt], v.signs[otherDay], v.sources[dt], err
}

// readSigns returns what files of metric_daily tell of the data, by day.
func (v *evaluator) readSigns(ctx context.Context, files []warehouse.File) (map[bizday.Day]*dataSigns, error) {
	found := map[bizday.Day]*dataSigns{}
	for _, f := range files {
		start, end := v.zone.Bounds(f.Dt)
		found[f.Dt] = &dataSigns{dt: f.Dt, length: end - start, ages: map[string]sourceAge{}}
	}
	err := v.eachOf(ctx, files, `
		select dt - date '1970-01-01', metric, segment, state, coalesce(sample_size, 0), coalesce(round(value * 1000000)::bigint, 0)
		from %s
		where env = 'ALL' and (metric = 'source_age' or metric = 'dq_lines' and segment in ('kept', 'duplicate', 'blank', 'quarantined'))`,
		func(rows *sql.Rows) error {
			var dt bizday.Day
			var metric, segment string
			var lines int64
			var age sourceAge
			if err := rows.Scan(&dt, &metric, &segment, &age.state, &lines, &age.micros); err != nil {
				return err
			}
			signs := found[dt]
			switch {
			case metric == "source_age":
				signs.ages[segment] = age
			case segment == "quarantined":
				signs.refused = lines
				fallthrough
			default:
				signs.lines += lines
			}
			return nil
		})
	return found, err
}

// readSources returns the configured sources in files of source_catalogue by day, by name.
func (r reader) readSources(ctx context.Context, files []warehouse.File) (map[bizday.Day][]source, error) {
	found := map[bizday.Day][]source{}
	err := r.eachOf(ctx, files, `
		select distinct dt - date '1970-01-01', source, name, coalesce(env, '') from %s where kind = 'source' order by all`, func(rows *sql.Rows) error {
		var dt bizday.Day
		var s source
		err := rows.Scan(&dt, &s.name, &s.kind, &s.env)
		found[dt] = append(found[dt], s)
		return err
	})
	return found, err
}
