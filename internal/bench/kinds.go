package main

import "strconv"

// lineKind is a kind of event lines.
type lineKind struct {
	name             string
	share            int // of 1,024 lines
	hasUser, hasType bool
	rest             func(b []byte, bits uint64, e *eventLines) []byte // appends the fields of its own
}

var (
	vaultTypes  = [4]string{"GOLD", "PLATINUM", "DIAMOND", "BONUS"}
	apps        = [4]string{"5.12.0", "5.12.1", "5.11.3", "6.0-b2"}
	variants    = [4]string{"control", "countdown-a", "countdown-b", "quiet"}
	notifyTypes = [4]string{"expiry_d1", "expiry_d3", "unlock_ready", "attendance"}
	reasons     = [4]string{"OPS", "PROMO", "REFERRAL", "ADMIN"}
	jobs        = [4]string{"expire-vaults", "unlock-vaults", "notify-dispatch", "compensate"}
	queues      = [2]string{"notify-dlq", "compensation-dlq"}
	outcomes    = [4]string{"success", "success", "success", "failure"}
)

var lineKinds = []lineKind{
	{"NOTIFY_ENQUEUED", 160, true, false, func(b []byte, bits uint64, _ *eventLines) []byte {
		return appendNumber(appendText(b, "notify_type", notifyTypes[bits%4]), "latency_ms", bits>>8%4000)
	}},
	{"ALERT_SENT", 150, true, true, alert},
	{"ALERT_CLICKED", 60, true, true, alert},
	{"SOCIAL_PROOF_IMPRESSION", 130, true, true, exposure},
	{"SOCIAL_PROOF_CLICKED", 30, true, true, exposure},
	{"LOSS_BANNER_IMPRESSION", 100, true, true, exposure},
	{"LOSS_BANNER_CLICKED", 24, true, true, exposure},
	{"ATTENDANCE_MARKED", 120, true, true, func(b []byte, bits uint64, _ *eventLines) []byte {
		return appendNumber(b, "attendance_day", 1+bits%30)
	}},
	{"DEPOSIT_RECORDED", 110, true, true, func(b []byte, bits uint64, e *eventLines) []byte {
		return appendNumber(e.appendID(b, "tx_id", "tx-"), "amount", 1000*(1+bits%500))
	}},
	{"VAULT_UNLOCKED", 40, true, true, status("LOCKED", "UNLOCKED")},
	{"VAULT_CLAIMED", 36, true, true, status("UNLOCKED", "CLAIMED")},
	{"VAULT_EXPIRED", 16, true, true, status("UNLOCKED", "EXPIRED")},
	{"EXPIRY_EXTENDED", 12, true, true, func(b []byte, bits uint64, e *eventLines) []byte {
		b = appendText(b, "extension_reason", reasons[bits%4])
		return e.appendExpiry(strconv.AppendBool(append(b, `,"shadow":`...), bits&64 == 0))
	}},
	{"REFERRAL_REVIVED", 8, true, true, func(b []byte, _ uint64, e *eventLines) []byte { return e.appendExpiry(b) }},
	{"COMPENSATION_ENQUEUED", 10, true, true, func(b []byte, _ uint64, e *eventLines) []byte { return e.appendID(b, "compensation_id", "cmp-") }},
	{"COMPENSATION_RETRIED", 12, true, true, func(b []byte, bits uint64, e *eventLines) []byte {
		return appendText(appendNumber(e.appendID(b, "compensation_id", "cmp-"), "attempt", 1+bits%5), "outcome", outcomes[bits>>8%4])
	}},
	{"BATCH_RUN_FINISHED", 3, false, false, func(b []byte, bits uint64, _ *eventLines) []byte {
		return appendText(appendText(b, "job", jobs[bits%4]), "outcome", outcomes[bits>>8%4])
	}},
	{"DLQ_DEPTH_SAMPLED", 3, false, false, func(b []byte, bits uint64, _ *eventLines) []byte {
		return appendNumber(appendText(b, "queue", queues[bits%2]), "depth", bits>>8%50)
	}},
}

// kindOf has each kind as often as its share.
var kindOf = func() (list []*lineKind) {
	for i := range lineKinds {
		for range lineKinds[i].share {
			list = append(list, &lineKinds[i])
		}
	}
	return list
}()

func alert(b []byte, bits uint64, e *eventLines) []byte {
	return appendText(exposure(b, bits, e), "notify_type", notifyTypes[bits>>4%4])
}

func exposure(b []byte, bits uint64, _ *eventLines) []byte {
	return appendText(b, "variant_id", variants[bits%4])
}

func status(before, after string) func([]byte, uint64, *eventLines) []byte {
	return func(b []byte, _ uint64, e *eventLines) []byte {
		return e.appendExpiry(appendText(appendText(b, "status_before", before), "status_after", after))
	}
}

// appendExpiry appends an instant of the day itself: no metric is computed of it.
func (e *eventLines) appendExpiry(b []byte) []byte {
	return append(append(append(b, `,"expires_at":"`...), e.day...), `T23:59:59+09:00"`...)
}

func (e *eventLines) appendID(b []byte, name, prefix string) []byte {
	b = append(append(append(append(b, ',', '"'), name...), `":"`...), prefix...)
	return append(appendHex(b, e.random.Uint64(), 12), '"')
}
