package bizday

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) Zone {
	t.Helper()
	z, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func day(t testing.TB, text string) Day {
	t.Helper()
	d, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestBoundsOfADay(t *testing.T) {
	for _, c := range []struct{ name, zone, day, start, hours string }{
		{"Seoul is nine hours ahead", "Asia/Seoul", "2026-01-02", "2026-01-01T15:00:00Z", "24h0m0s"},
		{"spring forward has 23 hours", "Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", "23h0m0s"},
		{"fall back has 25 hours", "Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", "25h0m0s"},
		{"a skipped midnight starts after the gap", "America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "23h0m0s"},
		{"a repeated last hour belongs to the day before", "Asia/Beirut", "2025-10-25", "2025-10-24T21:00:00Z", "25h0m0s"},
		{"the clock turned back over midnight", "America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z", "25h0m0s"},
		{"a day that a zone never had is empty", "Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", "0s"},
		{"the year 1", "UTC", "0001-01-01", "0001-01-01T00:00:00Z", "24h0m0s"},
		{"the year 9999", "UTC", "9999-12-31", "9999-12-31T00:00:00Z", "24h0m0s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			z, d := zone(t, c.zone), day(t, c.day)
			start, end := z.Bounds(d)
			if got := time.UnixMicro(start).UTC().Format(time.RFC3339); got != c.start {
				t.Errorf("start: got %s, want %s", got, c.start)
			}
			if got := (time.Duration(end-start) * time.Microsecond).String(); got != c.hours {
				t.Errorf("length: got %s, want %s", got, c.hours)
			}
		})
	}
}

func TestDayOfAgreesWithBounds(t *testing.T) {
	zones := []string{"Asia/Seoul", "UTC", "Europe/Berlin", "America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Asia/Beirut", "Australia/Lord_Howe"}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom(zones).Draw(t, "zone")
		z, err := LoadZone(name)
		if err != nil {
			t.Fatal(err)
		}
		micros := rapid.Int64Range(-2_208_988_800_000_000, 4_102_444_800_000_000).Draw(t, "micros")
		d := z.DayOf(micros)
		start, end := z.Bounds(d)
		if micros < start || micros >= end {
			t.Fatalf("%s: %d has day %s, whose bounds are [%d, %d)", name, micros, d, start, end)
		}
		if _, previousEnd := z.Bounds(d - 1); previousEnd != start {
			t.Fatalf("%s: day %s starts at %d, the day before ends at %d", name, d, start, previousEnd)
		}
	})
}

func TestQuarters(t *testing.T) {
	for _, c := range []struct{ name, day, start, first, last string }{
		{"the first day of a quarter", "2026-04-01", "2026-04-01", "2026-01-01", "2026-01-01"},
		{"a day in the middle", "2026-05-15", "2026-04-01", "2026-01-01", "2026-02-14"},
		{"stops at the end of a shorter quarter", "2026-06-30", "2026-04-01", "2026-01-01", "2026-03-31"},
		{"goes over the year's end", "2026-03-31", "2026-01-01", "2025-10-01", "2025-12-29"},
		{"a leap year has a day more", "2024-03-31", "2024-01-01", "2023-10-01", "2023-12-30"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := day(t, c.day)
			first, last := d.AlignedPreviousQuarter()
			if got := [3]string{d.QuarterStart().String(), first.String(), last.String()}; got != [3]string{c.start, c.first, c.last} {
				t.Errorf("got %v, want %v", got, [3]string{c.start, c.first, c.last})
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{"", "2026-1-2", "2026-02-30", "20260102", "2026-01-02T00:00:00Z"} {
		if d, err := Parse(text); err == nil {
			t.Errorf("%q: got %s, want an error", text, d)
		}
	}
}
