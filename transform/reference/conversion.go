package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// conversion is vault_unlock_conversion: what became of the vaults unlocked on the day within 7 days of their first unlocking.
func (w *World) conversion(dt bizday.Day, env string) (rows []measure) {
	first := map[vaultKey]int64{}
	for _, e := range w.events(dt, env, "VAULT_UNLOCKED") {
		k := vaultKey{env, e.User, e.VaultType}
		if t, seen := first[k]; slices.Contains(lifeTypes[:], e.VaultType) && (!seen || e.TS < t) {
			first[k] = e.TS
		}
	}
	for segment, kind := range map[string]string{"claimed_7d": "VAULT_CLAIMED", "expired_7d": "VAULT_EXPIRED"} {
		ends := w.everyEvent(env, kind)
		for _, vaultType := range append(lifeTypes[:], "ALL") {
			m := dayOf("vault_unlock_conversion", "rate", "ratio").ofType(vaultType).ofSegment(segment)
			var n, d int64
			var users []int
			for k, t := range first {
				if vaultType != "ALL" && k.kind != vaultType {
					continue
				}
				if !w.isMature(t, t+7*day) {
					m.immature++
					continue
				}
				d++
				users = append(users, k.user)
				if slices.ContainsFunc(ends, func(e Event) bool {
					return e.User == k.user && e.VaultType == k.kind && isWithin(e.TS, t, 7*day)
				}) {
					n++
				}
			}
			rows = append(rows, m.ratio(n, d, distinct(users)))
		}
	}
	return rows
}
