package alarm

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// TestCases runs the files of testdata/cases. Their commands:
//
//	rules               the rules of a YAML file from here on; what is wrong with it is printed
//	day DAY             the rates of a day in metric_daily, a line each: claim TYPE THIS-QUARTER PREVIOUS-QUARTER, or expire
//	                    TYPE RATE. A rate is N/D, or a state with or without :reason; `none` is a row that does not exist.
//	                    env=E before it is another env than prod. Of the data of the day: source NAME events|tables AGE, where
//	                    AGE is 3h, 59m or a state, of any env if none is said; lines KEPT QUARANTINED.
//	run [DAY...]        evaluates everything; prints the files written, and what fires on the days
//	evaluations         the rows of alarm_evaluation; dt=DAY and type=TYPE show only those
//	alarms              the rows of alarm
//	explanations        the explanations of alarm
func TestCases(t *testing.T) {
	db := engine(t)
	datadriven.Walk(t, "testdata/cases", func(t *testing.T, path string) {
		n := newNight(t, t.TempDir(), db)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			switch d.Cmd {
			case "rules":
				return n.setRules(t, d.Input)
			case "day":
				dt := mustDay(t, d.CmdArgs[0].Key)
				further := n.putData(t, dt, d)
				n.put(t, dt, parseRates(t, d), further...)
				return ""
			case "run":
				n.options.Days = nil
				for _, arg := range d.CmdArgs {
					n.options.Days = append(n.options.Days, mustDay(t, arg.Key))
				}
				summary, written := n.run(t)
				out := "wrote " + strings.Join(written, ", ") + "\n"
				if len(written) == 0 {
					out = "wrote nothing\n"
				}
				for _, f := range summary.Fired {
					out += fmt.Sprintf("fired %s %s %s %s since %s firing=%t\n", f.Rule, f.Level, f.Env, f.VaultType, f.Dt, f.Firing)
				}
				return out
			case "evaluations":
				where := "true"
				for _, arg := range d.CmdArgs {
					column := map[string]string{"dt": "dt", "type": "vault_type"}[arg.Key]
					where += " and " + column + " = '" + arg.Vals[0] + "'"
				}
				return list(n.rows(t, evaluationTable, `
					select concat_ws(' ', dt, rule, level, env, vault_type, state, reason, coalesce('since ' || firing_since, ''),
						'value', coalesce(round(value, 6)::varchar, '-'), 'baseline', coalesce(round(baseline, 6)::varchar, '-'),
						coalesce(numerator || '/' || denominator, '-'), coalesce(baseline_numerator || '/' || baseline_denominator, '-'),
						'threshold', threshold, 'p', coalesce(round(p_value, 4)::varchar, '-'))
					from TABLE where `+where+` order by dt, rule, level, env, vault_type`))
			case "alarms":
				return list(n.rows(t, alarmTable, `
					select concat_ws(' ', dt, alarm_id, rule, level, env, vault_type, started_at, '..', coalesce(ended_at::varchar, ''), state,
						'peak', round(peak, 6), 'at', peak_at, 'severity', severity)
					from TABLE order by dt, rule, level, env, vault_type`))
			case "explanations":
				return list(n.rows(t, alarmTable, "select explanation from TABLE order by dt, rule, level, env, vault_type"))
			}
			t.Fatalf("unknown command %q", d.Cmd)
			return ""
		})
	})
}

// setRules sets the rules of a text and returns what is wrong with it.
func (n *night) setRules(t *testing.T, text string) string {
	rules, problems, err := ParseRules([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	n.options.Rules = rules
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "line %d: %s\n", p.Line, p.What)
	}
	return b.String()
}

// putData takes the lines on the data of a day from the input. It writes its source_catalogue, and returns SELECTs of its
// rows of metric_daily.
func (n *night) putData(t *testing.T, dt bizday.Day, d *datadriven.TestData) (rows []string) {
	row := func(metric, segment, value, sampleSize, state string) {
		rows = append(rows, fmt.Sprintf("select date '%s', 'ALL', '%s', 'day', 'ALL', 'ALL', '%s', 'max', %s, null, null, %s, null, null, null, '%s', null, 's'",
			dt, metric, segment, value, sampleSize, state))
	}
	table, _ := n.project.Table(catalogueTable)
	catalogue, rest := table.Empty(), []string{}
	for _, line := range strings.Split(d.Input, "\n") {
		words, env := strings.Fields(line), "null"
		if len(words) > 0 && strings.HasPrefix(words[0], "env=") {
			env, words = "'"+words[0][len("env="):]+"'", words[1:]
		}
		switch {
		case len(words) == 4 && words[0] == "source":
			catalogue += fmt.Sprintf(" union all by name select date '%s' as dt, %s as env, '%s' as source, 'source' as kind, '%s' as name", dt, env, words[1], words[2])
			if age, err := time.ParseDuration(words[3]); err == nil {
				row("source_age", words[1], fmt.Sprint(age.Seconds()), "null", "ok")
			} else {
				row("source_age", words[1], "null", "null", words[3])
			}
		case len(words) == 3 && words[0] == "lines":
			row("dq_lines", "kept", words[1], words[1], "ok")
			row("dq_lines", "quarantined", words[2], words[2], "ok")
			row("dq_lines", "quarantined:not_json", words[2], words[2], "ok")
		default:
			rest = append(rest, line)
		}
	}
	d.Input = strings.Join(rest, "\n")
	if rows != nil {
		n.putCatalogue(t, table, dt, catalogue)
	}
	return rows
}

func (n *night) putCatalogue(t *testing.T, table warehouse.Table, dt bizday.Day, query string) {
	path, err := n.StagePath(table, dt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.db.Conn().ExecContext(context.Background(), fmt.Sprintf("copy (%s) to %s (format parquet)", query, duck.Quote(path))); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Add(table, dt, 0, "given"); err != nil {
		t.Fatal(err)
	}
}

func list(lines []string) string {
	if len(lines) == 0 {
		return "none\n"
	}
	return strings.Join(lines, "\n") + "\n"
}

func parseRates(t *testing.T, d *datadriven.TestData) cells {
	rates := cells{}
	for _, line := range strings.Split(d.Input, "\n") {
		words := strings.Fields(line)
		env := "prod"
		if len(words) > 0 && strings.HasPrefix(words[0], "env=") {
			env, words = strings.TrimPrefix(words[0], "env="), words[1:]
		}
		put := func(metric, period, text string) {
			if text != "none" {
				rates[cellKey{env, metric, period, words[1]}] = parseSide(t, text)
			}
		}
		switch {
		case len(words) == 4 && words[0] == "claim":
			put("vault_claim_rate_by_type", "qtd", words[2])
			put("vault_claim_rate_by_type", "prev_qtd", words[3])
		case len(words) == 3 && words[0] == "expire":
			put("vault_expire_rate_by_type", "day", words[2])
		default:
			d.Fatalf(t, "not a line of rates: %q", line)
		}
	}
	return rates
}

func parseSide(t *testing.T, text string) side {
	if state, reason, _ := strings.Cut(text, ":"); !strings.Contains(text, "/") {
		return side{state: state, reason: reason}
	}
	text, state, _ := strings.Cut(text, ":")
	numerator, denominator, _ := strings.Cut(text, "/")
	s := side{state: state}
	if state == "" {
		s.state = "ok"
	}
	var err error
	if s.numerator, err = strconv.ParseInt(numerator, 10, 64); err == nil {
		s.denominator, err = strconv.ParseInt(denominator, 10, 64)
	}
	if err != nil {
		t.Fatalf("%q is no rate", text)
	}
	return s
}
