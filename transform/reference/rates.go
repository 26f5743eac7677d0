package reference

import "vaultreport/internal/bizday"

// vaultRates are both rates of an env in their three periods.
func (w *World) vaultRates(dt bizday.Day, moves map[bizday.Day]*movement, env string) (rows []measure) {
	previousFirst, previousLast := dt.AlignedPreviousQuarter()
	for _, period := range []struct {
		name        string
		first, last bizday.Day
	}{{"day", dt, dt}, {"qtd", dt.QuarterStart(), dt}, {"prev_qtd", previousFirst, previousLast}} {
		claim, expire := map[string][2]int64{}, map[string][2]int64{}
		extracted := 0
		for _, vaultType := range append(lifeTypes[:], "ALL") {
			extracted = 0
			var claimed, eligible, expired, total int64
			for d := period.first; d <= period.last; d++ {
				if !w.isExtracted(d) {
					continue
				}
				extracted++
				f := w.flows(d, moves[d], env, vaultType)
				claimed, expired = claimed+f.Claimed, expired+f.Expired
				eligible, total = eligible+f.Eligible-f.OpenStart, total+f.Total-f.LiveStart
				if d == period.first || !w.isExtracted(d-1) {
					eligible, total = eligible+f.OpenStart, total+f.LiveStart
				}
			}
			claim[vaultType], expire[vaultType] = [2]int64{claimed, eligible}, [2]int64{expired, total}
		}
		for metric, sums := range map[string]map[string][2]int64{"vault_claim_rate_by_type": claim, "vault_expire_rate_by_type": expire} {
			for vaultType, sum := range sums {
				m := dayOf(metric, "rate", "ratio").ofType(vaultType)
				m.Period = period.name
				m.missingDays = int(period.last-period.first) + 1 - extracted
				users := sum[1]
				if vaultType == "ALL" {
					users = max(sums["GOLD"][1], sums["PLATINUM"][1], sums["DIAMOND"][1])
				}
				m = m.ratio(sum[0], sum[1], number(users))
				if extracted == 0 {
					m.noDataIs = missingDays(m.missingDays)
				}
				rows = append(rows, m)
			}
		}
	}
	return rows
}
