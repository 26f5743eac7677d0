package alarm

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Ratio is an exact number: what -20% and -0.2 both are.
type Ratio struct{ rat *big.Rat }

// ParseRatio reads a decimal number or a percentage.
func ParseRatio(text string) (Ratio, error) {
	text = strings.TrimSpace(text)
	number, isPercent := strings.CutSuffix(text, "%")
	if !regexp.MustCompile(`^[-+]?[0-9]{1,15}(\.[0-9]{1,20})?$`).MatchString(number) {
		return Ratio{}, fmt.Errorf("%q is no ratio: give a percentage such as -20%%, or a decimal number such as -0.2", text)
	}
	rat, ok := new(big.Rat).SetString(number)
	if !ok {
		return Ratio{}, fmt.Errorf("%q is no ratio", text)
	}
	if isPercent {
		rat.Quo(rat, big.NewRat(100, 1))
	}
	return Ratio{rat}, nil
}

// parseProbability reads a ratio above 0 and up to 1.
func parseProbability(text string) (Ratio, error) {
	r, err := ParseRatio(text)
	if err == nil && (r.rat.Sign() <= 0 || r.rat.Cmp(big.NewRat(1, 1)) > 0) {
		err = fmt.Errorf("%q is no probability above 0 and up to 1", text)
	}
	return r, err
}

// parseShare reads a ratio above 0 and below 1.
func parseShare(text string) (Ratio, error) {
	r, err := ParseRatio(text)
	if err == nil && (r.rat.Sign() <= 0 || r.rat.Cmp(big.NewRat(1, 1)) >= 0) {
		err = fmt.Errorf("%q is no share above 0 and below 1", text)
	}
	return r, err
}

// Percent returns the number as a percentage, exactly.
func (r Ratio) Percent() string {
	text := new(big.Rat).Mul(r.rat, big.NewRat(100, 1)).FloatString(22)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".") + "%"
}

// double returns the nearest double.
func (r Ratio) double() float64 { return double(r.rat) }

func double(r *big.Rat) float64 {
	value, _ := r.Float64()
	return value
}

// MarshalJSON writes the number as a fraction, which is one text for one number.
func (r Ratio) MarshalJSON() ([]byte, error) { return json.Marshal(r.rat.RatString()) }

// UnmarshalJSON reads a text, or a number by its digits.
func (r *Ratio) UnmarshalJSON(data []byte) (err error) {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	text := fmt.Sprint(value)
	if number, ok := value.(float64); ok {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	}
	*r, err = ParseRatio(text)
	return err
}
