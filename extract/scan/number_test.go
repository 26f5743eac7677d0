package scan

import (
	"math/big"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestIntegersAreExact(t *testing.T) {
	literal := rapid.StringMatching(`-?(0|[1-9][0-9]{0,21})(\.[0-9]{1,22})?([eE][+-]?[0-9]{1,2})?`)
	rapid.Check(t, func(t *rapid.T) {
		text := literal.Draw(t, "literal")
		reference, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatal("the reference does not read it")
		}
		got, gotOK := parseInteger([]byte(text))
		wantOK := reference.IsInt() && reference.Num().IsInt64() && reference.Num().Int64() != -1<<63
		if gotOK != wantOK || wantOK && got != reference.Num().Int64() {
			t.Fatalf("got %d %v, want %s %v", got, gotOK, reference.Num(), wantOK)
		}
	})
}

func TestTheRangeOfIntegersEndsAt63Bits(t *testing.T) {
	for text, want := range map[string]bool{"9223372036854775807": true, "-9223372036854775807": true, "9223372036854775808": false, "9.223372036854775808e18": false, "9999999999999999999": false} {
		if _, ok := parseInteger([]byte(text)); ok != want {
			t.Errorf("%s: got %v, want %v", text, ok, want)
		}
	}
}

func TestDecimalsAreThoseThatStrconvWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[0-9]{0,20}`).Draw(t, "text")
		want, err := strconv.ParseInt(text, 10, 64)
		wantOK := err == nil && want > 0 && strconv.FormatInt(want, 10) == text
		if got, ok := parseDecimal([]byte(text)); ok != wantOK || ok && got != want {
			t.Fatalf("got %d %v, want %d %v", got, ok, want, wantOK)
		}
	})
}
