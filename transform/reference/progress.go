package reference

import (
	"fmt"
	"math/big"

	"vaultreport/internal/bizday"
)

// progress is attendance towards PLATINUM and deposits towards DIAMOND.
func (w *World) progress(dt bizday.Day, env string) (rows []measure) {
	var days, deposits []int64
	for _, s := range w.Days[dt].Statuses {
		if s.Env != env {
			continue
		}
		if isLive(s.Statuses[1]) && s.Days != nil {
			days = append(days, *s.Days)
		}
		if isLive(s.Statuses[2]) && s.Deposit != nil {
			deposits = append(deposits, *s.Deposit)
		}
	}
	users := number(int64(len(days)))
	var mean *big.Rat
	if len(days) > 0 {
		mean = new(big.Rat)
		for _, d := range days {
			mean.Add(mean, big.NewRat(d, int64(len(days))))
		}
	}
	platinum := func(statistic, unit string) measure {
		return dayOf("platinum_attendance_progress", statistic, unit).ofType("PLATINUM")
	}
	rows = append(rows, platinum("avg", "days").number(mean, *users, users))
	for i := range int64(4) {
		n := int64(0)
		for _, d := range days {
			if d == i || i == 3 && d > 3 {
				n++
			}
		}
		rows = append(rows, platinum("count", "count").ofSegment(fmt.Sprintf("days=%d", i)).count(n, number(n)))
	}

	users = number(int64(len(deposits)))
	diamond := func(statistic, unit string) measure {
		return dayOf("diamond_deposit_progress", statistic, unit).ofType("DIAMOND")
	}
	for name, tenths := range map[string]int64{"p50": 5, "p90": 9} {
		value := quantile(deposits, tenths, 10)
		rows = append(rows, diamond(name, "krw").number(value, *users, users))
		if value != nil {
			value = new(big.Rat).Quo(value, whole(w.DiamondTarget))
		}
		rows = append(rows, diamond(name, "ratio").ofSegment("of_target").number(value, *users, users))
	}
	for i := range int64(11) {
		low, high := tenthsOf(w.DiamondTarget, i), tenthsOf(w.DiamondTarget, i+1)
		segment := fmt.Sprintf("%02d-%d%%", 10*i, 10*(i+1))
		if i == 10 {
			segment = "100%+"
		}
		n := int64(0)
		for _, d := range deposits {
			if whole(d).Cmp(low) >= 0 && (i == 10 || whole(d).Cmp(high) < 0) {
				n++
			}
		}
		rows = append(rows, diamond("count", "count").ofSegment(segment).count(n, number(n)))
	}
	return rows
}

func isLive(status string) bool {
	return status == "ACTIVE" || status == "LOCKED" || status == "UNLOCKED"
}

func tenthsOf(target, tenths int64) *big.Rat {
	return new(big.Rat).Mul(whole(target), big.NewRat(tenths, 10))
}
