package extract

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/event"
)

// drawEntry draws from few values, so that ties, duplicates and conflicts are common.
func drawEntry(t *rapid.T) entry {
	small := rapid.IntRange(0, 2)
	if small.Draw(t, "refused") == 2 {
		return entry{
			file: small.Draw(t, "file"), line: int64(small.Draw(t, "line")), offset: int64(small.Draw(t, "offset")), reason: event.BadField,
			field: rapid.SampledFrom([]string{"", "ts"}).Draw(t, "field"), masked: rapid.String().Draw(t, "masked"), env: rapid.SampledFrom([]string{"", "prod"}).Draw(t, "env"),
		}
	}
	r := event.Record{Present: event.Set(event.TS, event.Event, event.Env), TS: rapid.Int64Range(-2, 2).Draw(t, "ts"), Kind: event.DepositRecorded, Env: "prod"}
	maybe := func(c event.Column, set func(v int64)) {
		if v := small.Draw(t, c.String()); v > 0 {
			r.Present |= event.Set(c)
			set(int64(v))
		}
	}
	maybe(event.UserKey, func(v int64) { r.UserKey[15] = byte(v) })
	maybe(event.ReqID, func(v int64) { r.ReqID[0] = byte(v) })
	maybe(event.TraceID, func(v int64) { r.TraceID[7] = byte(v) })
	maybe(event.Amount, func(v int64) { r.Amount = v << 60 })
	maybe(event.Queue, func(v int64) { r.Queue = string(rune('a' + v)) })
	maybe(event.Shadow, func(v int64) { r.Shadow = v == 1 })
	return entry{file: small.Draw(t, "file"), line: rapid.Int64Min(1).Draw(t, "line"), offset: rapid.Int64Min(0).Draw(t, "offset"), record: r}
}

func TestAnEntryComesBackFromTheSpill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 20).Draw(t, "entries")
		names := rapid.SliceOf(rapid.StringMatching(`[a-z]{1,5}`)).Draw(t, "names")
		var b []byte
		var wantNames []string
		for i := range entries {
			b = appendEntry(b, &entries[i], names)
			if entries[i].reason == event.Accepted {
				wantNames = append(wantNames, names...)
			}
		}
		d := decoder{rest: b, texts: make(map[string]string)}
		var got []entry
		var gotNames []string
		var e entry
		for d.next(&e, func(name string) { gotNames = append(gotNames, name) }) {
			got = append(got, e)
		}
		if d.err != nil || len(got) != len(entries) || !slices.Equal(gotNames, wantNames) {
			t.Fatalf("got %d entries and names %q, error %v; want %d and %q", len(got), gotNames, d.err, len(entries), wantNames)
		}
		for i := range got {
			if !reflect.DeepEqual(got[i], entries[i]) {
				t.Fatalf("got %+v, want %+v", got[i], entries[i])
			}
		}
	})
}

func FuzzDecoder(f *testing.F) {
	e := entry{record: event.Record{Present: event.Set(event.TS, event.Queue), Queue: "q"}}
	f.Add(appendEntry(nil, &e, []string{"memo"}))
	f.Add([]byte{1, 2, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		d := decoder{rest: b, texts: make(map[string]string)}
		var e entry
		for d.next(&e, func(string) {}) {
		}
	})
}
