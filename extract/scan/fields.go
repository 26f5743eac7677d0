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
	columns *nameTable        // by the names of fields
	names   *interned[string] // under which dropped fields are counted

	values [event.NumColumns]value
	has    event.Columns // fields of the line that are not null
	nulls  event.Columns
	twice  event.Columns // fields that the line has more than once; values holds the first
	others [][]byte      // names of members that fill no column
}

// value is the value of a field as it stands in the line.
type value struct {
	text      []byte
	kind      jsontext.Kind
	hasEscape bool // a string that does not mean what stands between its quotes
}

func newFieldSet(r Rename) fieldSet {
	return fieldSet{columns: r.fields(), names: newInterned(keyName)}
}

// set takes the members of a line, to which the set refers until the next call.
func (f *fieldSet) set(members []member) {
	f.reset()
	for _, m := range members {
		f.add(m.plainName(), value{m.value, m.kind, m.kind == jsontext.KindString && bytes.IndexByte(m.value, '\\') >= 0})
	}
}

func (f *fieldSet) reset() {
	f.has, f.nulls, f.twice = 0, 0, 0
	if cap(f.others) > keptMembers {
		f.others = nil
	}
	f.others = f.others[:0]
}

// add takes one member.
func (f *fieldSet) add(name []byte, v value) {
	place, isField := f.columns.find(name)
	c := event.Column(place)
	switch {
	case !isField:
		f.others = append(f.others, name)
	case (f.has | f.nulls).Has(c):
		f.twice |= event.Set(c)
	case v.kind == jsontext.KindNull:
		f.values[c] = v
		f.nulls |= event.Set(c)
	default:
		f.values[c] = v
		f.has |= event.Set(c)
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
	for dropped := (f.has | f.nulls) &^ listed; dropped != 0; dropped &= dropped - 1 {
		names = append(names, dropped.First().Field())
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
