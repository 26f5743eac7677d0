package alarm

import (
	"fmt"
	"math/big"
	"strings"
)

// words say what a row found.
func (e Evaluation) words(r Rule) string {
	text := ""
	if e.Reason != "" {
		text += " (" + e.Reason + ")"
	}
	if !e.Value.Valid {
		return text
	}
	switch {
	case r.isOnEventTime():
		return text + fmt.Sprintf(": its farthest value is %g, threshold %s", e.Value.V, r.Words(r.Threshold))
	case r.Kind == ofMetric:
		return text + fmt.Sprintf(": what is compared is %s, threshold %s", r.valueText(r.exact(e)), r.Words(r.Threshold))
	}
	text += fmt.Sprintf(": %d/%d against %d/%d is %s%%, threshold %s", e.Numerator.V, e.Denominator.V, e.BaselineNumerator.V, e.BaselineDenominator.V,
		hundredfold(r.exact(e)), r.Words(r.Threshold))
	if e.PValue.Valid {
		text += fmt.Sprintf(", p = %.3g", e.PValue.V)
	}
	return text
}

func (r Rule) alarmsText(alarms []expectedAlarm) string {
	if len(alarms) == 0 {
		return "none"
	}
	texts := make([]string, len(alarms))
	for i, a := range alarms {
		texts[i] = clock(a.started) + ".."
		if a.ended != open {
			texts[i] += clock(a.ended)
		}
		if a.peak != nil {
			texts[i] += "=" + r.valueText(a.peak)
		}
	}
	return strings.Join(texts, " ")
}

// valueText writes what the rule compares: a share as a percentage.
func (r Rule) valueText(value *big.Rat) string {
	if r.isOfShares() {
		return hundredfold(value) + "%"
	}
	return number(value)
}
