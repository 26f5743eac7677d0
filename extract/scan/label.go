package scan

import "vaultreport/internal/pii"

const (
	maxLabel   = 64
	maxEnv     = 32
	maxKeyName = 64
)

// otherKey counts names of dropped fields that are not shown as they are.
const otherKey = "other"

// label is a text that may reach the lake as written: variant_id, notify_type, job, queue or env.
type label struct {
	text    string
	isLabel bool // matches [A-Za-z0-9_.:-]{1,64} and is not reserved
	isEnv   bool // matches [a-z0-9-]{1,32} and does not look like personal data
	isPII   bool
}

// judge says what a text is as a label.
func judge(text string) label {
	l := label{text: text, isLabel: text != "" && len(text) <= maxLabel, isEnv: text != "" && len(text) <= maxEnv}
	if !l.isLabel {
		return l
	}
	for i := range len(text) {
		c := text[i]
		if c >= 0x80 || !labelBytes[c] {
			return label{text: text}
		}
		l.isEnv = l.isEnv && ('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-')
	}
	switch text {
	case "ALL", "untagged", "untyped", "table":
		l.isLabel = false
	}
	_, l.isPII = pii.Find(text)
	l.isEnv = l.isEnv && !l.isPII
	return l
}

// labelBytes are the bytes of [A-Za-z0-9_.:-].
var labelBytes = func() (bytes [0x80]bool) {
	for c := range bytes {
		bytes[c] = 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '_' || c == '.' || c == ':' || c == '-'
	}
	return bytes
}()

// keyName returns the name under which a dropped field is counted: its own if it matches [A-Za-z_][A-Za-z0-9_.-]{0,63}
// and does not look like personal data, else other.
func keyName(name string) string {
	if name == "" || len(name) > maxKeyName || name[0] != '_' && (name[0]|0x20 < 'a' || 'z' < name[0]|0x20) {
		return otherKey
	}
	for i := range len(name) {
		if c := name[i]; c >= 0x80 || !labelBytes[c] || c == ':' {
			return otherKey
		}
	}
	if _, found := pii.Find(name); found {
		return otherKey
	}
	return name
}
