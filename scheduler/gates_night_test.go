package scheduler

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/warehouse"
)

func finished(second int, job string) string {
	return fmt.Sprintf(`{"ts":"2026-01-03T10:00:%02d+09:00","event":"BATCH_RUN_FINISHED","job":%q,"outcome":"success","env":"prod"}`, second, job)
}

func (w *world) latest() *warehouse.Manifest {
	w.t.Helper()
	opened, err := warehouse.Open(warehouse.Options{Root: w.options.Warehouse})
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := opened.Latest()
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func TestACanaryInAnEventStopsTheRunAndLeavesTheSnapshot(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.Canaries = mustLiterals(t, "another canary", "nightly-close-run")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	w.mustRun("2026-01-02")
	before, files := w.latest(), w.everyText()
	if want := (&warehouse.Scan{Files: before.Scan.Files, Values: before.Scan.Values, Patterns: pii.Patterns(), Canaries: 2}); before.Scan.Files == 0 || before.Scan.Values == 0 || !cmp.Equal(before.Scan, want) {
		t.Errorf("the snapshot says %+v, want %+v", before.Scan, want)
	}

	w.write("logs/2026-01-03/a.jsonl", []byte(finished(1, "nightly-close-run")+"\n"+finished(2, "x.nightly-close-run:2")+"\n"))
	_, err := w.run("2026-01-03")
	if errs.ClassOf(err) != errs.Gate || !strings.Contains(err.Error(), "events of 2026-01-03: column job: canary number 2, 2 times") || !strings.Contains(errs.HintOf(err), "line N of the file privacy.canaries") {
		t.Fatalf("got %v (hint %s), want one of class Gate that names table, day, column and number", err, errs.HintOf(err))
	}
	if strings.Contains(err.Error(), "nightly") {
		t.Errorf("the error shows the canary: %v", err)
	}
	if diff := cmp.Diff(before, w.latest()); diff != "" {
		t.Errorf("the snapshot is another (-before +after):\n%s", diff)
	}
	after := w.everyText()
	for path := range after {
		if files[path] == "" && !strings.Contains(path, "_runs") {
			t.Errorf("%s is new", path)
		}
	}

	w.options.Canaries = mustLiterals(t, "another canary")
	if result := w.mustRun("2026-01-03"); result.Status != Published {
		t.Errorf("without the canary: %+v", result)
	}
	if scanned := w.latest().Scan; scanned.Canaries != 1 {
		t.Errorf("the next snapshot says %+v", scanned)
	}
}

// Whatever a line or the name of a file may hold, extraction lets nothing through at which the gate would stop the night.
func TestLegalLinesNeverStopARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	const luhn13, luhn16 = "4222222222222", "4111111111111111"
	labels := []string{
		"token", "session", "login_session", "cookie.value", "authorization", "bearer", "password-reset", "sessionid:1", "token:abc",
		"2026-01-02", "20260102123456789", "4111111111111112", "v1.4111111111111111", "41111111-1111-1111-1111-111111111111",
	}
	var lines strings.Builder
	line := func(format string, values ...any) {
		fmt.Fprintf(&lines, `{"ts":"2026-01-02T10:00:00.%09d+09:00","env":"prod",%s}`+"\n", lines.Len(), fmt.Sprintf(format, values...))
	}
	for i, label := range labels {
		line(`"event":"BATCH_RUN_FINISHED","job":%q,"outcome":"success"`, label)
		line(`"event":"DLQ_DEPTH_SAMPLED","queue":%q,"depth":%s`, label, luhn13)
		line(`"event":"NOTIFY_ENQUEUED","user_id":%d,"variant_id":%q,"notify_type":%q,"latency_ms":%s`, i+1, label, label, luhn16)
		line(`"event":"VAULT_CLAIMED","user_id":%d,"vault_type":"GOLD"`, i+1)
		for _, next := range labels {
			line(`"event":"DEPOSIT_RECORDED","user_id":%s,"tx_id":%q,"vault_type":"PEARL","amount":%s,"variant_id":%q,"job":%q,"queue":%q`, luhn13, luhn16, luhn13, label, next, next)
		}
	}
	line(`"event":"DEPOSIT_RECORDED","user_id":1,"tx_id":"t","amount":%s`, luhn13)
	line(`"event":"DEPOSIT_RECORDED","user_id":1,"tx_id":"t","amount":%s`, luhn16)
	line(`"event":"ALERT_SENT","user_id":1,"variant_id":"010-1234-5678"`)
	line(`"event":"ALERT_SENT","token: hunter2":1,"minsu@example.com":2,"010-1234-5678":3`)
	for _, name := range []string{"app-20260102123456789", "app-" + luhn16, "900101-1234567", "010-1234-5678", "minsu@example.com"} {
		w.write("logs/2026-01-02/"+name+".jsonl", []byte(lines.String()))
	}
	w.options.Sources[0].Name = "010-1234-5678"
	w.options.K = 1
	result := w.mustRun("2026-01-02")
	if result.Ledger.Kept < int64(3*len(labels)) || result.Ledger.Quarantined < int64(len(labels)) {
		t.Errorf("ledger %+v: the lines show nothing", result.Ledger)
	}
	if got := w.query("select count(*) as n from quarantine where contains(masked_text, '\"amount\":<number:13>')"); got == "n\n0\n" {
		t.Error("no masked text hides an amount that looks like a card number")
	}
}

func TestTheSampleIsPublishedWithItsCanaries(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	text, err := os.ReadFile(filepath.Join(w.dir, "canaries.txt"))
	if err != nil {
		t.Fatal(err)
	}
	planted := w.logs()
	seen := 0
	for line := range strings.Lines(string(text)) {
		if strings.Contains(string(planted), strings.TrimSpace(line)) {
			seen++
		}
	}
	if seen < w.options.Canaries.Len()/2 {
		t.Fatalf("only %d of %d canaries are in the logs: the run would show nothing", seen, w.options.Canaries.Len())
	}
	if days := len(night.result.Days); days != night.sample.Days {
		t.Errorf("%d days, want %d", days, night.sample.Days)
	}
	m := w.latest()
	if m.Scan == nil || m.Scan.Canaries != w.options.Canaries.Len() || m.Scan.Files != len(m.Files)-1 || !slices.Equal(m.Scan.Patterns, pii.Patterns()) {
		t.Errorf("the snapshot of %d files says %+v", len(m.Files), m.Scan)
	}
}
