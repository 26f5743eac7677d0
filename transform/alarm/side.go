package alarm

import (
	"math/big"
	"strings"
)

// all is the vault type that stands for the total of the types.
const all = "ALL"

// side is one of the rates that a rule compares, as metric_daily has it. The zero side is a row that does not exist.
type side struct {
	state, reason          string
	numerator, denominator int64
}

// pair is what a rule compares.
type pair struct{ current, baseline side }

// standing says what may be done with a side.
type standing int

const (
	known         standing = iota
	hidden                 // suppressed: there is a rate, of which nothing may be known
	empty                  // nothing to divide by
	missing                // no row, or a day of it is not extracted
	notComputable          // a source is missing
)

func (s side) standing() standing {
	switch {
	case s.state == "ok":
		return known
	case s.state == "suppressed":
		return hidden
	case s.state == "not_computable":
		return notComputable
	case s.state == "no_data" && !strings.HasPrefix(s.reason, "missing_days="):
		return empty
	default:
		return missing
	}
}

func (s side) rate() *big.Rat { return big.NewRat(s.numerator, s.denominator) }

// change returns the relative change of two known sides.
func (p pair) change() *big.Rat {
	ratio := new(big.Rat).Quo(p.current.rate(), p.baseline.rate())
	return ratio.Sub(ratio, big.NewRat(1, 1))
}

// both says whether both sides are known.
func (p pair) both() bool { return p.current.standing() == known && p.baseline.standing() == known }
