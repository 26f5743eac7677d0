package scan

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vaultreport/internal/event"
	"vaultreport/internal/sample"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// pair are two readers, of which one leaves every line to the parser.
type pair struct{ fast, complete *Reader }

func newPair(t testing.TB, env string) pair {
	o := Options{Key: testKey(t), Env: env}
	p := pair{New(o), New(o)}
	p.complete.complete = true
	return p
}

// check says whether the two read a line as one.
func (p pair) check(t errorer, text []byte, last bool) {
	before := bytes.Clone(text)
	var got, want event.Record
	line := Line{Text: text, Size: int64(len(text)), Last: last}
	gotResult, gotBlank := p.fast.Line(line, &got)
	wantResult, wantBlank := p.complete.Line(line, &want)
	if diff := cmp.Diff(wantResult, gotResult) + cmp.Diff(want, got); diff != "" || gotBlank != wantBlank {
		t.Errorf("%q: the fast path differs from the parser:\n%s", text, diff)
	}
	if !bytes.Equal(text, before) {
		t.Errorf("%q: the line was changed", text)
	}
}

// seeds are lines of every kind, those of the hostile generators, and what lies near the limits of what fast knows.
func seeds() (lines []string) {
	for _, kind := range event.Kinds() {
		lines = append(lines, lineWith(kind, "req_id", `"r-1"`))
	}
	for _, line := range hostileLines {
		lines = append(lines, line(100))
	}
	for _, value := range []string{
		`"\u0041\n\/"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\uDbFF"`, `"\u12g4"`, `"\u12"`, `"\x"`, `"\`, "\"\x1f\"", "\"\x7f\"", "\"\xff\"", "\"가\"", "\"1234567가\"",
		"-0", "-", "01", "1.", ".1", "1e", "1e+", "1E-7", "1.5e300", "tru", "truee", "nul", "{}", "[]", "[1,]", `{"a":1,}`, `{"a" : [ true , {"b":null} ] , "a":2}`,
		strings.Repeat("[", fastLevels) + strings.Repeat("]", fastLevels), strings.Repeat("[", fastLevels+1) + strings.Repeat("]", fastLevels+1), "[}", "{]", `{1:2}`, "", "\x00", "+1", "'a'", "NaN",
	} {
		lines = append(lines, acceptable+`,"x":`+value+"}", acceptable+" , \"trace_id\"\t:\r"+value+" } ", lineWith(event.DepositRecorded, "amount", value))
	}
	for _, name := range []string{`"\u0074s"`, `"t"`, `""`, `"tss"`, "\"\xff\"", "\"가나\"", "ts", `"x`, `"event"`, `"ts"`} {
		lines = append(lines, acceptable+","+name+":1}", "{"+name+":1}")
	}
	return append(lines, "", " ", "{", "}", "{}", "{} ", "{}x", "{,}", `{"a"}`, `{"a":}`, `{"a":1`, acceptable, acceptable+"}}", acceptable+"},", "[]", "1", byteOrderMark+acceptable+"}")
}

func TestFastAndCompleteAgree(t *testing.T) {
	p := newPair(t, "")
	for _, line := range seeds() {
		for end := range len(line) + 1 {
			p.check(t, []byte(line[:end]), true)
		}
	}
}

func FuzzFastAndCompleteAgree(f *testing.F) {
	for _, line := range seeds() {
		f.Add([]byte(line), false, "")
		f.Add([]byte(line), true, "prod")
	}
	pairs := map[bool]pair{false: newPair(f, ""), true: newPair(f, "prod")}
	f.Fuzz(func(t *testing.T, text []byte, last bool, env string) {
		pairs[env != ""].check(t, text, last)
	})
}

