package alarm

import (
	"testing"
	"time"
)

func TestLengthsOfTime(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"10m": 10 * time.Minute, "90s": 90 * time.Second, "1h30m": 90 * time.Minute, "1h0m5s": time.Hour + 5*time.Second, "0s": 0,
	} {
		got, err := ParseDuration(text)
		if err != nil || time.Duration(got) != want {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
		if again, err := ParseDuration(got.String()); err != nil || again != got {
			t.Errorf("%q is written as %q", text, got)
		}
	}
	for _, text := range []string{"", "10", "-5m", "5 m", "1.5h", "10ms", "5m1h", "99999999h"} {
		if got, err := ParseDuration(text); err == nil {
			t.Errorf("%q: accepted as %s", text, got)
		}
	}
	for text, fits := range map[string]bool{"24h": true, "24h0m1s": false, "0s": false, "5m": true} {
		if _, err := parseWindow(text); (err == nil) != fits {
			t.Errorf("a window of %q: got %v", text, err)
		}
	}
}
