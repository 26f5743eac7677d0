package transform

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
)

// calendarName is the relation (dt DATE) of the extracted days that a model may see.
const calendarName = "calendar"

// picker says which day's file an input of dt is, given all extracted days in ascending order; false where there is none.
type picker struct {
	pick    func(dt bizday.Day, extracted []bizday.Day) (bizday.Day, bool)
	sameDay bool
	later   bool // of a day after dt: only what no model builds can be read so
}

// Pickers by their names in a contract.
var pickers = map[string]picker{
	"same":                     {pick: offset(0), sameDay: true},
	"last_before":              {pick: lastBefore},
	"last_before_in_quarter":   {pick: lastBeforeInQuarter},
	"aligned_previous_quarter": {pick: lastOfAlignedPreviousQuarter},
}

// parseDays reads the days of an input: a name of pickers, or a number of days from dt such as -1.
func parseDays(text string) (picker, error) {
	if p, ok := pickers[text]; ok {
		return p, nil
	}
	n, err := strconv.ParseInt(text, 10, 16)
	if err != nil || n == 0 {
		return picker{}, fmt.Errorf("days %q is neither same, last_before, last_before_in_quarter, aligned_previous_quarter nor a number of days other than 0", text)
	}
	return picker{pick: offset(bizday.Day(n)), later: n > 0}, nil
}

func offset(n bizday.Day) func(bizday.Day, []bizday.Day) (bizday.Day, bool) {
	return func(dt bizday.Day, _ []bizday.Day) (bizday.Day, bool) { return dt + n, true }
}

func lastBefore(dt bizday.Day, extracted []bizday.Day) (bizday.Day, bool) {
	i, _ := slices.BinarySearch(extracted, dt)
	if i == 0 {
		return 0, false
	}
	return extracted[i-1], true
}

func lastBeforeInQuarter(dt bizday.Day, extracted []bizday.Day) (bizday.Day, bool) {
	before, ok := lastBefore(dt, extracted)
	return before, ok && before >= dt.QuarterStart()
}

func lastOfAlignedPreviousQuarter(dt bizday.Day, extracted []bizday.Day) (bizday.Day, bool) {
	first, last := dt.AlignedPreviousQuarter()
	before, ok := lastBefore(last+1, extracted)
	return before, ok && before >= first
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
