package table

import (
	"math"
	"time"

	"vaultreport/internal/bizday"
)

// typed reads the text of an untyped attribute as PostgreSQL writes values of the column's type. A text that is none is
// Unreadable; so is a number where only words stand, since a column of numbers is of another type.
func (c *Column) typed(text []byte) Value {
	switch {
	case c.Type == IntegerType:
		if n, ok := parseInteger(text); ok {
			return Value{Kind: Integer, Int: n}
		}
	case c.Type == BooleanType:
		switch string(text) {
		case "t", "true":
			return Value{Kind: Boolean, Int: 1}
		case "f", "false":
			return Value{Kind: Boolean}
		}
	case c.Type == InstantType:
		if micros, ok := parseInstant(text); ok {
			if v := InstantOf(micros); v.Kind != Unreadable {
				return v
			}
		}
	case !c.texts.isWord() || !isNumeric(text):
		return Value{Kind: Text, Bytes: text}
	}
	return Value{Kind: Unreadable, Bytes: text}
}

func isNumeric(text []byte) bool {
	for _, c := range text {
		if (c < '0' || '9' < c) && c != '.' && c != '-' {
			return false
		}
	}
	return len(text) > 0
}

func parseInteger(text []byte) (n int64, ok bool) {
	digits := text
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		digits = text[1:]
	}
	const most = 19 // digits of 2^63-1
	if len(digits) == 0 || len(digits) > most {
		return 0, false
	}
	var magnitude uint64
	for _, c := range digits {
		if c < '0' || '9' < c {
			return 0, false
		}
		magnitude = magnitude*10 + uint64(c-'0')
	}
	if negative {
		return -int64(magnitude), magnitude <= 1<<63
	}
	return int64(magnitude), magnitude <= math.MaxInt64
}

// parseInstant reads a timestamp in PostgreSQL's ISO form: "2026-01-02 03:04:05.123456+09", with T for the space or
// without a zone, which is UTC, infinity and -infinity. Digits past the microsecond are cut.
func parseInstant(text []byte) (micros int64, ok bool) {
	switch string(text) {
	case "infinity", "-infinity":
		return Forever, true
	}
	const length = len("2006-01-02 15:04:05")
	if len(text) < length || text[10]|0x20 != 't' && text[10] != ' ' {
		return 0, false
	}
	var part [6]int
	for i, at := range [...]struct{ from, to int }{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		if part[i], ok = digits(text[at.from:at.to]); !ok {
			return 0, false
		}
	}
	if text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' || part[0] == 0 || part[3] > 23 || part[4] > 59 || part[5] > 59 {
		return 0, false
	}
	day := bizday.Of(part[0], time.Month(part[1]), part[2])
	if year, month, dayOfMonth := day.Midnight().Date(); year != part[0] || int(month) != part[1] || dayOfMonth != part[2] {
		return 0, false
	}
	fraction, rest, ok := parseFraction(text[length:])
	if !ok {
		return 0, false
	}
	offset, ok := parseOffset(rest)
	seconds := int64(day)*86_400 + int64(part[3])*3_600 + int64(part[4])*60 + int64(part[5]) - offset
	return seconds*1_000_000 + fraction, ok
}

func parseFraction(text []byte) (micros int64, rest []byte, ok bool) {
	if len(text) == 0 || text[0] != '.' {
		return 0, text, true
	}
	unit, n := int64(100_000), 1
	for ; n < len(text) && '0' <= text[n] && text[n] <= '9'; n++ {
		micros += unit * int64(text[n]-'0')
		unit /= 10
	}
	const most = 9
	return micros, text[n:], 1 < n && n <= most+1
}

// parseOffset reads all of text as +09, -03:30, +08:27:52, Z or nothing.
func parseOffset(text []byte) (seconds int64, ok bool) {
	if len(text) == 0 || len(text) == 1 && text[0]|0x20 == 'z' {
		return 0, true
	}
	negative := text[0] == '-'
	if !negative && text[0] != '+' {
		return 0, false
	}
	unit := int64(3_600)
	for text = text[1:]; ; text = text[3:] {
		if len(text) < 2 {
			return 0, false
		}
		n, ok := digits(text[:2])
		if !ok || n > 59 {
			return 0, false
		}
		seconds += unit * int64(n)
		unit /= 60
		if len(text) == 2 {
			break
		}
		if text[2] != ':' || unit == 0 {
			return 0, false
		}
	}
	if negative {
		seconds = -seconds
	}
	return seconds, true
}

func digits(text []byte) (n int, ok bool) {
	for _, c := range text {
		if c < '0' || '9' < c {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
