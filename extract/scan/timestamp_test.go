package scan

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The shape says in one line what the parser says in many; time.Parse judges the ranges. It allows an offset of 24 hours
// and 60 minutes, which the shape does not.
var (
	instantShape = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`)
	naiveShape   = regexp.MustCompile(`^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?$`)
)

func referenceTimestamp(text string) (int64, instantForm) {
	switch upper := strings.ToUpper(text); {
	case instantShape.MatchString(text):
		if t, err := time.Parse(time.RFC3339Nano, upper); err == nil {
			return t.Unix()*1_000_000 + int64(t.Nanosecond()/1_000), instant
		}
	case naiveShape.MatchString(text):
		if _, err := time.Parse("2006-01-02T15:04:05.999999999", upper); err == nil {
			return 0, naiveInstant
		}
	}
	return 0, noInstant
}

func checkTimestamp(t errorer, text string) {
	micros, form := parseTimestamp([]byte(text))
	wantMicros, wantForm := referenceTimestamp(text)
	if micros != wantMicros || form != wantForm {
		t.Errorf("%q: got %d of form %d, want %d of form %d", text, micros, form, wantMicros, wantForm)
	}
}

func TestTimestampsAreThoseOfTheReference(t *testing.T) {
	near := rapid.Custom(func(t *rapid.T) string {
		parts := []string{
			rapid.StringMatching(`[0-9]{4}`).Draw(t, "year"), "-", rapid.StringMatching(`0[0-9]|1[0-3]`).Draw(t, "month"), "-",
			rapid.StringMatching(`[012][0-9]|3[0-2]`).Draw(t, "day"), rapid.SampledFrom([]string{"T", "T", "t", " "}).Draw(t, "T"),
			rapid.StringMatching(`[01][0-9]|2[0-4]`).Draw(t, "hour"), ":", rapid.StringMatching(`[0-5][0-9]|60`).Draw(t, "minute"), ":",
			rapid.StringMatching(`[0-5][0-9]|60`).Draw(t, "second"), rapid.StringMatching(`(\.[0-9]{0,10})?`).Draw(t, "fraction"),
			rapid.StringMatching(`|Z|z|[+-]([01][0-9]|2[0-4]):([0-5][0-9]|60)`).Draw(t, "offset"),
		}
		if i := rapid.IntRange(0, 4*len(parts)).Draw(t, "broken"); i < len(parts) {
			parts[i] = rapid.StringN(0, 3, 6).Draw(t, "instead")
		}
		return strings.Join(parts, "")
	})
	rapid.Check(t, func(t *rapid.T) { checkTimestamp(t, near.Draw(t, "text")) })
}

func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{
		"2026-01-02T03:04:05Z", "2026-01-02t03:04:05.123456789+09:00", "2026-01-02T03:04:05", "2024-02-29T23:59:59.9-23:59", "0000-01-01T00:00:00+23:59",
		"2026-01-02 03:04:05Z", "2026-01-02", "2026-01-02T03:04:60Z",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTimestamp(t, text) })
}
