package transform

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
)

// The reference: docs/definitions.md sections 3 and 4, sentence by sentence, one vault and one event at a time.

type vaultKey struct {
	env  string
	user event.Key
	kind string
}

type vault struct {
	status, origin                   string
	expires                          int64 // 0 is NULL
	firstDt, statusDt                bizday.Day
	unlockedAt, claimedAt, expiredAt int64
	reopened, invalid                int
}

// sourceDay is what the sources of one env have on a day.
type sourceDay struct {
	silent   bool // no source emits a VAULT_ kind
	snapshot []snapshotRow
	there    bool // vault_status is there, be it without rows
}

// snapshotRow is a row of vault_status; an empty status is NULL.
type snapshotRow struct {
	user     event.Key
	statuses [3]string // of lifeTypes
	expires  int64     // 0 is NULL
}

var lifeTypes = [3]string{"GOLD", "PLATINUM", "DIAMOND"}

// envMemory is what the days before say of an env.
type envMemory struct{ seen, hadSnapshot bool }

// wholeDay is everything that the state at the end of a day follows from, besides the state before it.
type wholeDay struct {
	dt          bizday.Day
	events      []event.Record
	sources     map[string]sourceDay
	memory      map[string]envMemory
	retireAfter int
}

// follows says whether the env is without events: it has tables, or had them, and no source that emits the VAULT_ kinds.
func (in wholeDay) follows(env string) bool {
	return in.sources[env].silent && (in.sources[env].there || in.memory[env].hadSnapshot)
}

// remember returns the memory of envs for the next day.
func (in wholeDay) remember() map[string]envMemory {
	next := maps.Clone(in.memory)
	for _, e := range in.events {
		m := next[e.Env]
		m.seen = true
		next[e.Env] = m
	}
	for env, s := range in.sources {
		if s.there {
			next[env] = envMemory{seen: true, hadSnapshot: true}
		}
	}
	return next
}

// flows are the vaults of vault_daily as sets.
type flows struct {
	before, after                                        map[vaultKey]vault
	unlocked, claimed, expired, reopened, fresh, retired map[vaultKey]bool
	openStart, liveStart, eligible, total, locked, open  map[vaultKey]bool
	claimedEnd, expiredEnd                               map[vaultKey]bool
	drift                                                map[vaultKey]bool
	invalid                                              map[vaultKey]int
}

func rowOfTheTable(k event.Kind) int {
	return slices.Index([]event.Kind{event.VaultUnlocked, event.VaultClaimed, event.VaultExpired, event.ReferralRevived, event.ExpiryExtended}, k)
}

// applyDay returns the state at the end of dt and what happened on it.
func applyDay(before map[vaultKey]vault, in wholeDay) flows {
	dt := in.dt
	set := func() map[vaultKey]bool { return map[vaultKey]bool{} }
	f := flows{
		before: before, after: maps.Clone(before), unlocked: set(), claimed: set(), expired: set(), reopened: set(), fresh: set(),
		retired: set(), openStart: set(), liveStart: set(), eligible: set(), total: set(), locked: set(), open: set(),
		claimedEnd: set(), expiredEnd: set(), drift: set(), invalid: map[vaultKey]int{},
	}
	for k, v := range f.after {
		v.invalid = 0
		f.after[k] = v
	}
	ordered := slices.Clone(in.events)
	slices.SortFunc(ordered, func(a, b event.Record) int {
		hasID := func(r event.Record) int {
			if r.Present.Has(event.ReqID) {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.TS, b.TS), cmp.Compare(rowOfTheTable(a.Kind), rowOfTheTable(b.Kind)),
			cmp.Compare(hasID(a), hasID(b)), bytes.Compare(a.ReqID[:], b.ReqID[:]), event.Compare(&a, &b))
	})
	for _, e := range ordered {
		if rowOfTheTable(e.Kind) < 0 || e.Kind == event.ExpiryExtended && e.Shadow || in.follows(e.Env) {
			continue
		}
		for _, kind := range lifeTypes {
			k := vaultKey{e.Env, e.UserKey, kind}
			v, known := f.after[k]
			named := e.Present.Has(event.VaultType) && event.VaultTypes.Value(e.VaultType) == kind
			if !named && (e.Present.Has(event.VaultType) || !known) {
				continue
			}
			first := !known
			if first {
				v = vault{status: "LOCKED", origin: "event", firstDt: dt, statusDt: dt}
				f.fresh[k] = true
			}
			status, allowed := v.status, true
			switch e.Kind {
			case event.VaultUnlocked:
				allowed = v.status == "LOCKED"
				status, v.unlockedAt, f.unlocked[k] = "UNLOCKED", e.TS, true
			case event.VaultClaimed:
				allowed = v.status == "UNLOCKED"
				status, v.claimedAt, f.claimed[k] = "CLAIMED", e.TS, true
			case event.VaultExpired:
				allowed = v.status == "LOCKED" || v.status == "UNLOCKED"
				status, v.expiredAt, f.expired[k] = "EXPIRED", e.TS, true
			case event.ReferralRevived:
				if v.status == "EXPIRED" {
					status, f.reopened[k] = "UNLOCKED", true
					v.reopened++
				}
			}
			if !allowed && !first {
				v.invalid++
				f.invalid[k]++
			}
			if status != v.status {
				v.status, v.statusDt = status, dt
			}
			if e.Present.Has(event.ExpiresAt) {
				v.expires = e.ExpiresAt
			}
			f.after[k] = v
		}
	}
	f.applySnapshots(in)
	for k, v := range f.after {
		if (v.status == "CLAIMED" || v.status == "EXPIRED") && v.statusDt+bizday.Day(in.retireAfter) <= dt {
			f.retired[k] = true
			delete(f.after, k)
		}
	}
	eachOfSnapshots(in, func(k vaultKey, status string, _ int64) {
		v, known := f.after[k]
		f.drift[k] = known && v.status != status
	})
	f.derive()
	return f
}

