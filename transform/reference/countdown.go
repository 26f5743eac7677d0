package reference

import "vaultreport/internal/bizday"

// atTheEnd are the metrics of the states at the end of the day: countdown and vault_funnel.
func (w *World) atTheEnd(dt bizday.Day, m *movement, env string) (rows []measure) {
	countdown := func(v vault) string {
		if !v.isLive() || v.expires == 0 {
			return ""
		}
		switch left := w.Zone.DayOf(v.expires) - (dt + 1); {
		case left < 0:
			return "overdue"
		case left == 0:
			return "D0"
		case left == 1:
			return "D-1"
		case left == 2:
			return "D-2"
		default:
			return ""
		}
	}
	funnel := func(v vault) string { return v.status }
	for _, vaultType := range append(lifeTypes[:], "ALL") {
		for _, segment := range []string{"D-2", "D-1", "D0", "overdue"} {
			_, users := vaultsWith(m, env, vaultType, countdown, segment)
			// Of a type a user has one vault, so that its users are its vaults; over ALL, users are what is counted.
			rows = append(rows, dayOf("countdown", "count", "count").ofType(vaultType).ofSegment(segment).count(users, number(users)))
		}
		for _, segment := range []string{"LOCKED", "UNLOCKED", "CLAIMED", "EXPIRED"} {
			vaults, users := vaultsWith(m, env, vaultType, funnel, segment)
			rows = append(rows, dayOf("vault_funnel", "count", "count").ofType(vaultType).ofSegment(segment).count(vaults, number(users)))
		}
	}
	return rows
}

// vaultsWith counts the vaults of a type, or ALL, that have a property at the end of the day, and their users.
func vaultsWith(m *movement, env, vaultType string, property func(vault) string, is string) (vaults, users int64) {
	seen := map[int]bool{}
	for k, v := range m.after {
		if k.env == env && (vaultType == "ALL" || k.kind == vaultType) && property(v) == is {
			vaults++
			seen[k.user] = true
		}
	}
	return vaults, int64(len(seen))
}
