package event

import "slices"

// Kind is the kind of an event. Zero is no kind.
type Kind uint8

// The kinds of docs/sources.md section 1, in the byte order of their names.
const (
	_ Kind = iota
	AlertClicked
	AlertSent
	AttendanceMarked
	BatchRunFinished
	CompensationEnqueued
	CompensationRetried
	DepositRecorded
	DLQDepthSampled
	ExpiryExtended
	LossBannerClicked
	LossBannerImpression
	NotifyEnqueued
	ReferralRevived
	SocialProofClicked
	SocialProofImpression
	VaultClaimed
	VaultExpired
	VaultUnlocked
)

var kindNames = []string{
	"", "ALERT_CLICKED", "ALERT_SENT", "ATTENDANCE_MARKED", "BATCH_RUN_FINISHED", "COMPENSATION_ENQUEUED",
	"COMPENSATION_RETRIED", "DEPOSIT_RECORDED", "DLQ_DEPTH_SAMPLED", "EXPIRY_EXTENDED", "LOSS_BANNER_CLICKED",
	"LOSS_BANNER_IMPRESSION", "NOTIFY_ENQUEUED", "REFERRAL_REVIVED", "SOCIAL_PROOF_CLICKED",
	"SOCIAL_PROOF_IMPRESSION", "VAULT_CLAIMED", "VAULT_EXPIRED", "VAULT_UNLOCKED",
}

// KindOf returns the kind of that name, 0 if there is none.
func KindOf(name string) Kind { return Kind(code(kindNames, name)) }

func (k Kind) String() string { return kindNames[k] }

// Kinds returns every kind in the order of their names.
func Kinds() []Kind {
	kinds := make([]Kind, 0, len(kindNames)-1)
	for k := 1; k < len(kindNames); k++ {
		kinds = append(kinds, Kind(k))
	}
	return kinds
}

// Enum is the code of a value in one of the fixed lists below, counted from 1 in the byte order of the values.
type Enum uint8

// The fixed lists of docs/sources.md section 1. ACTIVE is what some services write for LOCKED.
var (
	VaultTypes       = Enumeration{"", "BONUS", "DIAMOND", "GOLD", "PLATINUM"}
	Statuses         = Enumeration{"", "ACTIVE", "CLAIMED", "EXPIRED", "LOCKED", "UNLOCKED"}
	ExtensionReasons = Enumeration{"", "ADMIN", "OPS", "PROMO", "REFERRAL"}
	Outcomes         = Enumeration{"", "failure", "gave_up", "success"}
)

// Enumeration is a list of values; the code of a value is its index, and 0 is no value.
type Enumeration []string

// Code returns the code of a value, 0 if the list does not hold it.
func (e Enumeration) Code(value string) Enum { return Enum(code(e, value)) }

// Value returns the value of a code.
func (e Enumeration) Value(c Enum) string { return e[c] }

func code(sorted []string, name string) int {
	i, found := slices.BinarySearch(sorted, name)
	if !found {
		return 0
	}
	return i
}
