package sample

import "time"

// day counts business days in Asia/Seoul from 1970-01-01. Seoul has had no daylight saving since 1988, so a fixed
// offset is exact for every day that a sample may have.
type day int

const (
	secondsPerDay = 86400
	seoulOffset   = 9 * 3600
	second        = int64(1000000) // instants are microseconds UTC
	minute        = 60 * second
	hour          = 60 * minute
)

// start returns the first instant of the day.
func (d day) start() int64 { return (int64(d)*secondsPerDay - seoulOffset) * second }

// at returns an instant of the day by the clock in Seoul.
func (d day) at(h, m int) int64 { return d.start() + int64(h)*hour + int64(m)*minute }

func (d day) date() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

func (d day) String() string { return d.date().Format(time.DateOnly) }

func (d day) weekday() time.Weekday { return d.date().Weekday() }

// quarter returns the first day of the day's quarter.
func (d day) quarter() day {
	t := d.date()
	month := t.Month() - (t.Month()-1)%3
	return day(time.Date(t.Year(), month, 1, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

// dayOf returns the business day of an instant.
func dayOf(at int64) day { return day((at/second + seoulOffset) / secondsPerDay) }

// weekly is the load of a weekday in percent, Sunday first.
func weekly(d day) int {
	return [7]int{112, 93, 95, 96, 98, 103, 110}[d.weekday()]
}

// hourly is the load of each hour of a day in Seoul, in parts of hourlySum.
func hourly(h int) int {
	return [24]int{2, 1, 1, 1, 1, 2, 4, 7, 8, 7, 6, 6, 8, 7, 5, 5, 5, 6, 7, 8, 9, 9, 7, 4}[h]
}

const hourlySum = 126