// Lines that are close to acceptable are broken in a few places: bytes are changed, left out, doubled or put in.
func TestFastAndCompleteAgreeOnBrokenLines(t *testing.T) {
	p := newPair(t, "")
	pieces := []string{`"`, `\`, "{", "}", "[", "]", ",", ":", " ", "0", "-", ".", "e", "null", "true", `\u00e9`, `\ud83d`, "\xff", "가", "\x00", "\x1f", `"ts":1,`, "\n"}
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(generatedLine(t))
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			upTo := min(len(text), at+rapid.IntRange(0, 3).Draw(t, "over"))
			text = slices.Concat(text[:at], []byte(rapid.SampledFrom(append(pieces, "", string(text[at:upTo])+string(text[at:upTo]))).Draw(t, "piece")), text[upTo:])
		}
		p.check(t, text, rapid.Bool().Draw(t, "last"))
	})
}

// FuzzAcceptedLinesAreJSON holds the Reader against a strict parser: names of the event object may stand there once, those
// within dropped values more often.
func FuzzAcceptedLinesAreJSON(f *testing.F) {
	for _, line := range seeds() {
		f.Add([]byte(line))
	}
	reader := New(Options{Key: testKey(f)})
	f.Fuzz(func(t *testing.T, text []byte) {
		var rec event.Record
		if result, blank := reader.Line(Line{Text: text}, &rec); blank || result.Reason != event.Accepted {
			return
		}
		var fields map[string]jsontext.Value
		if err := json.Unmarshal(text, &fields, jsontext.AllowDuplicateNames(true)); err != nil {
			t.Fatalf("accepted, and the strict parser says %v", err)
		}
		decoder := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true))
		decoder.ReadToken() // it has read all of this above
		members := 0
		for ; decoder.PeekKind() != jsontext.KindEndObject; members++ {
			decoder.SkipValue()
			decoder.SkipValue()
		}
		if members != len(fields) {
			t.Fatalf("accepted, with %d members of %d names", members, len(fields))
		}
	})
}

// sampleLines are the lines of a small sample.
var sampleLines = sync.OnceValues(func() (lines [][]byte, err error) {
	dir, err := os.MkdirTemp("", "scan")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o := sample.Default()
	o.Users, o.Days, o.EventsPerUser, o.Dir = 300, 2, 6, dir
	if _, err := sample.Write(context.Background(), o, nil); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "logs", "*", "*"))
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		stream, err := Open(file)
		if err != nil {
			return nil, err
		}
		fromFile := NewLines(stream, DefaultMaxLine)
		for _, line := range collect(fromFile.Next) {
			lines = append(lines, line.Text)
		}
	}
	return lines, nil
})

// acceptedLines are those of the sample that are accepted.
func acceptedLines(t testing.TB) (accepted [][]byte) {
	lines, err := sampleLines()
	if err != nil {
		t.Fatal(err)
	}
	reader := New(Options{Key: testKey(t)})
	reader.complete = true
	for _, text := range lines {
		var rec event.Record
		if result, blank := reader.Line(Line{Text: text}, &rec); !blank && result.Reason == event.Accepted {
			accepted = append(accepted, text)
		}
	}
	if len(accepted) < 1000 {
		t.Fatalf("the sample has %d accepted lines: the test shows nothing", len(accepted))
	}
	return accepted
}

func TestFastAndCompleteAgreeOnTheSample(t *testing.T) {
	lines, err := sampleLines()
	if err != nil {
		t.Fatal(err)
	}
	p := newPair(t, "")
	for _, text := range lines {
		p.check(t, text, false)
	}
}

// A line that fell back to the parser would be right and slow, which no other test sees.
func TestOrdinaryLinesTakeTheFastPath(t *testing.T) {
	fields := newFieldSet(Rename{})
	for _, text := range acceptedLines(t) {
		if !fields.scan(text) {
			t.Errorf("left to the parser: %s", text)
		}
	}
	for _, line := range []string{
		acceptable + "}", " \t" + strings.ReplaceAll(strings.ReplaceAll(acceptable, ":", " : "), ",", " , ") + " } \r", "{}", "{ }",
		acceptable + `,"닉네임":"달토끼왕자","memo":"a \"quoted\" \u00e9","payload":{"a":[1,-2.5e-3,{"b":null}],"c":{}}}`,
	} {
		if !fields.scan([]byte(line)) {
			t.Errorf("left to the parser: %s", line)
		}
	}
}

func TestNoAcceptedLineOfTheSampleAllocates(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	lines := acceptedLines(t)
	var rec event.Record
	if n := testing.AllocsPerRun(5, func() {
		for _, text := range lines {
			reader.Line(Line{Text: text}, &rec)
		}
	}); n != 0 {
		t.Errorf("%v allocations in %d lines, want none", n, len(lines))
	}
}
