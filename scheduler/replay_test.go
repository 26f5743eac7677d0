package scheduler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract"
	"vaultreport/internal/errs"
)

func everyLine(extract.RefusedLine) bool { return true }

func (w *world) mustReplay(r ReplayOptions) Replayed {
	w.t.Helper()
	result, err := Replay(context.Background(), w.options, r)
	if err != nil {
		w.t.Fatalf("replay: %v", err)
	}
	return result
}

// replayWorld has three days of which the first has refused lines: three under the service's own names, of which one says what
// another file says too, one is of a day that nobody asked for, and two that no configuration helps.
func replayWorld(t *testing.T) *world {
	w := newWorld(t, "Asia/Seoul")
	renamed := func(second int) string {
		return strings.Replace(sent(second), `"event":"ALERT_SENT"`, `"type":"SENT"`, 1)
	}
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"+sent(2)+"\n\n"))
	w.write("logs/2026-01-02/b.jsonl", []byte(strings.Join([]string{
		renamed(2), renamed(3), strings.ReplaceAll(renamed(4), "2026-01-02T", "2026-01-05T"), "nonsense", sent(5), `{"type":"SENT"}`,
	}, "\n")+"\n"))
	for _, day := range []string{"2026-01-03", "2026-01-04"} {
		w.write("logs/"+day+"/a.jsonl", []byte(strings.ReplaceAll(sent(1), "2026-01-02", day)+"\nnonsense\n"))
	}
	w.mustRun("2026-01-02..2026-01-04")
	return w
}

func TestRefusedLinesAreKeptOnceTheConfigurationSaysHow(t *testing.T) {
	t.Parallel()
	w := replayWorld(t)
	pick := func(l extract.RefusedLine) bool { return l.Dt == mustDay(t, "2026-01-02") }
	w.options.Sources[0].Rename = extract.Rename{Field: map[string]string{"type": "event"}, Event: map[string]string{"SENT": "ALERT_SENT"}}
	want := []extract.FileTotals{{
		Source: "api", File: "logs/2026-01-02/b.jsonl", Totals: extract.Totals{Read: 4, Kept: 1, Duplicate: 1, Quarantined: 2},
		Reasons: map[string]int64{"not_json": 1, "missing_field": 1},
	}}
	before := w.digests()

	dry := w.mustReplay(ReplayOptions{Pick: pick, DryRun: true})
	if diff := cmp.Diff(want, dry.Files); diff != "" || dry.Status != DryRun {
		t.Errorf("dry run: %s (-want +got)\n%s", dry.Status, diff)
	}
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("a dry run changed the warehouse:\n%s", diff)
	}

	result := w.mustReplay(ReplayOptions{Pick: pick})
	if diff := cmp.Diff(want, result.Files); diff != "" || result.Status != Published || result.Replayed != want[0].Totals || len(result.Days) != 1 {
		t.Errorf("%+v (-want +got)\n%s", result, diff)
	}
	w.expect("select distinct dt, cause, as_of from restatement", "2026-01-02,definition,2026-01-02\n")
	w.expect("select old_value, new_value from restatement where metric = 'dq_lines' and segment = 'kept'", "3,4\n")
	if result.Restated == 0 {
		t.Error("no cell is restated")
	}
	w.expect("select reason, sum(rows) from row_ledger where dt = date '2026-01-02' group by all order by all", "blank,1\nduplicate,1\nkept,4\nmissing_field,1\nnot_json,1\n")
	w.sameAsFresh("2026-01-02..2026-01-04")
	if again := w.mustRun("2026-01-04"); again.Status != Unchanged {
		t.Errorf("the night after it: %+v, want nothing to do", again)
	}
}

func TestReplayUnderTheSameConfigurationChangesNothing(t *testing.T) {
	t.Parallel()
	w := replayWorld(t)
	conflicting := func(kind string) string {
		return `{"ts":"2026-01-04T10:00:00+09:00","event":"ALERT_SENT","user_id":7,"env":"prod","req_id":"r","notify_type":"` + kind + `"}` + "\n"
	}
	w.write("logs/2026-01-04/conflict.jsonl", []byte(conflicting("push")+conflicting("mail")))
	w.mustRun("2026-01-04")
	result := w.mustReplay(ReplayOptions{Pick: everyLine})
	if want := (extract.Totals{Read: 7, Quarantined: 7}); result.Replayed != want || result.Status != Unchanged || len(result.Files) != 4 {
		t.Errorf("%+v, want 7 lines refused again", result)
	}
	none := w.mustReplay(ReplayOptions{Pick: func(l extract.RefusedLine) bool { return l.Reason == "bad_utf8" }})
	if none.Status != Unchanged || len(none.Days) > 0 || none.Ledger.Read > 0 {
		t.Errorf("no line is picked: %+v", none)
	}
}

func TestAFileWithRefusedLinesThatIsGoneIsNamed(t *testing.T) {
	t.Parallel()
	w := replayWorld(t)
	if err := os.Remove(filepath.Join(w.dir, "logs/2026-01-02/b.jsonl")); err != nil {
		t.Fatal(err)
	}
	_, err := Replay(context.Background(), w.options, ReplayOptions{Pick: everyLine})
	if errs.ClassOf(err) != errs.NotReady || !strings.Contains(err.Error(), "logs/2026-01-02/b.jsonl") {
		t.Errorf("got %v, want an error of class NotReady that names the file", err)
	}
	result := w.mustReplay(ReplayOptions{Pick: func(l extract.RefusedLine) bool { return l.Dt == mustDay(t, "2026-01-04") }})
	if result.Replayed.Read != 1 {
		t.Errorf("another day: %+v", result)
	}
}

func TestRefusedRowsOfADumpAreReadAgain(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 BROKEN", "3 BROKEN"))
	w.mustRun("2026-01-02")
	pick := func(l extract.RefusedLine) bool { return l.File == "vault_status" }
	want := extract.Totals{Read: 2, Quarantined: 2}
	if same := w.mustReplay(ReplayOptions{Pick: pick}); same.Replayed != want || same.Status != Unchanged || same.Ledger.Read != 3 {
		t.Errorf("the same dump: %+v", same)
	}
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 UNLOCKED", "3 BROKEN"))
	want = extract.Totals{Read: 2, Kept: 1, Quarantined: 1}
	if better := w.mustReplay(ReplayOptions{Pick: pick}); better.Replayed != want || better.Status != Published {
		t.Errorf("a better dump: %+v", better)
	}
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,UNLOCKED\n")
	if err := os.Remove(filepath.Join(w.dir, "dumps/prod/2026-01-02/vault_status.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := Replay(context.Background(), w.options, ReplayOptions{Pick: pick}); errs.ClassOf(err) != errs.NotReady || !strings.Contains(err.Error(), "dump vault_status of 2026-01-02") {
		t.Errorf("the dump is gone: %v", err)
	}
}
