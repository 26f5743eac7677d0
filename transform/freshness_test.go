package transform

import (
	"testing"
	"time"

	"vaultreport/internal/bizday"
)

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestATableIsLateWhenTheNextDayWasPromised(t *testing.T) {
	for _, c := range []struct {
		name     string
		zone     string
		promise  Promise
		newest   string // "" for none
		now      string
		due      string
		next     string
		age      time.Duration
		lateBy   time.Duration
		wantLate bool
	}{
		{"the night has not run yet", "Asia/Seoul", Promise{By: "07:00"}, "2026-04-29", "2026-05-01T00:10:00+09:00", "2026-04-30T07:00:00+09:00", "2026-05-01T07:00:00+09:00", 24*time.Hour + 10*time.Minute, 0, false},
		{"at the instant of the promise", "Asia/Seoul", Promise{By: "07:00"}, "2026-04-29", "2026-05-01T07:00:00+09:00", "2026-04-30T07:00:00+09:00", "2026-05-01T07:00:00+09:00", 31 * time.Hour, 0, false},
		{"a microsecond later", "Asia/Seoul", Promise{By: "07:00"}, "2026-04-29", "2026-05-01T07:00:00.000001+09:00", "2026-04-30T07:00:00+09:00", "2026-05-01T07:00:00+09:00", 31*time.Hour + time.Microsecond, time.Microsecond, true},
		{"published before it was promised", "Asia/Seoul", Promise{By: "07:00"}, "2026-04-30", "2026-05-01T01:00:00+09:00", "2026-05-01T07:00:00+09:00", "2026-05-02T07:00:00+09:00", time.Hour, 0, false},
		{"a day that goes on", "Asia/Seoul", Promise{By: "07:00"}, "2026-05-01", "2026-05-01T12:00:00+09:00", "2026-05-02T07:00:00+09:00", "2026-05-03T07:00:00+09:00", -12 * time.Hour, 0, false},
		{"nothing was published", "Asia/Seoul", Promise{By: "07:00"}, "", "2026-05-01T01:00:00+09:00", "", "", 0, 0, true},
		{"a promise of two days", "Asia/Seoul", Promise{By: "07:00", DaysAfter: 2}, "2026-04-29", "2026-05-01T12:00:00+09:00", "2026-05-01T07:00:00+09:00", "2026-05-02T07:00:00+09:00", 36 * time.Hour, 0, false},
		{"a clock that was put forward in the night", "Europe/Berlin", Promise{By: "07:00"}, "2026-03-28", "2026-03-29T08:00:00+02:00", "2026-03-29T07:00:00+02:00", "2026-03-30T07:00:00+02:00", 7 * time.Hour, 0, false},
		{"a day that the zone skipped is missed by nobody", "Pacific/Apia", Promise{By: "07:00"}, "2011-12-29", "2011-12-31T12:00:00+14:00", "2011-12-31T07:00:00+14:00", "2012-01-01T07:00:00+14:00", 12 * time.Hour, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			days := func(string) []bizday.Day { return nil }
			if c.newest != "" {
				day := dayList(t, c.newest)[0]
				days = func(string) []bizday.Day { return []bizday.Day{day - 5, day} }
			}
			all := FreshnessOf([]Entry{{Name: "promised", Promise: &c.promise}, {Name: "other"}}, days, zone(t, c.zone), instant(t, c.now), 0)
			if len(all) != 1 {
				t.Fatalf("got %+v, want the table with a promise", all)
			}
			f := all[0]
			if f.IsLate != c.wantLate || f.Late != c.lateBy || f.Age != c.age || (f.Newest == nil) != (c.newest == "") {
				t.Errorf("got %+v", f)
			}
			if c.newest != "" && (!f.Next.Equal(instant(t, c.next)) || !f.Due.Equal(instant(t, c.due))) {
				t.Errorf("due %s, next %s, want %s and %s", f.Due, f.Next, c.due, c.next)
			}
		})
	}
}

func TestGraceDecidesOnlyWhoIsLate(t *testing.T) {
	entries := []Entry{{Name: "promised", Promise: &Promise{By: "07:00"}}}
	days := func(string) []bizday.Day { return dayList(t, "2026-04-29") }
	for now, want := range map[string]bool{"2026-05-01T08:00:00+09:00": false, "2026-05-01T08:00:01+09:00": true} {
		f := FreshnessOf(entries, days, zone(t, "Asia/Seoul"), instant(t, now), time.Hour)[0]
		if f.IsLate != want || want && f.Late != time.Hour+time.Second || !f.Next.Equal(instant(t, "2026-05-01T07:00:00+09:00")) {
			t.Errorf("%s: got %+v", now, f)
		}
	}
}
