package scheduler

import (
	"html"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pageSays returns the sentences of the newest page on alarms that changed.
func pageSays(t *testing.T, r Result) (sentences []string) {
	t.Helper()
	page, err := os.ReadFile(r.Report)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`<li>([^<]* Id [0-9a-f]{8}\.)</li>`).FindAllStringSubmatch(string(page), -1) {
		sentences = append(sentences, regexp.MustCompile(`[0-9a-f]{8}\.$`).ReplaceAllString(html.UnescapeString(match[1]), "ID."))
	}
	return sentences
}

// Late data cancels one alarm and creates another; the one that it does not touch keeps its id and its row.
func TestThePageSaysWhichAlarmsLateDataChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.Threads = 1
	alarms := func() []string {
		return strings.Split(strings.TrimSpace(w.query("select alarm_id, rule, level, state, started_at, ended_at from alarm order by started_at, rule")), "\n")[1:]
	}
	w.write("logs/2026-01-02/a.jsonl", []byte(`{"ts":"2026-01-02T09:00:00+09:00","env":"prod","req_id":"a","event":"BATCH_RUN_FINISHED","job":"sweep","outcome":"failure"}
{"ts":"2026-01-02T10:00:00+09:00","env":"prod","req_id":"b","user_id":1,"event":"COMPENSATION_ENQUEUED","compensation_id":"c1"}
`))
	first := w.mustRun("2026-01-02")
	before := alarms()
	if len(before) != 2 || !strings.Contains(before[1], "compensation_pending,warn,firing") {
		t.Fatalf("got alarms %v", before)
	}
	if got := pageSays(t, first); got != nil {
		t.Errorf("the day is new, and its page says %q", got)
	}

	w.write("logs/2026-01-03/late.jsonl", []byte(`{"ts":"2026-01-02T10:05:00+09:00","env":"prod","req_id":"b","user_id":1,"event":"COMPENSATION_RETRIED","compensation_id":"c1","attempt":1,"outcome":"success"}
{"ts":"2026-01-02T11:00:00+09:00","env":"prod","req_id":"c","event":"BATCH_RUN_FINISHED","job":"sweep","outcome":"failure"}
`))
	late := w.mustRun("2026-01-02")
	after := alarms()
	if len(after) != 2 || after[0] != before[0] || slices.Contains(after, before[1]) || !strings.Contains(after[1], "batch_fail,warn,resolved") {
		t.Errorf("before late data %v, with it %v", before, after)
	}
	want := []string{
		"Cancelled by other data: compensation_pending warn prod ALL, since 10:10:00. Id ID.",
		"New: batch_fail warn prod ALL, 11:00:00 to 11:05:00. Id ID.",
	}
	if diff := cmp.Diff(want, pageSays(t, late)); diff != "" {
		t.Errorf("the page (-want +got)\n%s", diff)
	}

	again := w.mustRun("2026-01-02")
	if again.Status != Unchanged || !slices.Equal(alarms(), after) {
		t.Errorf("the day again: %+v, alarms %v", again, alarms())
	}
	if diff := cmp.Diff(want, pageSays(t, again)); diff != "" {
		t.Errorf("the page after a run that had nothing to do (-want +got)\n%s", diff)
	}
}
