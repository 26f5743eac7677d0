package pii

import "strings"

func hasEmail(text string) bool {
	for {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			return false
		}
		if at > 0 && (isLabelByte(text[at-1]) || strings.IndexByte("._%+", text[at-1]) >= 0) && startsWithDomain(text[at+1:]) {
			return true
		}
		text = text[at+1:]
	}
}

// startsWithDomain says whether text begins with labels of which one after the first begins with two letters. It looks
// no further than the next @, which is what keeps hasEmail linear.
func startsWithDomain(text string) bool {
	for i := 0; i < len(text) && (text[i] == '.' || isLabelByte(text[i])); i++ {
		if text[i] == '.' && i > 0 && text[i-1] != '.' && i+2 < len(text) && isWide(text[i+1]) && isWide(text[i+2]) {
			return true
		}
	}
	return false
}

func isLabelByte(c byte) bool { return isWide(c) || isDigit(c) || c == '-' || c == '_' }

// isWide counts every byte outside ASCII as a letter: addresses and hosts of other scripts are as personal as these.
func isWide(c byte) bool { return isLetter(c) || c >= 0x80 }
