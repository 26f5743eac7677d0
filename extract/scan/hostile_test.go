package scan

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/event"
)

const acceptable = `{"ts":"2026-01-02T03:04:05Z","event":"BATCH_RUN_FINISHED","job":"expire","outcome":"failure","env":"prod"`

func TestNesting(t *testing.T) {
	nest := func(open, shut string, levels int) string {
		return strings.Repeat(open, levels) + strings.Repeat(shut, levels)
	}
	reader := New(Options{Key: testKey(t)})
	for _, c := range []struct {
		name, text string
		want       event.Reason
	}{
		{"1,000 levels with the event object are fine", acceptable + `,"x":` + nest("[", "]", 999) + "}", event.Accepted},
		{"1,001 levels are not_json", acceptable + `,"x":` + nest("[", "]", 1000) + "}", event.NotJSON},
		{"1,000 levels of objects", acceptable + `,"x":` + strings.Repeat(`{"a":`, 998) + "{}" + strings.Repeat("}", 998) + "}", event.Accepted},
		{"1,001 levels of objects", acceptable + `,"x":` + strings.Repeat(`{"a":`, 999) + "{}" + strings.Repeat("}", 999) + "}", event.NotJSON},
		{"brackets in strings are no levels", acceptable + `,"x":["` + strings.Repeat(`[{\"\\`, 2000) + `"]}`, event.Accepted},
		{"levels side by side do not add up", acceptable + `,"x":[` + strings.Repeat("[],", 2000) + "[]]}", event.Accepted},
		{"an array of 1,000 levels is no object", nest("[", "]", 1000), event.NotObject},
		{"an array of 1,001 levels is not_json", nest("[", "]", 1001), event.NotJSON},
		{"100,000 levels", nest("[", "]", 100_000), event.NotJSON},
		{"100,000 levels in an object", `{"x":` + nest("[", "]", 100_000) + "}", event.NotJSON},
		{"100,000 levels that are never closed", strings.Repeat(`{"a":[`, 50_000), event.NotJSON},
		{"malformed UTF-8 does not hide levels", `{"x":["` + "\xff" + `",` + nest("[", "]", 1000) + "]}", event.NotJSON},
	} {
		t.Run(c.name, func(t *testing.T) {
			var rec event.Record
			if result, _ := reader.Line(Line{Text: []byte(c.text)}, &rec); result.Reason != c.want {
				t.Errorf("got %q, want %q", result.Reason, c.want)
			}
		})
	}
}

// A line 32 times as long may cost 32 times as much, and would cost 1,024 times as much if a byte were looked at again for
// every other. A busy machine makes either time longer, so the fastest of many rounds count; most need one.
func TestHostileLinesTakeLinearTime(t *testing.T) {
	const small, factor, slack, rounds = 1 << 12, 32, 6, 20
	reader := New(Options{Key: testKey(t)})
	elapsed := func(text []byte) time.Duration {
		start := time.Now()
		var rec event.Record
		reader.Line(Line{Text: text}, &rec)
		return time.Since(start)
	}
	for name, line := range hostileLines {
		short, long := []byte(line(small)), []byte(line(factor*small))
		one, many := elapsed(short), elapsed(long)
		for round := 1; round < rounds && many > slack*factor*one; round++ {
			one, many = min(one, elapsed(short)), min(many, elapsed(long))
		}
		if many > slack*factor*one {
			t.Errorf("%s: %v, and %v for %d times as much", name, one, many, factor)
		}
	}
}

