package main

import (
	"bytes"
	"fmt"
	"strings"
)

// Columns of a text for people.
const (
	pageWidth = 80
	keyWidth  = 13
)

// writeParagraph writes a key and its text, broken into lines of at most 80 columns. A word that is longer stands alone.
func writeParagraph(b *bytes.Buffer, key, text string) {
	line := fmt.Sprintf("%-*s", keyWidth, key)
	isEmpty := true
	for _, word := range strings.Fields(text) {
		if !isEmpty && len(line)+1+len(word) > pageWidth {
			b.WriteString(line + "\n")
			line, isEmpty = strings.Repeat(" ", keyWidth), true
		}
		if !isEmpty {
			line += " "
		}
		line += word
		isEmpty = false
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
