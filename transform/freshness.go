package transform

import (
	"time"

	"vaultreport/internal/bizday"
)

// Freshness is a table beside its promise at an instant.
type Freshness struct {
	Table  string
	Newest *bizday.Day   // published; nil: none
	Due    time.Time     // by when the newest day was promised; zero without one
	Next   time.Time     // by when the day after it is promised; zero without one
	Age    time.Duration // since the end of the newest day; 0 without one
	Late   time.Duration // since the first day that is missing was promised; 0: it is not late
	IsLate bool
}

// FreshnessOf holds the tables that promise something to it: late is a table of which nothing is published, or of
// which the day after the newest one was promised for an instant more than grace before now.
func FreshnessOf(entries []Entry, days func(table string) []bizday.Day, zone bizday.Zone, now time.Time, grace time.Duration) []Freshness {
	var all []Freshness
	for _, e := range entries {
		if e.Promise == nil {
			continue
		}
		f := Freshness{Table: e.Name, IsLate: true}
		if published := days(e.Name); len(published) > 0 {
			newest := published[len(published)-1]
			f.Newest, f.Due, f.Next = &newest, e.Promise.Due(newest, zone), e.Promise.Due(dayAfter(newest, zone), zone)
			f.Age = now.Sub(zone.Start(newest + 1))
			if f.IsLate = now.After(f.Next.Add(grace)); f.IsLate {
				f.Late = now.Sub(f.Next)
			}
		}
		all = append(all, f)
	}
	return all
}
