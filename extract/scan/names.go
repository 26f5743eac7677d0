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

// find returns the place of a name, counted from 0, and whether it is in the list.
func (t *nameTable) find(name []byte) (place int, ok bool) {
	if len(name) == 0 {
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

// nameSlot hashes the length of a name that is not empty and its first and last bytes, up to eight of each.
func nameSlot(name []byte) uint {
	var word uint64
	switch n := len(name); {
	case n >= 8:
		word = binary.LittleEndian.Uint64(name) + 31*binary.LittleEndian.Uint64(name[n-8:])
	case n >= 4:
		word = uint64(binary.LittleEndian.Uint32(name))<<32 | uint64(binary.LittleEndian.Uint32(name[n-4:]))
	default:
		word = uint64(name[0])<<16 | uint64(name[n/2])<<8 | uint64(name[n-1])
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
