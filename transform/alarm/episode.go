package alarm

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"vaultreport/internal/bizday"
)

// episode is a run of consecutive days on which a rule fires.
type episode struct {
	first   Evaluation // of its first day
	last    bizday.Day // the last firing day
	running bool       // it fires on the last day that was looked at
	peak    Evaluation // of the day farthest beyond the threshold, the first of several
	rule    Rule
}

// episodesFrom returns the episodes that begin on a day whose rows are given.
func episodesFrom(rules []Rule, dt bizday.Day, rows []Evaluation) []*episode {
	var found []*episode
	for _, e := range rows {
		if e.State == firing && e.FiringSince.V == dt {
			i := slices.IndexFunc(rules, func(r Rule) bool { return r.Name == e.Rule })
			found = append(found, &episode{first: e, last: dt, running: true, peak: e, rule: rules[i]})
		}
	}
	return found
}

// follow looks at the rows of the day after the last one that was looked at. It returns whether an episode still runs.
func follow(episodes []*episode, rows []Evaluation) (running bool) {
	for _, p := range episodes {
		if !p.running {
			continue
		}
		i := slices.IndexFunc(rows, func(e Evaluation) bool { return e.subject() == p.first.subject() })
		p.running = i >= 0 && rows[i].State == firing
		if p.running {
			running = true
			p.last = rows[i].Dt
			if p.rule.beyond(rows[i].change(), p.peak.change()) {
				p.peak = rows[i]
			}
		}
	}
	return running
}

// Alarm is a row of the table alarm. Instants are UTC.
type Alarm struct {
	Dt                              bizday.Day // business day of StartedAt
	ID, Rule, Level, Env, VaultType string
	StartedAt                       time.Time
	EndedAt                         *time.Time // nil while it fires
	Peak                            float64
	PeakAt                          time.Time
	State                           string
	RuleDigest, Explanation         string
}

// alarm returns the episode as it is recorded. isNewest says that no day after its last one is evaluated yet.
func (p *episode) alarm(zone bizday.Zone, isNewest bool) Alarm {
	a := Alarm{
		Dt: p.first.Dt, Rule: p.first.Rule, Level: p.first.Level, Env: p.first.Env, VaultType: p.first.VaultType,
		StartedAt: zone.Start(p.first.Dt).UTC(), Peak: double(p.peak.change()), PeakAt: zone.Start(p.peak.Dt).UTC(),
		State: firing, RuleDigest: p.rule.Digest(), Explanation: p.first.Explanation,
	}
	a.ID = alarmID(a)
	if !isNewest {
		ended := zone.Start(p.last + 1).UTC()
		a.State, a.EndedAt = resolved, &ended
	}
	return a
}

// alarmID is the same whenever the alarm is computed again.
func alarmID(a Alarm) string {
	text := a.Rule + "|" + a.Level + "|" + a.Env + "|" + a.VaultType + "|" + a.StartedAt.Format("2006-01-02T15:04:05.000000Z")
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:32]
}