// eachOfSnapshots calls say for every vault about which a snapshot of the day says something.
func eachOfSnapshots(in wholeDay, say func(k vaultKey, status string, expires int64)) {
	for env, source := range in.sources {
		for _, row := range source.snapshot {
			for i, kind := range lifeTypes {
				switch status := row.statuses[i]; status {
				case "":
				case "ACTIVE":
					say(vaultKey{env, row.user, kind}, "LOCKED", row.expires)
				default:
					say(vaultKey{env, row.user, kind}, status, row.expires)
				}
			}
		}
	}
}

func (f *flows) applySnapshots(in wholeDay) {
	eachOfSnapshots(in, func(k vaultKey, status string, expires int64) {
		v, known := f.after[k]
		switch {
		case !known && in.memory[k.env].seen && (status == "CLAIMED" || status == "EXPIRED"):
			return
		case !known:
			v = vault{status: status, origin: "snapshot", firstDt: in.dt, statusDt: in.dt, expires: expires}
			f.fresh[k] = true
		case in.follows(k.env):
			if v.status != status {
				switch {
				case status == "UNLOCKED" && v.status == "EXPIRED":
					f.reopened[k] = true
					v.reopened++
				case status == "UNLOCKED":
					f.unlocked[k] = true
				case status == "CLAIMED":
					f.claimed[k] = true
				case status == "EXPIRED":
					f.expired[k] = true
				}
				v.status, v.statusDt = status, in.dt
			}
			v.expires = expires
		case v.expires == 0:
			v.expires = expires
		}
		f.after[k] = v
	})
}

// derive fills the sets that follow from the two states and the events.
func (f *flows) derive() {
	for k, v := range f.before {
		f.openStart[k] = v.status == "UNLOCKED"
		f.liveStart[k] = v.status == "LOCKED" || v.status == "UNLOCKED"
	}
	for k, v := range f.after {
		f.locked[k], f.open[k] = v.status == "LOCKED", v.status == "UNLOCKED"
		f.claimedEnd[k], f.expiredEnd[k] = v.status == "CLAIMED", v.status == "EXPIRED"
	}
	for _, all := range []map[vaultKey]vault{f.before, f.after} {
		for k := range all {
			f.eligible[k] = f.openStart[k] || f.unlocked[k] || f.reopened[k] || f.claimed[k] || f.fresh[k] && f.open[k]
			f.total[k] = f.liveStart[k] || f.fresh[k] || f.unlocked[k] || f.reopened[k] || f.expired[k]
		}
	}
}

// daily is a row of vault_daily without dt, env and vault_type; drift is 0 on a day without a snapshot.
type daily [16]int

func (f *flows) daily(env, vaultType string) daily {
	var d daily
	within := func(k vaultKey) bool { return k.env == env && (vaultType == "ALL" || k.kind == vaultType) }
	for i, set := range []map[vaultKey]bool{
		f.openStart, f.liveStart, f.unlocked, f.claimed, f.expired, f.reopened, f.fresh, f.eligible, f.total, f.locked, f.open,
		f.claimedEnd, f.expiredEnd, f.retired,
	} {
		for k, in := range set {
			if in && within(k) {
				d[i]++
			}
		}
	}
	for k, n := range f.invalid {
		if within(k) {
			d[14] += n
		}
	}
	for k, drifts := range f.drift {
		if drifts && within(k) {
			d[15]++
		}
	}
	return d
}

// rateAsRead is a rate as it is read on the day, whose sources may not allow it: docs/definitions.md sections 3 and 5.
func (in wholeDay) rateAsRead(env, rate string) string {
	const nothing = "NULL NULL NULL not_computable "
	source := in.sources[env]
	switch {
	case in.follows(env) && !source.there:
		return nothing + "no_snapshot"
	case in.follows(env):
		return strings.Replace(rate, " ok NULL", " ok from_snapshots", 1)
	case source.silent:
		return nothing + "VAULT_UNLOCKED"
	default:
		return rate
	}
}

// rate is numerator, denominator, state and reason of both rates over the extracted days of a period of wanted days.
func rateRow(days []daily, runStart []bool, wanted int, numerator, start, whole int) string {
	n, d := 0, 0
	for i, day := range days {
		n += day[numerator]
		d += day[whole] - day[start]
		if runStart[i] {
			d += day[start]
		}
	}
	missing := wanted - len(days)
	switch {
	case d == 0 && len(days) == 0:
		return fmt.Sprintf("NULL 0 0 no_data missing_days=%d", missing)
	case d == 0:
		return "NULL 0 0 no_data zero_denominator"
	case missing > 0:
		return fmt.Sprintf("%.12f %d %d partial missing_days=%d", float64(n)/float64(d), n, d, missing)
	default:
		return fmt.Sprintf("%.12f %d %d ok NULL", float64(n)/float64(d), n, d)
	}
}
