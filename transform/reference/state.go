package reference

import (
	"cmp"
	"maps"
	"slices"

	"vaultreport/internal/bizday"
)

type vaultKey struct {
	env  string
	user int
	kind string
}

func compareVaults(a, b vaultKey) int {
	return cmp.Or(cmp.Compare(a.env, b.env), cmp.Compare(a.user, b.user), cmp.Compare(a.kind, b.kind))
}

// vault is the state of a vault; instant 0 is NULL.
type vault struct {
	status, origin                   string
	expires                          int64
	firstDt, statusDt                bizday.Day
	unlockedAt, claimedAt, expiredAt int64
	reopened                         int64
}

func (v vault) isLive() bool { return v.status == "LOCKED" || v.status == "UNLOCKED" }

// StateRow is a row of vault_state.
type StateRow struct {
	Env                              string
	User                             int
	VaultType, Status                string
	ExpiresAt                        int64
	Origin                           string
	FirstDt                          bizday.Day
	UnlockedAt, ClaimedAt, ExpiredAt int64
	ReopenedCount, Invalid           int64
	StatusDt                         bizday.Day
}

// movement is the states before and after a day and what happened in between.
type movement struct {
	before, after                                        map[vaultKey]vault
	unlocked, claimed, expired, reopened, fresh, retired map[vaultKey]bool
	drifts                                               map[vaultKey]bool
	invalid                                              map[vaultKey]int64
}

// movements returns the movement of every extracted day.
func (w *World) movements() map[bizday.Day]*movement {
	all := map[bizday.Day]*movement{}
	state := map[vaultKey]vault{}
	for _, dt := range w.sorted() {
		m := w.move(dt, state)
		all[dt], state = m, m.after
	}
	return all
}

// rowOfTable is the row of section 3's table that a kind stands in, -1 for none.
func rowOfTable(kind string) int {
	return slices.Index([]string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED", "REFERRAL_REVIVED", "EXPIRY_EXTENDED"}, kind)
}

// compareEvents is the order in which events are applied. Of the columns that the day file's order ends with, these are the ones
// in which events of the table differ.
func compareEvents(a, b Event) int {
	bit := func(b bool) int {
		if b {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.TS, b.TS), cmp.Compare(rowOfTable(a.Kind), rowOfTable(b.Kind)), cmp.Compare(a.ReqID, b.ReqID),
		cmp.Compare(a.User, b.User), cmp.Compare(a.VaultType, b.VaultType), cmp.Compare(a.Env, b.Env),
		cmp.Compare(a.ExpiresAt, b.ExpiresAt), cmp.Compare(a.Reason, b.Reason), cmp.Compare(bit(a.Shadow), bit(b.Shadow)))
}

func (w *World) move(dt bizday.Day, before map[vaultKey]vault) *movement {
	set := func() map[vaultKey]bool { return map[vaultKey]bool{} }
	m := &movement{before: before, after: maps.Clone(before), unlocked: set(), claimed: set(), expired: set(), reopened: set(),
		fresh: set(), retired: set(), drifts: set(), invalid: map[vaultKey]int64{}}
	for _, e := range slices.SortedFunc(slices.Values(w.Days[dt].Events), compareEvents) {
		if rowOfTable(e.Kind) < 0 || e.Kind == "EXPIRY_EXTENDED" && e.Shadow || w.isWithoutEvents(dt, e.Env) {
			continue
		}
		for _, kind := range lifeTypes {
			if k := (vaultKey{e.Env, e.User, kind}); e.VaultType == kind {
				m.apply(dt, k, e)
			} else if _, known := m.after[k]; known && e.VaultType == "" {
				m.apply(dt, k, e)
			}
		}
	}
	for _, s := range w.Days[dt].Statuses {
		for i, kind := range lifeTypes {
			if status := lockedIfActive(s.Statuses[i]); status != "" {
				m.meet(dt, vaultKey{s.Env, s.User, kind}, status, s.ExpiresAt, w.isWithoutEvents(dt, s.Env), w.firstDays()[s.Env] == dt)
			}
		}
	}
	for k, v := range m.after {
		if !v.isLive() && v.statusDt+bizday.Day(w.RetireAfter) <= dt {
			m.retired[k] = true
			delete(m.after, k)
		}
	}
	for _, s := range w.Days[dt].Statuses {
		for i, kind := range lifeTypes {
			k, status := vaultKey{s.Env, s.User, kind}, lockedIfActive(s.Statuses[i])
			if v, known := m.after[k]; known && status != "" && v.status != status {
				m.drifts[k] = true
			}
		}
	}
	return m
}

func lockedIfActive(status string) string {
	if status == "ACTIVE" {
		return "LOCKED"
	}
	return status
}

// apply does to a vault what the row of the table says.
func (m *movement) apply(dt bizday.Day, k vaultKey, e Event) {
	v, known := m.after[k]
	if !known {
		v = vault{status: "LOCKED", origin: "event", firstDt: dt, statusDt: dt}
		m.fresh[k] = true
	}
	status := v.status
	var allowed []string
	switch e.Kind {
	case "VAULT_UNLOCKED":
		status, allowed, v.unlockedAt, m.unlocked[k] = "UNLOCKED", []string{"LOCKED"}, e.TS, true
	case "VAULT_CLAIMED":
		status, allowed, v.claimedAt, m.claimed[k] = "CLAIMED", []string{"UNLOCKED"}, e.TS, true
	case "VAULT_EXPIRED":
		status, allowed, v.expiredAt, m.expired[k] = "EXPIRED", []string{"LOCKED", "UNLOCKED"}, e.TS, true
	case "REFERRAL_REVIVED":
		if v.status == "EXPIRED" {
			status, m.reopened[k] = "UNLOCKED", true
			v.reopened++
		}
	}
	if known && allowed != nil && !slices.Contains(allowed, v.status) {
		m.invalid[k]++
	}
	if status != v.status {
		v.status, v.statusDt = status, dt
	}
	if e.ExpiresAt != 0 {
		v.expires = e.ExpiresAt
	}
	m.after[k] = v
}

// meet holds a vault against what the day's snapshot says of it.
func (m *movement) meet(dt bizday.Day, k vaultKey, status string, expires int64, follows, isFirstDay bool) {
	v, known := m.after[k]
	switch {
	case !known && (isFirstDay || status == "LOCKED" || status == "UNLOCKED"):
		m.fresh[k] = true
		m.after[k] = vault{status: status, origin: "snapshot", firstDt: dt, statusDt: dt, expires: expires}
	case !known:
	case follows:
		if status != v.status {
			switch {
			case v.status == "EXPIRED" && status == "UNLOCKED":
				m.reopened[k] = true
				v.reopened++
			case status == "UNLOCKED":
				m.unlocked[k] = true
			case status == "CLAIMED":
				m.claimed[k] = true
			case status == "EXPIRED":
				m.expired[k] = true
			}
			v.status, v.statusDt = status, dt
		}
		v.expires = expires
		m.after[k] = v
	case v.expires == 0:
		v.expires = expires
		m.after[k] = v
	}
}

func (m *movement) state() (rows []StateRow) {
	for _, k := range slices.SortedFunc(maps.Keys(m.after), compareVaults) {
		v := m.after[k]
		rows = append(rows, StateRow{k.env, k.user, k.kind, v.status, v.expires, v.origin, v.firstDt, v.unlockedAt, v.claimedAt,
			v.expiredAt, v.reopened, m.invalid[k], v.statusDt})
	}
	return rows
}
