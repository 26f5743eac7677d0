package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform/alarm"
)

func newAlarmsShowCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "show ID",
		Short: "Show one alarm: its days, and what explains it",
		Long: `Show an alarm of the newest snapshot: when it fired, the value of each day against the threshold, the explanation in
words, and the parts of the change, which add up to it. The first digits of the id will do.` +
			exitCodesHelp("0  shown", "1  unexpected failure", "2  no such alarm, wrong usage, nothing published", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: "  vaultreport alarms show 3f9a\n  vaultreport alarms show 3f9a -o json",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) != 1:
				return usage(fmt.Sprintf("alarms show takes one id, not %d", len(args)), `"vaultreport alarms list" lists them`)
			case !validAlarmID(args[0]):
				return usage(fmt.Sprintf("%q is no id of an alarm", args[0]), "an id has 32 hexadecimal digits, of which the first four or more are enough")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runAlarmsShow(cmd.Context(), args[0]) },
	}
}

// shownAlarm is an alarm with its days.
type shownAlarm struct {
	dt                              bizday.Day
	id, rule, level, env, vaultType string
	state, ruleDigest, explanation  string
	started                         time.Time
	ended, peakAt                   sql.Null[time.Time]
	peak                            sql.Null[float64]
	days                            []firingDay
}

// firingDay is a day at the end of which the alarm fired. What the rule does not have, or may not tell, is nil.
type firingDay struct {
	Dt                  string   `json:"dt"`
	Value               *float64 `json:"value"`
	Numerator           *int64   `json:"numerator"`
	Denominator         *int64   `json:"denominator"`
	BaselineNumerator   *int64   `json:"baseline_numerator"`
	BaselineDenominator *int64   `json:"baseline_denominator"`
	Threshold           float64  `json:"threshold"`
	PValue              *float64 `json:"p_value"`
}

// alarmExplanation is the JSON in alarm.explanation.
type alarmExplanation struct {
	Text   string  `json:"text"`
	Change float64 `json:"change"`
	Parts  []struct {
		Name  string  `json:"name"`
		Part  string  `json:"part"`
		Value float64 `json:"value"`
	} `json:"parts"`
}

func (a *app) runAlarmsShow(ctx context.Context, id string) error {
	return a.withNewest(ctx, func(n newest) error {
		shown, err := findAlarm(ctx, n.db.Conn(), id)
		if err != nil {
			return err
		}
		rules, err := n.config.rules()
		if err != nil {
			return err
		}
		i := slices.IndexFunc(rules, func(r alarm.Rule) bool { return r.Name == shown.rule && r.Digest() == shown.ruleDigest })
		if i < 0 {
			return a.printAlarm(shown, nil)
		}
		return a.printAlarm(shown, &rules[i])
	})
}

// findAlarm returns the one alarm whose id begins with some digits.
func findAlarm(ctx context.Context, conn *sql.Conn, id string) (*shownAlarm, error) {
	rows, err := conn.QueryContext(ctx, `
		select dt, alarm_id, rule, level, env, vault_type, started_at, ended_at, peak, peak_at, state, rule_digest, explanation
		from alarm where starts_with(alarm_id, ?) order by alarm_id`, id)
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "alarms: read alarm", err)
	}
	defer rows.Close()
	var found []*shownAlarm
	for rows.Next() {
		var s shownAlarm
		var dt time.Time
		if err := rows.Scan(&dt, &s.id, &s.rule, &s.level, &s.env, &s.vaultType, &s.started, &s.ended, &s.peak, &s.peakAt, &s.state, &s.ruleDigest, &s.explanation); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "alarms: read alarm", err)
		}
		s.dt = bizday.Of(dt.Date())
		found = append(found, &s)
	}
	switch {
	case rows.Err() != nil:
		return nil, errs.Wrap(errs.Unexpected, "alarms: read alarm", rows.Err())
	case len(found) == 0:
		return nil, usage(fmt.Sprintf("no alarm has the id %q", id), `"vaultreport alarms list" lists them`)
	case len(found) > 1:
		return nil, usage(fmt.Sprintf("the ids of %d alarms begin with %q", len(found), id), "give more digits, for example "+found[0].id)
	}
	return found[0], found[0].readDays(ctx, conn)
}

func (s *shownAlarm) readDays(ctx context.Context, conn *sql.Conn) error {
	rows, err := conn.QueryContext(ctx, `
		select dt::varchar, value, numerator, denominator, baseline_numerator, baseline_denominator, threshold, p_value
		from alarm_evaluation
		where rule = ? and level = ? and env = ? and vault_type = ? and state = 'firing' and firing_since = ?::date
		order by dt`, s.rule, s.level, s.env, s.vaultType, s.dt.String())
	if err != nil {
		return errs.Wrap(errs.Unexpected, "alarms: read alarm_evaluation", err)
	}
	defer rows.Close()
	s.days = []firingDay{} // an alarm on event time may have none
	for rows.Next() {
		var d firingDay
		if err := rows.Scan(&d.Dt, &d.Value, &d.Numerator, &d.Denominator, &d.BaselineNumerator, &d.BaselineDenominator, &d.Threshold, &d.PValue); err != nil {
			return errs.Wrap(errs.Unexpected, "alarms: read alarm_evaluation", err)
		}
		s.days = append(s.days, d)
	}
	if err := rows.Err(); err != nil {
		return errs.Wrap(errs.Unexpected, "alarms: read alarm_evaluation", err)
	}
	return nil
}

