package event

import (
	"bytes"
	"cmp"
	"strings"
)

// Key is a keyed hash, a UUID or a trace id: 16 bytes.
type Key [16]byte

// Record is one event as it reaches the lake, masked. A column that is not in Present is NULL, and its field holds the
// zero value. Instants are microseconds since 1970-01-01T00:00:00Z, amounts whole KRW. Its texts are shared: they are
// never changed and may be kept.
type Record struct {
	Present         Columns
	TS              int64
	Kind            Kind
	UserKey         Key
	VaultType       Enum // of VaultTypes
	ReqID           Key
	TraceID         Key
	Env             string
	StatusBefore    Enum // of Statuses
	StatusAfter     Enum // of Statuses
	ExpiresAt       int64
	VariantID       string
	NotifyType      string
	AttendanceDay   int64
	TxID            Key
	Amount          int64
	ExtensionReason Enum // of ExtensionReasons
	Shadow          bool
	CompensationID  Key
	LatencyMS       int64
	Job             string
	Outcome         Enum // of Outcomes
	Queue           string
	Depth           int64
	Attempt         int64
}

// Compare orders records by a day file's total order (docs/definitions.md section 2): event, user_key, ts, then the
// other columns in lake order; NULL first, false before true, text and keys by bytes. It is 0 only for records that are
// equal in every column of the lake.
func Compare(a, b *Record) int {
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	if c := compareColumn(a, b, UserKey); c != 0 {
		return c
	}
	if c := cmp.Compare(a.TS, b.TS); c != 0 {
		return c
	}
	for column := VaultType; int(column) < NumColumns; column++ {
		if c := compareColumn(a, b, column); c != 0 {
			return c
		}
	}
	return 0
}

// SameIdentity says whether two records of one business day are the same event by the identity of docs/definitions.md
// section 2: with req_id the identity columns are equal; without it every column but trace_id is.
func SameIdentity(a, b *Record) bool {
	if !a.Present.Has(ReqID) || !b.Present.Has(ReqID) {
		return a.Kind == b.Kind && a.TS == b.TS && compareIn(a, b, everything&^Set(TraceID)) == 0
	}
	return a.Kind == b.Kind && compareIn(a, b, identity) == 0
}

// SameContent says whether two records of one identity tell the same: they are equal in every column but ts and
// trace_id. If they are not, they are in conflict.
func SameContent(a, b *Record) bool { return compareIn(a, b, everything&^Set(TraceID)) == 0 }

// CompareIdentity orders records so that those of one identity are neighbours, and within an identity by Compare: the
// first of them is the kept one.
func CompareIdentity(a, b *Record) int {
	if c := cmp.Compare(a.Kind, b.Kind); c != 0 {
		return c
	}
	// The two ways to compare must not meet, or the order goes round in a circle.
	if c := boolean(a.Present.Has(ReqID)) - boolean(b.Present.Has(ReqID)); c != 0 {
		return c
	}
	columns := identity
	if !a.Present.Has(ReqID) {
		if c := cmp.Compare(a.TS, b.TS); c != 0 {
			return c
		}
		columns = everything &^ Set(TraceID)
	}
	if c := compareIn(a, b, columns); c != 0 {
		return c
	}
	return Compare(a, b)
}

const (
	everything = Columns(1<<NumColumns - 1)
	identity   = Columns(1<<Env | 1<<UserKey | 1<<VaultType | 1<<ReqID | 1<<TxID | 1<<CompensationID | 1<<Attempt |
		1<<AttendanceDay | 1<<Job | 1<<Queue)
)

// compareIn compares in the given columns but ts and event, in lake order.
func compareIn(a, b *Record, columns Columns) int {
	for column := UserKey; int(column) < NumColumns; column++ {
		if columns.Has(column) {
			if c := compareColumn(a, b, column); c != 0 {
				return c
			}
		}
	}
	return 0
}

func compareColumn(a, b *Record, column Column) int {
	inA, inB := a.Present.Has(column), b.Present.Has(column)
	if !inA || !inB {
		return boolean(inA) - boolean(inB)
	}
	switch column {
	case TS:
		return cmp.Compare(a.TS, b.TS)
	case Event:
		return cmp.Compare(a.Kind, b.Kind)
	case UserKey:
		return bytes.Compare(a.UserKey[:], b.UserKey[:])
	case VaultType:
		return cmp.Compare(a.VaultType, b.VaultType)
	case ReqID:
		return bytes.Compare(a.ReqID[:], b.ReqID[:])
	case TraceID:
		return bytes.Compare(a.TraceID[:], b.TraceID[:])
	case Env:
		return strings.Compare(a.Env, b.Env)
	case StatusBefore:
		return cmp.Compare(a.StatusBefore, b.StatusBefore)
	case StatusAfter:
		return cmp.Compare(a.StatusAfter, b.StatusAfter)
	case ExpiresAt:
		return cmp.Compare(a.ExpiresAt, b.ExpiresAt)
	case VariantID:
		return strings.Compare(a.VariantID, b.VariantID)
	case NotifyType:
		return strings.Compare(a.NotifyType, b.NotifyType)
	case AttendanceDay:
		return cmp.Compare(a.AttendanceDay, b.AttendanceDay)
	case TxID:
		return bytes.Compare(a.TxID[:], b.TxID[:])
	case Amount:
		return cmp.Compare(a.Amount, b.Amount)
	case ExtensionReason:
		return cmp.Compare(a.ExtensionReason, b.ExtensionReason)
	case Shadow:
		return boolean(a.Shadow) - boolean(b.Shadow)
	case CompensationID:
		return bytes.Compare(a.CompensationID[:], b.CompensationID[:])
	case LatencyMS:
		return cmp.Compare(a.LatencyMS, b.LatencyMS)
	case Job:
		return strings.Compare(a.Job, b.Job)
	case Outcome:
		return cmp.Compare(a.Outcome, b.Outcome)
	case Queue:
		return strings.Compare(a.Queue, b.Queue)
	case Depth:
		return cmp.Compare(a.Depth, b.Depth)
	default:
		return cmp.Compare(a.Attempt, b.Attempt)
	}
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}
