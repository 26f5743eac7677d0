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
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
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
				from = io.MultiReader(from, iotest.ErrReader(errOfTheTest))
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

// referenceLines returns the lines of text by the rules, said in another way: the pieces between line ends. end is what
// ends the stream: io.EOF, ErrDamaged or another error.
func referenceLines(text []byte, maxLine int, end error) (lines []Line) {
	var offset int64
	if bytes.HasPrefix(text, []byte(byteOrderMark)) {
		offset = int64(len(byteOrderMark))
	}
	for rest := text[offset:]; len(rest) > 0; {
		piece, after, ended := bytes.Cut(rest, []byte{'\n'})
		if !ended && end != io.EOF && end != ErrDamaged {
			return lines
		}
		taken := len(rest) - len(after)
		if ended {
			piece = bytes.TrimSuffix(piece, []byte{'\r'})
		}
		line := Line{Text: piece, Number: int64(len(lines)) + 1, Offset: offset, Size: int64(len(piece)), TooLong: len(piece) > maxLine, Last: !ended}
		if line.TooLong {
			line.Text = nil
		}
		if !ended && end == ErrDamaged && !line.TooLong {
			line.Cut = !new(parser).isObject(piece)
		}
		lines = append(lines, line)
		offset += int64(taken)
		rest = after
	}
	if n := len(lines); end == ErrDamaged && (n == 0 || !lines[n-1].Cut) {
		lines = append(lines, Line{Number: int64(n) + 1, Offset: offset, Last: true, Cut: true})
	}
	return lines
}

// collect returns lines as they are, with their texts copied.
func collect(next func() (Line, bool)) (lines []Line) {
	for line, more := next(); more; line, more = next() {
		line.Text = bytes.Clone(line.Text)
		lines = append(lines, line)
	}
	return lines
}

// checkLines compares lines with those of the reference.
func checkLines(t errorer, got []Line, text []byte, maxLine int, end error) {
	if diff := cmp.Diff(referenceLines(text, maxLine, end), got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("of %q, limit %d, end %v:\n%s", text, maxLine, end, diff)
	}
}

type errorer interface{ Errorf(string, ...any) }

var (
	errOfTheTest = errors.New("read error of the test")
	streamParts  = []string{"\n", "\n", "\r\n", "\r", "a", "{}", "0123456789", byteOrderMark, strings.Repeat("x", 50), "\x00", " "}
)

// drawStream draws a text, how it ends and how its bytes arrive.
func drawStream(t *rapid.T) (text []byte, r io.Reader, end error) {
	text = []byte(strings.Join(rapid.SliceOf(rapid.SampledFrom(streamParts)).Draw(t, "parts"), ""))
	end = rapid.SampledFrom([]error{io.EOF, io.EOF, ErrDamaged, errOfTheTest}).Draw(t, "end")
	r = io.MultiReader(bytes.NewReader(text), iotest.ErrReader(end))
	switch rapid.IntRange(0, 3).Draw(t, "arrival") {
	case 1:
		r = iotest.OneByteReader(r)
	case 2:
		r = iotest.HalfReader(r)
	case 3:
		r = iotest.DataErrReader(r)
	}
	return text, r, end
}

func TestLinesDoNotDependOnHowTheBytesArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, r, end := drawStream(t)
		maxLine := rapid.IntRange(0, 60).Draw(t, "limit")
		lines := NewLines(r, maxLine)
		lines.chunks.size, lines.chunks.read = rapid.IntRange(0, 100).Draw(t, "size"), rapid.IntRange(1, 8).Draw(t, "read") // so that there are many chunks, which grow
		checkLines(t, collect(lines.Next), text, maxLine, end)
		if _, more := lines.Next(); more || lines.Damaged() != (end == ErrDamaged) || (lines.Err() != nil) != (end == errOfTheTest) {
			t.Errorf("after the end: a line %v, error %v, damaged %v", more, lines.Err(), lines.Damaged())
		}
	})
}

func FuzzLines(f *testing.F) {
	for _, seed := range []string{"", "\n", "a\r\nb", "\xef\xbb\xbf{}\n", "{}\n{}", "\r", "0123456789\n01234567890\n0123456789\r\n"} {
		f.Add([]byte(seed), uint8(10), uint8(16))
	}
	f.Fuzz(func(t *testing.T, text []byte, maxLine, size uint8) {
		for _, end := range []error{io.EOF, ErrDamaged, errOfTheTest} {
			lines := NewLines(io.MultiReader(bytes.NewReader(text), iotest.ErrReader(end)), int(maxLine))
			lines.chunks.size = int(size)
			checkLines(t, collect(lines.Next), text, int(maxLine), end)
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
