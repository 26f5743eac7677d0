package scan

import (
	"encoding/binary"
	"maps"
	"math/bits"
	"slices"

	"vaultreport/internal/event"
)

// The values that a line may hold. They are those of package event: a new one there is known here.
var (
	vaultTypes       = newEnumTable(event.VaultTypes)
	statuses         = newEnumTable(event.Statuses)
	extensionReasons = newEnumTable(event.ExtensionReasons)
	outcomes         = newEnumTable(event.Outcomes)
)

// nameTable finds a name's place in a list by one multiplication and one comparison. It is never changed.
type nameTable struct {
	slots []nameAndPlace // a power of two, and many times the length of the list: most names are found in the first slot looked at
	shift int
}

type nameAndPlace struct {
	name  string // "" if the slot is free
	place int
}

// newNameTable returns the table of a list of names, each with its place there, and of other names for some of them. A name
// that stands for another is its own no more.
func newNameTable(list []string, other map[string]string) *nameTable {
	places := make(map[string]int, len(list)+len(other))
	for place, name := range list {
		places[name] = place
	}
	for from, to := range other {
		places[from] = slices.Index(list, to)
	}
	width := bits.Len(uint(4*len(places) + 1))
	t := &nameTable{slots: make([]nameAndPlace, 1<<width), shift: 64 - width}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		slot := t.slot([]byte(name))
		for t.slots[slot].name != "" {
			slot = (slot + 1) & (len(t.slots) - 1)
		}
		t.slots[slot] = nameAndPlace{name, places[name]}
	}
	return t
}

// find returns the place of a name, counted from 0, and whether it is in the list. It is fastest if eight bytes can be read
// from the start of name on, up to its capacity.
func (t *nameTable) find(name []byte) (place int, ok bool) {
	if len(name) == 0 { // a free slot is no name
		return 0, false
	}
	slot := t.slot(name)
	for t.slots[slot].name != string(name) {
		if t.slots[slot].name == "" {
			return 0, false
		}
		slot = (slot + 1) & (len(t.slots) - 1)
	}
	return t.slots[slot].place, true
}

// slot hashes the length of a name and its first eight bytes; one that is shorter counts as if zeros followed it.
func (t *nameTable) slot(name []byte) int {
	var first [8]byte
	if cap(name) >= len(first) {
		first = [8]byte(name[:len(first)])
	} else {
		copy(first[:], name)
	}
	word := binary.LittleEndian.Uint64(first[:])
	if n := len(name); n < len(first) {
		word &= 1<<(8*n) - 1
	}
	return int((word ^ uint64(len(name))) * 0x9e3779b97f4a7c15 >> t.shift)
}

// enumTable finds the codes of an enumeration.
type enumTable struct{ names *nameTable }

func newEnumTable(values event.Enumeration) enumTable {
	return enumTable{newNameTable(values[1:], nil)}
}

// code returns the code of a value, 0 if the enumeration does not hold it.
func (t enumTable) code(value []byte) event.Enum {
	place, ok := t.names.find(value)
	if !ok {
		return 0
	}
	return event.Enum(place + 1)
}
