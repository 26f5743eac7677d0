package sample

import "math/rand/v2"

// taggedRun is what the truth about variant_claim_gap needs: alerts with a variant and those followed by a claim.
type taggedRun struct{ sent, hits [2]int }

var (
	variants    = [2]string{"A", "B"}
	notifyTypes = [4]string{"EXPIRY_D2", "EXPIRY_D0", "UNLOCK_READY", "MARKETING.push"}
)

// alert sends the tagged alerts of the morning of d to those who will claim today and to others who will not. The
// variants take turns among the claimants, so that their rates are close on every day but those of the incident,
// when all claimants have got A.
func (l *life) alert(r *rand.Rand, d day) taggedRun {
	var run taggedRun
	claims := make(map[int32][lifeTypes]bool, len(l.claimants))
	for _, c := range l.claimants {
		types := claims[c.user]
		types[c.vault] = true
		claims[c.user] = types
	}
	send := func(side int, user int32, t vaultType) {
		e := event{at: d.at(9, 30) + r.Int64N(89*minute), kind: alertSent, user: user, vault: t,
			variant: variants[side], notify: notifyTypes[r.IntN(len(notifyTypes))]}
		run.sent[side]++
		types := claims[user]
		if t == untyped && (types[gold] || types[platinum] || types[diamond]) || t != untyped && types[t] {
			run.hits[side]++
		}
		l.tellAlert(r, e)
	}

	each := max(1, l.joined*90/1000*(100+(weekly(d)-100)/3)/100)
	coupon := l.prod && l.schedule.couponOnA(d)
	side := int(d) & 1
	alerted := make(map[int32]bool, len(l.claimants))
	for _, c := range l.claimants {
		if alerted[c.user] || !coupon && chance(r, 300000) {
			continue
		}
		alerted[c.user] = true
		t := c.vault
		if chance(r, 150000) {
			t = untyped
		}
		if coupon {
			side = 0
		}
		send(side, c.user, t)
		side = 1 - side
	}
	for side := range variants {
		for tries := 0; run.sent[side] < each && tries < 20*each; tries++ {
			user := int32(r.IntN(l.joined))
			if _, claimsToday := claims[user]; claimsToday {
				continue
			}
			send(side, user, vaultType(r.IntN(lifeTypes+1)-1))
		}
	}
	return run
}

// tellAlert emits an alert, the enqueueing before it and, one time in five, the click after it.
func (l *life) tellAlert(r *rand.Rand, e event) {
	l.emit(e)
	enqueued := l.enqueueing(r, e.user, e.notify, e.at-between(r, second, 20*second))
	enqueued.variant = e.variant
	l.emit(enqueued)
	if chance(r, 200000) {
		e.kind, e.at = alertClicked, e.at+between(r, 5*second, 4*hour)
		l.emit(e)
	}
}
