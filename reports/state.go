package reports

import (
	"database/sql"
	"strconv"
	"strings"
)

// note returns in words why a cell or a change has no value, or with which reservation it has one; "" when there is
// nothing to say. States and reasons are those of docs/definitions.md section 5; one that is not known here is shown as
// it stands in the mart.
func (p *page) note(state string, reason sql.Null[string], hasValue bool) string {
	why := p.reason(state, reason.V, hasValue)
	if state == "ok" {
		return why
	}
	words := p.sayOr("state_"+state, state)
	if why == "" {
		return words
	}
	return words + ": " + why
}

func (p *page) reason(state, reason string, hasValue bool) string {
	switch {
	case state == "no_data" && reason == "immature":
		return p.say("reason_missing_side")
	case state == "immature" && hasValue:
		return p.say("reason_immature_some")
	case state == "immature":
		return p.say("reason_immature_none")
	case reason == "k" || state == "suppressed" && reason == "":
		return p.say("reason_k", "k", strconv.Itoa(p.options.K))
	case strings.HasPrefix(reason, "missing_days="):
		return p.say("reason_missing_days", "days", strings.TrimPrefix(reason, "missing_days="))
	case state == "not_computable" && reason != "no_snapshot":
		return p.missing(reason)
	default:
		return p.sayOr("reason_"+reason, reason)
	}
}

// missing names in words what a metric lacks: TABLE.COLUMN, TABLE, a kind of events, or any source of them.
func (p *page) missing(reason string) string {
	table, column, isColumn := strings.Cut(reason, ".")
	switch {
	case reason == "":
		return ""
	case reason == "events":
		return p.say("reason_no_event_source")
	case isColumn:
		return p.say("reason_missing_column", "table", table, "column", column)
	case isEvent(reason):
		return p.say("reason_missing_event", "name", reason)
	default:
		return p.say("reason_missing_table", "table", table)
	}
}
