package reference

import "vaultreport/internal/bizday"

// DailyRow is a row of vault_daily.
type DailyRow struct {
	Env, VaultType                                             string
	OpenStart, LiveStart, Unlocked, Claimed, Expired, Reopened int64
	New, Eligible, Total, LockedEnd, OpenEnd, ClaimedEnd       int64
	ExpiredEnd, Retired, InvalidTransitions                    int64
	Drift                                                      *int64
}

// flows returns the vaults of each column of section 4 of one env and type, or ALL.
func (w *World) flows(dt bizday.Day, m *movement, env, vaultType string) DailyRow {
	row := DailyRow{Env: env, VaultType: vaultType}
	if w.hasTable(dt, env, "vault_status") {
		row.Drift = new(int64)
	}
	every := map[vaultKey]bool{}
	for k := range m.before {
		every[k] = true
	}
	for k := range m.after {
		every[k] = true
	}
	for k := range every {
		if k.env != env || vaultType != "ALL" && k.kind != vaultType {
			continue
		}
		before, after := m.before[k], m.after[k] // of a vault that is not known: without a status
		openStart, isNew := before.status == "UNLOCKED", m.fresh[k]
		count := func(column *int64, is bool) {
			if is {
				*column++
			}
		}
		count(&row.OpenStart, openStart)
		count(&row.LiveStart, before.isLive())
		count(&row.Unlocked, m.unlocked[k])
		count(&row.Claimed, m.claimed[k])
		count(&row.Expired, m.expired[k])
		count(&row.Reopened, m.reopened[k])
		count(&row.New, isNew)
		count(&row.Eligible, openStart || m.unlocked[k] || m.reopened[k] || m.claimed[k] || isNew && after.status == "UNLOCKED")
		count(&row.Total, before.isLive() || isNew || m.unlocked[k] || m.reopened[k] || m.expired[k])
		count(&row.LockedEnd, after.status == "LOCKED")
		count(&row.OpenEnd, after.status == "UNLOCKED")
		count(&row.ClaimedEnd, after.status == "CLAIMED")
		count(&row.ExpiredEnd, after.status == "EXPIRED")
		count(&row.Retired, m.retired[k])
		if row.Drift != nil {
			count(row.Drift, m.drifts[k])
		}
		row.InvalidTransitions += m.invalid[k]
	}
	return row
}
