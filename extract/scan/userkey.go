package scan

import (
	"strconv"

	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

// userKeys remembers the keys of users whose lines came lately, since some users have many. It holds ids as the lines that are
// read hold them, in memory alone, and shows them to nobody. It serves one goroutine.
type userKeys struct {
	hasher  *pii.Hasher
	decimal []byte
	slots   [1 << slotBits]keyOfUser // by a hash of the id; the later user takes the place of the one before
}

type keyOfUser struct {
	id  int64 // 0: none
	key event.Key
}

const slotBits = 13

// of returns the key of a user id, which is positive.
func (u *userKeys) of(id int64) event.Key {
	const golden = 0x9e3779b97f4a7c15 // spreads ids that follow one another
	slot := &u.slots[uint64(id)*golden>>(64-slotBits)]
	if slot.id != id {
		u.decimal = strconv.AppendInt(u.decimal[:0], id, 10)
		slot.id, slot.key = id, u.hasher.UserKey(u.decimal)
	}
	return slot.key
}
