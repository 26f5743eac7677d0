package extract

import (
	"bytes"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/event"
)

// drawEvent draws from few values, so that equal columns, duplicates and conflicts are common.
func drawEvent(t *rapid.T) event.Record {
	small := rapid.Int64Range(0, 2)
	r := event.Record{
		Present: event.Set(event.TS, event.Event, event.Env), TS: rapid.Int64Range(-2, 2).Draw(t, "ts"),
		Kind: rapid.SampledFrom([]event.Kind{event.AlertClicked, event.CompensationRetried, event.DepositRecorded, event.DLQDepthSampled, event.ExpiryExtended, event.VaultUnlocked}).Draw(t, "kind"),
		Env:  rapid.SampledFrom([]string{"dev", "prod", "prod-2"}).Draw(t, "env"),
	}
	maybe := func(c event.Column, set func(v int64)) {
		if v := small.Draw(t, c.String()); v > 0 && r.Kind.Lists().Has(c) {
			r.Present |= event.Set(c)
			set(v)
		}
	}
	maybe(event.UserKey, func(v int64) { r.UserKey = event.Key{byte(v) << 6, 15: byte(v)} })
	maybe(event.VaultType, func(v int64) { r.VaultType = event.Enum(v) })
	maybe(event.ReqID, func(v int64) { r.ReqID[0] = byte(v) })
	maybe(event.TraceID, func(v int64) { r.TraceID[7] = byte(v) })
	if rapid.Bool().Draw(t, "more") {
		maybe(event.StatusBefore, func(v int64) { r.StatusBefore = event.Enum(v) })
		maybe(event.StatusAfter, func(v int64) { r.StatusAfter = event.Enum(v) })
		maybe(event.ExpiresAt, func(v int64) { r.ExpiresAt = -v })
		maybe(event.VariantID, func(v int64) { r.VariantID = "vv"[:v] })
		maybe(event.NotifyType, func(v int64) { r.NotifyType = "push"[v:] })
		maybe(event.AttendanceDay, func(v int64) { r.AttendanceDay = v })
		maybe(event.TxID, func(v int64) { r.TxID[0] = byte(v) })
		maybe(event.Amount, func(v int64) { r.Amount = v << 60 })
		maybe(event.ExtensionReason, func(v int64) { r.ExtensionReason = event.Enum(v) })
		maybe(event.CompensationID, func(v int64) { r.CompensationID[15] = byte(v) })
		maybe(event.LatencyMS, func(v int64) { r.LatencyMS = v })
		maybe(event.Job, func(v int64) { r.Job = "job"[:v] })
		maybe(event.Outcome, func(v int64) { r.Outcome = event.Enum(v) })
		maybe(event.Queue, func(v int64) { r.Queue = "q-"[:v] })
		maybe(event.Depth, func(v int64) { r.Depth = v })
		maybe(event.Attempt, func(v int64) { r.Attempt = v })
	}
	maybe(event.Shadow, func(v int64) { r.Shadow = v == 1 })
	return r
}

func TestAnEventComesBackFromItsRow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawEvent(t)
		at := place{file: rapid.IntRange(0, 1<<31).Draw(t, "file"), offset: rapid.Int64Range(0, 1<<48-1).Draw(t, "offset"), line: rapid.Int64Range(1, 1<<48-1).Draw(t, "line")}
		line := appendPlace(appendEvent(nil, &want), at)
		if got := eventOf(line); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if got := placeOf(line); got != at || tsOf(line) != want.TS {
			t.Fatalf("got %+v at %d, want %+v at %d", got, tsOf(line), at, want.TS)
		}
	})
}

func TestTheOrderOfRowsIsTheOrderOfTheDayFile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawEvent(t), drawEvent(t)
		rowA, rowB := appendEvent(nil, &a), appendEvent(nil, &b)
		if got, want := bytes.Compare(rowA, rowB), compare(&a, &b); got != want {
			t.Fatalf("%+v and %+v: got %d, want %d", a, b, got, want)
		}
		if got, want := bytes.Equal(appendIdentity(nil, rowA), appendIdentity(nil, rowB)), sameIdentity(&a, &b); got != want {
			t.Fatalf("%+v and %+v: one identity %v, want %v", a, b, got, want)
		}
		if got, want := bytes.Equal(appendContent(nil, rowA), appendContent(nil, rowB)), a.Kind == b.Kind && sameContent(&a, &b); got != want {
			t.Fatalf("%+v and %+v: one content %v, want %v", a, b, got, want)
		}
		s := spill{userBits: 3}
		if prefixOf(rowA) < prefixOf(rowB) && s.bucketOf(&a) == s.bucketOf(&b) && bytes.Compare(rowA, rowB) > 0 {
			t.Fatalf("%+v and %+v: the prefix decides otherwise than the row", a, b)
		}
		if s.bucketOf(&a) < s.bucketOf(&b) && bytes.Compare(rowA, rowB) > 0 {
			t.Fatalf("%+v and %+v: the buckets stand in another order than the rows", a, b)
		}
	})
}

func TestARefusedLineComesBackFromTheSpill(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := refusedLine{
			place:  place{file: rapid.IntRange(0, 1<<31).Draw(t, "file"), offset: rapid.Int64Min(0).Draw(t, "offset"), line: rapid.Int64Min(1).Draw(t, "line")},
			reason: event.BadField, field: rapid.SampledFrom([]string{"", "ts"}).Draw(t, "field"), masked: rapid.String().Draw(t, "masked"),
		}
		if got := refusedLineOf(want.append(nil)); got != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
	})
}
