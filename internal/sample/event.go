package sample

// kind is the name of an event.
type kind uint8

const (
	vaultUnlocked kind = iota
	vaultClaimed
	vaultExpired
	alertSent
	attendanceMarked
	depositRecorded
	expiryExtended
	referralRevived
	compensationEnqueued
	alertClicked
	socialProofImpression
	socialProofClicked
	lossBannerImpression
	lossBannerClicked
	notifyEnqueued
	batchRunFinished
	dlqDepthSampled
	compensationRetried
	kinds
)

func (k kind) String() string {
	return [kinds]string{
		"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED", "ALERT_SENT", "ATTENDANCE_MARKED", "DEPOSIT_RECORDED",
		"EXPIRY_EXTENDED", "REFERRAL_REVIVED", "COMPENSATION_ENQUEUED", "ALERT_CLICKED", "SOCIAL_PROOF_IMPRESSION",
		"SOCIAL_PROOF_CLICKED", "LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED", "NOTIFY_ENQUEUED",
		"BATCH_RUN_FINISHED", "DLQ_DEPTH_SAMPLED", "COMPENSATION_RETRIED",
	}[k]
}

// onEventTime says that a rule on event time reads the kind; a nightly run must not see such a line days late, or
// it would alarm in between.
func (k kind) onEventTime() bool {
	switch k {
	case batchRunFinished, dlqDepthSampled, notifyEnqueued, compensationEnqueued, compensationRetried:
		return true
	}
	return false
}

// vaultType is the type of a vault; the first three have a life.
type vaultType int8

const (
	untyped vaultType = iota - 1
	gold
	platinum
	diamond
	bonus
	lifeTypes = 3
)

func (t vaultType) String() string {
	return [4]string{"GOLD", "PLATINUM", "DIAMOND", "BONUS"}[t]
}

// status is that of a vault; unsaid stands for a field that is left out.
type status int8

const (
	unsaid status = iota
	locked
	unlocked
	claimed
	expired
)

func (s status) String() string {
	return [5]string{"", "LOCKED", "UNLOCKED", "CLAIMED", "EXPIRED"}[s]
}

func (s status) live() bool { return s == locked || s == unlocked }

const nobody = -1

// event is one thing that happened. All that reaches the lake is here, so that every spelling of it means the same.
type event struct {
	at            int64 // microseconds UTC
	ref           uint64
	number        int64 // amount, latency, depth, attempt or ordinal of the mark, by kind
	expires       int64 // seconds UTC; 0 is left out
	variant       string
	notify        string
	name          string // job or queue
	word          string // outcome or extension reason
	user          int32  // index, or nobody
	kind          kind
	vault         vaultType
	before, after status
	shadow        bool
}
