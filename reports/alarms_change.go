package reports

import (
	"cmp"
	"database/sql"
	"maps"
	"slices"
	"strings"
)

// shortID is how many digits of an alarm's id the page shows: "alarms show" takes them.
const shortID = 8

// alarmRow is a row of the table alarm. Instants are microseconds since 1970 in UTC.
type alarmRow struct {
	id, rule, level, env, vaultType string
	started                         int64
	ended                           sql.Null[int64]
}

const alarmQuery = `select alarm_id, rule, level, env, vault_type, epoch_us(started_at), epoch_us(ended_at) from read_parquet([?])`

func addAlarm(alarms map[string]alarmRow) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var a alarmRow
		err := rows.Scan(&a.id, &a.rule, &a.level, &a.env, &a.vaultType, &a.started, &a.ended)
		alarms[a.id] = a
		return err
	}
}

// changes says in which alarms that start on the day this publication differs from the one before: late data has created or
// cancelled one, or one has ended. A day that was not published before has none.
func (p *page) changes(m *marts) (texts []string) {
	if m.published == nil {
		return nil
	}
	both := maps.Clone(m.published)
	maps.Copy(both, m.alarms)
	rows := slices.SortedFunc(maps.Values(both), func(a, b alarmRow) int {
		return cmp.Or(cmp.Compare(a.started, b.started), cmp.Compare(a.rule, b.rule), cmp.Compare(a.level, b.level), cmp.Compare(a.env, b.env), cmp.Compare(a.vaultType, b.vaultType))
	})
	for _, a := range rows {
		before, was := m.published[a.id]
		now, is := m.alarms[a.id]
		kind, end := "", now.ended
		switch {
		case !was:
			kind = "new"
		case !is:
			kind, end = "cancelled", before.ended
		case before.ended == now.ended:
			continue
		case !before.ended.Valid:
			kind = "ended"
		case !now.ended.Valid:
			kind = "goes_on"
		default:
			kind = "moved"
		}
		when := p.say("alarm_still", "from", p.clock(m.day, a.started))
		if end.Valid {
			when = p.say("alarm_when", "from", p.clock(m.day, a.started), "to", p.clock(m.day, end.V))
		}
		alarm := strings.Join([]string{a.rule, a.level, a.env, a.vaultType}, " ")
		texts = append(texts, p.say("alarm_change_"+kind, "alarm", alarm, "when", when, "id", a.id[:min(shortID, len(a.id))]))
	}
	return texts
}
