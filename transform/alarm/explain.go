package alarm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// explanation says what a change of a rate is made of: parts whose sum is the whole change, exactly.
type explanation struct {
	text   string
	change *big.Rat // nil where it may not be told, and of a rule on event time
	parts  []part   // none where a type has too few users
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
	var change *float64
	if x.change != nil {
		value := double(x.change)
		change = &value
	}
	return encodeJSON(struct {
		Text   string     `json:"text"`
		Change *float64   `json:"change"`
		Parts  []jsonPart `json:"parts"`
	}{x.text, change, parts})
}

func encodeJSON(value any) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
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
	sums := map[string]*big.Rat{ofRate: new(big.Rat), ofMix: new(big.Rat)}
	for _, p := range x.parts {
		sums[p.part].Add(sums[p.part], p.value)
	}
	return text + fmt.Sprintf(" Of the change of %s points, %s come from the rates of the types and %s from their mix; %s.",
		signed(x.change), signed(sums[ofRate]), signed(sums[ofMix]), x.largest())
}

// mostNamed is how many parts a sentence names.
const mostNamed = 3

// largest names the parts that go farthest in the direction of the whole change, which has at least one.
func (x explanation) largest() string {
	parts := slices.DeleteFunc(slices.Clone(x.parts), func(p part) bool { return times(p.value, x.change).Sign() <= 0 })
	slices.SortStableFunc(parts, func(a, b part) int { return times(b.value, x.change).Cmp(times(a.value, x.change)) })
	names := make([]string, min(len(parts), mostNamed))
	for i := range names {
		names[i] = "the " + parts[i].part + " of " + parts[i].name + " with " + signed(parts[i].value)
	}
	if len(names) == 1 {
		return "the largest part is " + names[0]
	}
	return "the largest parts are " + strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

func metricWords(metric string) string {
	return map[string]string{
		"vault_claim_rate_by_type": "Claim rate", "vault_expire_rate_by_type": "Expire rate",
		"alert_claim_rate_by_variant": "The share of alerts that a claim follows", "alert_click_rate": "The share of alerts that are clicked",
	}[metric]
}

func comparisonWords(comparison string) string {
	return map[string]string{
		dayOverDay: "the day before", weekOverWeek: "the same day of the week before", quarterOverQuarter: "the same days of the previous quarter",
		weekdayMedian: "the median of the same weekday of earlier weeks",
	}[comparison]
}

func rateWords(s side) string {
	return fmt.Sprintf("%s%% (%d of %d)", hundredfold(s.rate()), s.numerator, s.denominator)
}

// hundredfold returns a ratio in percent or points, with two digits: with fewer, parts would often seem not to add up.
func hundredfold(r *big.Rat) string { return times(r, big.NewRat(100, 1)).FloatString(2) }

// grouped puts commas between the thousands of a number: whole, decimal or a fraction. Without them a long number in a text
// could be taken for that of a card, which would stop the run.
func grouped(number string) string {
	if over, under, isFraction := strings.Cut(number, "/"); isFraction {
		return grouped(over) + "/" + grouped(under)
	}
	whole, decimals, hasPoint := strings.Cut(number, ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if hasPoint {
		whole += "." + decimals
	}
	return sign + whole
}

// number returns a number in its digits; of one that has no end, six after the point.
func number(r *big.Rat) string {
	text := r.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

func signed(r *big.Rat) string {
	if r.Sign() > 0 {
		return "+" + hundredfold(r)
	}
	return hundredfold(r)
}
