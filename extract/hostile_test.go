package extract

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
)

// hostileLines gives lines that a collector should never write, each with what becomes of it: kept, blank or a reason.
func hostileLines(n int) (text io.Reader, want map[string]int64) {
	const longLine = 100 << 20
	nested := func(levels int) string {
		return fmt.Sprintf(`,"x":%s%s}`, strings.Repeat("[", levels-1), strings.Repeat("]", levels-1))
	}
	head := func(i int) string {
		return fmt.Sprintf(`{"ts":"2026-01-02T03:04:05.%06dZ","event":"BATCH_RUN_FINISHED","job":"expire","outcome":"failure","env":"prod"`, i)
	}
	user := func(i int) string {
		return fmt.Sprintf(`{"ts":"2026-01-02T03:04:05.%06dZ","event":"VAULT_CLAIMED","vault_type":"GOLD","env":"prod","user_id":`, i)
	}
	forms := []struct {
		reason string
		line   func(i int) string
	}{
		{kept, func(i int) string { return head(i) + "}\r" }},
		{"not_json", func(i int) string { return head(i) }},
		{"not_json", func(i int) string { return "\xef\xbb\xbf" + head(i) + "}" }},
		{"not_json", func(i int) string { return strings.Repeat("\x00", i%70) + head(i) + "\x00}" }},
		{"bad_utf8", func(i int) string { return head(i) + ",\"memo\":\"\xc3(\"}" }},
		{"bad_utf8", func(i int) string { return head(i) + `,"memo":"\udc00"}` }},
		{kept, func(i int) string { return strings.Replace(head(i), `"event"`, `"\u0065vent"`, 1) + "}" }},
		{"duplicate_key", func(i int) string { return head(i) + `,"jo\u0062":"expire"}` }},
		{"duplicate_key", func(i int) string { return head(i) + `,"memo":1,"memo":2}` }},
		{"bad_field", func(i int) string { return user(i) + strings.Repeat("9", 1+i%50) + "e400}" }},
		{"bad_field", func(i int) string { return user(i) + "1e-" + strings.Repeat("9", 1+i%50) + "}" }},
		{kept, func(i int) string { return user(i) + "1" + strings.Repeat("0", i%400) + "e-" + fmt.Sprint(i%400) + "}" }},
		{kept, func(i int) string { return head(i) + nested(1000) }},
		{"not_json", func(i int) string { return head(i) + nested(1001) }},
		{blank, func(int) string { return "" }},
		{blank, func(i int) string { return strings.Repeat(" \t", i%9) + "\r" }},
		{"not_object", func(i int) string { return fmt.Sprint(i) }},
		{"unknown_event", func(i int) string { return strings.Replace(head(i), "BATCH", "BITCH", 1) + "}" }},
		{kept, func(i int) string { return head(i) + fmt.Sprintf(`,"name_%d":{"a":[1,{"b":"\\\"}"}]}}`, i) }},
		{kept, func(i int) string { return strings.Replace(head(i), "expire", fmt.Sprint("job-", i), 1) + "}" }},
	}
	want = make(map[string]int64)
	var parts []io.Reader
	var b bytes.Buffer
	for i := range n {
		form := forms[i%len(forms)]
		b.WriteString(form.line(i) + "\n")
		want[form.reason]++
	}
	half := b.Len() / 2
	half += bytes.IndexByte(b.Bytes()[half:], '\n') + 1
	torn := head(n)
	parts = append(parts, strings.NewReader("\xef\xbb\xbf"), bytes.NewReader(b.Bytes()[:half]), strings.NewReader(`{"memo":"`), io.LimitReader(letters{}, longLine), strings.NewReader("\"}\n"),
		bytes.NewReader(b.Bytes()[half:]), strings.NewReader(torn))
	want["too_long"]++
	want["truncated"]++
	return io.MultiReader(parts...), want
}

type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestOfTenThousandHostileLinesEachIsInOneColumnOfTheLedger(t *testing.T) {
	const lines, memory = 10_000, 100 << 20
	key, zone := keyAndZone(t)
	dir, day := t.TempDir(), bizday.Of(2026, 1, 2)
	text, want := hostileLines(lines)
	spill, err := newSpill(vfs.OS(), dir, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	defer spill.close()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p := pass{fs: vfs.OS(), zone: zone, key: key, spill: spill, spilled: days{day: true}, stdin: text, threads: 2, progress: untold{}, replay: &replay{}}
	file := &openFile{
		found: found{source: Source{Name: "pipe", Path: Stdin, MaxLine: 1 << 20}, name: Stdin, path: Stdin}, filing: day,
		tally: tally{days: make(map[bizday.Day]*dayTally)},
	}
	if err := p.read(context.Background(), []*openFile{file}); err != nil {
		t.Fatal(err)
	}
	d := newDayLines(vfs.OS(), dir, spill, day, &replay{})
	defer d.close()
	ledger := make(map[string]int64)
	if err := d.accepted(context.Background(), func([]byte) error { ledger[kept]++; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := d.refused(func(l refusedLine) error { ledger[l.reason.String()]++; return nil }); err != nil {
		t.Fatal(err)
	}
	counted, unknown := countDay(day, map[int]tally{0: file.tally}, d.fates.ledger)
	ledger[blank] = counted[ledgerKey{0, "", blank}]
	if diff := cmp.Diff(want, ledger); diff != "" {
		t.Errorf("what became of the lines (-want +got):\n%s", diff)
	}
	sum := int64(0)
	for _, rows := range counted {
		sum += rows
	}
	if sum != lines+2 || file.tally.input.Lines != lines+2 {
		t.Errorf("%d lines are accounted for and %d were read, want %d", sum, file.tally.input.Lines, lines+2)
	}
	if len(unknown) > maxNames+1 {
		t.Errorf("%d names of dropped fields are kept", len(unknown))
	}
	runtime.ReadMemStats(&after)
	if grown := after.Sys - before.Sys; grown > memory {
		t.Errorf("memory grew by %d bytes", grown)
	}
}
