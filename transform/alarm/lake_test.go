package alarm

import (
	"context"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"

	"vaultreport/transform"
	"vaultreport/warehouse"
)

// TestLakes runs the files of testdata/lakes, from the events of the lake to the rows of alarm, by way of the models. Days
// are those of UTC if nothing else is said. Their commands:
//
//	zone NAME           the zone of the file, before its first day
//	models              all models from here on; else only those that rules on event time read, and metric_daily has no rows
//	rules               as in TestCases
//	day DAY             the events of a day, a line each: TIME KIND ..., after env=E of another env than prod. TIME is what has
//	                    passed of the day, H:MM, H:MM:SS or H:MM:SS.ffffff. Of a day with emits=KIND,... no source has other kinds.
//	                    fail JOB, succeed JOB, latency MS [xN], depth QUEUE N, enqueue ID, settle ID, give-up ID,
//	                    alerts VARIANT SENT CLAIMED (each of a user of its own, claimed a minute later)
//	run [DAY...]        runs the models and evaluates everything; prints the files written, and what fires on the days
//	evaluations         the rows of alarm_evaluation; dt=DAY and rule=RULE show only those
//	alarms              the rows of alarm
//	explanations        the explanations of alarm
//	spans               the rows of alarm_span that are stretches of time
func TestLakes(t *testing.T) {
	db := engine(t)
	datadriven.Walk(t, "testdata/lakes", func(t *testing.T, file string) {
		n := newNight(t, t.TempDir(), db)
		n.options.Zone = mustZone(t, "UTC")
		whole := n.project
		n.project = fewModels(t)
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "zone":
				n.options.Zone = mustZone(t, d.CmdArgs[0].Key)
				return ""
			case "models":
				n.project = whole
				return ""
			case "rules":
				return n.setRules(t, d.Input)
			case "day":
				l := lakeDay{dt: mustDay(t, d.CmdArgs[0].Key), zone: n.options.Zone, emits: kindNames()}
				for _, arg := range d.CmdArgs[1:] {
					l.emits = arg.Vals
				}
				for _, line := range strings.Split(strings.TrimSpace(d.Input), "\n") {
					l.add(t, strings.Fields(line))
				}
				n.putLake(t, l)
				if n.project != whole {
					n.put(t, l.dt, cells{})
				}
				return ""
			case "run":
				n.options.Days = nil
				for _, arg := range d.CmdArgs {
					n.options.Days = append(n.options.Days, mustDay(t, arg.Key))
				}
				n.runModels(t)
				summary, written := n.run(t)
				n.checkReplay(t)
				out := "wrote " + strings.Join(written, ", ") + "\n"
				if len(written) == 0 {
					out = "wrote nothing\n"
				}
				for _, f := range summary.Fired {
					out += fmt.Sprintf("fired %s %s %s since %s firing=%t\n", f.Rule, f.Level, f.Env, f.Dt, f.Firing)
				}
				return out
			case "evaluations":
				where := "true"
				for _, arg := range d.CmdArgs {
					where += " and " + arg.Key + " in ('" + strings.Join(arg.Vals, "', '") + "')"
				}
				return list(n.rows(t, evaluationTable, `
					select concat_ws(' ', dt, rule, level, env, state, reason, 'value', coalesce(value::varchar, '-'),
						case when denominator is not null or baseline is not null then concat_ws(' ', coalesce(numerator || '/' || denominator, '-'),
							coalesce(baseline_numerator || '/' || baseline_denominator, '-'), 'baseline', coalesce(round(baseline, 6)::varchar, '-'),
							'p', coalesce(round(p_value, 4)::varchar, '-')) end,
						'threshold', threshold)
					from TABLE where vault_type = 'ALL' and `+where+` order by dt, rule, level, env`))
			case "alarms":
				return list(n.rows(t, alarmTable, `
					select concat_ws(' ', dt, rule, level, env, started_at, '..', coalesce(ended_at::varchar, ''), state,
						'peak', coalesce(peak::varchar, '-'), 'at', coalesce(peak_at::varchar, '-'))
					from TABLE order by dt, rule, level, env, started_at`))
			case "explanations":
				return list(n.rows(t, alarmTable, "select explanation from TABLE order by dt, rule, level, env, started_at"))
			case "spans":
				return list(n.rows(t, spanTable, `
					select concat_ws(' ', dt, rule, level, env, place, holds_since, '..', coalesce(held_until::varchar, ''),
						'fires', coalesce(started_at::varchar, ''), '..', coalesce(ended_at::varchar, ''), 'peak', peak, 'at', peak_at)
					from TABLE where place > 0 order by dt, rule, level, env, place`))
			}
			t.Fatalf("unknown command %q", d.Cmd)
			return ""
		})
	})
}

func (n *night) runModels(t testing.TB) {
	t.Helper()
	if _, err := transform.Run(context.Background(), n, n.project, n.options.Options); err != nil {
		t.Fatal(err)
	}
}

// checkReplay fails if a replay over all days finds other rows than those that are stored.
func (n *night) checkReplay(t testing.TB) {
	t.Helper()
	days := n.Days(metricTable)
	replayed, err := Replay(context.Background(), n, n.options, days[0], days[len(days)-1])
	if err != nil {
		t.Fatal(err)
	}
	n.checkTrials(t, replayed, days)
	r := reader{n, n.db}
	var stored []Evaluation
	for _, dt := range days {
		f, _ := n.File(evaluationTable, dt)
		rows, err := r.readEvaluations(context.Background(), []warehouse.File{f})
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, rows[dt]...)
	}
	if diff := cmp.Diff(stored, replayed.Evaluations, byValue); diff != "" {
		t.Errorf("evaluations (-stored +replayed):\n%s", diff)
	}
	var alarms []string
	for _, a := range replayed.Alarms {
		ended := "-"
		if a.EndedAt != nil {
			ended = a.EndedAt.Format("2006-01-02 15:04:05.000000")
		}
		alarms = append(alarms, strings.Join([]string{a.Dt.String(), a.ID, ended, fmt.Sprintf("%.6f", a.Peak.V), a.State}, " "))
	}
	slices.Sort(alarms)
	if diff := cmp.Diff(n.rows(t, alarmTable, `
		select concat_ws(' ', dt, alarm_id, coalesce(strftime(ended_at, '%Y-%m-%d %H:%M:%S.%f'), '-'), printf('%.6f', peak), state)
		from TABLE order by dt, alarm_id`), alarms); diff != "" && len(alarms) > 0 {
		t.Errorf("alarms (-stored +replayed):\n%s", diff)
	}
}

// byValue compares rationals by what they are.
var byValue = cmp.Comparer(func(a, b *big.Rat) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })
