package transform

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

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
	status                           string
	expires                          int64 // 0 is NULL
	firstDt, statusDt                bizday.Day
	unlockedAt, claimedAt, expiredAt int64
	reopened, invalid                int
}

// flows are the vaults of vault_daily as sets.
type flows struct {
	before, after                                        map[vaultKey]vault
	unlocked, claimed, expired, reopened, fresh, retired map[vaultKey]bool
	openStart, liveStart, eligible, total, locked, open  map[vaultKey]bool
	claimedEnd, expiredEnd                               map[vaultKey]bool
	invalid                                              map[vaultKey]int
}

func rowOfTheTable(k event.Kind) int {
	return slices.Index([]event.Kind{event.VaultUnlocked, event.VaultClaimed, event.VaultExpired, event.ReferralRevived, event.ExpiryExtended}, k)
}

// applyDay returns the state at the end of dt and what happened on it.
func applyDay(before map[vaultKey]vault, dt bizday.Day, events []event.Record, retireAfter int) flows {
	set := func() map[vaultKey]bool { return map[vaultKey]bool{} }
	f := flows{
		before: before, after: maps.Clone(before), unlocked: set(), claimed: set(), expired: set(), reopened: set(), fresh: set(),
		retired: set(), openStart: set(), liveStart: set(), eligible: set(), total: set(), locked: set(), open: set(),
		claimedEnd: set(), expiredEnd: set(), invalid: map[vaultKey]int{},
	}
	for k, v := range f.after {
		v.invalid = 0
		f.after[k] = v
	}
	ordered := slices.Clone(events)
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
		if rowOfTheTable(e.Kind) < 0 || e.Kind == event.ExpiryExtended && e.Shadow {
			continue
		}
		for _, kind := range []string{"GOLD", "PLATINUM", "DIAMOND"} {
			k := vaultKey{e.Env, e.UserKey, kind}
			v, known := f.after[k]
			named := e.Present.Has(event.VaultType) && event.VaultTypes.Value(e.VaultType) == kind
			if !named && (e.Present.Has(event.VaultType) || !known) {
				continue
			}
			first := !known
			if first {
				v = vault{status: "LOCKED", firstDt: dt, statusDt: dt}
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
	for k, v := range f.after {
		if (v.status == "CLAIMED" || v.status == "EXPIRED") && v.statusDt+bizday.Day(retireAfter) <= dt {
			f.retired[k] = true
			delete(f.after, k)
		}
	}
	f.derive()
	return f
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

// daily is a row of vault_daily without dt, env, vault_type and drift.
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
	return d
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
