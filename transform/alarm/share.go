package alarm

import (
	"math"
	"math/big"
	"slices"
)

// share returns the share that the count of a row has of those of its sisters, which differ in the segment, or in the variant
// where the row has no segment. The row itself counts among them. What is not known of one of them is not known of the share.
func (day quantities) share(k quantityKey, sisters []string) quantity {
	own := day.at(k)
	if own.standing() != known {
		return own
	}
	total := new(big.Rat).Set(own.exact)
	names := slices.Clone(sisters)
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		sister := k
		if k.segment != all {
			sister.segment = name
		} else {
			sister.variant = name
		}
		if sister == k {
			continue
		}
		q := day.at(sister)
		if q.standing() != known {
			return q
		}
		total.Add(total, q.exact)
	}
	if total.Sign() == 0 {
		return quantity{side: side{state: noData, reason: zeroDenominator}}
	}
	return quantity{side{state: ok, numerator: own.exact.Num().Int64(), denominator: total.Num().Int64()}, new(big.Rat).Quo(own.exact, total)}
}

// plannedP returns the two-sided p-value of a share under the planned one, which lies between 0 and 1.
func plannedP(s side, planned float64) float64 {
	n := float64(s.denominator)
	z := (float64(s.numerator) - n*planned) / math.Sqrt(n*planned*(1-planned))
	return math.Erfc(math.Abs(z) / math.Sqrt2)
}
