package pii

// pattern is a named shape of personal data. found takes time linear in the text.
type pattern struct {
	name  string
	found func(text string) bool
}

// The patterns of docs/security.md in its order.
var patterns = [...]pattern{
	{"email", hasEmail},
	{"phone", hasPhone},
	{"rrn", hasRRN},
	{"card", hasCard},
	{"jwt", hasJWT},
	{"secret", hasSecret},
}

// Find says whether text looks like it holds personal data or a secret, and names the first pattern, in the order of
// docs/security.md, that does:
//
//	email   LOCAL@HOST.TLD: a letter, digit or one of "._%+-" before the @, then labels of which one after the first
//	        begins with two letters. Bytes outside ASCII count as letters.
//	phone   01[016789]-?\d{3,4}-?\d{4}
//	rrn     \d{6}-[1-8]\d{6}
//	card    13 to 19 digits that pass Luhn, written together or in groups of three or more with one blank or dash
//	        between them. Shorter groups are dates and columns of numbers.
//	jwt     a base64url text that decodes to the start of a JSON object, then a point, then four or more of base64url.
//	secret  a name that ends in token, session, cookie, password or authorization (id, key, value or digits may
//	        follow), an optional quote, a colon or equals sign, and a value of four or more characters; after
//	        authorization or bearer a blank is enough if the value looks like a token: eight or more characters with a
//	        digit or a capital among them, or twenty. A name without a value, a longer name ("session_cleanup"), a mask ("***",
//	        "<string:12>", "[redacted]"), null, true, false and none are no secrets. Case does not matter.
//
// For phone, rrn and card no digit stands directly before or after; what follows the point of a decimal number and what
// lies within a UUID or another id of 16 or more hexadecimal digits is none of the three.
func Find(text string) (name string, found bool) {
	for i := range patterns {
		if patterns[i].found(text) {
			return patterns[i].name, true
		}
	}
	return "", false
}

// Patterns returns the names of all patterns in the order of docs/security.md.
func Patterns() []string {
	names := make([]string, len(patterns))
	for i, p := range patterns {
		names[i] = p.name
	}
	return names
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { c |= 0x20; return 'a' <= c && c <= 'z' }
func isHexDigit(c byte) bool {
	return isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// digitsFrom counts the digits that text begins with, up to limit.
func digitsFrom(text string, limit int) int {
	n := 0
	for n < len(text) && n < limit && isDigit(text[n]) {
		n++
	}
	return n
}
