package table

import (
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

// verdict says what a value is for its column.
type verdict uint8

const (
	good     verdict = iota
	bad              // outside the domain
	personal         // in the domain, but it looks like personal data
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

// judge says what a text is for a column of the domain.
func (d domain) judge(text []byte) verdict {
	switch d {
	case statuses:
		return oneOf(event.Statuses, text)
	case vaultTypes:
		return oneOf(event.VaultTypes, text)
	case extensionReasons:
		return oneOf(event.ExtensionReasons, text)
	case queueStatus:
		return judgeQueueStatus(text)
	default:
		return judgeLabel(text)
	}
}

// isWord says whether the texts of the domain are words of a fixed form, which no number is.
func (d domain) isWord() bool { return d != anyText && d != label }

func oneOf(values event.Enumeration, text []byte) verdict {
	if len(text) == 0 || values.Code(string(text)) == 0 {
		return bad
	}
	return good
}

func judgeQueueStatus(text []byte) verdict {
	if len(text) == 0 || len(text) > maxQueueStatus {
		return bad
	}
	for _, c := range text {
		if c != '_' && (c < 'A' || 'Z' < c) {
			return bad
		}
	}
	return good
}

func judgeLabel(text []byte) verdict {
	if len(text) == 0 || len(text) > maxLabel {
		return bad
	}
	for _, c := range text {
		if !('a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == ':' || c == '-') {
			return bad
		}
	}
	switch string(text) {
	case "ALL", "untagged", "untyped", "table":
		return bad
	}
	if _, found := pii.Find(string(text)); found {
		return personal
	}
	return good
}
