package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/checkup"
	"vaultreport/internal/vfs"
)

func TestEverySourceIsLookedAtForTheDay(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	write("logs/2026-01-02/a.jsonl", strings.Repeat("x", 1024))
	write("logs/2026-01-02/b.jsonl", strings.Repeat("x", 1024))
	write("dumps/2026-01-02/vault_status.csv", "user_id,gold_status,platinum_status,diamond_status,expires_at\n")
	write("dumps/2026-01-02/compensation_queue.csv", "id,status\n")
	write("dumps/2026-01-02/notifications_queue.csv", "id,user_id,type,vault_type,variant_id,status,retry_count,scheduled_at,created_at\n")
	path := func(name string) string { return filepath.Join(dir, name) }
	got := Checkup(t.Context(), Options{
		FS: vfs.OS(), Base: dir, Now: time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC),
		Sources: []Source{
			{Name: "api", Path: path("logs/{date}/*.jsonl"), Ready: Ready{MinEvents: 5}},
			{Name: "late", Path: path("late/{date}.jsonl")},
			{Name: "pipe", Path: Stdin},
		},
		Tables: []TableSource{{Name: "db", Env: "prod", Path: path("dumps/{date}/{table}.csv")}},
	}, day(t, "2026-01-02"))
	want := []checkup.Line{
		checkup.Good("events api", "2 files of 2026-01-02, 2.0 KiB; whether they hold ready.min_events: 5 the run will see"),
		checkup.Warn("events late", "extract: source late has no file for 2026-01-02", "lost logs are not a day of zeros: deliver the files to "+path("late/{date}.jsonl")+", or ask for other days"),
		checkup.Good("events pipe", "standard input"),
		checkup.Warn("tables db", "no dump of 2026-01-02: vault_expiry_extension_log", "metrics that need them are not computable on that day; write them to dumps/{date}/{table}.csv"),
		checkup.Fail("tables db compensation_queue", "dumps/2026-01-02/compensation_queue.csv: read table compensation_queue: required column user_id is missing", "grant SELECT on it, or name it under rename"),
		checkup.Good("tables db notifications_queue", "dumps/2026-01-02/notifications_queue.csv, 9 of 9 columns"),
		checkup.Warn("tables db vault_status", "dumps/2026-01-02/vault_status.csv, 5 of 18 columns; missing: expires_initial_at, expiry_extend_count, last_extension_reason, last_extension_at, "+
			"platinum_attendance_days, platinum_deposit_done, diamond_deposit_current, gold_claimed_at, platinum_claimed_at, diamond_claimed_at, last_attended_at, created_at, updated_at",
			"dump them, or name them under rename; metrics that need them are not computable"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
