package pii

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
)

// minKeyBytes is the shortest key that is accepted, after decoding.
const minKeyBytes = 32

// Key is the secret with which identifiers are hashed. It is safe for concurrent use.
type Key struct {
	id string
	// newMAC holds the secret in a closure: packages that print the fields of a struct by reflection, whatever its
	// methods, find the address of a function.
	newMAC func() hash.Hash
}

// ParseKey reads a key from the content of a file or an environment variable: hexadecimal if it is hex digits only and
// of even length, else base64 of the standard or the URL alphabet, padded or not. White space around it is ignored, and
// so are line ends within base64. The error says what is wrong and never shows the text.
func ParseKey(text []byte) (*Key, error) {
	secret, err := decodeKey(bytes.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	if len(secret) < minKeyBytes {
		return nil, fmt.Errorf("the key has %d bytes after decoding, at least %d are needed", len(secret), minKeyBytes)
	}
	sum := sha256.Sum256(secret)
	return &Key{
		id:     hex.EncodeToString(sum[:4]),
		newMAC: func() hash.Hash { return hmac.New(sha256.New, secret) },
	}, nil
}

func decodeKey(text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, errors.New("the key is empty")
	}
	if secret, err := hex.AppendDecode(nil, text); err == nil { // an odd number of digits is an error there
		return secret, nil
	}
	encoding := base64.StdEncoding
	if bytes.ContainsAny(text, "-_") {
		encoding = base64.URLEncoding
	}
	if !bytes.ContainsRune(text, '=') {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	secret, err := encoding.AppendDecode(nil, text)
	if err != nil {
		// The decoder's own error names the offending byte's place, and in other versions could show it.
		return nil, errors.New("the key is neither hexadecimal nor base64")
	}
	return secret, nil
}

// ID returns the key's public name: the first 8 hex digits of its SHA-256.
func (k *Key) ID() string { return k.id }

// String returns the id in words; the key itself has no text form.
func (k Key) String() string { return "key " + k.id }

// Format writes String for every verb and flag.
func (k Key) Format(s fmt.State, _ rune) { io.WriteString(s, k.String()) }

// GoString returns String.
func (k Key) GoString() string { return k.String() }

// LogValue returns String.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }
