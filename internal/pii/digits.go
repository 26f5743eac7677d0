package pii

// idDigits is the length from which a run of hexadecimal digits is taken for an id.
const idDigits = 16

// uuidGroups are the lengths of a UUID's groups.
var uuidGroups = [...]int{8, 4, 4, 4, 12}

// eachNumber calls match at every place where a number may begin: a digit with no digit before it, outside decimal
// fractions and ids. match looks at a bounded number of bytes, so that the whole is linear.
func eachNumber(text string, match func(at string) bool) bool {
	skip := 0 // no number begins before this offset
	for i := 0; i < len(text); i++ {
		if i >= skip && isAlphanumeric(text[i]) && (i == 0 || !isAlphanumeric(text[i-1])) {
			skip = i + idLength(text[i:])
		}
		if i < skip || !isDigit(text[i]) || i > 0 && isDigit(text[i-1]) || isFraction(text, i) {
			continue
		}
		if match(text[i:]) {
			return true
		}
	}
	return false
}

// isFraction says whether the digits at i follow the point of a decimal number.
func isFraction(text string, i int) bool {
	return i >= 2 && text[i-1] == '.' && isDigit(text[i-2])
}

// idLength returns the length of the UUID, or of the run of 16 or more hexadecimal digits with a letter among them,
// that text begins with, 0 if there is none.
func idLength(text string) int {
	if n := uuidLength(text); n > 0 {
		return n
	}
	n, letters := 0, 0
	for ; n < len(text) && isHexDigit(text[n]); n++ {
		if !isDigit(text[n]) {
			letters++
		}
	}
	if n < idDigits || letters == 0 || n < len(text) && isAlphanumeric(text[n]) {
		return 0
	}
	return n
}

func uuidLength(text string) int {
	n := 0
	for g, length := range uuidGroups {
		if g > 0 {
			if n >= len(text) || text[n] != '-' {
				return 0
			}
			n++
		}
		for end := n + length; n < end; n++ {
			if n >= len(text) || !isHexDigit(text[n]) {
				return 0
			}
		}
	}
	if n < len(text) && isAlphanumeric(text[n]) {
		return 0
	}
	return n
}

func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) }

func hasPhone(text string) bool { return eachNumber(text, isPhone) }

// isPhone tries the four readings of 01[016789]-?\d{3,4}-?\d{4} with no digit behind it.
func isPhone(text string) bool {
	if len(text) < 10 || text[0] != '0' || text[1] != '1' || !isDigit(text[2]) || '2' <= text[2] && text[2] <= '5' {
		return false
	}
	rest := skipDash(text[3:])
	for middle := 3; middle <= 4; middle++ {
		if digitsFrom(rest, middle) < middle {
			break
		}
		if digitsFrom(skipDash(rest[middle:]), 5) == 4 {
			return true
		}
	}
	return false
}

func skipDash(text string) string {
	if len(text) > 0 && text[0] == '-' {
		return text[1:]
	}
	return text
}

func hasRRN(text string) bool { return eachNumber(text, isRRN) }

func isRRN(text string) bool {
	return digitsFrom(text, 7) == 6 && len(text) >= 14 && text[6] == '-' &&
		'1' <= text[7] && text[7] <= '8' && digitsFrom(text[7:], 8) == 7
}

const (
	minCardDigits = 13
	maxCardDigits = 19
	minCardGroup  = 3
)

func hasCard(text string) bool { return eachNumber(text, isCard) }

// isCard says whether a whole number of digit groups at the start of text is a card number.
func isCard(text string) bool {
	var digits [maxCardDigits]byte
	n := 0
	for {
		group := digitsFrom(text, maxCardDigits-n+1)
		if group < minCardGroup || n+group > maxCardDigits {
			return false
		}
		n += copy(digits[n:], text[:group])
		text = text[group:]
		if n >= minCardDigits && passesLuhn(digits[:n]) {
			return true
		}
		if text == "" || text[0] != ' ' && text[0] != '-' {
			return false
		}
		text = text[1:]
	}
}

func passesLuhn(digits []byte) bool {
	sum := 0
	for i, c := range digits {
		d := int(c - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