// printAlarm writes an alarm; rule is nil if the rule that made it is not the configured one any more.
func (a *app) printAlarm(s *shownAlarm, rule *alarm.Rule) error {
	facts := []fact{
		{"alarm_id", s.id}, {"rule", s.rule}, {"level", s.level}, {"env", s.env}, {"vault_type", s.vaultType}, {"state", s.state},
		{"started_at", instantText(s.started)}, {"ended_at", nil}, {"peak", nil}, {"peak_at", nil},
	}
	if s.ended.Valid {
		facts[7].value = instantText(s.ended.V)
	}
	if s.peak.Valid {
		facts[8].value, facts[9].value = s.peak.V, instantText(s.peakAt.V)
	}
	var annotations map[string]string
	if rule != nil {
		var err error
		if annotations, err = rule.Annotate(s.facts(rule)); err != nil {
			return errs.Wrap(errs.Unexpected, "alarms: show "+s.id, err)
		}
		for _, f := range []fact{{"summary", rule.Summary}, {"owner", rule.Owner}, {"runbook", rule.Runbook}} {
			if f.value != "" {
				facts = append(facts, f)
			}
		}
	}
	switch a.global.Output {
	case formJSON:
		if rule != nil {
			facts = append(facts, fact{"labels", orEmpty(rule.Labels)}, fact{"annotations", orEmpty(annotations)})
		}
		return writeFacts(a.out, formJSON, append(facts, fact{"explanation", json.RawMessage(s.explanation)}, fact{"days", s.days}))
	case formCSV:
		return writeFacts(a.out, formCSV, append(known(facts, ""), fact{"explanation", s.explanation}))
	}
	var explanation alarmExplanation
	if err := json.Unmarshal([]byte(s.explanation), &explanation); err != nil {
		return errs.Wrap(errs.Unexpected, "alarms: read the explanation of "+s.id, err)
	}
	var b bytes.Buffer
	if rule != nil {
		facts = slices.Concat(facts, inOrder("label ", rule.Labels), inOrder("", annotations))
	}
	if err := writeFacts(&b, formTable, known(facts, "-")); err != nil {
		return err
	}
	if rule == nil {
		b.WriteString("\nThe rule that made it is not the configured one any more.\n")
	}
	fmt.Fprintf(&b, "\n%s\n", wrapped(explanation.Text, 80))
	if len(explanation.Parts) > 0 {
		fmt.Fprintf(&b, "\nParts of the change of the first day, in points; they add up to %+.4f:\n", 100*explanation.Change)
		for _, p := range explanation.Parts {
			fmt.Fprintf(&b, "  %-9s %-12s %+10.4f\n", p.Name, p.Part, 100*p.Value)
		}
	}
	if len(s.days) > 0 {
		b.WriteString("\nDays at the end of which it fired:\n")
	}
	for _, d := range s.days {
		fmt.Fprintf(&b, "  %s  %s\n", d.Dt, d.text())
	}
	_, err := a.out.Write(b.Bytes())
	return err
}

// facts are what annotations may say of the alarm.
func (s *shownAlarm) facts(rule *alarm.Rule) alarm.Facts {
	f := alarm.Facts{
		Rule: s.rule, Level: s.level, Env: s.env, VaultType: s.vaultType, State: s.state, Dt: s.dt.String(), StartedAt: instantText(s.started),
		Value: alarm.NotTold, Threshold: rule.Threshold.Double(),
	}
	if s.ended.Valid {
		f.EndedAt = instantText(s.ended.V)
	}
	if s.peak.Valid {
		f.Value, f.ValueAt = s.peak.V, instantText(s.peakAt.V)
	}
	return f
}

func orEmpty(texts map[string]string) map[string]string {
	if texts == nil {
		return map[string]string{}
	}
	return texts
}

// inOrder returns texts as facts, by name.
func inOrder(before string, texts map[string]string) (facts []fact) {
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		facts = append(facts, fact{before + name, texts[name]})
	}
	return facts
}

// known returns facts with a text where there is no value.
func known(facts []fact, absent string) []fact {
	facts = slices.Clone(facts)
	for i := range facts {
		if facts[i].value == nil {
			facts[i].value = absent
		}
	}
	return facts
}

// text says what the rule found on the day.
func (d firingDay) text() string {
	switch {
	case d.Value == nil:
		return "its numbers are not shown"
	case d.Numerator == nil:
		return fmt.Sprintf("%g (threshold %g)", *d.Value, d.Threshold)
	}
	text := fmt.Sprintf("%+.1f%% (threshold %+g%%)  %d of %d against %d of %d", 100**d.Value, 100*d.Threshold, *d.Numerator, *d.Denominator,
		*d.BaselineNumerator, *d.BaselineDenominator)
	if d.PValue != nil {
		text += fmt.Sprintf("  p = %.3g", *d.PValue)
	}
	return text
}

// instantText is the form of contract section 1.
func instantText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// wrapped breaks a text into lines of at most so many columns.
func wrapped(text string, columns int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case at+1+len(word) > columns:
			b.WriteByte('\n')
			at = 0
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += len(word)
	}
	return b.String()
}
