package scan

import (
	"encoding/binary"

	"vaultreport/internal/event"
)

// The names that a line may hold. They are those of package event: a new one there is known here.
var (
	fieldNames = newNameTable(func(yield func(string)) {
		for c := range event.Column(event.NumColumns) {
			yield(c.Field())
		}
	})
	kindNames = newNameTable(func(yield func(string)) {
		for _, k := range event.Kinds() {
			yield(k.String())
		}
	})
	vaultTypes       = newEnumTable(event.VaultTypes)
	statuses         = newEnumTable(event.Statuses)
	extensionReasons = newEnumTable(event.ExtensionReasons)
	outcomes         = newEnumTable(event.Outcomes)
)

// nameSlots is a power of two, and many times the length of any list: most names are found in the first slot looked at.
const nameSlots = 128

// nameTable finds a name's place in a short list by one multiplication and one comparison. It is never changed.
type nameTable struct {
	slots [nameSlots]struct {
		name  string // "" if the slot is free
		place int
	}
}

func newNameTable(list func(yield func(string))) *nameTable {
	t := &nameTable{}
	place := 0
	list(func(name string) {
		slot := nameSlot([]byte(name))
		for t.slots[slot].name != "" {
			slot = (slot + 1) % nameSlots
		}
		t.slots[slot].name, t.slots[slot].place = name, place
		place++
	})
	return t
}

// find returns the place of a name, counted from 0, and whether it is in the list. It is fastest if eight bytes can be read
// from the start of name on, up to its capacity.
func (t *nameTable) find(name []byte) (place int, ok bool) {
	if len(name) == 0 { // a free slot is no name
		return 0, false
	}
	slot := nameSlot(name)
	for t.slots[slot].name != string(name) {
		if t.slots[slot].name == "" {
			return 0, false
		}
		slot = (slot + 1) % nameSlots
	}
	return t.slots[slot].place, true
}

// nameSlot hashes the length of a name and its first eight bytes; one that is shorter counts as if zeros followed it.
func nameSlot(name []byte) uint {
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
	return uint((word^uint64(len(name)))*0x9e3779b97f4a7c15>>57) % nameSlots
}

// enumTable finds the codes of an enumeration.
type enumTable struct{ names *nameTable }

func newEnumTable(values event.Enumeration) enumTable {
	return enumTable{newNameTable(func(yield func(string)) {
		for _, value := range values[1:] {
			yield(value)
		}
	})}
}

// code returns the code of a value, 0 if the enumeration does not hold it.
func (t enumTable) code(value []byte) event.Enum {
	place, ok := t.names.find(value)
	if !ok {
		return 0
	}
	return event.Enum(place + 1)
}
