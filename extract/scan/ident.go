package scan

import "vaultreport/internal/event"

// parseUUID reads the 36-character form of a UUID, in either case.
func parseUUID(text []byte) (id event.Key, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return event.Key{}, false
	}
	n := 0
	for i := 0; i < len(text); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if !putHex(&id, n, text[i]) {
			return event.Key{}, false
		}
		n++
	}
	return id, true
}

// parseTraceID reads 32 hex digits with dashes anywhere among them.
func parseTraceID(text []byte) (id event.Key, ok bool) {
	n := 0
	for _, c := range text {
		if c == '-' {
			continue
		}
		if n == 2*len(id) || !putHex(&id, n, c) {
			return event.Key{}, false
		}
		n++
	}
	return id, n == 2*len(id)
}

// putHex sets the n-th half byte of id to the value of a hex digit; id had 0 there.
func putHex(id *event.Key, n int, digit byte) bool {
	var value byte
	switch {
	case '0' <= digit && digit <= '9':
		value = digit - '0'
	case 'a' <= digit|0x20 && digit|0x20 <= 'f':
		value = digit | 0x20 - 'a' + 10
	default:
		return false
	}
	if n%2 == 0 {
		value <<= 4
	}
	id[n/2] |= value
	return true
}
