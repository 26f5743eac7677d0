package event

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
