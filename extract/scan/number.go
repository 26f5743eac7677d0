package scan

import (
	"bytes"
	"math"
)

const (
	int64Digits = 19      // of 2^63-1
	maxExponent = 1 << 40 // no line has as many digits, so a larger exponent changes nothing
)

// parseInteger returns the value of a JSON number if that is a whole number of the range of int64, whatever its form:
// 7e4, 70000.0 and 70000 are one. The cost is that of reading the literal, however large the exponent is.
func parseInteger(literal []byte) (value int64, ok bool) {
	if value, ok = parseDecimal(literal); ok {
		return value, true
	}
	negative := literal[0] == '-'
	if negative {
		literal = literal[1:]
	}
	var exponent int64
	if i := bytes.IndexAny(literal, "eE"); i >= 0 {
		exponent = parseExponent(literal[i+1:])
		literal = literal[:i]
	}
	whole, fraction, _ := bytes.Cut(literal, []byte{'.'})
	digits := whole
	if fraction = bytes.TrimRight(fraction, "0"); len(fraction) > 0 {
		exponent -= int64(len(fraction))
		digits = append(append(make([]byte, 0, len(literal)), whole...), fraction...)
	}
	digits = bytes.TrimLeft(digits, "0")
	significant := bytes.TrimRight(digits, "0")
	exponent += int64(len(digits) - len(significant))
	switch {
	case len(significant) == 0:
		return 0, true
	case exponent < 0 || int64(len(significant))+exponent > int64Digits:
		return 0, false
	}
	var magnitude uint64
	for _, c := range significant {
		magnitude = magnitude*10 + uint64(c-'0')
	}
	for range exponent {
		magnitude *= 10 // 19 digits fit
	}
	if magnitude > math.MaxInt64 {
		return 0, false
	}
	if negative {
		return -int64(magnitude), true
	}
	return int64(magnitude), true
}

func parseExponent(text []byte) int64 {
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	var exponent int64
	for _, c := range text {
		exponent = min(exponent*10+int64(c-'0'), maxExponent)
	}
	if negative {
		return -exponent
	}
	return exponent
}

// parseDecimal returns the value of a text of decimal digits without a leading zero, from 1 to 2^63-1.
func parseDecimal(text []byte) (value int64, ok bool) {
	if len(text) == 0 || len(text) > int64Digits || text[0] == '0' {
		return 0, false
	}
	var magnitude uint64
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		magnitude = magnitude*10 + uint64(c-'0')
	}
	return int64(magnitude), magnitude <= math.MaxInt64
}
