package sample

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// sweep expires a third of what is overdue, the oldest first, as a job with a limit does: counts stay so even that
// no day looks like a spike unless one is scheduled.
func (l *life) sweep(r *rand.Rand, d day) {
	var due, early [lifeTypes][]owned
	overshoots := l.prod && l.schedule.on(sweepOvershoots, d)
	for i := range l.users[:l.joined] {
		for t := range l.users[i].vaults {
			v := &l.users[i].vaults[t]
			switch {
			case !v.status.live() || v.changed == d:
			case v.overdue(d):
				due[t] = append(due[t], owned{int32(i), vaultType(t)})
			case overshoots && chance(r, 125000):
				early[t] = append(early[t], owned{int32(i), vaultType(t)})
			}
		}
	}
	at := d.at(2, 10)
	for t := range due {
		slices.SortFunc(due[t], func(a, b owned) int {
			return cmp.Or(cmp.Compare(l.users[a.user].vaults[t].expires, l.users[b.user].vaults[t].expires),
				cmp.Compare(a.user, b.user))
		})
		n := min(l.sweeps[t].take(len(due[t]), 333333), len(due[t]))
		for _, o := range slices.Concat(due[t][:n], early[t]) {
			at += 5000 + r.Int64N(20000)
			l.turn(r, int(o.user), o.vault, expired, at)
		}
	}
}

// extend moves expiries by three days: as a shadow only, for real only, or first the one and then the other.
func (l *life) extend(r *rand.Rand, d day) {
	const byThree = 3 * secondsPerDay
	for i := range l.users[:l.joined] {
		u := &l.users[i]
		if _, closed := u.closed(); closed || !chance(r, 50000) {
			continue
		}
		t := vaultType(r.IntN(lifeTypes))
		if chance(r, 400000) || !u.vaults[t].status.live() || !l.known(&u.vaults[t], d) {
			t = untyped
		}
		prev := u.latestExpiry()
		if t != untyped {
			prev = u.vaults[t].expires
		}
		reason := [8]string{"OPS", "PROMO", "PROMO", "PROMO", "REFERRAL", "REFERRAL", "ADMIN", "OPS"}[r.IntN(8)]
		x := extension{user: int32(i), prev: prev, next: prev + byThree, reason: reason}
		mode := r.IntN(20)
		if mode < 15 {
			x.at, x.shadow = d.at(3, 0)+r.Int64N(2*hour), true
			l.tellExtension(x, t)
		}
		if mode < 6 {
			continue
		}
		x.at, x.shadow = d.at(5, 0)+r.Int64N(3*hour), false
		l.tellExtension(x, t)
		u.extended, u.extendReason, u.lastExtended = u.extended+1, reason, x.at
		u.updated = max(u.updated, x.at)
		u.move(t, x.next)
	}
}

func (l *life) tellExtension(x extension, t vaultType) {
	l.extensions = append(l.extensions, x)
	l.emit(event{at: x.at, kind: expiryExtended, user: x.user, vault: t, word: x.reason, shadow: x.shadow, expires: x.next})
}

func (u *user) latestExpiry() int64 {
	return max(u.vaults[gold].expires, u.vaults[platinum].expires, u.vaults[diamond].expires)
}

// move gives one vault of the user, or with untyped every one, a new expiry.
func (u *user) move(t vaultType, expires int64) {
	for i := range u.vaults {
		if t == untyped || t == vaultType(i) {
			u.vaults[i].expires = expires
		}
	}
}

// progress lets users attend and pay in, and unlocks what they have earned.
func (l *life) progress(r *rand.Rand, d day) {
	load := weekly(d)
	for i := range l.users[:l.joined] {
		u := &l.users[i]
		morning := d.at(7, 0)
		if chance(r, 1400*load) {
			u.marks++
			u.seasonMarks++
			at := morning + r.Int64N(3*hour)
			u.lastAttended, u.updated = at, max(u.updated, at)
			e := event{at: at, kind: attendanceMarked, user: int32(i), vault: platinum, number: u.marks}
			if chance(r, 300000) {
				e.vault = untyped
			}
			l.emit(e)
			if u.seasonMarks >= goalMarks && u.vaults[platinum].waits(d) {
				l.turn(r, i, platinum, unlocked, at+2*second+r.Int64N(second))
			}
		}
		_, closed := u.closed()
		if !closed && chance(r, 120000) {
			amount := 1000 * between(r, 20, 250)
			u.deposit += amount
			at := d.at(8, 0) + r.Int64N(14*hour)
			u.lastDeposited, u.updated = at, max(u.updated, at)
			e := event{at: at, kind: depositRecorded, user: int32(i), vault: diamond, number: amount, ref: r.Uint64()}
			if chance(r, 100000) {
				e.vault = untyped
			}
			l.emit(e)
			if u.deposit >= diamondGoal && u.vaults[diamond].waits(d) {
				l.turn(r, i, diamond, unlocked, at+3*second+r.Int64N(second))
			}
		}
		if u.vaults[gold].waits(d) && chance(r, 60000) {
			l.turn(r, i, gold, unlocked, morning+r.Int64N(3*hour))
		}
		if chance(r, 2000) {
			l.emit(event{at: morning + r.Int64N(3*hour), kind: vaultUnlocked, user: int32(i), vault: bonus, before: locked, after: unlocked})
		}
	}
}

