package scan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"vaultreport/internal/event"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"
)

// The command is lines [max=N] [damaged] [broken] with a quoted Go string; damaged ends the stream with damage, broken
// with an error of the reader. Every line is number, offset, size, flags, text, and what the Reader says of it.
func TestLines(t *testing.T) {
	datadriven.Walk(t, "testdata/lines", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			text, err := strconv.Unquote(d.Input)
			if err != nil {
				d.Fatalf(t, "%v", err)
			}
			maxLine := 40
			d.MaybeScanArgs(t, "max", &maxLine)
			var from io.Reader = strings.NewReader(text)
			switch {
			case d.HasArg("damaged"):
				from = io.MultiReader(from, iotest.ErrReader(fmt.Errorf("%w: of the test", ErrDamaged)))
			case d.HasArg("broken"):
				from = io.MultiReader(from, iotest.ErrReader(errors.New("read error of the test")))
			}
			return linesText(t, NewLines(from, maxLine), maxLine)
		})
	})
}

func linesText(t *testing.T, lines *Lines, maxLine int) string {
	reader := New(Options{Key: testKey(t), MaxLine: maxLine})
	var out strings.Builder
	for {
		l, ok := lines.Next()
		if !ok {
			break
		}
		var flags string
		for _, flag := range []struct {
			set  bool
			name string
		}{{l.Last, " last"}, {l.Cut, " cut"}, {l.TooLong, " too_long"}} {
			if flag.set {
				flags += flag.name
			}
		}
		var rec event.Record
		result, blank := reader.Line(l, &rec)
		fmt.Fprintf(&out, "%d: at %d, %d bytes%s %q: %s\n", l.Number, l.Offset, l.Size, flags, l.Text, strings.SplitN(resultText(result, blank, &rec), "\n", 2)[0])
	}
	if lines.Damaged() {
		out.WriteString("damaged\n")
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintf(&out, "error: %v\n", err)
	}
	if again, ok := lines.Next(); ok {
		fmt.Fprintf(&out, "after the end: %v\n", again)
	}
	return out.String()
}

// checkLines says whether lines of text are cut by the rules, said in another way: the pieces between line ends.
func checkLines(t errorer, text []byte, maxLine int, lines *Lines) {
	offset, number := int64(0), int64(0)
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		offset = int64(len(byteOrderMark))
	}
	for rest := text[offset:]; len(rest) > 0; number++ {
		piece, after, ended := bytes.Cut(rest, []byte{'\n'})
		taken := len(rest) - len(after)
		if ended {
			piece = bytes.TrimSuffix(piece, []byte{'\r'})
		}
		want := Line{Number: number + 1, Offset: offset, Size: int64(len(piece)), TooLong: len(piece) > maxLine, Last: !ended}
		got, ok := lines.Next()
		gotText := got.Text
		got.Text = nil
		if !ok || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v %v, want %v", got, ok, want)
			return
		}
		if want.TooLong {
			piece = nil
		}
		if !bytes.Equal(gotText, piece) {
			t.Errorf("line %d: got %d bytes of text, want %d", number+1, len(gotText), len(piece))
			return
		}
		offset += int64(taken)
		rest = after
	}
	if got, ok := lines.Next(); ok || lines.Err() != nil || lines.Damaged() {
		t.Errorf("after the last line: %v, error %v, damaged %v", got, lines.Err(), lines.Damaged())
	}
}

type errorer interface{ Errorf(string, ...any) }

func TestLinesDoNotDependOnHowTheBytesArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SampledFrom([]string{"\n", "\r\n", "\r", "a", "{}", "0123456789", "\xef\xbb\xbf", strings.Repeat("x", 50), "\x00", " "})
		text := []byte(strings.Join(rapid.SliceOf(part).Draw(t, "parts"), ""))
		maxLine := rapid.IntRange(0, 60).Draw(t, "limit")
		readers := map[string]io.Reader{
			"at once":     bytes.NewReader(text),
			"by bytes":    iotest.OneByteReader(bytes.NewReader(text)),
			"by halves":   iotest.HalfReader(bytes.NewReader(text)),
			"with an EOF": iotest.DataErrReader(bytes.NewReader(text)),
		}
		for name, r := range readers {
			lines := NewLines(r, maxLine)
			lines.buf = make([]byte, rapid.IntRange(1, 8).Draw(t, "buffer of "+name)) // so that it grows and wraps
			checkLines(t, text, maxLine, lines)
		}
	})
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "\n", "a\r\nb", "\xef\xbb\xbf{}\n", "{}\n{}", "\r", "0123456789\n01234567890\n0123456789\r\n"} {
		f.Add([]byte(seed), uint8(10))
	}
	f.Fuzz(func(t *testing.T, text []byte, maxLine uint8) {
		checkLines(t, text, int(maxLine), NewLines(bytes.NewReader(text), int(maxLine)))
		lines := NewLines(io.MultiReader(bytes.NewReader(text), iotest.ErrReader(ErrDamaged)), int(maxLine))
		var cuts int
		var last Line
		for l, ok := lines.Next(); ok; l, ok = lines.Next() {
			last = l
			if l.Cut {
				cuts++
			}
		}
		if cuts != 1 || !last.Cut || !lines.Damaged() || last.Offset+last.Size != int64(len(text)) {
			t.Errorf("%d lines of the cut, the last line is %v of %d bytes", cuts, last, len(text))
		}
	})
}

// generated yields size bytes of x, then tail, without holding them.
func generated(size int64, tail string) io.Reader {
	return io.MultiReader(io.LimitReader(repeated('x'), size), strings.NewReader(tail))
}

type repeated byte

func (r repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

func TestALineOf100MBIsCountedAndNotHeld(t *testing.T) {
	const size = 100 << 20
	lines := NewLines(generated(size, "\r\n{}\n"), DefaultMaxLine)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	l, _ := lines.Next()
	runtime.ReadMemStats(&after)
	if want := (Line{Number: 1, Size: size, TooLong: true}); fmt.Sprint(l) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", l, want)
	}
	if held, limit := after.TotalAlloc-before.TotalAlloc, uint64(4*DefaultMaxLine); held > limit {
		t.Errorf("%d bytes were allocated for it, want at most %d", held, limit)
	}
	if l, _ = lines.Next(); string(l.Text) != "{}" || l.Offset != size+2 || l.Number != 2 {
		t.Errorf("the line behind it: %v", l)
	}
}

func TestAReaderThatNeverYieldsEndsTheLines(t *testing.T) {
	lines := NewLines(stuck{}, 10)
	if _, ok := lines.Next(); ok || lines.Err() != io.ErrNoProgress {
		t.Errorf("got a line %v and error %v", ok, lines.Err())
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }
