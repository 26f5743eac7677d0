package sample

import (
	"math/rand/v2"
)

// A user joins, and plays seasons. A season opens three LOCKED vaults with one expiry; each is unlocked in its own
// way (GOLD by a visit, PLATINUM by three marks of attendance, DIAMOND by deposits), then claimed or swept as
// expired, and may be extended or revived meanwhile. The service keeps a user's row until the night after the last
// vault has closed, and begins the next season more than 91 days after that, when every reader has retired the old
// vaults: so a vault never changes in a way that the events do not tell.
const (
	seasonDays   = 40 // a season's expiry is this many days away, or up to seasonSpread more
	seasonSpread = 14
	restDays     = 92
	cycleDays    = 150 // about one season and its rest; also how long a life runs before the first day of the sample
	diamondGoal  = 500000
	goalMarks    = 3
)

type flag uint8

const (
	wasUnlocked flag = 1 << iota
	wasClaimed
	wasExpired
	wasReopened
	wasStarted
)

type vault struct {
	status  status
	before  status // at the end of the day before
	today   flag
	changed day
	opened  int64 // when it was last unlocked or reopened
	expires int64 // seconds UTC
	claimed int64 // instant, 0 for never
}

type user struct {
	vaults        [lifeTypes]vault
	start         day // of the first season
	joined        bool
	marks         int64 // of attendance, ever
	seasonMarks   int64
	deposit       int64 // of the season
	firstExpiry   int64 // of the season, seconds UTC
	extended      int
	extendReason  string
	created       int64
	lastExtended  int64
	lastAttended  int64
	lastDeposited int64
	updated       int64
}

// closed says whether no vault of the user is live, and since which day.
func (u *user) closed() (since day, closed bool) {
	for i := range u.vaults {
		if u.vaults[i].status.live() {
			return 0, false
		}
		since = max(since, u.vaults[i].changed)
	}
	return since, true
}

type owned struct {
	user  int32
	vault vaultType
}

// life is the state of one env. It is moved by live, one day after the other, and by nothing else.
type life struct {
	seed     uint64
	index    uint64
	prod     bool
	schedule schedule
	users    []user // sorted by start
	joined   int    // users that have started are the first so many

	claims, sweeps, revivals, gifts [lifeTypes]carry

	// of the day last lived
	events     []event
	claimants  []owned
	extensions []extension
	owed       []event // COMPENSATION_ENQUEUED
	tagged     taggedRun

	invalid int // transitions that are not allowed, of all days
}

// extension is a row of vault_expiry_extension_log.
type extension struct {
	user       int32
	prev, next int64
	at         int64
	reason     string
	shadow     bool
}

func newLife(seed, index uint64, users int, s schedule) *life {
	l := &life{seed: seed, index: index, prod: index == 0, schedule: s, users: make([]user, users)}
	days := int(s.last-s.first) + 1
	later := min(users/2, users*days/1200) // who join within the sample
	earlier := users - later
	for i := range l.users {
		if i < earlier {
			l.users[i].start = s.first - cycleDays + day(i*cycleDays/earlier)
		} else {
			l.users[i].start = s.first + 1 + day((i-earlier)*(days-1)/later)
		}
	}
	for d := s.first - cycleDays; d < s.first; d++ {
		l.live(d)
	}
	return l
}

// live moves the life through the day d. The order of its steps is that of a day, from the sweep at 02:10 to the
// claims after 11:00.
func (l *life) live(d day) {
	r := stream(l.seed, forLife, l.index, uint64(d))
	l.events, l.claimants, l.extensions, l.owed = l.events[:0], l.claimants[:0], l.extensions[:0], l.owed[:0]
	l.wake(r, d)
	l.sweep(r, d)
	l.extend(r, d)
	l.progress(r, d)
	l.revive(r, d)
	l.claim(r, d)
	if d >= l.schedule.first {
		l.tagged = l.alert(r, d)
		l.operate(r, d)
	}
}

// wake begins seasons.
func (l *life) wake(r *rand.Rand, d day) {
	for l.joined < len(l.users) && l.users[l.joined].start <= d {
		l.joined++
	}
	for i := range l.users[:l.joined] {
		u := &l.users[i]
		for t := range u.vaults {
			u.vaults[t].before, u.vaults[t].today = u.vaults[t].status, 0
		}
		since, closed := u.closed()
		if !closed || u.joined && d < since+restDays+day(i%5) {
			continue
		}
		at := d.at(0, 5) + r.Int64N(minute)
		if !u.joined {
			u.joined, u.created = true, at
		}
		expires := endOf(d + seasonDays + day(r.IntN(seasonSpread)))
		u.seasonMarks, u.deposit, u.extended, u.extendReason, u.lastExtended = 0, 0, 0, "", 0
		u.firstExpiry, u.updated = expires, at
		for t := range u.vaults {
			u.vaults[t] = vault{status: locked, before: u.vaults[t].before, today: wasStarted, changed: d, expires: expires}
		}
	}
}

// endOf returns the last second of a day.
func endOf(d day) int64 { return (d+1).start()/second - 1 }

// overdue says whether the vault's expiry lies before the day.
func (v *vault) overdue(d day) bool { return v.expires*second < d.start() }

func (l *life) emit(e event) { l.events = append(l.events, e) }

// turn gives a vault a new status and tells it.
func (l *life) turn(r *rand.Rand, i int, t vaultType, to status, at int64) {
	u := &l.users[i]
	v := &u.vaults[t]
	e := event{at: at, user: int32(i), vault: t, before: v.status, after: to, expires: v.expires}
	if chance(r, 120000) {
		e.before, e.after = unsaid, unsaid
	}
	if chance(r, 150000) {
		e.expires = 0
	}
	switch to {
	case unlocked:
		e.kind, v.opened = vaultUnlocked, at
		v.today |= wasUnlocked
	case claimed:
		e.kind, v.claimed = vaultClaimed, at
		v.today |= wasClaimed
		l.claimants = append(l.claimants, owned{int32(i), t})
	case expired:
		e.kind = vaultExpired
		v.today |= wasExpired
	}
	v.status, v.changed = to, dayOf(at)
	u.updated = max(u.updated, at)
	l.emit(e)
}
