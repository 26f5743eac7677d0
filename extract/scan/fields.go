package scan

import (
	"bytes"
	"slices"

	"vaultreport/internal/event"

	"github.com/go-json-experiment/json/jsontext"
)

// fewNames is up to how many names are compared with each other rather than looked up in a map.
const fewNames = 16

// fieldSet holds the members of one line by the column that they fill.
type fieldSet struct {
	columns map[string]event.Column // by the JSON name of the field
	names   *interned[string]       // under which dropped fields are counted

	values [event.NumColumns]member
	has    event.Columns // fields of the line that are not null
	nulls  event.Columns
	twice  event.Columns // fields that the line has more than once; values holds the first
	others [][]byte      // names of members that fill no column
}

func newFieldSet() fieldSet {
	f := fieldSet{columns: make(map[string]event.Column, event.NumColumns), names: newInterned(keyName)}
	for c := range event.Column(event.NumColumns) {
		f.columns[c.Field()] = c
	}
	return f
}

// set takes the members of a line, to which the set refers until the next call.
func (f *fieldSet) set(members []member) {
	f.has, f.nulls, f.twice = 0, 0, 0
	if cap(f.others) > keptMembers {
		f.others = nil
	}
	f.others = f.others[:0]
	for _, m := range members {
		name := m.name[1 : len(m.name)-1]
		if bytes.IndexByte(name, '\\') >= 0 {
			name = appendText(nil, m.name)
		}
		c, isField := f.columns[string(name)]
		switch {
		case !isField:
			f.others = append(f.others, name)
		case (f.has | f.nulls).Has(c):
			f.twice |= event.Set(c)
		case m.kind == jsontext.KindNull:
			f.values[c] = m
			f.nulls |= event.Set(c)
		default:
			f.values[c] = m
			f.has |= event.Set(c)
		}
	}
}

// hasDuplicateName says whether two of the members that fill no column have the same name.
func (f *fieldSet) hasDuplicateName() bool {
	if len(f.others) <= fewNames {
		for i, name := range f.others {
			for _, before := range f.others[:i] {
				if bytes.Equal(name, before) {
					return true
				}
			}
		}
		return false
	}
	seen := make(map[string]struct{}, len(f.others))
	for _, name := range f.others {
		seen[string(name)] = struct{}{}
	}
	return len(seen) < len(f.others)
}

// appendUnknown appends the names of the members that are not listed, null or not, sorted and each once.
func (f *fieldSet) appendUnknown(names []string, listed event.Columns) []string {
	for c := range event.Column(event.NumColumns) {
		if ((f.has | f.nulls) &^ listed).Has(c) {
			names = append(names, c.Field())
		}
	}
	for _, name := range f.others {
		names = append(names, f.names.of(name))
	}
	if len(names) < 2 {
		return names
	}
	slices.Sort(names)
	return slices.Compact(names)
}
