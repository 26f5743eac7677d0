package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// alerts are the metrics of ALERT_SENT.
func (w *World) alerts(dt bizday.Day, env string) (rows []measure) {
	sent := w.events(dt, env, "ALERT_SENT")
	clicks := w.everyEvent(env, "ALERT_CLICKED")
	claims := w.everyEvent(env, "VAULT_CLAIMED")
	wasClicked := func(a Event) bool {
		return slices.ContainsFunc(clicks, func(c Event) bool {
			return c.User == a.User && c.Variant == a.Variant && isWithin(c.TS, a.TS, day)
		})
	}
	hasClaim := func(a Event) bool { return slices.ContainsFunc(claims, claimOf(a, day)) }
	rate := func(m measure, alerts []Event, hits func(Event) bool) measure {
		var n, d int64
		var users []int
		for _, a := range alerts {
			if !w.isMature(a.TS, a.TS+day) {
				m.immature++
				continue
			}
			d++
			users = append(users, a.User)
			if hits(a) {
				n++
			}
		}
		return m.ratio(n, d, distinct(users))
	}
	count := func(m measure, alerts []Event) measure {
		return m.count(int64(len(alerts)), distinct(usersOf(alerts)))
	}
	for _, s := range typesOf(sent) {
		rows = append(rows,
			s.mark(count(dayOf("alert_sent_count", "count", "count").ofType(s.name), s.events)),
			s.mark(rate(dayOf("alert_claim_within_24h", "rate", "ratio").ofType(s.name), s.events, hasClaim)))
	}
	for _, s := range variantsOf(sent) {
		if s.name != "ALL" {
			rows = append(rows, s.mark(count(dayOf("alert_sent_count", "count", "count").ofVariant(s.name), s.events)))
		}
		rows = append(rows,
			s.mark(rate(dayOf("alert_click_rate", "rate", "ratio").ofVariant(s.name), s.events, wasClicked)),
			s.mark(rate(dayOf("alert_claim_rate_by_variant", "rate", "ratio").ofVariant(s.name), s.events, hasClaim)))
	}
	return rows
}

// isWithin says whether u lies within w of t.
func isWithin(u, t, w int64) bool { return t <= u && u <= t+w }

// claimOf returns what tells whether a claim belongs to an alert or impression: of its type where it has one, within w.
func claimOf(a Event, w int64) func(Event) bool {
	return func(c Event) bool {
		return c.User == a.User && (a.VaultType == "" || c.VaultType == a.VaultType) && isWithin(c.TS, a.TS, w)
	}
}

// split is the events of one value of a dimension.
type split struct {
	name    string
	isFixed bool
	events  []Event
}

func (s split) mark(m measure) measure {
	m.isOpenEnded = !s.isFixed
	return m
}

// typesOf splits by type: ALL, the three, and BONUS and untyped where they occurred; those of always are fixed too.
func typesOf(events []Event, always ...string) []split {
	fixed := slices.Concat([]string{"ALL"}, lifeTypes[:], always)
	return splitBy(events, fixed, func(e Event) string { return orElse(e.VaultType, "untyped") })
}

func variantsOf(events []Event) []split {
	return splitBy(events, []string{"ALL"}, func(e Event) string { return orElse(e.Variant, "untagged") })
}

func splitBy(events []Event, fixed []string, nameOf func(Event) string) []split {
	var splits []split
	add := func(name string, isFixed bool, e ...Event) {
		i := slices.IndexFunc(splits, func(s split) bool { return s.name == name })
		if i < 0 {
			i, splits = len(splits), append(splits, split{name: name, isFixed: isFixed})
		}
		splits[i].events = append(splits[i].events, e...)
	}
	for _, name := range fixed {
		add(name, true)
	}
	for _, e := range events {
		add("ALL", true, e)
		add(nameOf(e), false, e)
	}
	return splits
}

func orElse(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func usersOf(events []Event) (users []int) {
	for _, e := range events {
		users = append(users, e.User)
	}
	return users
}
