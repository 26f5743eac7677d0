package scheduler

import (
	"fmt"
	"math/big"
	"strings"

	"vaultreport/extract"
	"vaultreport/internal/errs"
)

// Limit is how many lines of a run may be quarantined: a number, or a share of the lines read. The zero Limit is none.
type Limit struct {
	lines *big.Rat
	share *big.Rat
}

// ParseLimit reads `N` or `P%`.
func ParseLimit(text string) (Limit, error) {
	number, percent := strings.CutSuffix(strings.TrimSpace(text), "%")
	value, ok := new(big.Rat).SetString(number)
	switch {
	case !ok || value.Sign() < 0 || strings.ContainsAny(number, "/eExX_"):
		return Limit{}, fmt.Errorf("limit %q is not of the form N or P%%", text)
	case percent && value.Cmp(big.NewRat(100, 1)) > 0:
		return Limit{}, fmt.Errorf("limit %q is more than 100%%", text)
	case percent:
		return Limit{share: value.Quo(value, big.NewRat(100, 1))}, nil
	case !value.IsInt():
		return Limit{}, fmt.Errorf("limit %q is not a whole number of lines", text)
	}
	return Limit{lines: value}, nil
}

// check refuses a run of which more lines were quarantined than the limit allows; exactly the limit is allowed.
func (l Limit) check(t extract.Totals) error {
	allowed := l.lines
	if l.share != nil {
		allowed = new(big.Rat).Mul(l.share, big.NewRat(t.Read, 1))
	}
	if allowed == nil || big.NewRat(t.Quarantined, 1).Cmp(allowed) <= 0 {
		return nil
	}
	return errs.New(errs.Gate, fmt.Sprintf("extract: %d of %d lines were quarantined, more than limits.max_quarantine allows", t.Quarantined, t.Read),
		"nothing was published: look at the sources, or raise limits.max_quarantine to publish without these lines")
}
