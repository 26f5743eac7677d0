package transform

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/pii"
	"vaultreport/warehouse"
)

const nullText = "NULL"

// namer replaces keys, ids and words by names. The names of a column of keys or ids are numbered in the byte order of what they
// stand for, in all tables, so that whatever orders by them or joins by them does what it did. Other text stays if it is one
// plain word that shows no personal data, and is not the text of a refused line nor a place where one was found.
type namer struct{ of map[string]map[string]string } // column, value

func newNamer() namer { return namer{map[string]map[string]string{}} }

// Prefixes of names that are one letter. Other columns have more.
var shortPrefixes = map[string]string{"user_key": "u", "req_id": "r", "trace_id": "x", "tx_id": "t", "compensation_id": "c"}

// Columns whose text stands for what came from outside, and was refused.
var outsideText = []string{"masked_text", "field", "file"}

var plainWord = regexp.MustCompile(`^[A-Za-z0-9_.:;/|+()<>=-]{1,128}$`)

// note takes the values that get names. A cell that is not NULL begins with "=".
func (n namer) note(table warehouse.Table, b block) {
	n.each(table, b, func(column warehouse.Column, cell *string) {
		if value, isValue := strings.CutPrefix(*cell, "="); isValue && isNamed(column, value) {
			if n.of[column.Name] == nil {
				n.of[column.Name] = map[string]string{}
			}
			n.of[column.Name][value] = ""
		}
	})
}

func isNamed(column warehouse.Column, value string) bool {
	switch column.Type {
	case "BLOB", "UUID":
		return true
	case "VARCHAR":
		_, isPersonal := pii.Find(value)
		return isPersonal || value == nullText || !plainWord.MatchString(value) || slices.Contains(outsideText, column.Name)
	}
	return false
}

// rename replaces the values that note took, once it has seen all of them, and takes the "=" away.
func (n namer) rename(table warehouse.Table, b block) {
	for name, names := range n.of {
		values := slices.Sorted(maps.Keys(names))
		width := max(2, len(strconv.Itoa(len(values))))
		for i, value := range values {
			names[value] = fmt.Sprintf("%s%0*d", prefixOf(name), width, i+1)
		}
	}
	n.each(table, b, func(column warehouse.Column, cell *string) {
		if value, isValue := strings.CutPrefix(*cell, "="); isValue {
			*cell = value
			if name, isKnown := n.of[column.Name][value]; isKnown && isNamed(column, value) {
				*cell = name
			}
		}
	})
}

// prefixOf leaves room for a number in the bytes of an id.
func prefixOf(column string) string {
	return cmp.Or(shortPrefixes[column], column[:min(len(column), idBytes-4)]+"_")
}

func (n namer) each(table warehouse.Table, b block, do func(warehouse.Column, *string)) {
	for i, name := range b.columns {
		at := slices.IndexFunc(table.Columns, func(c warehouse.Column) bool { return c.Name == name })
		for _, row := range b.rows {
			do(table.Columns[at], &row[i])
		}
	}
}
