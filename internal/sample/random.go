package sample

import "math/rand/v2"

// purpose separates the random streams of one day, so that more draws for one purpose never shift another.
type purpose uint64

const (
	forLife purpose = iota + 1
	forActivity
	forSpelling
	forHostile
	forOutside
	forDump
)

// stream returns the random numbers of one purpose. Parts name the env, the day and, where there are some, the slice.
func stream(seed uint64, p purpose, parts ...uint64) *rand.Rand {
	h := scramble(uint64(p))
	for _, part := range parts {
		h = scramble(h ^ part)
	}
	return rand.New(rand.NewPCG(seed, h))
}

// scramble is the finaliser of splitmix64.
func scramble(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

const million = 1000000

// chance is true in ppm of a million draws.
func chance(r *rand.Rand, ppm int) bool { return r.IntN(million) < ppm }

// between returns lo <= x < hi.
func between(r *rand.Rand, lo, hi int64) int64 { return lo + r.Int64N(hi-lo) }

// carry turns a rate into whole numbers without losing the remainder, so that counts stay steady from day to day
// where independent draws would scatter and set off rules on rates by chance.
type carry int

// take returns how many of parts per million of n are due now.
func (c *carry) take(n, ppm int) int {
	*c += carry(n * ppm)
	whole := int(*c) / million
	*c -= carry(whole * million)
	return whole
}
