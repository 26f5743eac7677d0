package alarm

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"math/big"
	"slices"
	"time"

	"vaultreport/internal/bizday"
)

// episode is an alarm as far as the days tell that were looked at: on event time a stretch of time, of a daily rule a run of
// days in state firing. Instants are microseconds since 1970 in UTC.
type episode struct {
	subject
	rule           Rule
	started, ended int64    // ended is open while it fires
	peak           *big.Rat // nil where it may not be told
	peakAt         int64
	explanation    string // of the first day
}

// found is what the rules found on a day.
type found struct {
	dt          bizday.Day
	evaluations []Evaluation
	moments     []momentRow
}

// episodes returns the episodes that fire on a day, whenever they started, as they are known by the end of it: with the peak of
// all their days so far.
func episodes(rules []Rule, zone bizday.Zone, day found) []episode {
	named := func(name, level string) Rule {
		return rules[slices.IndexFunc(rules, func(r Rule) bool { return r.Name == name && r.Severity == level })]
	}
	var all []episode
	for _, e := range day.evaluations {
		if r := named(e.Rule, e.Level); !r.isOnEventTime() && e.State == firing {
			all = append(all, episode{
				subject: e.subject(), rule: r, started: zone.Start(e.FiringSince.V).UnixMicro(), ended: open,
				peak: e.Peak, peakAt: zone.Start(e.PeakOn).UnixMicro(), explanation: e.Explanation,
			})
		}
	}
	for _, m := range day.moments {
		if m.fires() {
			r := named(m.rule, m.level)
			all = append(all, episode{
				subject: m.subject, rule: r, started: m.started, ended: m.ended, peak: m.peak, peakAt: m.peakAt, explanation: r.tell(m, zone),
			})
		}
	}
	return all
}

// goOn takes end and peak from a later day, and says whether the episode fires on it.
func (p *episode) goOn(later []episode) bool {
	i := slices.IndexFunc(later, func(q episode) bool { return q.subject == p.subject && q.started == p.started })
	if i < 0 {
		return false
	}
	p.ended, p.peak, p.peakAt = later[i].ended, later[i].peak, later[i].peakAt
	return true
}

// Alarm is a row of the table alarm. Instants are UTC.
type Alarm struct {
	Dt                              bizday.Day // business day of StartedAt
	ID, Rule, Level, Env, VaultType string
	StartedAt                       time.Time
	EndedAt                         *time.Time // nil while it fires
	Peak                            sql.Null[float64]
	PeakAt                          *time.Time // nil where there is no Peak
	State                           string
	RuleDigest, Explanation         string
}

// alarm returns the episode as it is recorded.
func (p episode) alarm(zone bizday.Zone) Alarm {
	a := Alarm{
		Dt: zone.DayOf(p.started), Rule: p.rule.Name, Level: p.level, Env: p.env, VaultType: p.vaultType,
		StartedAt: time.UnixMicro(p.started).UTC(), State: firing, RuleDigest: p.rule.Digest(), Explanation: p.explanation,
	}
	if p.peak != nil {
		at := time.UnixMicro(p.peakAt).UTC()
		a.Peak, a.PeakAt = some(double(p.peak)), &at
	}
	a.ID = alarmID(a)
	if p.ended != open {
		ended := time.UnixMicro(p.ended).UTC()
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

// tell explains an alarm on event time by what its first day knows.
func (r Rule) tell(m momentRow, zone bizday.Zone) string {
	local := func(at int64) string {
		return time.UnixMicro(at).In(zone.Start(zone.DayOf(at)).Location()).Format("2006-01-02T15:04:05.999999Z07:00")
	}
	side := "above"
	if r.Op == "<" {
		side = "below"
	}
	text := r.words() + " in " + m.env + " is " + side + " " + grouped(number(r.Threshold.rat)) + " from " + local(m.since) + " on"
	if r.For > 0 {
		text += ", and has been for " + r.For.String() + " at " + local(m.started)
	}
	return explanation{text: text + ". Of its first day the farthest value is " + grouped(number(m.peak)) + ", at " + local(m.peakAt) + "."}.encode()
}
