package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/transform/alarm"
)

// replayFlags are the flags of alarms replay.
type replayFlags struct {
	daysFlags
	Rules, Rule, Env string
	Thresholds       thresholds
	Suggest          bool
}

func newAlarmsReplayCommand(a *app) *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Say how often rules would have fired on past days",
		Long: `Evaluate rules over the published days of the newest snapshot and say how often each would have fired, on which days,
and each episode. Nothing is written. Rules are those of --rules, else the configured ones.

--threshold tries other thresholds of a rule, several at once, signed as in a file of rules: a rule that fires below -20% is
tried with -10%. --suggest tries a ladder of thresholds of every rule: 0.2 to 3 times its own, or 0 to 100 where that is 0.
What was open before --start is not known: an older alarm begins there. --end counts as the newest day.` +
			exitCodesHelp("0  replayed", "1  unexpected failure", "2  wrong usage, an error in a file of rules, nothing published on these days", "7  the warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport alarms replay --start 2026-01-01 --end 2026-04-30 --rules other.yaml
  vaultreport alarms replay --rule expire_rate_spike --threshold expire_rate_spike=10%,15%,20% -o json
  vaultreport alarms replay --suggest --env prod`,
		Args: noWords,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.runAlarmsReplay(cmd.Context(), f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	f.daysFlags.addFlags(cmd)
	flags.StringVar(&f.Rules, "rules", "", "`file` of rules (default: the configured ones)")
	flags.StringVar(&f.Rule, "rule", "", "only this `rule`, or RULE:LEVEL")
	flags.StringVar(&f.Env, "env", "", "only what fires in this `environment`")
	flags.Var(&f.Thresholds, "threshold", "try these thresholds of a rule, or of RULE:LEVEL")
	flags.BoolVar(&f.Suggest, "suggest", false, "try a ladder of thresholds of every rule")
	return cmd
}

// daysFlags are the flags of verbs that replay: a range of published days.
type daysFlags struct{ Start, End *bizday.Day }

func (f *daysFlags) addFlags(cmd *cobra.Command) {
	cmd.Flags().Var(dayFlag(&f.Start), "start", "first day (default: the first published)")
	cmd.Flags().Var(dayFlag(&f.End), "end", "last day, inclusive (default: the last published)")
}

// of returns the range, and how many of its days are published.
func (f daysFlags) of(published []bizday.Day) (first, last bizday.Day, days int, err error) {
	if len(published) == 0 {
		return 0, 0, 0, usage("no day is published", `run "vaultreport run" first`)
	}
	first, last = published[0], published[len(published)-1]
	known := fmt.Sprintf("published are days from %s to %s", first, last)
	if f.Start != nil {
		first = *f.Start
	}
	if f.End != nil {
		last = *f.End
	}
	if last < first {
		return 0, 0, 0, usage(fmt.Sprintf("--end %s lies before --start %s", last, first), known)
	}
	for _, dt := range published {
		if first <= dt && dt <= last {
			days++
		}
	}
	if days == 0 {
		return 0, 0, 0, usage(fmt.Sprintf("no day from %s to %s is published", first, last), known)
	}
	return first, last, days, nil
}

func (a *app) runAlarmsReplay(ctx context.Context, f replayFlags) error {
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	rules, err := rulesOf(c, f.Rules)
	if err != nil {
		return err
	}
	left, err := onlyRule(rules, f.Rule)
	if err != nil {
		return err
	}
	tried, err := f.Thresholds.apply(left, f.Suggest)
	if err != nil {
		return err
	}
	return a.withNewest(ctx, func(n newest) error {
		r, err := a.try(ctx, n, tried, f.daysFlags)
		if err != nil {
			return err
		}
		r.keepEnv(f.Env)
		return a.printReplay(r, rules, f.Suggest)
	})
}

// rulesOf reads a file of rules; without one the rules are the configured ones.
func rulesOf(c config, file string) ([]alarm.Rule, error) {
	if file == "" {
		return c.rules()
	}
	return readRules(file)
}

// replay is what rules find on days of a snapshot.
type replay struct {
	snapshot    string
	zone        bizday.Zone
	first, last bizday.Day
	days        int
	trials      []alarm.Trial
}

// try replays rules.
func (a *app) try(ctx context.Context, n newest, rules []alarm.Rule, f daysFlags) (replay, error) {
	first, last, days, err := f.of(n.Days("metric_daily"))
	if err != nil {
		return replay{}, err
	}
	progress, log := a.newProgress()
	progress.Stage("replay", int64(days))
	defer progress.Done()
	o := alarm.Options{Options: transform.Options{DB: n.db, Zone: n.zone, Log: log, Progress: func(bizday.Day, string) { progress.Add(1) }}}
	trials, err := alarm.Try(ctx, n, o, rules, first, last)
	return replay{n.ID, n.zone, first, last, days, trials}, err
}

// keepEnv leaves what is of an env; an empty one leaves all.
func (r *replay) keepEnv(env string) {
	for i := range r.trials {
		t := &r.trials[i]
		t.Alarms = slices.DeleteFunc(t.Alarms, func(a alarm.Alarm) bool { return env != "" && a.Env != env })
		t.Evaluations = slices.DeleteFunc(t.Evaluations, func(e alarm.Evaluation) bool { return env != "" && e.Env != env })
	}
}

// states counts what was found on the days, by state.
func states(t alarm.Trial) map[string]int {
	n := map[string]int{}
	for _, e := range t.Evaluations {
		n[e.State]++
	}
	return n
}

// firingDays returns the days on which an alarm of a trial fires, each once.
func (r replay) firingDays(t alarm.Trial) []string {
	days := []string{}
	for _, a := range t.Alarms {
		for _, dt := range a.Days(r.zone, r.last) {
			days = append(days, dt.String())
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// replayedRule is a rule of the result as JSON.
type replayedRule struct {
	Rule       string         `json:"rule"`
	Level      string         `json:"level"`
	Threshold  float64        `json:"threshold"`
	IsOwn      bool           `json:"is_own"` // the threshold is the file's
	Episodes   int            `json:"episodes"`
	Per30Days  float64        `json:"episodes_per_30_days"`
	FiringDays []string       `json:"firing_days"`
	States     map[string]int `json:"states"`
	Alarms     []episodeRow   `json:"alarms"`
}

// episodeRow is an alarm of the result as JSON.
type episodeRow struct {
	ID        string   `json:"alarm_id"`
	Env       string   `json:"env"`
	VaultType string   `json:"vault_type"`
	Dt        string   `json:"dt"`
	State     string   `json:"state"`
	StartedAt string   `json:"started_at"`
	EndedAt   *string  `json:"ended_at"`
	Peak      *float64 `json:"peak"`
	PeakAt    *string  `json:"peak_at"`
}

func episodeOf(a alarm.Alarm) episodeRow {
	row := episodeRow{ID: a.ID, Env: a.Env, VaultType: a.VaultType, Dt: a.Dt.String(), State: a.State, StartedAt: instantText(a.StartedAt)}
	if a.EndedAt != nil {
		text := instantText(*a.EndedAt)
		row.EndedAt = &text
	}
	if a.Peak.Valid {
		at := instantText(*a.PeakAt)
		row.Peak, row.PeakAt = &a.Peak.V, &at
	}
	return row
}

// printReplay writes a replay. rules are those of the file, which say whether a threshold is their own.
func (a *app) printReplay(r replay, rules []alarm.Rule, isSuggestion bool) error {
	list := make([]replayedRule, len(r.trials))
	summary := grid{columns: []string{"rule", "level", "threshold", "own", "episodes", "per_30_days", "firing_days", "insufficient_data", "no_data"}}
	episodes := grid{columns: []string{"rule", "level", "threshold", "env", "vault_type", "started_at", "ended_at", "peak", "peak_at", "alarm_id"}}
	for i, t := range r.trials {
		isOwn := slices.ContainsFunc(rules, func(own alarm.Rule) bool {
			return own.Name == t.Rule.Name && own.Severity == t.Rule.Severity && own.Threshold.Equal(t.Rule.Threshold)
		})
		rate := float64(len(t.Alarms)) * 30 / float64(r.days)
		list[i] = replayedRule{
			t.Rule.Name, t.Rule.Severity, t.Rule.Threshold.Double(), isOwn, len(t.Alarms), rate, r.firingDays(t), states(t), []episodeRow{},
		}
		threshold, own := t.Rule.Words(t.Rule.Threshold), ""
		if isOwn {
			own = "yes"
		}
		summary.add(t.Rule.Name, t.Rule.Severity, threshold, own, len(t.Alarms), rate, len(list[i].FiringDays),
			list[i].States["insufficient_data"], list[i].States["no_data"])
		for _, found := range t.Alarms {
			e := episodeOf(found)
			list[i].Alarms = append(list[i].Alarms, e)
			episodes.add(t.Rule.Name, t.Rule.Severity, threshold, e.Env, e.VaultType, e.StartedAt, orNil(e.EndedAt), orNil(e.Peak), orNil(e.PeakAt), e.ID)
		}
	}
	switch {
	case a.global.Output == formJSON:
		return writeObject(a.out, []fact{{"snapshot", r.snapshot}, {"start", r.first.String()}, {"end", r.last.String()}, {"days", r.days}, {"rules", list}})
	case a.global.Output == formCSV && isSuggestion:
		return a.write(summary.csv())
	case a.global.Output == formCSV:
		return a.write(episodes.csv())
	}
	text := fmt.Appendf(nil, "%d days from %s to %s, snapshot %s\n\n", r.days, r.first, r.last, r.snapshot)
	text = append(text, summary.table()...)
	if !isSuggestion && len(episodes.rows) > 0 {
		text = append(append(text, '\n'), episodes.table()...)
	}
	return a.write(text)
}

func (a *app) write(text []byte) error {
	_, err := a.out.Write(text)
	return err
}

func orNil[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}
