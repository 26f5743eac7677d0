package scan

import (
	"bytes"
	stdgzip "compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

// compressed is a file of several members or frames; ends are its lengths after each of them, texts what is then decoded.
type compressed struct {
	name  string
	bytes []byte
	ends  []int
	texts []string
}

func (c *compressed) add(member []byte, text string) {
	before := ""
	if n := len(c.texts); n > 0 {
		before = c.texts[n-1]
	}
	c.bytes = append(c.bytes, member...)
	c.ends = append(c.ends, len(c.bytes))
	c.texts = append(c.texts, before+text)
}

// textAt returns what a whole file that ends at n decodes to.
func (c *compressed) textAt(n int) (text string, whole bool) {
	for i, end := range c.ends {
		if end == n {
			return c.texts[i], true
		}
	}
	return "", n == 0
}

var someLines = strings.Repeat("{\"ts\":\"2026-01-02T03:04:05Z\",\"event\":\"BATCH_RUN_FINISHED\",\"job\":\"expire\",\"outcome\":\"failure\",\"env\":\"prod\"}\n", 3)

func gzipMember(t testing.TB, text, name string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := stdgzip.NewWriter(&b)
	w.Name = name
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstdFrame(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b, zstd.WithEncoderCRC(true))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const skippableFrame = "\x5a\x2a\x4d\x18\x03\x00\x00\x00abc"

func compressedFiles(t testing.TB) []compressed {
	members := compressed{name: "gzip of three members, one of them empty"}
	members.add(gzipMember(t, someLines, "events.jsonl"), someLines)
	members.add(gzipMember(t, "", ""), "")
	members.add(gzipMember(t, "{}\n[1", ""), "{}\n[1")
	frames := compressed{name: "zstd of frames and skippable frames"}
	frames.add([]byte(skippableFrame), "")
	frames.add(zstdFrame(t, someLines), someLines)
	frames.add([]byte(skippableFrame), "")
	frames.add(zstdFrame(t, "{}\n[1"), "{}\n[1")
	return []compressed{members, frames}
}

func readAll(t errorer, r io.Reader) (string, error) {
	stream, err := Open(r)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(stream)
	if closeErr := stream.Close(); closeErr != nil {
		t.Errorf("close: %v", closeErr)
	}
	return string(text), err
}

func TestAFileCutAtAnyByteIsTheStartOfItsTextAndDamaged(t *testing.T) {
	for _, c := range compressedFiles(t) {
		whole := c.texts[len(c.texts)-1]
		for n := range len(c.bytes) + 1 {
			text, err := readAll(t, bytes.NewReader(c.bytes[:n]))
			want, isWhole := c.textAt(n)
			switch {
			case isWhole && (err != nil || text != want):
				t.Errorf("%s: cut at the end %d: got %d bytes and error %v, want %d bytes", c.name, n, len(text), err, len(want))
			case !isWhole && !errors.Is(err, ErrDamaged):
				t.Errorf("%s: cut at %d: got error %v, want ErrDamaged", c.name, n, err)
			case !strings.HasPrefix(whole, text):
				t.Errorf("%s: cut at %d: the text is not the start of the whole one", c.name, n)
			}
			if byBytes, err2 := readAll(t, iotest.OneByteReader(bytes.NewReader(c.bytes[:n]))); byBytes != text || (err2 == nil) != (err == nil) {
				t.Errorf("%s: cut at %d: %d bytes and error %v when read by bytes, else %d and %v", c.name, n, len(byBytes), err2, len(text), err)
			}
		}
	}
}

func TestAFileCutAtAnyByteHasOneTruncatedLine(t *testing.T) {
	for _, c := range compressedFiles(t) {
		for n := range len(c.bytes) + 1 {
			stream, err := Open(bytes.NewReader(c.bytes[:n]))
			if err != nil {
				t.Fatal(err)
			}
			lines := NewLines(stream, DefaultMaxLine)
			text := linesText(t, lines, DefaultMaxLine)
			_, isWhole := c.textAt(n)
			want := 1
			if isWhole && n < len(c.bytes) {
				want = 0 // the whole file's last line "[1" is truncated too
			}
			if got := strings.Count(text, ": truncated\n"); got != want || lines.Damaged() == isWhole {
				t.Errorf("%s: cut at %d: %d truncated lines, damaged %v:\n%s", c.name, n, got, lines.Damaged(), text)
			}
		}
	}
}

func TestWhatIsDecodedBeforeABadChecksumCounts(t *testing.T) {
	for _, c := range compressedFiles(t) {
		last := bytes.Clone(c.bytes)
		last[len(last)-1] ^= 1
		if c.name[:4] == "gzip" {
			last[len(last)-1] ^= 1
			last[len(last)-8] ^= 1 // the checksum stands before the length
		}
		text, err := readAll(t, bytes.NewReader(last))
		if !errors.Is(err, ErrDamaged) || text != c.texts[len(c.texts)-1] {
			t.Errorf("%s: got %d bytes and error %v", c.name, len(text), err)
		}
		for cut := 1; cut <= 4; cut++ { // the end of the last block is there, the checksum is not
			if text, _ := readAll(t, bytes.NewReader(c.bytes[:len(c.bytes)-cut])); text != c.texts[len(c.texts)-1] {
				t.Errorf("%s: %d bytes before the end: got %d bytes", c.name, cut, len(text))
			}
		}
	}
}

func TestOpenTellsFormatsByContent(t *testing.T) {
	gz, zst := string(gzipMember(t, "{}\n", "")), string(zstdFrame(t, "{}\n"))
	zeros := strings.Repeat("\x00", 100_000)
	for _, c := range []struct {
		name, bytes, text string
		damaged           bool
	}{
		{"nothing", "", "", false},
		{"plain text", "{}\n", "{}\n", false},
		{"plain text of one byte", "{", "{", false},
		{"plain bytes that only look like gzip at first", "\x1fabc", "\x1fabc", false},
		{"plain text that begins like a skippable frame", "P*M1", "P*M1", false},
		{"a gzip member", gz, "{}\n", false},
		{"two gzip members", gz + gz, "{}\n{}\n", false},
		{"zeros behind the last gzip member are padding", gz + zeros, "{}\n", false},
		{"a byte behind the padding is damage", gz + zeros + "x", "{}\n", true},
		{"a gzip member behind the padding is damage", gz + "\x00" + gz, "{}\n", true},
		{"other bytes behind the last gzip member are damage", gz + "{}\n", "{}\n", true},
		{"the first byte of a gzip file", gz[:1], "", true},
		{"the magic number of a gzip file", gz[:2], "", true},
		{"another method of gzip", "\x1f\x8b\x07" + gz[3:], "", true},
		{"a zstd frame", zst, "{}\n", false},
		{"two zstd frames", zst + zst, "{}\n{}\n", false},
		{"a skippable frame first", skippableFrame + zst, "{}\n", false},
		{"only a skippable frame", skippableFrame, "", false},
		{"zeros behind the last zstd frame are damage", zst + zeros, "{}\n", true},
		{"text behind the last zstd frame is damage", zst + "{}\n", "{}\n", true},
		{"the first byte of a zstd file", zst[:1], "", true},
		{"three bytes of a zstd file", zst[:3], "", true},
		{"three bytes of a skippable frame", skippableFrame[:3], "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := readAll(t, strings.NewReader(c.bytes))
			if text != c.text || errors.Is(err, ErrDamaged) != c.damaged || (err != nil) != c.damaged {
				t.Errorf("got %q and error %v", text, err)
			}
		})
	}
}

func TestAWindowOverTheLimitIsDamage(t *testing.T) {
	// A frame header without content size: window descriptor of 256 MiB, then a raw last block of one byte.
	frame := zstdMagic + "\x00" + "\x90" + "\x09\x00\x00" + "x"
	if _, err := readAll(t, strings.NewReader(frame)); !errors.Is(err, ErrDamaged) {
		t.Errorf("got error %v, want ErrDamaged", err)
	}
	frame = zstdMagic + "\x00" + "\x50" + "\x09\x00\x00" + "x" // 1 MiB
	if text, err := readAll(t, strings.NewReader(frame)); text != "x" || err != nil {
		t.Errorf("got %q and error %v", text, err)
	}
}

// An error of the disk must not be filed as a damaged file, wherever in the stream it strikes and whatever it is.
func TestErrorsOfTheSourceAreNoDamage(t *testing.T) {
	files := append(compressedFiles(t), compressed{name: "plain", bytes: []byte(someLines)})
	for _, c := range files {
		for _, cause := range []error{errors.New("read error of the test"), io.ErrUnexpectedEOF} {
			for n := range len(c.bytes) {
				_, err := readAll(t, io.MultiReader(bytes.NewReader(c.bytes[:n]), iotest.ErrReader(cause)))
				if !errors.Is(err, cause) || errors.Is(err, ErrDamaged) {
					t.Fatalf("%s: error at %d: got %v, want %v", c.name, n, err, cause)
				}
			}
		}
	}
}

func TestAMegabyteOfNothingButMembersEnds(t *testing.T) {
	for name, member := range map[string][]byte{"gzip": gzipMember(t, "", ""), "zstd": zstdFrame(t, ""), "skippable": []byte(skippableFrame)} {
		text, err := readAll(t, bytes.NewReader(bytes.Repeat(member, 1<<20/len(member))))
		if text != "" || err != nil {
			t.Errorf("%s: got %d bytes and error %v", name, len(text), err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, c := range compressedFiles(f) {
		f.Add(c.bytes)
	}
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		stream, err := Open(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		defer stream.Close()
		n, err := io.Copy(io.Discard, io.LimitReader(stream, 1<<24))
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatal(fmt.Errorf("after %d bytes: %w", n, err))
		}
	})
}
