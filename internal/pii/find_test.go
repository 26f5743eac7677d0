package pii

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

func TestFind(t *testing.T) {
	datadriven.RunTest(t, "testdata/find.txt", func(t *testing.T, d *datadriven.TestData) string {
		var out strings.Builder
		for line := range strings.Lines(d.Input) {
			line = strings.TrimSuffix(line, "\n")
			name, found := Find(line)
			if !found {
				name = "none"
			}
			out.WriteString(line + ": " + name + "\n")
		}
		return out.String()
	})
}

// The reference says what docs/security.md says, with the boundary that no digit stands beside a match; it does not
// know about ids and fractions, so it is compared on texts without hexadecimal letters and points.
var (
	phoneReference = regexp.MustCompile(`(?:^|[^0-9])01[016789]-?\d{3,4}-?\d{4}(?:$|[^0-9])`)
	rrnReference   = regexp.MustCompile(`(?:^|[^0-9])\d{6}-[1-8]\d{6}(?:$|[^0-9])`)
)

func TestNumbersAreFoundAsTheReferenceFindsThem(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"0", "1", "01", "010", "0101", "1234", "123", "900101", "-", "-", "x", " ", "5678", "9",
		})).Draw(t, "parts"), "")
	})
	rapid.Check(t, func(t *rapid.T) {
		s := text.Draw(t, "text")
		if uuidReference.MatchString(s) {
			return
		}
		if got, want := hasPhone(s), phoneReference.MatchString(s); got != want {
			t.Errorf("phone in %q: got %v, want %v", s, got, want)
		}
		if got, want := hasRRN(s), rrnReference.MatchString(s); got != want {
			t.Errorf("rrn in %q: got %v, want %v", s, got, want)
		}
	})
}

var uuidReference = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func TestEveryCardWithItsCheckDigitIsFound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(minCardDigits, maxCardDigits).Draw(t, "length")
		digits := rapid.SliceOfN(rapid.ByteRange('0', '9'), n, n).Draw(t, "digits")
		valid := 0
		for c := byte('0'); c <= '9'; c++ {
			digits[n-1] = c
			if _, found := Find("paid with " + string(digits) + "."); found {
				valid++
			}
		}
		if valid != 1 {
			t.Errorf("%d of the ten last digits pass, want one", valid)
		}
	})
}

// Text 32 times as long may cost 32 times as much, and would cost 1,024 times as much if a byte were looked at again for
// every other. A busy machine makes either time longer, so the fastest of many rounds count; most need one.
func TestHostileTextTakesLinearTime(t *testing.T) {
	const small, factor, slack, rounds = 1 << 11, 32, 6, 20
	elapsed := func(text string) time.Duration {
		start := time.Now()
		Find(text)
		return time.Since(start)
	}
	for _, part := range []string{
		"eyJ", "eyJhbGciOiJub25lIn0", "a@", "a@a.a", "@", "0", "01", "010-", "1 ", "111-", "a", "deadbeef-", "token", "token ",
		"authorization ", "token=", "cookie:\"", ".", "-", "12345678-1234-1234-1234-", "password\\",
	} {
		short := strings.Repeat(part, small/len(part))
		long := strings.Repeat(short, factor)
		one, many := elapsed(short), elapsed(long)
		for round := 1; round < rounds && many > slack*factor*one; round++ {
			one, many = min(one, elapsed(short)), min(many, elapsed(long))
		}
		if many > slack*factor*one {
			t.Errorf("%q repeated: %v, and %v for %d times as much", part, one, many, factor)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"minsu@example.com", "010-1234-5678", "900101-1234567", "4111 1111 1111 1111", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0", "token:abcdef123456", "\xff@\x80.\x80\x80"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, found := Find(text)
		if found != (name != "") {
			t.Fatalf("found %v, name %q", found, name)
		}
		if again, _ := Find(text); again != name {
			t.Fatalf("got %q, then %q", name, again)
		}
		if name == "phone" && !phoneReference.MatchString(text) || name == "rrn" && !rrnReference.MatchString(text) {
			t.Fatalf("%s, which its pattern does not match", name)
		}
		// Text around it hides nothing, as long as it is no part of a name or a number.
		if _, still := Find("( " + text + " )"); found && !still {
			t.Fatalf("%s is no longer found between blanks", name)
		}
	})
}
