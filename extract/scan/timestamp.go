package scan

import (
	"time"

	"vaultreport/internal/bizday"
)

// instantForm says what a text is as a timestamp.
type instantForm uint8

const (
	noInstant    instantForm = iota // anything else
	naiveInstant                    // a timestamp but for its offset
	instant
)

const (
	dateTimeLength    = len("2006-01-02T15:04:05")
	maxFractionDigits = 9
	keptFraction      = 6 // digits of a fraction that a microsecond has
)

// parseTimestamp reads RFC 3339 by the rule of docs/sources.md section 1: t and z in either case, a point only with 1 to
// 9 digits, which are cut to microseconds, and an offset from -23:59 to +23:59, of which -00:00 is one. micros counts
// from 1970-01-01T00:00:00Z and is 0 unless the form is instant.
func parseTimestamp(text []byte) (micros int64, form instantForm) {
	seconds, ok := parseDateTime(text)
	if !ok {
		return 0, noInstant
	}
	fraction, rest, ok := parseFraction(text[dateTimeLength:])
	if !ok {
		return 0, noInstant
	}
	if len(rest) == 0 {
		return 0, naiveInstant
	}
	offset, ok := parseOffset(rest)
	if !ok {
		return 0, noInstant
	}
	return (seconds-offset)*1_000_000 + fraction, instant
}

// parseDateTime reads the 19 characters up to the seconds, as if they were UTC.
func parseDateTime(text []byte) (seconds int64, ok bool) {
	if len(text) < dateTimeLength || text[4] != '-' || text[7] != '-' || text[10]|0x20 != 't' || text[13] != ':' || text[16] != ':' {
		return 0, false
	}
	century, year := twoDigits(text), twoDigits(text[2:])
	month, day := twoDigits(text[5:]), twoDigits(text[8:])
	hour, minute, second := twoDigits(text[11:]), twoDigits(text[14:]), twoDigits(text[17:])
	if min(century, year, month, day, hour, minute, second) < 0 || hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	year += century * 100
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	days := bizday.Of(year, time.Month(month), day)
	return int64(days)*86_400 + int64(hour)*3_600 + int64(minute)*60 + int64(second), true
}

// parseFraction reads a point and its digits, if text begins with a point.
func parseFraction(text []byte) (micros int64, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, true
	}
	text = text[1:]
	n := 0
	for ; n < len(text) && '0' <= text[n] && text[n] <= '9'; n++ {
		if n < keptFraction {
			micros = micros*10 + int64(text[n]-'0')
		}
	}
	for i := n; i < keptFraction; i++ {
		micros *= 10
	}
	return micros, text[n:], 1 <= n && n <= maxFractionDigits
}

// parseOffset reads all of text as an offset from UTC.
func parseOffset(text []byte) (seconds int64, ok bool) {
	if len(text) == 1 {
		return 0, text[0]|0x20 == 'z'
	}
	if len(text) != len("+09:00") || text[3] != ':' || text[0] != '+' && text[0] != '-' {
		return 0, false
	}
	hours, minutes := twoDigits(text[1:]), twoDigits(text[4:])
	if min(hours, minutes) < 0 || hours > 23 || minutes > 59 {
		return 0, false
	}
	seconds = int64(hours)*3_600 + int64(minutes)*60
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// twoDigits returns the value of the two digits that text begins with, -1 if they are none.
func twoDigits(text []byte) int {
	tens, ones := text[0]-'0', text[1]-'0'
	if tens > 9 || ones > 9 {
		return -1
	}
	return int(tens)*10 + int(ones)
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}
