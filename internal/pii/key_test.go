package pii

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// secret has bytes that the two alphabets of base64 write differently, and a length that needs padding.
var secret = append(bytes.Repeat([]byte{0xfb, 0xff, 0xfe}, 11), 0x3e)

func TestParseKeyAcceptsEveryForm(t *testing.T) {
	sum := sha256.Sum256(secret)
	want := hex.EncodeToString(sum[:])[:8]
	std := base64.StdEncoding.EncodeToString(secret)
	for _, c := range []struct{ name, text string }{
		{"hex", hex.EncodeToString(secret)},
		{"hex in capitals", strings.ToUpper(hex.EncodeToString(secret))},
		{"standard base64", std},
		{"standard base64 without padding", base64.RawStdEncoding.EncodeToString(secret)},
		{"base64 for URLs", base64.URLEncoding.EncodeToString(secret)},
		{"base64 for URLs without padding", base64.RawURLEncoding.EncodeToString(secret)},
		{"white space around it", "\r\n\t " + std + " \n"},
		{"base64 over two lines", std[:20] + "\n" + std[20:]},
	} {
		t.Run(c.name, func(t *testing.T) {
			key, err := ParseKey([]byte(c.text))
			if err != nil {
				t.Fatal(err)
			}
			if key.ID() != want {
				t.Errorf("id: got %s, want %s", key.ID(), want)
			}
		})
	}
}

func TestHexDigitsOfOddLengthAreBase64(t *testing.T) {
	text := strings.Repeat("a", 43)
	key, err := ParseKey([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(decoded)
	if want := hex.EncodeToString(sum[:4]); key.ID() != want {
		t.Errorf("got %s, want %s", key.ID(), want)
	}
}

func TestParseKeyRefusesWithoutShowingTheKey(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", " \n", "the key is empty"},
		{"31 bytes in hex", strings.Repeat("ab", 31), "the key has 31 bytes after decoding, at least 32 are needed"},
		{"31 bytes in base64", base64.StdEncoding.EncodeToString(secret[:31]), "the key has 31 bytes after decoding, at least 32 are needed"},
		{"44 hex digits are 22 bytes, though base64 would make 33 of them", strings.Repeat("ab", 22), "the key has 22 bytes after decoding, at least 32 are needed"},
		{"no base64", strings.Repeat("!secret!", 8), "the key is neither hexadecimal nor base64"},
		{"two alphabets", strings.Repeat("+-ab", 16), "the key is neither hexadecimal nor base64"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := ParseKey([]byte(c.text))
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestNoFormOfAKeyShowsIt(t *testing.T) {
	text := []byte(strings.Repeat("k3y!", 16))
	key, err := ParseKey([]byte(hex.EncodeToString(text)))
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "key", key, "value", *key)
	encoded, err := json.Marshal(struct{ K *Key }{key})
	if err != nil {
		t.Fatal(err)
	}
	shown := []string{log.String(), string(encoded)}
	type inner struct{ k Key } // methods of an unexported field are not called: only what the fields hold is printed
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
		for _, value := range []any{key, *key, inner{*key}, &inner{*key}, struct{ K *Key }{key}, []Key{*key}, key.Hasher()} {
			shown = append(shown, fmt.Sprintf(verb, value))
		}
	}
	for _, s := range shown {
		for _, form := range []string{"k3y!", "6b337921", "6B337921", "107 51 121 33", "0x6b, 0x33"} {
			if strings.Contains(s, form) {
				t.Errorf("the key shows in %.200s", s)
			}
		}
	}
}

func TestHasherIsHMAC(t *testing.T) {
	key, err := ParseKey([]byte(hex.EncodeToString(secret)))
	if err != nil {
		t.Fatal(err)
	}
	hasher := key.Hasher()
	reference := func(text string) [16]byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return [16]byte(mac.Sum(nil))
	}
	for range 2 { // the state is reused
		if got, want := hasher.UserKey([]byte("42")), reference("42"); got != want {
			t.Errorf("user key: got %x, want %x", got, want)
		}
		for _, prefix := range []string{ReqID, TxID, CompensationID} {
			if got, want := hasher.Text(prefix, []byte("한 글")), reference(prefix+"한 글"); got != want {
				t.Errorf("%s got %x, want %x", prefix, got, want)
			}
		}
	}
	text := []byte(strings.Repeat("x", 128))
	if allocations := testing.AllocsPerRun(100, func() { hasher.Text(TxID, text) }); allocations != 0 {
		t.Errorf("%v allocations per hash, want none", allocations)
	}
}
