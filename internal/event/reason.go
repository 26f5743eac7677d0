package event

// Reason says why a line was refused (docs/sources.md section 1, "Reasons of quarantine"). The zero Reason is none.
type Reason uint8

// The reasons in the order in which they are tested: the first that applies is the reason of the line.
const (
	Accepted Reason = iota
	TooLong
	Truncated
	NotJSON
	BadUTF8
	NotObject
	DuplicateKey
	UnknownEvent
	MissingField
	NaiveTimestamp
	BadField
	MissingEnv
	PIIRefused
	ConflictingDuplicate
)

var reasonNames = [...]string{
	"", "too_long", "truncated", "not_json", "bad_utf8", "not_object", "duplicate_key", "unknown_event", "missing_field",
	"naive_timestamp", "bad_field", "missing_env", "pii_refused", "conflicting_duplicate",
}

func (r Reason) String() string { return reasonNames[r] }

// Dated says whether a line with this reason can belong to the day of its ts; the others belong to the day of their file.
func (r Reason) Dated() bool {
	switch r {
	case TooLong, Truncated, NotJSON, NotObject, DuplicateKey:
		return false
	default:
		return true
	}
}

// HasEnv says whether the ledger files a line with this reason under its env: every test before missing_env passed.
func (r Reason) HasEnv() bool { return r == Accepted || r > MissingEnv }
