package transform

import (
	"slices"
	"testing"
	"time"

	"vaultreport/internal/bizday"
)

func dayList(t *testing.T, words ...string) []bizday.Day {
	t.Helper()
	days, err := parseDayList(words)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func TestDaysOfAnInput(t *testing.T) {
	extracted := dayList(t, "2025-12-31", "2026-01-02", "2026-01-03", "2026-03-31", "2026-04-03", "2026-04-05")
	for _, c := range []struct{ name, days, dt, want string }{
		{"the same day", "same", "2026-01-02", "2026-01-02"},
		{"a number of days before, extracted or not", "-1", "2026-01-02", "2026-01-01"},
		{"a span of days, extracted or not", "-1..1", "2026-01-02", "2026-01-01 2026-01-02 2026-01-03"},
		{"the days of a window that are known", "window", "2026-01-02", "2026-01-02 2026-01-03"},
		{"the newest extracted day before", "last_before", "2026-03-31", "2026-01-03"},
		{"the first extracted day has none before", "last_before", "2025-12-31", "none"},
		{"the newest before within the quarter", "last_before_in_quarter", "2026-04-05", "2026-04-03"},
		{"the quarter's first extracted day has none", "last_before_in_quarter", "2026-04-03", "none"},
		{"the newest of the aligned previous quarter", "aligned_previous_quarter", "2026-04-05", "2026-01-03"},
		{"which stops after as many days", "aligned_previous_quarter", "2026-04-02", "2026-01-02"},
		{"and may have none", "aligned_previous_quarter", "2026-04-01", "none"},
		{"all days of the quarter so far, extracted or not", "quarter_to_date", "2026-04-03", "2026-04-01 2026-04-02 2026-04-03"},
		{"as many of the quarter before", "previous_quarter_to_date", "2026-04-03", "2026-01-01 2026-01-02 2026-01-03"},
		{"or lie in the year before", "aligned_previous_quarter", "2026-03-31", "none"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := parseDays(c.days)
			if err != nil {
				t.Fatal(err)
			}
			got := "none"
			for i, day := range p.pick(dayList(t, c.dt)[0], dayList(t, "2026-01-03")[0], extracted) {
				if i == 0 {
					got = day.String()
				} else {
					got += " " + day.String()
				}
			}
			if got != c.want {
				t.Errorf("%s of %s: got %s, want %s", c.days, c.dt, got, c.want)
			}
		})
	}
	for _, text := range []string{"", "0", "yesterday", "1.5", "99999", "2..1", "1..", "..1", "a..2"} {
		if _, err := parseDays(text); err == nil {
			t.Errorf("days %q: got no error", text)
		}
	}
}

func TestCalendarHasTheExtractedDaysOfItsSpan(t *testing.T) {
	extracted := dayList(t, "2025-12-31", "2026-01-01", "2026-03-31", "2026-04-03", "2026-04-05")
	s, err := parseSpan("previous_quarter_start..same")
	if err != nil {
		t.Fatal(err)
	}
	got := s.of(dayList(t, "2026-04-03")[0], extracted)
	if want := dayList(t, "2026-01-01", "2026-03-31", "2026-04-03"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, text := range []string{"", "same", "same..", "..same", "a..b"} {
		if _, err := parseSpan(text); err == nil {
			t.Errorf("calendar %q: got no error", text)
		}
	}
}

func TestWindowsAreKnownUntilTheFirstDayThatIsNotExtracted(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		name      string
		zone      string
		extracted []string
		dt        string
		window    time.Duration
		want      string
	}{
		{"as far as a window reaches", "Asia/Seoul", []string{"2026-01-01..2026-01-09"}, "2026-01-01", day, "2026-01-02"},
		{"seven days reach the eighth", "Asia/Seoul", []string{"2026-01-01..2026-01-09"}, "2026-01-01", 7 * day, "2026-01-08"},
		{"up to the first day that is missing", "Asia/Seoul", []string{"2026-01-01..2026-01-04", "2026-01-06"}, "2026-01-03", 25 * time.Hour, "2026-01-04"},
		{"the day itself while nothing is mature", "Asia/Seoul", []string{"2026-01-01..2026-01-07"}, "2026-01-01", 7 * day, "2026-01-01"},
		{"a day earlier where one of 25 hours lies between, as far as it is extracted", "Europe/Berlin", []string{"2026-10-24..2026-10-30"}, "2026-10-24", 7 * day, "2026-10-30"},
		{"the day itself at least", "Asia/Seoul", []string{"2026-01-06"}, "2026-01-06", 7 * day, "2026-01-06"},
		{"without a window the day itself", "Asia/Seoul", []string{"2026-01-01..2026-01-09"}, "2026-01-01", 0, "2026-01-01"},
		{"a day of 23 hours is not enough for 24", "Europe/Berlin", []string{"2026-03-28..2026-04-09"}, "2026-03-28", day, "2026-03-30"},
		{"and makes seven days one longer", "Europe/Berlin", []string{"2026-03-28..2026-04-09"}, "2026-03-28", 7 * day, "2026-04-05"},
		{"a day of 25 hours is enough", "Europe/Berlin", []string{"2026-10-24..2026-10-30"}, "2026-10-24", day, "2026-10-25"},
		{"a date that the zone skipped has nothing to extract", "Pacific/Apia", []string{"2011-12-29", "2011-12-31", "2012-01-01"}, "2011-12-29", day, "2011-12-31"},
		{"and is none that a window ends on", "Pacific/Apia", []string{"2011-12-28", "2011-12-29", "2011-12-31"}, "2011-12-28", day, "2011-12-29"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := knownUntil(dayList(t, c.dt)[0], c.window, dayList(t, c.extracted...), zone(t, c.zone))
			if got.String() != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAWindowIsALength(t *testing.T) {
	for _, text := range []string{"24", "0h", "-1h", "a day", "7d"} {
		if _, err := parseWindow(text); err == nil {
			t.Errorf("window %q: got no error", text)
		}
	}
	if window, err := parseWindow("168h"); window != 7*24*time.Hour || err != nil {
		t.Errorf("got %v, %v", window, err)
	}
}
