package pii

import "strings"

const (
	minSecret   = 4  // a shorter value is a setting or a count
	minToken    = 8  // a value that only a blank sets off needs this length and must be no word,
	longToken   = 20 // or this length
	maxBlanks   = 4  // blanks between a name, its separator and its value
	maxSuffix   = 3  // digits after a name
	bearer      = "bearer"
	authorizing = "authorization"
)

var (
	secretNames    = [...]string{"token", "session", "cookie", "password", authorizing, bearer}
	secretSuffixes = [...]string{"id", "key", "value"}
	schemes        = [...]string{bearer, "basic", "digest", "token", "apikey", "negotiate"}
	// harmless values say that there is none, or that it was taken out.
	harmless = [...]string{"null", "true", "false", "none", "undefined", "redacted", "masked", "hidden"}
)

// hasSecret looks at a bounded number of bytes behind every name.
func hasSecret(text string) bool {
	for i := 0; i < len(text); i++ {
		switch text[i] | 0x20 {
		case 't', 's', 'c', 'p', 'a', 'b':
			for _, name := range secretNames {
				if hasPrefixFold(text[i:], name) && hasSecretValue(name, text[i+len(name):]) {
					return true
				}
			}
		}
	}
	return false
}

// hasSecretValue says whether a value follows the name, which ended just before rest.
func hasSecretValue(name, rest string) bool {
	authorizes := name == authorizing || name == bearer
	if value := skipBlanks(rest); authorizes && len(value) < len(rest) && looksLikeToken(skipScheme(value)) {
		return true
	}
	value, ok := skipSeparator(skipBlanks(skipQuote(skipBlanks(skipNameSuffix(rest)))))
	if !ok || name == bearer {
		return false
	}
	value = skipQuote(skipBlanks(value))
	if name == authorizing {
		value = skipScheme(value)
	}
	return isSecretValue(value)
}

// skipNameSuffix skips what may follow a name within an identifier: session_id, tokenKey, password2.
func skipNameSuffix(text string) string {
	rest := text
	if len(rest) > 0 && strings.IndexByte("_-.", rest[0]) >= 0 {
		rest = rest[1:]
	}
	for _, suffix := range secretSuffixes {
		if hasPrefixFold(rest, suffix) {
			return rest[len(suffix):]
		}
	}
	if n := digitsFrom(rest, maxSuffix); n > 0 {
		return rest[n:]
	}
	return text
}

// skipSeparator skips one colon or equals sign, or two characters such as => and :=.
func skipSeparator(text string) (rest string, ok bool) {
	if text == "" || text[0] != ':' && text[0] != '=' {
		return text, false
	}
	if len(text) > 1 && (text[1] == '=' || text[1] == '>') {
		return text[2:], true
	}
	return text[1:], true
}

// skipScheme skips the scheme of an Authorization header; the value is what follows it, even if nothing does.
func skipScheme(text string) string {
	for _, scheme := range schemes {
		if rest := text[min(len(scheme), len(text)):]; hasPrefixFold(text, scheme) && (rest == "" || rest[0] == ' ') {
			return skipBlanks(rest)
		}
	}
	return text
}

func skipBlanks(text string) string {
	n := 0
	for n < len(text) && n < maxBlanks && (text[n] == ' ' || text[n] == '\t') {
		n++
	}
	return text[n:]
}

func skipQuote(text string) string {
	if len(text) > 0 && text[0] == '\\' {
		text = text[1:]
	}
	if len(text) > 0 && (text[0] == '"' || text[0] == '\'') {
		return text[1:]
	}
	return text
}

func isSecretValue(text string) bool {
	n := valueFrom(text)
	if n < minSecret {
		return false
	}
	for _, word := range harmless {
		if n == len(word) && hasPrefixFold(text, word) {
			return false
		}
	}
	return true
}

func looksLikeToken(value string) bool {
	n := valueFrom(value)
	return n >= longToken || n >= minToken && isNoWord(value[:n])
}

// isNoWord says whether text holds a digit, or a capital after a small letter: words of prose have neither.
func isNoWord(text string) bool {
	for i := range len(text) {
		isCapital := isLetter(text[i]) && text[i]&0x20 == 0
		if isDigit(text[i]) || isCapital && i > 0 && isLetter(text[i-1]) && text[i-1]&0x20 != 0 {
			return true
		}
	}
	return false
}

// valueFrom counts the characters of a value that text begins with, up to longToken.
func valueFrom(text string) int {
	n := 0
	for n < len(text) && n < longToken && text[n] > ' ' && strings.IndexByte("\"'`,;&<>(){}[]|\\*", text[n]) < 0 {
		n++
	}
	return n
}

// hasPrefixFold says whether text begins with prefix, which is lower-case ASCII, in either case.
func hasPrefixFold(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if c := text[i]; c != prefix[i] && (!isLetter(c) || c|0x20 != prefix[i]) {
			return false
		}
	}
	return true
}
