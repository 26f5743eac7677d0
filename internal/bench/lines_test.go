package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
)

func madeLines(n, users int, clean bool) ([]byte, *eventLines) {
	var b []byte
	e := newEventLines(bizday.Of(2026, time.June, 30), n, users, clean)
	for range n {
		b = e.append(b)
	}
	return b, e
}

// judged reads lines as the product does.
func judged(t *testing.T, text []byte) (kinds map[event.Kind]int, users map[event.Key]int, refused int) {
	t.Helper()
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		t.Fatal(err)
	}
	kinds, users = make(map[event.Kind]int), make(map[event.Key]int)
	lines, reader := scan.NewLines(bytes.NewReader(text), scan.DefaultMaxLine), scan.New(scan.Options{Key: key})
	var rec event.Record
	for line, more := lines.Next(); more; line, more = lines.Next() {
		if result, _ := reader.Line(line, &rec); result.Reason != event.Accepted {
			refused++
			continue
		}
		kinds[rec.Kind]++
		users[event.Key(rec.UserKey)]++
	}
	return kinds, users, refused
}

func TestEventLinesAreOfEveryKindAndOfTheLengthThatTheBarsSpeakOf(t *testing.T) {
	const n = 50_000
	text, e := madeLines(n, n/10, false)
	if mean := len(text) / n; mean < 260 || mean > 272 {
		t.Errorf("a line has %d bytes", mean)
	}
	kinds, users, refused := judged(t, text)
	if int64(refused) != e.bad || refused < n/4096 || refused > n/1024 {
		t.Errorf("%d lines are refused, %d were made bad", refused, e.bad)
	}
	if e.copies < n/50 || e.copies > n/25 {
		t.Errorf("%d lines are copies", e.copies)
	}
	for _, k := range lineKinds {
		got, want := kinds[event.KindOf(k.name)], n*k.share/len(kindOf)
		if got < want/2 || got > want*2 {
			t.Errorf("%d lines are of %s, not about %d", got, k.name, want)
		}
	}
	if len(kinds) != len(event.Kinds()) {
		t.Errorf("%d kinds of %d are there", len(kinds), len(event.Kinds()))
	}
	most := 0
	for _, lines := range users {
		most = max(most, lines)
	}
	if most < n/20 || len(users) < n/100 {
		t.Errorf("the busiest of %d users has %d lines", len(users), most)
	}
}

func TestEventLinesAreTheSameAgainAndDifferWithoutBadOnesInTheseAlone(t *testing.T) {
	const n = 20_000
	text, e := madeLines(n, 100, false)
	if again, _ := madeLines(n, 100, false); !bytes.Equal(text, again) {
		t.Error("they differ the second time")
	}
	clean, _ := madeLines(n, 100, true)
	if _, _, refused := judged(t, clean); refused != 0 {
		t.Errorf("%d lines without bad ones are refused", refused)
	}
	different := int64(0)
	others := bytes.SplitAfter(clean, []byte("\n"))
	for i, line := range bytes.SplitAfter(text, []byte("\n")) {
		if !bytes.Equal(line, others[i]) {
			different++
		}
	}
	if different == 0 || different != e.bad {
		t.Errorf("%d lines differ, %d are bad", different, e.bad)
	}
}

func TestOneUserCanHaveAllEventLinesThatHaveAUser(t *testing.T) {
	text, _ := madeLines(5000, 1, true)
	kinds, users, _ := judged(t, text)
	without := kinds[event.BatchRunFinished] + kinds[event.DLQDepthSampled]
	if delete(users, event.Key{}); len(users) != 1 || without == 0 {
		t.Errorf("%d users, %d lines without one", len(users), without)
	}
}

func BenchmarkEventLines(b *testing.B) {
	e := newEventLines(bizday.Of(2026, time.June, 30), 1<<30, 1_000_000, false)
	var line []byte
	for b.Loop() {
		line = e.append(line[:0])
	}
	b.SetBytes(int64(len(line)))
}
