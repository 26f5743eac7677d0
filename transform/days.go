package transform

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"vaultreport/internal/bizday"
)

// calendarName is the relation (dt DATE) of the extracted days that a model may see.
const calendarName = "calendar"

// picker says of which days the files of an input of dt are, given the last day that the model knows and all extracted days
// in ascending order.
type picker struct {
	pick         func(dt, known bizday.Day, extracted []bizday.Day) []bizday.Day
	sameDay      bool // dt is among them
	later        bool // days after dt are: of a model only where it is one of the first pass
	wholeQuarter bool // not for what runs each night
}

// Pickers by their names in a contract.
var pickers = map[string]picker{
	"same":                     {pick: offsets(0, 0), sameDay: true},
	"last_before":              {pick: lastBefore},
	"last_before_in_quarter":   {pick: lastBeforeInQuarter},
	"aligned_previous_quarter": {pick: lastOfAlignedPreviousQuarter},
	"quarter_to_date":          {pick: quarterToDate, sameDay: true, wholeQuarter: true},
	"previous_quarter_to_date": {pick: previousQuarterToDate, wholeQuarter: true},
	windowDays:                 {pick: daysKnown, sameDay: true, later: true},
}

// windowDays names the days from dt on that the windows of the contract reach and that are known.
const windowDays = "window"

// parseDays reads the days of an input: a name of pickers, a number of days from dt such as -1, or a span of them such as 0..2.
func parseDays(text string) (picker, error) {
	if p, ok := pickers[text]; ok {
		return p, nil
	}
	first, last, isSpan := strings.Cut(text, "..")
	if !isSpan {
		last = first
	}
	from, err := strconv.ParseInt(first, 10, 16)
	to, err2 := strconv.ParseInt(last, 10, 16)
	if err != nil || err2 != nil || from > to || text == "0" {
		return picker{}, fmt.Errorf("days %q is neither same, last_before, last_before_in_quarter, aligned_previous_quarter, quarter_to_date, previous_quarter_to_date, window, a number of days other than 0 nor a span of numbers", text)
	}
	return picker{pick: offsets(bizday.Day(from), bizday.Day(to)), sameDay: from <= 0 && 0 <= to, later: to > 0}, nil
}

func offsets(from, to bizday.Day) func(_, _ bizday.Day, _ []bizday.Day) []bizday.Day {
	return func(dt, _ bizday.Day, _ []bizday.Day) []bizday.Day {
		days := make([]bizday.Day, 0, to-from+1)
		for n := from; n <= to; n++ {
			days = append(days, dt+n)
		}
		return days
	}
}

func daysKnown(dt, known bizday.Day, extracted []bizday.Day) []bizday.Day {
	return offsets(0, known-dt)(dt, known, extracted)
}

func lastBefore(dt, _ bizday.Day, extracted []bizday.Day) []bizday.Day {
	return lastIn(bizday.Day(math.MinInt32), dt-1, extracted)
}

func lastBeforeInQuarter(dt, _ bizday.Day, extracted []bizday.Day) []bizday.Day {
	return lastIn(dt.QuarterStart(), dt-1, extracted)
}

func lastOfAlignedPreviousQuarter(dt, _ bizday.Day, extracted []bizday.Day) []bizday.Day {
	first, last := dt.AlignedPreviousQuarter()
	return lastIn(first, last, extracted)
}

func quarterToDate(dt, known bizday.Day, extracted []bizday.Day) []bizday.Day {
	return offsets(dt.QuarterStart()-dt, 0)(dt, known, extracted)
}

func previousQuarterToDate(dt, known bizday.Day, extracted []bizday.Day) []bizday.Day {
	first, last := dt.AlignedPreviousQuarter()
	return offsets(first-dt, last-dt)(dt, known, extracted)
}

// lastIn returns the newest extracted day in first..last, if there is one.
func lastIn(first, last bizday.Day, extracted []bizday.Day) []bizday.Day {
	i, _ := slices.BinarySearch(extracted, last+1)
	if i == 0 || extracted[i-1] < first {
		return nil
	}
	return extracted[i-1 : i]
}

// parseWindow reads the length of a window, such as 24h; without a text it is 0.
func parseWindow(text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	window, err := time.ParseDuration(text)
	if err != nil || window <= 0 {
		return 0, fmt.Errorf("window %q is not a length such as 24h", text)
	}
	return window, nil
}

// knownUntil returns the last day of the unbroken run of extracted days that begins with dt, as far as closed windows of a
// length reach that begin on dt. A date that the zone skipped has no instant that would have to be extracted. It is dt itself
// as long as no such window is mature: what lies ahead decides nothing yet, and dt need not be computed anew each night.
func knownUntil(dt bizday.Day, window time.Duration, extracted []bizday.Day, zone bizday.Zone) bizday.Day {
	known := dt
	if window == 0 {
		return known
	}
	for last := lastTouched(dt, window, zone); known < last; known++ {
		start, end := zone.Bounds(known + 1)
		if _, isExtracted := slices.BinarySearch(extracted, known+1); !isExtracted && start < end {
			break
		}
	}
	start, _ := zone.Bounds(dt)
	if _, end := zone.Bounds(known); start+window.Microseconds() >= end {
		return dt
	}
	return known
}

// lastTouched returns the last day that a closed window of a length touches that begins on dt.
func lastTouched(dt bizday.Day, window time.Duration, zone bizday.Zone) bizday.Day {
	_, end := zone.Bounds(dt)
	return zone.DayOf(end - 1 + window.Microseconds())
}

// span is a run of days around dt, both ends included.
type span struct{ from, to func(bizday.Day) bizday.Day }

// Ends of a span by their names in a contract.
var spanEnds = map[string]func(bizday.Day) bizday.Day{
	"same": func(dt bizday.Day) bizday.Day { return dt },
	"previous_quarter_start": func(dt bizday.Day) bizday.Day {
		first, _ := dt.AlignedPreviousQuarter()
		return first
	},
}

// parseSpan reads "FROM..TO".
func parseSpan(text string) (span, error) {
	from, to, _ := strings.Cut(text, "..")
	s := span{spanEnds[from], spanEnds[to]}
	if s.from == nil || s.to == nil {
		return span{}, fmt.Errorf("calendar %q is not of the form previous_quarter_start..same", text)
	}
	return s, nil
}

// of returns the extracted days in the span of dt.
func (s span) of(dt bizday.Day, extracted []bizday.Day) []bizday.Day {
	from, _ := slices.BinarySearch(extracted, s.from(dt))
	to, _ := slices.BinarySearch(extracted, s.to(dt)+1)
	return extracted[from:max(from, to)]
}
