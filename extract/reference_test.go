package extract

import (
	"bytes"
	"cmp"
	"strings"

	"vaultreport/internal/event"
)

// What two lines are to each other, column by column, as docs/definitions.md section 2 says it.

// compare orders records by a day file's total order (docs/definitions.md section 2): event, user_key, ts, then the
// other columns in lake order; NULL first, false before true, text and keys by bytes. It is 0 only for records that are
// equal in every column of the lake.
func compare(a, b *event.Record) int {
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	if c := compareColumn(a, b, event.UserKey); c != 0 {
		return c
	}
	if c := cmp.Compare(a.TS, b.TS); c != 0 {
		return c
	}
	for column := event.VaultType; int(column) < event.NumColumns; column++ {
		if c := compareColumn(a, b, column); c != 0 {
			return c
		}
	}
	return 0
}

// sameIdentity says whether two records of one business day are the same event by the identity of docs/definitions.md
// section 2: with req_id the identity columns are equal; without it every column but trace_id is.
func sameIdentity(a, b *event.Record) bool {
	if !a.Present.Has(event.ReqID) || !b.Present.Has(event.ReqID) {
		return a.Kind == b.Kind && a.TS == b.TS && compareIn(a, b, everything&^event.Set(event.TraceID)) == 0
	}
	return a.Kind == b.Kind && compareIn(a, b, identity) == 0
}

// sameContent says whether two records of one identity tell the same: they are equal in every column but ts and
// trace_id. If they are not, they are in conflict.
func sameContent(a, b *event.Record) bool {
	return compareIn(a, b, everything&^event.Set(event.TraceID)) == 0
}

const (
	everything = event.Columns(1<<event.NumColumns - 1)
	identity   = event.Columns(1<<event.Env | 1<<event.UserKey | 1<<event.VaultType | 1<<event.ReqID | 1<<event.TxID | 1<<event.CompensationID | 1<<event.Attempt |
		1<<event.AttendanceDay | 1<<event.Job | 1<<event.Queue)
)

// compareIn compares in the given columns but ts and event, in lake order.
func compareIn(a, b *event.Record, columns event.Columns) int {
	for column := event.UserKey; int(column) < event.NumColumns; column++ {
		if columns.Has(column) {
			if c := compareColumn(a, b, column); c != 0 {
				return c
			}
		}
	}
	return 0
}

func compareColumn(a, b *event.Record, column event.Column) int {
	inA, inB := a.Present.Has(column), b.Present.Has(column)
	if !inA || !inB {
		return boolean(inA) - boolean(inB)
	}
	switch column {
	case event.TS:
		return cmp.Compare(a.TS, b.TS)
	case event.Event:
		return cmp.Compare(a.Kind, b.Kind)
	case event.UserKey:
		return bytes.Compare(a.UserKey[:], b.UserKey[:])
	case event.VaultType:
		return cmp.Compare(a.VaultType, b.VaultType)
	case event.ReqID:
		return bytes.Compare(a.ReqID[:], b.ReqID[:])
	case event.TraceID:
		return bytes.Compare(a.TraceID[:], b.TraceID[:])
	case event.Env:
		return strings.Compare(a.Env, b.Env)
	case event.StatusBefore:
		return cmp.Compare(a.StatusBefore, b.StatusBefore)
	case event.StatusAfter:
		return cmp.Compare(a.StatusAfter, b.StatusAfter)
	case event.ExpiresAt:
		return cmp.Compare(a.ExpiresAt, b.ExpiresAt)
	case event.VariantID:
		return strings.Compare(a.VariantID, b.VariantID)
	case event.NotifyType:
		return strings.Compare(a.NotifyType, b.NotifyType)
	case event.AttendanceDay:
		return cmp.Compare(a.AttendanceDay, b.AttendanceDay)
	case event.TxID:
		return bytes.Compare(a.TxID[:], b.TxID[:])
	case event.Amount:
		return cmp.Compare(a.Amount, b.Amount)
	case event.ExtensionReason:
		return cmp.Compare(a.ExtensionReason, b.ExtensionReason)
	case event.Shadow:
		return boolean(a.Shadow) - boolean(b.Shadow)
	case event.CompensationID:
		return bytes.Compare(a.CompensationID[:], b.CompensationID[:])
	case event.LatencyMS:
		return cmp.Compare(a.LatencyMS, b.LatencyMS)
	case event.Job:
		return strings.Compare(a.Job, b.Job)
	case event.Outcome:
		return cmp.Compare(a.Outcome, b.Outcome)
	case event.Queue:
		return strings.Compare(a.Queue, b.Queue)
	case event.Depth:
		return cmp.Compare(a.Depth, b.Depth)
	default:
		return cmp.Compare(a.Attempt, b.Attempt)
	}
}
