package pii

import (
	"bytes"
	"testing"
)

func BenchmarkUserKey(b *testing.B) {
	key, err := ParseKey(bytes.Repeat([]byte("ab"), 32))
	if err != nil {
		b.Fatal(err)
	}
	hasher := key.Hasher()
	id := []byte("734012345678")
	b.ReportAllocs()
	for b.Loop() {
		hasher.UserKey(id)
	}
}
