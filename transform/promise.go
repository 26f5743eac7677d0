package transform

import (
	"fmt"
	"time"

	"vaultreport/internal/bizday"
)

// Promise says by when a day of a table is published: at a time of the clock in the zone, so many days after it.
type Promise struct {
	By        string `yaml:"by"`         // HH:MM
	DaysAfter int    `yaml:"days_after"` // 0 is read as 1, the day after
}

func (p Promise) check() error {
	if _, err := time.Parse("15:04", p.By); err != nil || len(p.By) != len("15:04") {
		return fmt.Errorf("by %q is not a time of the form HH:MM", p.By)
	}
	if p.DaysAfter < 0 {
		return fmt.Errorf("days_after %d lies before the day's end", p.DaysAfter)
	}
	return nil
}

func (p Promise) daysAfter() int { return max(p.DaysAfter, 1) }

// String returns the promise as a sentence without its subject.
func (p Promise) String() string {
	if n := p.daysAfter(); n > 1 {
		return fmt.Sprintf("by %s, %d days after", p.By, n)
	}
	return fmt.Sprintf("by %s on the day after", p.By)
}

// Due returns the instant by which the day is promised. Days that the zone skips do not count.
func (p Promise) Due(dt bizday.Day, zone bizday.Zone) time.Time {
	clock, _ := time.Parse("15:04", p.By) // it was read once before, with the contract
	for range p.daysAfter() {
		dt = dayAfter(dt, zone)
	}
	return zone.Clock(dt, clock.Hour(), clock.Minute())
}

// dayAfter returns the next day that the zone has.
func dayAfter(dt bizday.Day, zone bizday.Zone) bizday.Day {
	for dt++; ; dt++ {
		if start, end := zone.Bounds(dt); start < end {
			return dt
		}
	}
}
