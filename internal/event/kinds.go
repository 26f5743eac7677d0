package event

// common are the fields that every kind lists.
const common = Columns(1<<TS | 1<<Event | 1<<Env | 1<<ReqID | 1<<TraceID)

// listing is a row of the tables of docs/sources.md section 1.
type listing struct{ needs, may Columns }

var listings = func() [VaultUnlocked + 1]listing {
	vault := listing{Set(UserKey, VaultType), Set(StatusBefore, StatusAfter, ExpiresAt)}
	alert := listing{Set(UserKey), Set(VaultType, VariantID, NotifyType)}
	exposure := listing{Set(UserKey), Set(VaultType, VariantID)}
	return [VaultUnlocked + 1]listing{
		VaultUnlocked:         vault,
		VaultClaimed:          vault,
		VaultExpired:          vault,
		AlertSent:             alert,
		AlertClicked:          alert,
		AttendanceMarked:      {Set(UserKey, AttendanceDay), Set(VaultType)},
		DepositRecorded:       {Set(UserKey, TxID, Amount), Set(VaultType)},
		ExpiryExtended:        {Set(UserKey, ExtensionReason, Shadow, ExpiresAt), Set(VaultType)},
		ReferralRevived:       {Set(UserKey, ExpiresAt), Set(VaultType)},
		CompensationEnqueued:  {Set(UserKey, CompensationID), Set(VaultType)},
		SocialProofImpression: exposure,
		SocialProofClicked:    exposure,
		LossBannerImpression:  exposure,
		LossBannerClicked:     exposure,
		NotifyEnqueued:        {Set(UserKey, LatencyMS), Set(NotifyType, VariantID)},
		BatchRunFinished:      {Set(Job, Outcome), 0},
		DLQDepthSampled:       {Set(Queue, Depth), 0},
		CompensationRetried:   {Set(CompensationID, Attempt, Outcome), Set(UserKey, VaultType)},
	}
}()

// Needs returns the columns without which a line of this kind is refused as missing_field; env, which a source may fix,
// is not among them.
func (k Kind) Needs() Columns { return listings[k].needs | Set(TS, Event) }

// Lists returns every column that a line of this kind may fill; any other field of the line is dropped unread.
func (k Kind) Lists() Columns { return common | listings[k].needs | listings[k].may }