// waits says whether the vault can be unlocked on d.
func (v *vault) waits(d day) bool { return v.status == locked && !v.overdue(d) }

// known says whether a reader of the sample knows the vault by the day d, so that an event that names its type does
// not introduce it as LOCKED. Vaults of the first day's snapshot are known only at that day's end.
func (l *life) known(v *vault, d day) bool {
	first := l.schedule.first
	switch {
	case d < first || v.status == locked:
		return true
	case v.status == expired:
		return v.changed >= first
	}
	return d > first
}

// revive lets referrals reopen vaults that expired in the last two weeks, and give live ones two more weeks.
func (l *life) revive(r *rand.Rand, d day) {
	expires := endOf(d + 14)
	for t := range vaultType(lifeTypes) {
		var fresh, live []int
		for i := range l.users[:l.joined] {
			v := &l.users[i].vaults[t]
			switch {
			case !l.known(v, d):
			case v.status == expired && v.changed < d && v.changed >= d-15:
				fresh = append(fresh, i)
			case v.status.live():
				live = append(live, i)
			}
		}
		for _, i := range pick(r, fresh, l.revivals[t].take(len(fresh), 25000)) {
			l.refer(r, i, t, d, expires)
		}
		for _, i := range pick(r, live, l.gifts[t].take(len(live), 6000)) {
			l.refer(r, i, t, d, expires)
		}
	}
}

func (l *life) refer(r *rand.Rand, i int, t vaultType, d day, expires int64) {
	u := &l.users[i]
	if chance(r, 250000) && u.wholeSeason(d) && d != l.schedule.first {
		t = untyped
	}
	at := d.at(9, 0) + r.Int64N(90*minute)
	for j := range u.vaults {
		v := &u.vaults[j]
		if v.status == expired && (t == untyped || t == vaultType(j)) {
			v.status, v.changed, v.opened = unlocked, d, at
			v.today |= wasReopened
		}
	}
	u.move(t, expires)
	u.updated = max(u.updated, at)
	l.emit(event{at: at, kind: referralRevived, user: int32(i), vault: t, expires: expires})
}

// wholeSeason says whether no vault is so old that a reader may have retired it: only then does a referral without a
// type mean the same vaults to everybody.
func (u *user) wholeSeason(d day) bool {
	for i := range u.vaults {
		if v := &u.vaults[i]; v.status == expired && v.changed < d-40 {
			return false
		}
	}
	return true
}

// claim takes an even share of what is unlocked. Claims come after every tagged alert of the morning, so that the
// alert's 24 hours hold the claims of its own day and no others.
func (l *life) claim(r *rand.Rand, d day) {
	ppm := 700 * weekly(d)
	switch {
	case l.prod && l.schedule.claimsHidden(d):
		ppm /= 10
	case l.prod && l.schedule.couponOnA(d):
		ppm = ppm * 9 / 4
	}
	opens := d.at(11, 0)
	for t := range vaultType(lifeTypes) {
		var stock []int
		for i := range l.users[:l.joined] {
			v := &l.users[i].vaults[t]
			if v.status == unlocked && !v.overdue(d) && v.opened < opens-minute {
				stock = append(stock, i)
			}
		}
		for _, i := range pick(r, stock, l.claims[t].take(len(stock), ppm)) {
			l.turn(r, i, t, claimed, opens+r.Int64N(12*hour+45*minute))
		}
	}
	if l.prod && d >= l.schedule.first && (d-l.schedule.first)%6 == 3 {
		l.claimLocked(r, d, opens)
	}
}

// claimLocked claims one vault that was never unlocked: an invalid transition that the service let through.
func (l *life) claimLocked(r *rand.Rand, d day, opens int64) {
	var stock []owned
	for i := range l.users[:l.joined] {
		for t := range l.users[i].vaults {
			if v := &l.users[i].vaults[t]; v.waits(d) && v.changed < d {
				stock = append(stock, owned{int32(i), vaultType(t)})
			}
		}
	}
	for _, o := range pick(r, stock, 1) {
		l.turn(r, int(o.user), o.vault, claimed, opens+r.Int64N(12*hour))
		l.invalid++
	}
}

// pick returns n of all, or all if there are fewer, in random order. It reorders all.
func pick[T any](r *rand.Rand, all []T, n int) []T {
	n = min(n, len(all))
	for i := range n {
		j := i + r.IntN(len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:n]
}
