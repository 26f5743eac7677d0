package alarm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/yamlschema"
)

// readExpectation reads "states RULE[:LEVEL][/TYPE] STATE[xN]..." and "alarms RULE[:LEVEL][/TYPE] none", or alarms as
// "FROM..[TO][=PEAK]".
func (c *Case) readExpectation(line int, words []string) (what, hint string) {
	if len(words) < 3 || words[0] != "states" && words[0] != "alarms" {
		return "expect needs states or alarms, a rule, and what it finds", "for example: expect states claim_rate_drop ok firing, or: expect alarms dlq_size:warn 10:00..11:00=101"
	}
	e := expectation{line: line, name: words[1], isOfStates: words[0] == "states"}
	rule, vaultType := splitTypeOff(words[1])
	e.rule, e.level, _ = strings.Cut(rule, ":")
	e.vaultType = vaultType
	known := []string{noRow, firing, pending, resolved, ok, insufficientData, noData}
	for _, word := range words[2:] {
		switch {
		case e.isOfStates:
			state, times, isCount := splitTimes(word)
			if !isCount || !slices.Contains(known, state) {
				return fmt.Sprintf("unknown state %q", word), yamlschema.Nearest("nearest: ", state, known)
			}
			for range times {
				e.states = append(e.states, state)
			}
		case word == "none" && len(words) == 3:
		default:
			a, isAlarm := parseExpectedAlarm(word)
			if !isAlarm {
				return fmt.Sprintf("%q is no alarm", word), "give none, or FROM..TO for each alarm, FROM.. for one that has no end; =PEAK after it, if the peak matters"
			}
			e.alarms = append(e.alarms, a)
		}
	}
	c.expected = append(c.expected, e)
	return "", ""
}

// noRow stands for a day on which a rule says nothing.
const noRow = "_"

func parseExpectedAlarm(word string) (a expectedAlarm, ok bool) {
	times, peak, hasPeak := strings.Cut(word, "=")
	from, to, isRange := strings.Cut(times, "..")
	if !isRange {
		return a, false
	}
	if a.started, ok = parseClock(from); !ok {
		return a, false
	}
	a.ended = open
	if to != "" {
		if a.ended, ok = parseClock(to); !ok || a.ended <= a.started {
			return a, false
		}
	}
	if hasPeak {
		value, err := ParseRatio(peak)
		if err != nil {
			return a, false
		}
		a.peak, a.digits = value.rat, digitsOf(peak)
	}
	return a, true
}

// digitsOf returns how many digits after the point a number is written with, which of a percentage are two more.
func digitsOf(text string) int {
	number, isPercent := strings.CutSuffix(text, "%")
	_, after, _ := strings.Cut(number, ".")
	if isPercent {
		return len(after) + 2
	}
	return len(after)
}

// longestClock bounds how many days a case has.
const longestClock = 400 * 24

// parseClock reads what has passed of the first day: H:MM, H:MM:SS or H:MM:SS.ffffff. 24 hours and more are on a later day.
func parseClock(text string) (micros int64, ok bool) {
	parts := strings.Split(text, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	hours, errH := strconv.ParseUint(parts[0], 10, 16)
	minutes, errM := strconv.ParseUint(parts[1], 10, 8)
	if errH != nil || errM != nil || hours > longestClock || minutes > 59 || len(parts[1]) != 2 {
		return 0, false
	}
	micros = int64(hours*60+minutes) * 60_000_000
	if len(parts) == 2 {
		return micros, true
	}
	whole, rest, _ := strings.Cut(parts[2], ".")
	seconds, errS := strconv.ParseUint(whole, 10, 8)
	part, errP := strconv.ParseUint((rest + "000000")[:6], 10, 32)
	if errS != nil || errP != nil || seconds > 59 || len(whole) != 2 || len(rest) > 6 {
		return 0, false
	}
	return micros + int64(seconds)*1_000_000 + int64(part), true
}

// clock writes what parseClock reads.
func clock(micros int64) string {
	text := fmt.Sprintf("%d:%02d", micros/3_600_000_000, micros/60_000_000%60)
	if rest := micros % 60_000_000; rest > 0 {
		text += fmt.Sprintf(":%02d", rest/1_000_000)
		if part := rest % 1_000_000; part > 0 {
			text += strings.TrimRight(fmt.Sprintf(".%06d", part), "0")
		}
	}
	return text
}
