package alarm

import (
	"cmp"
	"math/big"
	"math/bits"
)

// amount is a number of 0 or more as a count of equal parts, such as twentieths of a millisecond: what a signal is worth at
// an instant, exactly. 128 bits hold a sum of depths, and a quantile of latencies, of 64 bits each.
type amount struct{ high, low uint64 }

func amountOf(n int64) amount { return amount{0, uint64(n)} }

func (a amount) compare(b amount) int {
	return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low))
}

func (a amount) plus(b amount) amount {
	low, carry := bits.Add64(a.low, b.low, 0)
	return amount{a.high + b.high + carry, low}
}

func (a amount) minus(b amount) amount {
	low, borrow := bits.Sub64(a.low, b.low, 0)
	return amount{a.high - b.high - borrow, low}
}

// product returns a*b of two numbers of 0 or more.
func product(a, b int64) amount {
	high, low := bits.Mul64(uint64(a), uint64(b))
	return amount{high, low}
}

func (a amount) integer() *big.Int {
	n := new(big.Int).SetUint64(a.high)
	n.Lsh(n, 64)
	return n.Or(n, new(big.Int).SetUint64(a.low))
}

// rat returns the number of which parts are so many in one.
func (a amount) rat(parts int64) *big.Rat {
	return new(big.Rat).SetFrac(a.integer(), big.NewInt(parts))
}

// amountIn returns a number in parts; ok is false if it is no whole number of them, or too large.
func amountIn(r *big.Rat, parts int64) (a amount, ok bool) {
	scaled := times(r, new(big.Rat).SetInt64(parts))
	if !scaled.IsInt() {
		return amount{}, false
	}
	return wholeAmount(scaled.Num())
}

func wholeAmount(n *big.Int) (a amount, ok bool) {
	if n.Sign() < 0 || n.BitLen() > 128 {
		return amount{}, false
	}
	low := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
	return amount{new(big.Int).Rsh(n, 64).Uint64(), low.Uint64()}, true
}

// limit is a threshold that amounts are held against. It is exact: a whole number of parts lies beyond the threshold
// exactly when it lies beyond the limit.
type limit struct {
	isBelow       bool // the condition is value < threshold, else value > threshold
	at            amount
	always, never bool // whatever the value
}

// limitOf returns the limit of a condition over amounts of so many parts in one.
func limitOf(op string, threshold *big.Rat, parts int64) limit {
	scaled := times(threshold, new(big.Rat).SetInt64(parts))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	l := limit{isBelow: op == "<"}
	switch {
	case scaled.Sign() < 0:
		l.always, l.never = !l.isBelow, l.isBelow
		return l
	case l.isBelow && rest.Sign() > 0:
		whole.Add(whole, big.NewInt(1)) // n < 2.5 is n < 3 of whole numbers; n > 2.5 is n > 2
	}
	var fits bool
	if l.at, fits = wholeAmount(whole); !fits {
		l.always, l.never = l.isBelow, !l.isBelow
	}
	return l
}

// holds says whether a value meets the condition.
func (l limit) holds(v amount) bool {
	switch {
	case l.always || l.never:
		return l.always
	case l.isBelow:
		return v.compare(l.at) < 0
	default:
		return v.compare(l.at) > 0
	}
}

// beyond says whether a lies farther in the direction of the condition than b.
func (l limit) beyond(a, b amount) bool {
	if l.isBelow {
		return a.compare(b) < 0
	}
	return a.compare(b) > 0
}
