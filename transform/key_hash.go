package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"strconv"
)

// keyHash digests lines of texts, each with its length before it, so that no two lists of lines are the same bytes. A night
// compares the keys of all files of all days: fmt would be most of what that takes.
type keyHash struct {
	hash hash.Hash
	line []byte
}

func newKeyHash() *keyHash { return &keyHash{hash: sha256.New()} }

// write adds a line.
func (k *keyHash) write(texts ...string) {
	k.line = k.line[:0]
	for _, text := range texts {
		k.line = strconv.AppendInt(k.line, int64(len(text)), 10)
		k.line = append(k.line, ':')
		k.line = append(k.line, text...)
	}
	k.hash.Write(append(k.line, '\n'))
}

func (k *keyHash) sum() string { return hex.EncodeToString(k.hash.Sum(nil)) }

// clone returns a hash that goes on by itself.
func (k *keyHash) clone() *keyHash {
	clone, err := k.hash.(hash.Cloner).Clone()
	if err != nil {
		panic(err) // of sha256 there is always a clone
	}
	return &keyHash{hash: clone}
}
