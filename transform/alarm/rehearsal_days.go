package alarm

import (
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/yamlschema"
)

// readRate reads "METRIC[/TYPE] PERIOD VALUE...".
func (c *Case) readRate(words []string) (what, hint string) {
	if len(words) < 3 {
		return "a rate has a metric, a period and a value a day", "for example: given rate vault_claim_rate_by_type/GOLD qtd 80/1000"
	}
	s := rateSeries{period: words[1]}
	s.metric, s.vaultType = splitTypeOff(words[0])
	for _, word := range []struct {
		what, text string
		known      []string
	}{
		{"metric", s.metric, []string{"vault_claim_rate_by_type", "vault_expire_rate_by_type"}},
		{"type", s.vaultType, []string{all, "DIAMOND", "GOLD", "PLATINUM"}},
		{"period", s.period, []string{"day", "qtd", "prev_qtd"}},
	} {
		if !slices.Contains(word.known, word.text) {
			return fmt.Sprintf("unknown %s %q", word.what, word.text), yamlschema.Nearest("nearest: ", word.text, word.known)
		}
	}
	s.days, what, hint = readDays(words[2:], false)
	c.rates = append(c.rates, s)
	return what, hint
}

// readVariant reads "METRIC VARIANT VALUE...".
func (c *Case) readVariant(words []string) (what, hint string) {
	if len(words) < 3 {
		return "a variant has a metric, a name and a value a day", "for example: given variant alert_claim_rate_by_variant A 30/100"
	}
	if _, known := hitsOf[words[0]]; !known {
		return fmt.Sprintf("unknown metric of variants %q", words[0]), "nearest: alert_claim_rate_by_variant"
	}
	s := variantSeries{metric: words[0], name: words[1]}
	s.days, what, hint = readDays(words[2:], false)
	if s.name != untagged { // rules leave it out
		c.variants = append(c.variants, s)
	}
	return what, hint
}

const untagged = "untagged"

// splitTypeOff takes a vault type off a name; without one it is that of all.
func splitTypeOff(name string) (rest, vaultType string) {
	rest, vaultType, has := strings.Cut(name, "/")
	if !has {
		return rest, all
	}
	return rest, vaultType
}

// readMetric reads "METRIC[/TYPE] STATISTIC [period=P] [variant=V] [segment=S] VALUE...".
func (c *Case) readMetric(words []string) (what, hint string) {
	if len(words) < 3 {
		return "a metric has a statistic and a value a day", "for example: given metric dlq_size max segment=pushes 9 10"
	}
	s := metricSeries{quantityKey: quantityKey{env: envOfCases, period: "day", variant: all, segment: all, statistic: words[1]}}
	s.metric, s.vaultType = splitTypeOff(words[0])
	words = words[2:]
	for ; len(words) > 0; words = words[1:] {
		key, value, is := strings.Cut(words[0], "=")
		into := map[string]*string{"period": &s.period, "segment": &s.segment, "variant": &s.variant}[key]
		if is && into == nil {
			return fmt.Sprintf("unknown word %q", key), "a metric has period=, variant= and segment="
		}
		if !is {
			break
		}
		*into = value
	}
	if len(words) == 0 {
		return "the metric has no value", formOfNumbers
	}
	s.days, what, hint = readDays(words, true)
	c.metrics = append(c.metrics, s)
	return what, hint
}

// readDays reads values of days: N/D, _ for a day without a row, or a state; if numbers may be, they are numbers as well.
// xN says how many days have it.
func readDays(words []string, numbers bool) (days []*quantity, what, hint string) {
	form := formOfRates
	if numbers {
		form = formOfNumbers
	}
	for _, word := range words {
		text, times, ok := splitTimes(word)
		q, isValue := parseDay(text, numbers)
		if !ok || !isValue {
			return nil, fmt.Sprintf("%q is no value of a day", word), form
		}
		for range times {
			days = append(days, q)
		}
	}
	return days, "", ""
}

func parseDay(text string, numbers bool) (q *quantity, ok bool) {
	switch text {
	case "_":
		return nil, true
	case immature:
		return &quantity{side: side{state: text}}, true
	case "suppressed":
		return &quantity{side: side{state: text, reason: "k"}}, true
	case "not_computable":
		return &quantity{side: side{state: text, reason: "not_given"}}, true
	}
	numerator, denominator, isRate := strings.Cut(text, "/")
	if !isRate {
		value, err := ParseRatio(text)
		return &quantity{side: side{state: "ok"}, exact: value.rat}, numbers && err == nil
	}
	n, errN := strconv.ParseInt(numerator, 10, 64)
	d, errD := strconv.ParseInt(denominator, 10, 64)
	if errN != nil || errD != nil || n < 0 || d < 0 {
		return nil, false
	}
	if d == 0 {
		return &quantity{side: side{state: noData, reason: zeroDenominator, numerator: n}}, true
	}
	return &quantity{side: side{state: "ok", numerator: n, denominator: d}, exact: big.NewRat(n, d)}, true
}

const (
	formOfRates   = "give NUMERATOR/DENOMINATOR, _, immature, suppressed or not_computable; 80/1000x3 stands for three days"
	formOfNumbers = "give a number, or NUMERATOR/DENOMINATOR of a rate, _, immature, suppressed or not_computable; 5x3 stands for three days"
)
