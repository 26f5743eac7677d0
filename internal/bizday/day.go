package bizday

import (
	"fmt"
	"time"
)

// Day is a calendar day of the proleptic Gregorian calendar, counted from 1970-01-01. It has no zone and no clock.
type Day int32

const dayFormat = "2006-01-02"

// Of returns the day with the given year, month and day of month; values past their range carry over as in time.Date.
func Of(year int, month time.Month, day int) Day {
	seconds := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	return Day(floorDiv(seconds, 86_400))
}

// Parse reads YYYY-MM-DD. The error names the text and the form.
func Parse(text string) (Day, error) {
	t, err := time.Parse(dayFormat, text)
	if err != nil {
		return 0, fmt.Errorf("day %q is not of the form YYYY-MM-DD", text)
	}
	return Of(t.Date()), nil
}

// String returns YYYY-MM-DD.
func (d Day) String() string { return d.Midnight().Format(dayFormat) }

// Midnight returns 00:00 UTC of the day: the form in which a DATE travels to libraries. It is no instant of the zone.
func (d Day) Midnight() time.Time { return time.Unix(int64(d)*86_400, 0).UTC() }

// QuarterStart returns the first day of the day's calendar quarter.
func (d Day) QuarterStart() Day {
	year, month, _ := d.Midnight().Date()
	return Of(year, month-(month-1)%3, 1)
}

// AlignedPreviousQuarter returns the first and the last day of the aligned previous quarter of d (docs/definitions.md
// section 1): as many days from the first day of the quarter before as there are from the quarter's first day up to and
// including d, stopping at that quarter's end.
func (d Day) AlignedPreviousQuarter() (first, last Day) {
	start := d.QuarterStart()
	first = (start - 1).QuarterStart()
	last = min(first+(d-start), start-1)
	return first, last
}

// MarshalText writes YYYY-MM-DD.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD.
func (d *Day) UnmarshalText(text []byte) (err error) {
	*d, err = Parse(string(text))
	return err
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
