package table

import (
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

// domain is the set of texts that a column may hold. Its texts are ASCII without control characters, on which the order
// of Rows rests.
type domain uint8

const (
	anyText          domain = iota // is hashed
	statuses                       // of a vault
	vaultTypes                     //
	extensionReasons               //
	queueStatus                    // [A-Z_]{1,32}
	label                          // [A-Za-z0-9_.:-]{1,64}, as texts of events
)

const (
	maxQueueStatus = 32
	maxLabel       = 64
)

// holds says whether the domain holds the text.
func (d domain) holds(text []byte) bool {
	switch d {
	case statuses:
		return oneOf(event.Statuses, text)
	case vaultTypes:
		return oneOf(event.VaultTypes, text)
	case extensionReasons:
		return oneOf(event.ExtensionReasons, text)
	case queueStatus:
		return isQueueStatus(text)
	default:
		return isLabel(text)
	}
}

// isWord says whether the texts of the domain are words of a fixed form, which no number is.
func (d domain) isWord() bool { return d != anyText && d != label }

// oneOf looks at each of the few values, most of which differ in length: a search by order takes thrice the time.
func oneOf(values event.Enumeration, text []byte) bool {
	for _, value := range values[1:] { // the first is none
		if string(text) == value {
			return true
		}
	}
	return false
}

func isQueueStatus(text []byte) bool {
	if len(text) == 0 || len(text) > maxQueueStatus {
		return false
	}
	for _, c := range text {
		if c != '_' && (c < 'A' || 'Z' < c) {
			return false
		}
	}
	return true
}

// isLabel says whether a text is a label and does not look like personal data.
func isLabel(text []byte) bool {
	if len(text) == 0 || len(text) > maxLabel {
		return false
	}
	for _, c := range text {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == ':' || c == '-') {
			return false
		}
	}
	switch string(text) {
	case "ALL", "untagged", "untyped", "table":
		return false
	}
	_, found := pii.Find(string(text))
	return !found
}
