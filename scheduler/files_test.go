package scheduler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"vaultreport/extract"
	"vaultreport/internal/errs"
)

func sent(second int) string {
	return fmt.Sprintf(`{"ts":"2026-01-02T10:00:%02d+09:00","event":"ALERT_SENT","user_id":%d,"env":"prod"}`, second, second+1)
}

const (
	ledgerRows     = "select file, reason, rows from row_ledger order by all"
	quarantineRows = "select line, byte_offset, reason, masked_text from quarantine order by all"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, text string) []byte {
	t.Helper()
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return z.EncodeAll([]byte(text), nil)
}

func TestFilesAsTheyCome(t *testing.T) {
	one, two := sent(1)+"\n", sent(2)+"\n"
	for _, c := range []struct {
		name       string
		content    []byte
		kept       int
		quarantine string
	}{
		{"gzip of several members with zero padding", append(append(gzipped(t, one), gzipped(t, two)...), 0, 0, 0), 2, ""},
		{"zstd of two frames", append(zstandard(t, one), zstandard(t, two)...), 2, ""},
		{"a byte order mark and CRLF", []byte("\xef\xbb\xbf" + sent(1) + "\r\n" + sent(2) + "\r\n"), 2, ""},
		{"a last line without an end is a line", []byte(one + sent(2)), 2, ""},
		{"a torn last line is truncated", []byte(one + sent(2)[:20]), 1, fmt.Sprintf("2,%d,truncated,<bytes:20>\n", len(one))},
		{"an empty file is a day without lines", nil, 0, ""},
		{"a line over the limit is counted and not held", []byte(one + strings.Repeat("x", 5<<20) + "\n" + two), 2, fmt.Sprintf("2,%d,too_long,<bytes:%d>\n", len(one), 5<<20)},
		{"NUL bytes are no JSON", []byte(one + "{\x00}\n" + two), 2, fmt.Sprintf("2,%d,not_json,<bytes:3>\n", len(one))},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "Asia/Seoul")
			w.write("logs/2026-01-02/a.jsonl", c.content)
			if result := w.mustRun("2026-01-02"); result.Ledger.Kept != int64(c.kept) {
				t.Errorf("ledger %+v, want %d kept", result.Ledger, c.kept)
			}
			_, got, _ := strings.Cut(w.query(quarantineRows), "\n")
			if got != c.quarantine {
				t.Errorf("quarantine %q, want %q", got, c.quarantine)
			}
		})
	}
}

func TestADamagedStreamCountsWhatWasDecodedAndIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	whole := append(gzipped(t, sent(1)+"\n"), gzipped(t, sent(2)+"\n")...)
	w.write("logs/2026-01-02/a.jsonl", whole[:len(gzipped(t, sent(1)+"\n"))+12])
	first := w.mustRun("2026-01-02")
	if first.Ledger.Kept != 1 || first.Ledger.Quarantined != 1 {
		t.Fatalf("ledger %+v, want 1 kept and 1 quarantined", first.Ledger)
	}
	_, got, _ := strings.Cut(w.query("select line, byte_offset, reason from quarantine"), "\n")
	if want := fmt.Sprintf("2,%d,truncated\n", len(sent(1))+1); got != want {
		t.Errorf("quarantine %q, want %q", got, want)
	}
	again := w.mustRun("2026-01-02")
	if again.Status != Unchanged || again.Ledger.Read != 2 {
		t.Errorf("the second run: %+v, want the stream read again and nothing changed", again)
	}
	w.write("logs/2026-01-02/a.jsonl", whole)
	repaired := w.mustRun("2026-01-02")
	if repaired.Status != Published || repaired.Ledger.Kept != 2 || repaired.Ledger.Quarantined != 0 {
		t.Errorf("after the repair: %+v", repaired)
	}
}

func TestLinesFromStandardInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.Sources = []extract.Source{{Name: "pipe", Path: extract.Stdin, MaxLine: 1 << 20}}
	pipe := func(text string) { w.options.Stdin = strings.NewReader(text) }
	pipe(sent(1) + "\nnonsense\n")
	w.mustRun("2026-01-02")
	if got, want := w.query(ledgerRows), "file,reason,rows\n-,kept,1\n-,not_json,1\n"; got != want {
		t.Errorf("ledger %q, want %q", got, want)
	}
	pipe(sent(1) + "\nnonsense\n")
	if result := w.mustRun("2026-01-02"); result.Status != Unchanged {
		t.Errorf("the same content again: %+v", result)
	}
	pipe(sent(5) + "\n")
	if _, err := w.run("2026-01-02"); errs.ClassOf(err) != errs.NotReady {
		t.Errorf("other lines of a day whose first ones are gone: got %v, want class NotReady", err)
	}
	pipe(strings.ReplaceAll(sent(5), "2026-01-02", "2026-01-03") + "\n")
	if result := w.mustRun("2026-01-03"); result.Ledger.Kept != 1 {
		t.Errorf("lines of another day: %+v", result)
	}
}

func TestARunThatFailsLeavesTheWarehouseAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n"))
	w.mustRun("2026-01-02")
	before := w.digests()
	w.write("logs/2026-01-03/a.jsonl", []byte("nonsense\n"))
	for _, c := range []struct {
		name  string
		spoil func(*Options)
		days  string
		class errs.Class
	}{
		{"too many lines are quarantined", func(o *Options) { o.MaxQuarantine = mustLimit(t, "0") }, "2026-01-03", errs.Gate},
		{"a day has no file", func(*Options) {}, "2026-01-03..2026-01-04", errs.NotReady},
		{"another zone", func(o *Options) { o.Zone = newWorld(t, "UTC").options.Zone }, "2026-01-03", errs.Usage},
		{"no source", func(o *Options) { o.Sources = nil }, "2026-01-03", errs.Usage},
	} {
		t.Run(c.name, func(t *testing.T) {
			sane := w.options
			c.spoil(&w.options)
			_, err := w.run(c.days)
			w.options = sane
			if errs.ClassOf(err) != c.class {
				t.Errorf("got %v of class %d, want class %d", err, errs.ClassOf(err), c.class)
			}
			after := w.digests()
			if fmt.Sprint(after) != fmt.Sprint(before) {
				t.Error("files changed")
			}
			left, err := filepath.Glob(filepath.Join(w.options.Warehouse, "_runs/staging/*"))
			if err != nil || len(left) > 0 {
				t.Errorf("staging is left: %v %v", left, err)
			}
		})
	}
	if info, err := os.Stat(filepath.Join(w.options.Warehouse, "marts")); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("marts: %v %v, want mode 0750", info, err)
	}
}

func mustLimit(t *testing.T, text string) Limit {
	t.Helper()
	l, err := ParseLimit(text)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLimits(t *testing.T) {
	totals := extract.Totals{Read: 200, Quarantined: 3}
	for text, refused := range map[string]bool{"3": false, "2": true, "1.5%": false, "1.4999%": true, "100%": false, "0%": true} {
		if err := mustLimit(t, text).check(totals); (err != nil) != refused {
			t.Errorf("%s: got %v", text, err)
		}
	}
	if err := (Limit{}).check(totals); err != nil {
		t.Errorf("no limit: %v", err)
	}
	for _, text := range []string{"", "%", "-1", "101%", "1.5", "1/2", "1e2", "x"} {
		if _, err := ParseLimit(text); err == nil {
			t.Errorf("%q: got no error", text)
		}
	}
}

func TestWrappedLinesUnderOtherNamesAreKeptOnceTheConfigurationSaysHow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	line := `{"jsonPayload":{"time":"2026-01-02T03:04:05Z","type":"CLAIM","user_id":1,"vault_type":"GOLD","env":"prod","req_id":"r"},"severity":"INFO"}` + "\n"
	w.write("logs/2026-01-02/a.jsonl", []byte(line))
	first := w.mustRun("2026-01-02")
	if first.Ledger.Quarantined != 1 {
		t.Fatalf("ledger %+v, want 1 quarantined", first.Ledger)
	}
	w.options.Sources[0].Unwrap = "cloud_logging"
	w.options.Sources[0].Rename = extract.Rename{Field: map[string]string{"time": "ts", "type": "event"}, Event: map[string]string{"CLAIM": "VAULT_CLAIMED"}}
	second := w.mustRun("2026-01-02")
	if second.Status != Published || second.Ledger.Read != 1 || second.Ledger.Kept != 1 || second.Ledger.Quarantined != 0 {
		t.Errorf("after the change: %+v, want the line read again and kept", second)
	}
	if _, got, _ := strings.Cut(w.query("select (select count(*) from quarantine), event, vault_type from events"), "\n"); got != "0,VAULT_CLAIMED,GOLD\n" {
		t.Errorf("the lake holds %q", got)
	}
	if third := w.mustRun("2026-01-02"); third.Status != Unchanged || third.Ledger.Read != 0 {
		t.Errorf("the third run: %+v, want nothing to do", third)
	}
}

func TestADayWithTooFewEventsIsNotReady(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.Sources[0].Ready.MinEvents = 2
	w.write("logs/2026-01-02/a.jsonl", []byte(sent(1)+"\n{}\n"))
	if _, err := w.run("2026-01-02"); errs.ClassOf(err) != errs.NotReady || !strings.Contains(err.Error(), "api has 1 events for 2026-01-02") {
		t.Fatalf("got %v, want an error of class NotReady that counts", err)
	}
	w.write("logs/2026-01-02/b.jsonl", []byte(sent(2)+"\n"))
	if result := w.mustRun("2026-01-02"); result.Ledger.Kept != 2 || result.Ledger.Quarantined != 1 {
		t.Errorf("ledger %+v, want 2 kept and 1 quarantined", result.Ledger)
	}
	w.options.Sources[0].Ready = extract.Ready{AllowMissing: true}
	if result := w.mustRun("2026-01-04"); result.Status != Published || w.query("select count(*) as n from row_ledger where dt = date '2026-01-04'") != "n\n0\n" {
		t.Errorf("a day without files: %+v, want it extracted and empty", result)
	}
}
