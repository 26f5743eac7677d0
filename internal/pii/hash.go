package pii

import "hash"

// The prefixes that keep hashes of different kinds of text apart (docs/sources.md section 1); user ids have none.
const (
	ReqID          = "req_id:"
	TxID           = "tx_id:"
	CompensationID = "compensation_id:"
)

// Hasher hashes with one key. It reuses its state and allocates nothing per hash; it serves one goroutine.
type Hasher struct {
	mac  hash.Hash
	text []byte
	sum  []byte
}

// Hasher returns a new Hasher of the key.
func (k *Key) Hasher() *Hasher { return &Hasher{mac: k.newMAC()} }

// UserKey returns the user_key of a user id in decimal digits: HMAC-SHA256(key, decimal)[:16].
func (h *Hasher) UserKey(decimal []byte) [16]byte { return h.Text("", decimal) }

// Text returns HMAC-SHA256(key, prefix + text)[:16]; prefix is one of the constants above.
func (h *Hasher) Text(prefix string, text []byte) [16]byte {
	h.text = append(append(h.text[:0], prefix...), text...)
	h.mac.Reset()
	h.mac.Write(h.text)
	h.sum = h.mac.Sum(h.sum[:0])
	return [16]byte(h.sum)
}