// hostileLines are lines of about n bytes that cost most.
var hostileLines = map[string]func(n int) string{
	"many names":              func(n int) string { return acceptable + names(`,"k%d":1`, n) + "}" },
	"many names with escapes": func(n int) string { return acceptable + names(`,"\u006b%d":null`, n) + "}" },
	"one name":                func(n int) string { return acceptable + `,"` + zeros(n) + `":1}` },
	"a long number":           func(n int) string { return lineWith(event.DepositRecorded, "amount", "7"+zeros(n)) },
	"a long number that counts": func(n int) string {
		return lineWith(event.DepositRecorded, "amount", "1"+zeros(n)+"e-"+strconv.Itoa(n))
	},
	"a long fraction": func(n int) string {
		return lineWith(event.DepositRecorded, "amount", "0."+zeros(n)+"1e"+strconv.Itoa(n+1))
	},
	"a long exponent":          func(n int) string { return lineWith(event.DepositRecorded, "amount", "1e1"+zeros(n)) },
	"a long negative exponent": func(n int) string { return lineWith(event.DepositRecorded, "amount", "1e-1"+zeros(n)) },
	"a long text":              func(n int) string { return lineWith(event.DepositRecorded, "tx_id", `"`+zeros(n)+`"`) },
	"a long label":             func(n int) string { return lineWith(event.BatchRunFinished, "job", `"`+zeros(n)+`"`) },
	"a long label of escapes": func(n int) string {
		return lineWith(event.BatchRunFinished, "job", `"`+strings.Repeat(`\u0061`, n/6)+`"`)
	},
	"a long trace id": func(n int) string {
		return lineWith(event.BatchRunFinished, "trace_id", `"`+strings.Repeat("-", n)+`"`)
	},
	"surrogates":  func(n int) string { return acceptable + `,"x":"` + strings.Repeat(`\ud83d\ude00`, n/12) + `"}` },
	"backslashes": func(n int) string { return acceptable + `,"x":"` + strings.Repeat(`\\`, n/2) + `"}` },
	"the same key over and over": func(n int) string {
		return "{" + strings.Repeat(`"ts":"2026-01-02T03:04:05Z",`, n/28) + `"ts":1}`
	},
	"a refused line with a long clear number": func(n int) string {
		return `{"amount":1` + zeros(n) + "e-" + strconv.Itoa(n) + `,"event":"NOPE"}`
	},
	"nesting":         func(n int) string { return strings.Repeat(`{"a":[`, n/6) },
	"white space":     func(n int) string { return strings.Repeat(" ", n) + "{}" },
	"NUL bytes":       func(n int) string { return strings.Repeat("\x00", n) },
	"malformed UTF-8": func(n int) string { return `{"x":"` + strings.Repeat("\xff", n) + `"}` },
}

func zeros(n int) string { return strings.Repeat("0", n) }

func names(form string, n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, form, i)
	}
	return b.String()
}

func TestHostileVariantsDoNotGrowMemory(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	line := func(i int) {
		text := fmt.Sprintf(`{"ts":"2026-01-02T03:04:05Z","event":"ALERT_SENT","user_id":%d,"variant_id":"v%060d","env":"prod","u%060d":1}`, i+1, i, i)
		var rec event.Record
		if result, _ := reader.Line(Line{Text: []byte(text)}, &rec); result.Reason != event.Accepted {
			t.Fatalf("line %d: %s %s", i, result.Reason, result.Field)
		}
	}
	for i := range 3 * internLimit {
		line(i)
	}
	before := heap()
	for i := range 20 * internLimit {
		line(i + 3*internLimit)
	}
	if after := heap(); after > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
	if n := len(reader.labels.made) + len(reader.fields.names.made); n > 2*internLimit {
		t.Errorf("%d texts are kept", n)
	}
}

func TestAReaderKeepsNoRoomForOneLineOfManyMembers(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	var rec event.Record
	reader.Line(Line{Text: []byte("{" + strings.Repeat(`"a":1,`, 100_000) + `"b":1}`)}, &rec)
	reader.Line(Line{Text: []byte("{}")}, &rec)
	if kept := max(cap(reader.parser.members), cap(reader.fields.others)); kept > keptMembers {
		t.Errorf("room for %d members is kept", kept)
	}
}

func TestAnAcceptedLineAllocatesNothing(t *testing.T) {
	reader := New(Options{Key: testKey(t)})
	text := []byte(`{"ts":"2026-01-02T03:04:05.123+09:00","event":"DEPOSIT_RECORDED","user_id":1234567890,"tx_id":"t-1","amount":7e4,"vault_type":"GOLD","req_id":"6d1c9a3e-0b7f-4c1d-9e2a-f01012345678","env":"prod","nickname":"x"}`)
	var rec event.Record
	if n := testing.AllocsPerRun(200, func() { reader.Line(Line{Text: text}, &rec) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}
