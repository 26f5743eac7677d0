package bizday

import (
	"fmt"
	"time"
	_ "time/tzdata" // day bounds come from the zone data in the binary, so that no machine computes others
)

// Zone turns instants into business days (docs/definitions.md section 1). It is safe for concurrent use.
type Zone struct {
	location *time.Location
}

// LoadZone returns the zone of an IANA name. The error names the zone.
func LoadZone(name string) (Zone, error) {
	if name == "" || name == "Local" {
		return Zone{}, fmt.Errorf("zone %q is not a name of the IANA zone database", name)
	}
	location, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("zone %q is not a name of the IANA zone database", name)
	}
	return Zone{location}, nil
}

// Name returns the IANA name.
func (z Zone) Name() string { return z.location.String() }

// Start returns the first instant of the day, in the zone's local time: the earliest instant from which the local date is d or
// later. That is 00:00 where the zone has it; where daylight saving skips midnight it is the first moment after the gap,
// and where midnight comes twice it is the first one.
func (z Zone) Start(d Day) time.Time {
	midnight := d.Midnight().Unix()
	// Offsets lie within 26 hours of UTC in the zone database, so the start is in this span; the first offset that
	// gives the wanted local date wins.
	low, high := midnight-26*3600, midnight+26*3600
	for low < high {
		next := z.transitionAfter(low, high)
		if z.localDate(next-1) >= d {
			break
		}
		low = next
	}
	_, offset := time.Unix(low, 0).In(z.location).Zone()
	return time.Unix(max(low, midnight-int64(offset)), 0).In(z.location)
}

// Clock returns the instant at which a clock in the zone shows the time on the day. Of a time that comes twice, or that the zone
// skips, it is one of the two instants beside.
func (z Zone) Clock(d Day, hour, minute int) time.Time {
	date := d.Midnight()
	return time.Date(date.Year(), date.Month(), date.Day(), hour, minute, 0, 0, z.location)
}

// Bounds returns the half-open span [start, end) of the day, in microseconds since 1970-01-01T00:00:00Z.
func (z Zone) Bounds(d Day) (start, end int64) {
	return z.Start(d).UnixMicro(), z.Start(d + 1).UnixMicro()
}

// DayOf returns the business day of an instant in microseconds since 1970-01-01T00:00:00Z.
func (z Zone) DayOf(micros int64) Day {
	seconds := floorDiv(micros, 1_000_000)
	d := z.localDate(seconds)
	// A zone that turns its clock back over midnight has local dates that go back; business days do not.
	for seconds >= z.Start(d+1).Unix() {
		d++
	}
	return d
}

func (z Zone) localDate(seconds int64) Day {
	_, offset := time.Unix(seconds, 0).In(z.location).Zone()
	return Day(floorDiv(seconds+int64(offset), 86_400))
}

// transitionAfter returns the first instant after low at which the zone's offset changes, or high if that is earlier.
func (z Zone) transitionAfter(low, high int64) int64 {
	_, end := time.Unix(low, 0).In(z.location).ZoneBounds()
	if end.IsZero() || end.Unix() > high {
		return high
	}
	return end.Unix()
}
