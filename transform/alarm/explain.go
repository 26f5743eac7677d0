package alarm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
)

// explanation says what a change of a rate is made of: parts whose sum is the whole change, exactly.
type explanation struct {
	text   string
	change *big.Rat
	parts  []part // none where a type has too few users
}

// part of a change: for ALL a type's rate or its share of the mix, for one type its numerator or denominator.
type part struct {
	name, part string
	value      *big.Rat
}

// Names of parts.
const (
	ofRate        = "rate"
	ofMix         = "mix"
	ofNumerator   = "numerator"
	ofDenominator = "denominator"
)

// explain splits the change of a firing row by midpoints (docs/definitions.md section 6).
func (r Rule) explain(e Evaluation, m metricsOfDay) explanation {
	whole := m.pair(r, e.Env, e.VaultType)
	x := explanation{change: new(big.Rat).Sub(whole.current.rate(), whole.baseline.rate())}
	if e.VaultType == all {
		x.parts = splitTotal(whole, m.parts(r.Metric), func(t string) pair { return m.pair(r, e.Env, t) })
	} else {
		x.parts = splitType(e.VaultType, whole)
	}
	x.text = r.sentence(e, whole, x)
	return x
}

// splitType splits the change of one type.
func splitType(name string, p pair) []part {
	n0, d0 := big.NewRat(p.baseline.numerator, 1), big.NewRat(1, p.baseline.denominator)
	n1, d1 := big.NewRat(p.current.numerator, 1), big.NewRat(1, p.current.denominator)
	return []part{
		{name, ofNumerator, times(minus(n1, n0), middle(d0, d1))},
		{name, ofDenominator, times(minus(d1, d0), middle(n0, n1))},
	}
}

// splitTotal splits the change of ALL over its types. It returns no parts where a type's numbers are hidden.
func splitTotal(whole pair, types []string, pairOf func(string) pair) []part {
	var parts []part
	for _, name := range types {
		p := pairOf(name)
		before, after := p.baseline.standing(), p.current.standing()
		switch {
		case before == empty && after == empty:
			continue // a type that is on neither side
		case before != known && before != empty, after != known && after != empty:
			return nil
		}
		w0, w1 := share(p.baseline, whole.baseline), share(p.current, whole.current)
		r0, r1 := p.baseline, p.current
		if before == empty {
			r0 = p.current
		}
		if after == empty {
			r1 = p.baseline
		}
		parts = append(parts,
			part{name, ofRate, times(middle(w0, w1), minus(r1.rate(), r0.rate()))},
			part{name, ofMix, times(minus(w1, w0), middle(r0.rate(), r1.rate()))})
	}
	return parts
}

// share returns the part of a type in the units of ALL.
func share(part, whole side) *big.Rat { return big.NewRat(part.denominator, whole.denominator) }

func times(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
func minus(a, b *big.Rat) *big.Rat { return new(big.Rat).Sub(a, b) }
func middle(a, b *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(a, b)
	return sum.Quo(sum, big.NewRat(2, 1))
}

// encode returns the explanation as JSON: each number is the double nearest to the exact one, in its shortest form.
func (x explanation) encode() string {
	type jsonPart struct {
		Name  string  `json:"name"`
		Part  string  `json:"part"`
		Value float64 `json:"value"`
	}
	parts := make([]jsonPart, len(x.parts))
	for i, p := range x.parts {
		parts[i] = jsonPart{p.name, p.part, double(p.value)}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(struct {
		Text   string     `json:"text"`
		Change float64    `json:"change"`
		Parts  []jsonPart `json:"parts"`
	}{x.text, double(x.change), parts})
	if err != nil {
		panic(err) // texts and finite numbers
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// sentence says in words what happened, and what of it is due to what.
func (r Rule) sentence(e Evaluation, p pair, x explanation) string {
	verb := "rose"
	if x.change.Sign() < 0 {
		verb = "fell"
	}
	text := fmt.Sprintf("%s of %s in %s %s from %s to %s: %s against %s, threshold %s.",
		metricWords(r.Metric), e.VaultType, e.Env, verb, rateWords(p.baseline), rateWords(p.current),
		signed(p.change())+"%", comparisonWords(r.Comparison), r.Threshold.Percent())
	if len(x.parts) == 0 {
		return text + " Its parts are not shown: a type has too few users."
	}
	if e.VaultType != all {
		return text + fmt.Sprintf(" Of the change of %s points, %s come from the numerator and %s from the denominator.",
			signed(x.change), signed(x.parts[0].value), signed(x.parts[1].value))
	}
	most := x.parts[0]
	sums := map[string]*big.Rat{ofRate: new(big.Rat), ofMix: new(big.Rat)}
	for _, p := range x.parts {
		sums[p.part].Add(sums[p.part], p.value)
		// The part that goes farthest in the direction of the whole change.
		if times(p.value, x.change).Cmp(times(most.value, x.change)) > 0 {
			most = p
		}
	}
	return text + fmt.Sprintf(" Of the change of %s points, %s come from the rates of the types and %s from their mix; the largest part is the %s of %s with %s.",
		signed(x.change), signed(sums[ofRate]), signed(sums[ofMix]), most.part, most.name, signed(most.value))
}

func metricWords(metric string) string {
	return map[string]string{"vault_claim_rate_by_type": "Claim rate", "vault_expire_rate_by_type": "Expire rate"}[metric]
}

func comparisonWords(comparison string) string {
	return map[string]string{dayOverDay: "the day before", quarterOverQuarter: "the same days of the previous quarter"}[comparison]
}

func rateWords(s side) string {
	return fmt.Sprintf("%s%% (%d of %d)", hundredfold(s.rate()), s.numerator, s.denominator)
}

// hundredfold returns a ratio in percent or points, with two digits: with fewer, parts would often seem not to add up.
func hundredfold(r *big.Rat) string { return times(r, big.NewRat(100, 1)).FloatString(2) }

func signed(r *big.Rat) string {
	if r.Sign() > 0 {
		return "+" + hundredfold(r)
	}
	return hundredfold(r)
}
