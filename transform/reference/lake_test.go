package reference

import (
	"fmt"
	"strconv"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/transform"
)

// putDay writes what a day of the world has in the lake.
func putDay(db *duck.DB, store *folder, p *transform.Project, dt bizday.Day, d *Day) error {
	put := func(name string, always bool, columns []string, rows [][]string) error {
		if len(rows) == 0 && !always {
			return nil
		}
		of, is := p.Table(name)
		if !is {
			return fmt.Errorf("no table %q", name)
		}
		return store.put(db, of, dt, columns, rows)
	}
	var events, entries, statuses, compensations, notifications, extensions [][]string
	for _, e := range d.Events {
		extended := "null"
		if e.Kind == "EXPIRY_EXTENDED" {
			extended = strconv.FormatBool(e.Shadow)
		}
		events = append(events, []string{
			instant(e.TS), text(e.Kind), key(e.User), text(e.VaultType), id(e.ReqID), text(e.Env), instant(e.ExpiresAt), text(e.Variant),
			text(e.Reason), extended, key(e.Compensation), only(e.Kind == "NOTIFY_ENQUEUED", e.LatencyMS), text(e.Job), text(e.Outcome),
			text(e.Queue), only(e.Queue != "", e.Depth), only(e.Attempt > 0, e.Attempt),
		})
	}
	for _, c := range d.Catalogue {
		entries = append(entries, []string{text(c.Env), text(c.Source), text(c.Kind), text(c.Name), text(c.Column)})
	}
	for _, s := range d.Statuses {
		statuses = append(statuses, []string{
			text(s.Env), key(s.User), text(s.Statuses[0]), text(s.Statuses[1]), text(s.Statuses[2]), instant(s.ExpiresAt), orNull(s.Days), orNull(s.Deposit),
		})
	}
	for _, c := range d.Compensations {
		compensations = append(compensations, []string{text(c.Env), strconv.Itoa(c.ID), key(c.ID), text(c.Status)})
	}
	for _, n := range d.Notifications {
		notifications = append(notifications, []string{text(n.Env), strconv.Itoa(n.ID), key(n.User), text(n.Status)})
	}
	for _, x := range d.Extensions {
		extensions = append(extensions, []string{text(x.Env), strconv.Itoa(x.ID), key(x.User), text(x.Reason), strconv.FormatBool(x.Shadow), instant(x.CreatedAt)})
	}
	var ledger, files, fields [][]string
	for _, l := range d.Ledger {
		ledger = append(ledger, []string{text(l.Source), text(l.Origin), text(l.Reason), strconv.FormatInt(l.Rows, 10), instant(l.NewestAt)})
		files = append(files, []string{text(l.Source), text(l.Origin), text(l.Reason), strconv.FormatInt(l.Rows, 10)})
	}
	for field, n := range d.UnknownFields {
		fields = append(fields, []string{text(field), strconv.FormatInt(n, 10)})
	}
	for _, table := range []struct {
		name    string
		always  bool
		columns []string
		rows    [][]string
	}{
		{"events", true, []string{"ts", "event", "user_key", "vault_type", "req_id", "env", "expires_at", "variant_id", "extension_reason", "shadow",
			"compensation_id", "latency_ms", "job", "outcome", "queue", "depth", "attempt"}, events},
		{"source_catalogue", true, []string{"env", "source", "kind", "name", "column_name"}, entries},
		{"source_ledger", false, []string{"source", "origin", "reason", "rows", "newest_at"}, ledger},
		{"row_ledger", false, []string{"source", "file", "reason", "rows"}, files},
		{"unknown_field", false, []string{"field", "rows"}, fields},
		{"vault_status", false, []string{"env", "user_key", "gold_status", "platinum_status", "diamond_status", "expires_at", "platinum_attendance_days",
			"diamond_deposit_current"}, statuses},
		{"compensation_queue", false, []string{"env", "id", "compensation_id", "status"}, compensations},
		{"notifications_queue", false, []string{"env", "id", "user_key", "status"}, notifications},
		{extensionLog, false, []string{"env", "id", "user_key", "reason", "shadow", "created_at"}, extensions},
	} {
		if err := put(table.name, table.always, table.columns, table.rows); err != nil {
			return err
		}
	}
	return nil
}

func text(s string) string {
	if s == "" {
		return "null"
	}
	return duck.Quote(s)
}

func instant(us int64) string {
	if us == 0 {
		return "null::timestamp"
	}
	return fmt.Sprintf("make_timestamp(%d)", us)
}

// key is the user or compensation of a small number.
func key(n int) string {
	if n == 0 {
		return "null::blob"
	}
	return fmt.Sprintf("unhex('%032x')", n)
}

func id(n int) string {
	if n == 0 {
		return "null::uuid"
	}
	// The first bit of some is set: a UUID that is compared as a signed number would sort them first.
	return fmt.Sprintf("'%08x000000000000000000000000'::uuid", uint32(n)*0x50000000)
}

func only(is bool, n int64) string {
	if !is {
		return "null"
	}
	return strconv.FormatInt(n, 10)
}

func orNull(n *int64) string {
	if n == nil {
		return "null"
	}
	return strconv.FormatInt(*n, 10)
}
