package scan

import (
	"fmt"
	"maps"
	"slices"

	"vaultreport/internal/event"
)

// Rename gives names that a source has for fields and events those of docs/sources.md: from, to. A name that is given to another
// is its own no more; that which it is given keeps its own besides.
type Rename struct {
	Field map[string]string
	Event map[string]string
}

// Validate says which names lead to nothing.
func (r Rename) Validate() error {
	for _, side := range []struct {
		what   string
		rename map[string]string
		known  []string
	}{{"field", r.Field, fieldNames()}, {"event", r.Event, kindNames()}} {
		for _, from := range slices.Sorted(maps.Keys(side.rename)) {
			if to := side.rename[from]; !slices.Contains(side.known, to) {
				return fmt.Errorf("rename of %s %s: no %s of docs/sources.md is called %s", side.what, from, side.what, to)
			}
		}
	}
	return nil
}

// fields is the table of the columns that fields fill.
func (r Rename) fields() *nameTable { return newNameTable(fieldNames(), r.Field) }

// kinds is the table of kinds of events, counted from 0.
func (r Rename) kinds() *nameTable { return newNameTable(kindNames(), r.Event) }

func fieldNames() []string {
	names := make([]string, event.NumColumns)
	for c := range event.Column(event.NumColumns) {
		names[c] = c.Field()
	}
	return names
}

func kindNames() []string {
	var names []string
	for _, k := range event.Kinds() {
		names = append(names, k.String())
	}
	return names
}
