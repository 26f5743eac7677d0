package reports

import (
	"math"
	"strconv"
	"strings"

	"github.com/dustin/go-humanize"
)

// minus is the sign that screen readers read as a word; a hyphen is often skipped.
const minus = "−"

// count returns 12345 as "12,345".
func count(n int64) string { return humanize.Comma(n) }

// percent returns a ratio of 0..1 as "41.2%". What is neither none nor all never reads as one of them.
func percent(ratio float64) string {
	switch {
	case ratio > 0 && ratio < 0.0005:
		return "<0.1%"
	case ratio >= 0.9995 && ratio < 1:
		return ">99.9%"
	default:
		return hundredfold(ratio) + "%"
	}
}

// interval returns two ratios as "39.1–43.4%", with as many digits as it takes to tell them apart, four at most.
func interval(low, high float64) string {
	for digits := 1; ; digits++ {
		from, to := strconv.FormatFloat(low*100, 'f', digits, 64), strconv.FormatFloat(high*100, 'f', digits, 64)
		if from != to || digits == 4 {
			return from + "–" + to + "%"
		}
	}
}

// signedPercent returns a relative change as "+3.1%", "−3.1%" or "0.0%". A change too small for its digits keeps its
// sign: "−0.0%" fell, "0.0%" did not move.
func signedPercent(ratio float64) string { return signedHundredfold(ratio) + "%" }

// plainNumber returns a count or milliseconds with at most two digits after the point: "8,974.4".
func plainNumber(value float64) string {
	whole, rest, _ := strings.Cut(humanize.CommafWithDigits(value, 2), ".")
	if rest = strings.TrimRight(rest, "0"); rest != "" {
		return whole + "." + rest
	}
	return whole
}

// signedHundredfold returns a difference of two ratios in percentage points: "−1.3".
func signedHundredfold(ratio float64) string {
	text := hundredfold(math.Abs(ratio))
	switch {
	case ratio > 0:
		return "+" + text
	case ratio < 0:
		return minus + text
	default:
		return text
	}
}

func hundredfold(ratio float64) string { return strconv.FormatFloat(ratio*100, 'f', 1, 64) }

// pValue returns a probability as "p = 0.021"; beyond three digits it says on which side it lies.
func pValue(p float64) string {
	switch {
	case p < 0.001:
		return "p < 0.001"
	case p > 0.999 && p < 1:
		return "p > 0.999"
	default:
		return "p = " + strings.TrimSuffix(strconv.FormatFloat(p, 'f', 3, 64), ".000")
	}
}
