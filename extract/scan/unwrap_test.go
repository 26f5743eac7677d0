package scan

import (
	"testing"

	"vaultreport/internal/event"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/go-cmp/cmp"
)

// targetOf follows a path with a strict parser, which refuses names that stand twice.
func targetOf(line []byte, path Path) (target []byte, ok bool) {
	target = line
	for decoded := false; ; path = path[1:] {
		var members map[string]jsontext.Value
		if err := json.Unmarshal(target, &members); err != nil || members == nil {
			return nil, false
		}
		if len(path) == 0 {
			return target, true
		}
		target = members[path[0]]
		var text string
		if !decoded && json.Unmarshal(target, &text) == nil && len(target) > 0 && target[0] == '"' {
			target, decoded = []byte(text), true
		}
	}
}

func FuzzUnwrap(f *testing.F) {
	for _, seed := range []string{
		`{"a":{"b":` + acceptable + `}}}`, `{"a":"{\"b\":{}}"}`, `{"a":{"b":"` + "{}" + `"}}`, `{"\u0061":{"b":"{\"ts\":1}"}}`, `{"a":[]}`, `{"a":{"b":null}}`, "{}", `{"a":"\ud800"}`,
	} {
		f.Add([]byte(seed))
	}
	o := Options{Key: testKey(f), Unwrap: Path{"a", "b"}}
	f.Fuzz(func(t *testing.T, line []byte) {
		var got, want event.Record
		result, blank := New(o).Line(Line{Text: line}, &got)
		target, ok := targetOf(line, o.Unwrap)
		if !ok || int64(len(target)) > DefaultMaxLine {
			return
		}
		plain, _ := New(Options{Key: o.Key}).Line(Line{Text: target}, &want)
		if blank || result.Reason == event.NotJSON && plain.Reason != event.NotJSON {
			return // the wrapper has levels of its own
		}
		if diff := cmp.Diff(plain, result) + cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: the object alone is read otherwise (-alone +wrapped):\n%s", line, diff)
		}
	})
}
