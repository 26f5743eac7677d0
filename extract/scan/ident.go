package scan

import "vaultreport/internal/event"

// Where the forms of 36 and of 32 characters have the digits of each byte.
var (
	hyphenated = [len(event.Key{})]uint8{0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34}
	plain      = [len(event.Key{})]uint8{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30}
)

// parseUUID reads the 36-character form of a UUID, in either case.
func parseUUID(text []byte) (id event.Key, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return event.Key{}, false
	}
	return parseHex(text, &hyphenated)
}

// parseTraceID reads 32 hex digits with dashes anywhere among them.
func parseTraceID(text []byte) (id event.Key, ok bool) {
	if len(text) == 2*len(id) {
		return parseHex(text, &plain)
	}
	if id, ok = parseUUID(text); ok {
		return id, true
	}
	n := 0
	for _, c := range text {
		if c == '-' {
			continue
		}
		value := hexValues[c]
		if n == 2*len(id) || value > 0xf {
			return event.Key{}, false
		}
		id[n/2] = id[n/2]<<4 | value
		n++
	}
	return id, n == 2*len(id)
}

// parseHex reads two digits for each byte from where they stand.
func parseHex(text []byte, digits *[len(event.Key{})]uint8) (id event.Key, ok bool) {
	all := byte(0)
	for n, at := range digits {
		high, low := hexValues[text[at]], hexValues[text[at+1]]
		all |= high | low
		id[n] = high<<4 | low
	}
	if all > 0xf {
		return event.Key{}, false
	}
	return id, true
}

// hexValues are the values of hex digits, in either case; no other byte has a value up to 0xf.
var hexValues = func() (values [256]byte) {
	for c := range values {
		values[c] = 0xff
	}
	for value, digit := range []byte("0123456789abcdef") {
		values[digit] = byte(value)
	}
	for value, digit := range []byte("ABCDEF") {
		values[digit] = byte(value + 10)
	}
	return values
}()
