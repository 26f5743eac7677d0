package event

import "math/bits"

// Column is a column of lake/events in lake order (docs/sources.md section 1, "Lake columns"); dt is not one, since it
// follows from ts and the zone.
type Column uint8

// The columns in lake order.
const (
	TS Column = iota
	Event
	UserKey
	VaultType
	ReqID
	TraceID
	Env
	StatusBefore
	StatusAfter
	ExpiresAt
	VariantID
	NotifyType
	AttendanceDay
	TxID
	Amount
	ExtensionReason
	Shadow
	CompensationID
	LatencyMS
	Job
	Outcome
	Queue
	Depth
	Attempt
	NumColumns int = iota
)

var columnFields = [NumColumns]struct{ column, field string }{
	TS: {"ts", "ts"}, Event: {"event", "event"}, UserKey: {"user_key", "user_id"}, VaultType: {"vault_type", "vault_type"},
	ReqID: {"req_id", "req_id"}, TraceID: {"trace_id", "trace_id"}, Env: {"env", "env"},
	StatusBefore: {"status_before", "status_before"}, StatusAfter: {"status_after", "status_after"},
	ExpiresAt: {"expires_at", "expires_at"}, VariantID: {"variant_id", "variant_id"},
	NotifyType: {"notify_type", "notify_type"}, AttendanceDay: {"attendance_day", "attendance_day"},
	TxID: {"tx_id", "tx_id"}, Amount: {"amount", "amount"}, ExtensionReason: {"extension_reason", "extension_reason"},
	Shadow: {"shadow", "shadow"}, CompensationID: {"compensation_id", "compensation_id"},
	LatencyMS: {"latency_ms", "latency_ms"}, Job: {"job", "job"}, Outcome: {"outcome", "outcome"},
	Queue: {"queue", "queue"}, Depth: {"depth", "depth"}, Attempt: {"attempt", "attempt"},
}

// String returns the column's name in the lake.
func (c Column) String() string { return columnFields[c].column }

// Field returns the column's name in a JSON line; it differs for user_key, which is user_id there.
func (c Column) Field() string { return columnFields[c].field }

// ColumnOfField returns the column that a field of a line fills, and whether any kind lists such a field.
func ColumnOfField(field string) (Column, bool) {
	for c := range Column(NumColumns) {
		if columnFields[c].field == field {
			return c, true
		}
	}
	return 0, false
}

// Columns is a set of columns.
type Columns uint32

// Set returns the set of the given columns.
func Set(columns ...Column) (set Columns) {
	for _, c := range columns {
		set |= 1 << c
	}
	return set
}

// Has says whether the column is in the set.
func (s Columns) Has(c Column) bool { return s&(1<<c) != 0 }

// First returns the first column of the set in lake order; the set must not be empty.
func (s Columns) First() Column { return Column(bits.TrailingZeros32(uint32(s))) }
