package pii

import (
	"encoding/base64"
	"strings"
)

const (
	jwtStart      = "eyJ" // {" in base64
	jwtHeader     = 12    // characters of the header that are decoded; the shortest header is longer
	jwtMinPayload = 4
)

func hasJWT(text string) bool {
	runEnd, hasPayload := 0, false
	for i := 0; ; {
		next := strings.Index(text[i:], jwtStart)
		if next < 0 {
			return false
		}
		i += next
		// Every start within one run of base64url has the same end and the same payload: the run is looked at once.
		if i >= runEnd {
			runEnd = i + base64URLFrom(text[i:])
			hasPayload = runEnd < len(text) && text[runEnd] == '.' && base64URLFrom(text[runEnd+1:]) >= jwtMinPayload
		}
		if hasPayload && runEnd-i >= jwtHeader && isJSONStart(text[i:i+jwtHeader]) {
			return true
		}
		i += len(jwtStart)
	}
}

// isJSONStart says whether base64url text decodes to printable ASCII, which keeps words such as keyJournal out.
func isJSONStart(encoded string) bool {
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return false
	}
	for _, c := range decoded {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

func base64URLFrom(text string) int {
	n := 0
	for n < len(text) && (isAlphanumeric(text[n]) || text[n] == '-' || text[n] == '_') {
		n++
	}
	return n
}
