package scheduler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

const (
	vaultHeader  = "user_id,gold_status,platinum_status,diamond_status,expires_at\n"
	vaultRows    = "select dt, env, id, gold_status from vault_status join who using (user_key) order by all"
	tableLedger  = "select dt, source, file, env, reason, rows from row_ledger where source like 'db%' order by all"
	tableRefused = "select dt, source, file, line, byte_offset, reason, field, masked_text from quarantine where source like 'db%' order by all"
	tableRows    = "select dt, env, source, name from source_catalogue where kind = 'table' order by all"
	tableSources = "select dt, env, source from source_catalogue where kind = 'source' and name = 'tables' order by all"
	missingRows  = "select dt, source, name, column_name from source_catalogue where kind = 'missing_column' order by all"
)

// tableWorld is a world with a line of events on each of three days and a table source for each of two envs.
func tableWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, "Asia/Seoul")
	w.options.Sources[0].Lookback, w.options.Sources[0].Lookahead = 0, 0
	for _, day := range []string{"2026-01-02", "2026-01-03", "2026-01-04"} {
		w.write("logs/"+day+"/a.jsonl", []byte(strings.ReplaceAll(sent(1), "2026-01-02", day)+"\nnonsense\n"))
	}
	for _, env := range []string{"prod", "staging"} {
		w.options.Tables = append(w.options.Tables, extract.TableSource{
			Name: "db-" + env, Env: env, Path: filepath.Join(w.dir, "dumps", env, "{date}/{table}*"),
		})
	}
	return w
}

// vaults is a dump of vault_status in which each user has a status of GOLD.
func vaults(rows ...string) []byte {
	var b strings.Builder
	b.WriteString(vaultHeader)
	for _, row := range rows {
		id, status, _ := strings.Cut(row, " ")
		fmt.Fprintf(&b, "%s,%s,LOCKED,LOCKED,\n", id, status)
	}
	return []byte(b.String())
}

// What cannot be looked at, be it before or after it was read, has not changed for all we know: the error is the machine's.
func TestADumpThatCannotBeLookedAtSaysSo(t *testing.T) {
	for look := 1; ; look++ {
		w, looks := tableWorld(t), 0
		w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 UNLOCKED"))
		w.options.FS = faultfs.New(vfs.OS(), func(_ int, c faultfs.Call) faultfs.Fault {
			if c.Op == "stat" && strings.HasSuffix(c.Name, "vault_status.csv") {
				looks++
				if looks == look {
					return faultfs.Fail
				}
			}
			return faultfs.None
		})
		_, err := w.run("2026-01-02")
		if looks < look {
			if look < 4 {
				t.Errorf("%d looks at the dump: before, while and after it is read are three", looks)
			}
			break
		}
		if !errors.Is(err, faultfs.ErrInjected) {
			t.Errorf("look %d: %v", look, err)
		}
	}
}

func (w *world) expect(statement, want string) {
	w.t.Helper()
	_, got, _ := strings.Cut(w.query(statement), "\n")
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", statement, diff)
	}
}

func TestAChangedDumpRebuildsItsDayOnly(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED"))
	w.write("dumps/prod/2026-01-03/vault_status.csv", vaults("1 UNLOCKED"))
	first := w.mustRun("2026-01-02..2026-01-03")
	if want := (extract.Totals{Read: 6, Kept: 4, Quarantined: 2}); first.Ledger != want {
		t.Errorf("first run: %+v, want %+v", first.Ledger, want)
	}
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-03,prod,1,UNLOCKED\n")
	before := w.digests()
	if again := w.mustRun("2026-01-02..2026-01-03"); again.Status != Unchanged || again.Ledger.Read != 0 {
		t.Errorf("second run: %+v, want nothing read", again)
	}

	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 CLAIMED", "2 LOCKED", "3 BROKEN"))
	changed := w.mustRun("2026-01-03")
	if want := (extract.Totals{Read: 3, Kept: 2, Quarantined: 1}); changed.Ledger != want {
		t.Errorf("changed dump: %+v, want %+v", changed.Ledger, want)
	}
	w.expect(vaultRows, "2026-01-02,prod,1,CLAIMED\n2026-01-02,prod,2,LOCKED\n2026-01-03,prod,1,UNLOCKED\n")
	w.expect(tableLedger, "2026-01-02,db-prod,vault_status,prod,kept,2\n2026-01-02,db-prod,vault_status,,bad_field,1\n2026-01-03,db-prod,vault_status,prod,kept,1\n")
	w.expect(tableRefused, `2026-01-02,db-prod,vault_status,,,bad_field,gold_status,"{""user_id"":<number:1>,""gold_status"":<string:6>,""platinum_status"":""LOCKED"",""diamond_status"":""LOCKED"",""expires_at"":null}"`+"\n")
	w.expect("select dt, reason from quarantine where line is not null order by all", "2026-01-02,not_json\n2026-01-03,not_json\n")
	after := w.digests()
	for name, digest := range before {
		if strings.Contains(name, "lake/") && strings.Contains(name, "2026-01-03") && after[name] != digest {
			t.Errorf("%s of the other day changed", name)
		}
	}

	// A late line leaves the tables' part of its day as it is, and they are not read again.
	w.write("logs/2026-01-02/late.jsonl", []byte(sent(2)+"\n"))
	late := w.mustRun("2026-01-03")
	if late.Ledger.Read != 3 {
		t.Errorf("late line: %+v, want the day's three lines read", late.Ledger)
	}
	w.expect(tableLedger, "2026-01-02,db-prod,vault_status,prod,kept,2\n2026-01-02,db-prod,vault_status,,bad_field,1\n2026-01-03,db-prod,vault_status,prod,kept,1\n")
	w.sameAsFresh("2026-01-02..2026-01-03")
}

// sameAsFresh compares the published files with those of a new warehouse over the same sources.
func (w *world) sameAsFresh(days string) {
	w.t.Helper()
	got := w.digests()
	lived := w.options.Warehouse
	w.options.Warehouse = filepath.Join(w.t.TempDir(), "fresh")
	w.mustRun(days)
	want := w.digests()
	w.options.Warehouse = lived
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("other bytes than a full rebuild (-rebuild +published):\n%s", diff)
	}
}

func TestSourcesOfSeveralEnvsShareAFile(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 LOCKED"))
	w.write("dumps/staging/2026-01-02/vault_status.csv", vaults("1 CLAIMED"))
	w.mustRun("2026-01-02")
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,LOCKED\n2026-01-02,staging,1,CLAIMED\n")

	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("2 EXPIRED"))
	if result := w.mustRun("2026-01-02"); result.Ledger.Read != 1 {
		t.Errorf("%+v, want only the changed dump read", result.Ledger)
	}
	w.expect(vaultRows, "2026-01-02,prod,2,EXPIRED\n2026-01-02,staging,1,CLAIMED\n")
	w.expect(tableLedger, "2026-01-02,db-prod,vault_status,prod,kept,1\n2026-01-02,db-staging,vault_status,staging,kept,1\n")
	w.sameAsFresh("2026-01-02")

	// Rows of a dump that was taken away, and of a source that is configured no more, stay published.
	if err := os.RemoveAll(filepath.Join(w.dir, "dumps/staging")); err != nil {
		t.Fatal(err)
	}
	w.options.Tables = w.options.Tables[:1]
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("3 LOCKED"))
	w.mustRun("2026-01-02")
	w.expect(vaultRows, "2026-01-02,prod,3,LOCKED\n2026-01-02,staging,1,CLAIMED\n")
	w.expect(tableLedger, "2026-01-02,db-prod,vault_status,prod,kept,1\n2026-01-02,db-staging,vault_status,staging,kept,1\n")

	// A source under another name, or env, replaces what it gave before.
	w.options.Tables[0].Name = "db-new"
	w.mustRun("2026-01-02")
	w.expect(tableLedger, "2026-01-02,db-new,vault_status,prod,kept,1\n2026-01-02,db-staging,vault_status,staging,kept,1\n")
	w.options.Tables[0].Env = "live"
	w.mustRun("2026-01-02")
	w.expect(vaultRows, "2026-01-02,live,3,LOCKED\n2026-01-02,staging,1,CLAIMED\n")
}

func TestWhatASourceLacksIsPublished(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	var log bytes.Buffer
	w.options.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED"))
	w.write("dumps/prod/2026-01-02/notifications_queue.csv", []byte("id,user_id,status\n1,1,SENT\n"))
	w.mustRun("2026-01-02..2026-01-03")
	w.expect(tableRows, "2026-01-02,prod,db-prod,notifications_queue\n2026-01-02,prod,db-prod,vault_status\n")
	w.expect("select dt, env, source, count(*) from source_catalogue where kind = 'event' group by all order by all", "2026-01-02,,api,18\n2026-01-03,,api,18\n")
	w.expect(missingRows+" limit 6", strings.ReplaceAll("=created_at\n=retry_count\n=scheduled_at\n=type\n=variant_id\n=vault_type\n", "=", "2026-01-02,db-prod,notifications_queue,"))
	for _, words := range []string{`"a table is missing among those of the day","source":"db-prod","table":"compensation_queue","dt":"2026-01-02"`,
		`"source":"db-prod","table":"notifications_queue","dt":"2026-01-02","columns":"created_at, retry_count, scheduled_at, type, variant_id, vault_type"`} {
		if !strings.Contains(log.String(), words) {
			t.Errorf("the log does not say %s", words)
		}
	}

	// A dump that comes later closes the gap, and leaves those of other tables. Columns have their names in the lake.
	w.write("dumps/prod/2026-01-02/compensation_queue.csv", []byte("id,user_id,vault_type,external_service,status,retry_count,next_retry_at,created_at\n"))
	w.mustRun("2026-01-03")
	w.expect(tableRows+" limit 1", "2026-01-02,prod,db-prod,compensation_queue\n")
	w.expect(missingRows+" limit 1", "2026-01-02,db-prod,compensation_queue,compensation_id\n")
	w.expect("select count(*) from source_catalogue where kind = 'missing_column' and name = 'notifications_queue'", "6\n")
	w.sameAsFresh("2026-01-02..2026-01-03")

	// A dump that is taken away leaves its rows, and the catalogue says so.
	before := w.digests()
	if err := os.RemoveAll(filepath.Join(w.dir, "dumps")); err != nil {
		t.Fatal(err)
	}
	if result := w.mustRun("2026-01-03"); result.Status != Unchanged {
		t.Errorf("dumps taken away: %s", result.Status)
	}
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("other bytes (-before +after):\n%s", diff)
	}

	// A source that is configured no more leaves its rows too, and only its days say that it was one.
	w.expect(tableSources, "2026-01-02,prod,db-prod\n2026-01-02,staging,db-staging\n2026-01-03,prod,db-prod\n2026-01-03,staging,db-staging\n")
	rows := w.query(tableRows)
	w.options.Tables = nil
	w.mustRun("2026-01-03")
	w.expect(tableSources, "2026-01-02,prod,db-prod\n")
	if diff := cmp.Diff(rows, w.query(tableRows)); diff != "" {
		t.Errorf("other tables (-before +after):\n%s", diff)
	}
}

// Lines of two sources, of which one is silent on the second day, and a table that says when it was touched.
func TestTheAgeOfASourceIsThatOfItsNewestLineOrRow(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Tables = w.options.Tables[:1]
	w.options.Sources = append(w.options.Sources, extract.Source{Name: "batch", Path: filepath.Join(w.dir, "batch/{date}.jsonl"), MaxLine: 1 << 20})
	w.write("batch/2026-01-02.jsonl", []byte(strings.ReplaceAll(sent(2), "10:00:02", "23:30:00")+"\n\n"))
	w.write("batch/2026-01-03.jsonl", nil)
	w.write("dumps/prod/2026-01-03/compensation_queue.csv", []byte("id,user_id,status,created_at\n1,1,PENDING,2026-01-03 14:00:00+00\n2,1,PENDING,2026-01-03 15:00:00+00\n"))
	w.mustRun("2026-01-02..2026-01-03")
	age := "select dt, segment, value, state, reason from metric_daily where metric = 'source_age' order by all"
	lines := "select dt, segment, value from metric_daily where metric = 'dq_lines' and value > 0 order by all"
	w.expect(age, "2026-01-02,api,50399,ok,\n2026-01-02,batch,1800,ok,\n2026-01-02,db-prod,,not_computable,no_snapshot\n"+
		"2026-01-03,api,50399,ok,\n2026-01-03,batch,88200,ok,\n2026-01-03,db-prod,3600,ok,\n")
	w.expect(lines, "2026-01-02,blank,1\n2026-01-02,kept,2\n2026-01-02,quarantined,1\n2026-01-02,quarantined:not_json,1\n"+
		"2026-01-03,kept,1\n2026-01-03,quarantined,1\n2026-01-03,quarantined:not_json,1\n")

	// A line that comes late makes its day anew, and with it what the next one carries; the tables' part stays.
	w.write("batch/2026-01-02.jsonl", []byte(strings.ReplaceAll(sent(2), "10:00:02", "23:45:00")+"\n"+strings.ReplaceAll(sent(3), "10:00:03", "23:30:00")+"\n"))
	w.mustRun("2026-01-03")
	w.expect(age+" limit 6", "2026-01-02,api,50399,ok,\n2026-01-02,batch,900,ok,\n2026-01-02,db-prod,,not_computable,no_snapshot\n"+
		"2026-01-03,api,50399,ok,\n2026-01-03,batch,87300,ok,\n2026-01-03,db-prod,3600,ok,\n")
	w.sameAsFresh("2026-01-02..2026-01-03")

	// A dump that comes late leaves the lines' part.
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED"))
	w.mustRun("2026-01-03")
	w.expect(age+" limit 3", "2026-01-02,api,50399,ok,\n2026-01-02,batch,900,ok,\n2026-01-02,db-prod,,no_data,no_rows\n")
	w.sameAsFresh("2026-01-02..2026-01-03")
}

// What a source emits is the configuration's to say: every extracted day learns of it, and its lines stay.
func TestWhatASourceEmitsIsKnownOfEveryDay(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.mustRun("2026-01-02..2026-01-03")
	w.options.Sources[0].Emits = []event.Kind{event.VaultClaimed}
	w.options.Sources[0].Env = ""
	if result := w.mustRun("2026-01-03"); result.Status != Published || result.Ledger.Read != 0 {
		t.Errorf("%+v, want both days' catalogues published and no line read", result)
	}
	w.expect("select * from source_catalogue where kind = 'event'", "2026-01-02,,api,event,VAULT_CLAIMED,\n2026-01-03,,api,event,VAULT_CLAIMED,\n")
	w.expect("select dt, event, count(*) from events group by all order by all", "2026-01-02,ALERT_SENT,1\n2026-01-03,ALERT_SENT,1\n")
	if result := w.mustRun("2026-01-03"); result.Status != Unchanged {
		t.Errorf("second run: %s", result.Status)
	}
	w.sameAsFresh("2026-01-02..2026-01-03")
}

func TestDuplicatesAndConflictsOfADump(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status-1.csv", vaults("1 LOCKED", "1 LOCKED", "2 UNLOCKED"))
	w.write("dumps/prod/2026-01-02/vault_status-2.csv", vaults("1 LOCKED", "2 CLAIMED", "2 CLAIMED", "2 UNLOCKED"))
	w.write("dumps/prod/2026-01-02/compensation_queue.csv", []byte("id,user_id,status\n,1,DONE\n,1,DONE\n,2,DONE\n"))
	result := w.mustRun("2026-01-02")
	if want := (extract.Totals{Read: 12, Kept: 5, Duplicate: 4, Quarantined: 3}); result.Ledger != want {
		t.Errorf("%+v, want %+v", result.Ledger, want)
	}
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,CLAIMED\n")
	w.expect(tableLedger, "2026-01-02,db-prod,compensation_queue,prod,duplicate,1\n2026-01-02,db-prod,compensation_queue,prod,kept,2\n"+
		"2026-01-02,db-prod,vault_status,prod,conflicting_duplicate,2\n2026-01-02,db-prod,vault_status,prod,duplicate,3\n2026-01-02,db-prod,vault_status,prod,kept,2\n")
	masked := `"{""user_id"":<hashed>,""gold_status"":""UNLOCKED"",""platinum_status"":""LOCKED"",""diamond_status"":""LOCKED"",""expires_at"":null,`
	_, got, _ := strings.Cut(w.query(tableRefused), "\n")
	if strings.Count(got, "2026-01-02,db-prod,vault_status,,,conflicting_duplicate,,"+masked) != 2 {
		t.Errorf("quarantine: %s", got)
	}
}

func TestTheOrderAndTheSplittingOfADumpDoNotMatter(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	var rows []string
	for id := range 400 {
		rows = append(rows, fmt.Sprintf("%d %s", id%370+1, []string{"LOCKED", "UNLOCKED", "BROKEN", "", `""`}[id%5]))
	}
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults(rows...))
	w.mustRun("2026-01-02")
	want := w.digests()
	random := rand.New(rand.NewPCG(5, 5))
	for range 3 {
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		cut := random.IntN(len(rows))
		w.write("dumps/prod/2026-01-02/vault_status.csv", vaults(rows[:cut]...))
		w.write("dumps/prod/2026-01-02/vault_status-rest.csv", vaults(rows[cut:]...))
		w.options.Warehouse = filepath.Join(t.TempDir(), "warehouse")
		w.mustRun("2026-01-02")
		if diff := cmp.Diff(want, w.digests()); diff != "" {
			t.Errorf("other bytes (-want +got):\n%s", diff)
		}
	}
}

func TestDumpsThatStopARun(t *testing.T) {
	for _, c := range []struct {
		name, file, content string
		class               errs.Class
		words               string
	}{
		{"a required column is missing", "vault_status.csv", "user_id,gold_status,diamond_status,expires_at\n", errs.Gate, "read table vault_status: required column platinum_status is missing"},
		{"a required column has another type", "vault_status.csv", vaultHeader + "u-1,LOCKED,LOCKED,LOCKED,\nu-2,LOCKED,LOCKED,LOCKED,\n", errs.Gate, "read table vault_status: required column user_id is of type text, which is not integer"},
		{"statuses are numbers", "vault_status.csv", vaultHeader + "1,1,LOCKED,LOCKED,\n2,0,LOCKED,LOCKED,\n", errs.Gate, "read table vault_status: required column gold_status is of type number, which is not text"},
		{"the dump is torn", "vault_status.csv", vaultHeader + "1,LOCKED,LOC", errs.NotReady, "read table vault_status from dumps/prod/2026-01-02/vault_status.csv: it ends within a row"},
		{"a Parquet file is torn", "vault_status.parquet", "PAR1\x15\x04", errs.NotReady, "read table vault_status from dumps/prod/2026-01-02/vault_status.parquet: the Parquet file is damaged"},
		{"the dump is no CSV of COPY", "vault_status.csv", vaultHeader + "1,LOCKED,LOCKED,LOCKED,,,\n", errs.Gate, "line 2 has more than 5 columns"},
		{"the dump is empty", "vault_status.csv", "", errs.Gate, "it has no header"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := tableWorld(t)
			w.write("dumps/prod/2026-01-02/"+c.file, []byte(c.content))
			_, err := w.run("2026-01-02")
			if errs.ClassOf(err) != c.class || !strings.Contains(fmt.Sprint(err), c.words) || errs.HintOf(err) == "" {
				t.Errorf("got %v (class %d, hint %q), want class %d and %q", err, errs.ClassOf(err), errs.HintOf(err), c.class, c.words)
			}
			if snapshots, _ := filepath.Glob(filepath.Join(w.options.Warehouse, "_snapshots/*")); len(snapshots) > 0 {
				t.Errorf("published: %v", snapshots)
			}
		})
	}
}

func TestAColumnOfAnotherTypeIsMissingForAllRows(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status.csv", []byte("user_id,gold_status,platinum_status,diamond_status,expires_at,platinum_attendance_days\n1,LOCKED,LOCKED,LOCKED,,three\n2,LOCKED,LOCKED,LOCKED,,\n"))
	if result := w.mustRun("2026-01-02"); result.Ledger.Read != 4 || result.Ledger.Kept != 3 {
		t.Errorf("%+v, want both rows kept and each counted once", result.Ledger)
	}
	w.expect("select kind, name from source_catalogue where column_name = 'platinum_attendance_days'", "missing_column,vault_status\n")
}

func TestADumpIsRemembered(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 BROKEN"))
	w.mustRun("2026-01-02")
	text, err := os.ReadFile(filepath.Join(w.options.Warehouse, "_snapshots/0000000001.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Inputs []struct {
			Source, Name string
			Size, Lines  int64
			SHA256       string
			Days         []struct {
				Dt   string
				Rows int64
			}
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	for _, in := range manifest.Inputs {
		if in.Source == "db-prod" {
			if in.Name != "dumps/prod/2026-01-02/vault_status.csv" || in.Lines != 2 || len(in.Days) != 1 || in.Days[0].Dt != "2026-01-02" || len(in.SHA256) != 64 {
				t.Errorf("remembered: %+v", in)
			}
			return
		}
	}
	t.Errorf("not remembered: %+v", manifest.Inputs)
}

func TestTwoSourcesOfOneEnv(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Tables[1].Env = "prod"
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 LOCKED"))
	w.write("dumps/staging/2026-01-02/vault_status.csv", vaults("2 LOCKED", "3 LOCKED"))
	w.mustRun("2026-01-02")
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,LOCKED\n2026-01-02,prod,3,LOCKED\n")
	w.expect(tableLedger, "2026-01-02,db-prod,vault_status,prod,kept,2\n2026-01-02,db-staging,vault_status,prod,duplicate,1\n2026-01-02,db-staging,vault_status,prod,kept,1\n")

	w.write("dumps/staging/2026-01-02/vault_status.csv", vaults("4 LOCKED"))
	w.mustRun("2026-01-02")
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,LOCKED\n2026-01-02,prod,4,LOCKED\n")

	// Rows say their env and not their source: those of a dump that is gone cannot be kept apart.
	if err := os.Remove(filepath.Join(w.dir, "dumps/prod/2026-01-02/vault_status.csv")); err != nil {
		t.Fatal(err)
	}
	w.write("dumps/staging/2026-01-02/vault_status.csv", vaults("5 LOCKED"))
	if _, err := w.run("2026-01-02"); errs.ClassOf(err) != errs.NotReady || !strings.Contains(err.Error(), "db-prod") {
		t.Errorf("got %v, want class NotReady and the source's name", err)
	}
}

// The service today: tables and no events. A day of which nobody has a dump is a day of which nothing is known, and stops none.
func TestTablesAloneMakeANight(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Sources = nil
	w.write("dumps/prod/2026-01-02/vault_status.csv", vaults("1 LOCKED", "2 UNLOCKED"))
	w.write("dumps/prod/2026-01-04/vault_status.csv", vaults("1 UNLOCKED", "2 CLAIMED"))
	result := w.mustRun("2026-01-02..2026-01-04")
	if want := (extract.Totals{Read: 4, Kept: 4}); result.Ledger != want || result.Status != Published {
		t.Errorf("%+v, want %+v", result, want)
	}
	w.expect("select count(*) from events", "0\n")
	w.expect(vaultRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,prod,2,UNLOCKED\n2026-01-04,prod,1,UNLOCKED\n2026-01-04,prod,2,CLAIMED\n")
	w.expect("select dt, env, source, kind, name from source_catalogue where kind = 'table'", "2026-01-02,prod,db-prod,table,vault_status\n2026-01-04,prod,db-prod,table,vault_status\n")
	for _, day := range []string{"2026-01-02", "2026-01-03", "2026-01-04"} {
		for _, file := range []string{"lake/events", "lake/source_catalogue", "lake/quarantine", "marts/vault_state", "marts/metric_daily"} {
			if _, err := os.Stat(filepath.Join(w.options.Warehouse, file, "dt="+day, "data.parquet")); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := os.Stat(result.Report); err != nil {
		t.Error(err)
	}
	if again := w.mustRun("2026-01-02..2026-01-04"); again.Status != Unchanged {
		t.Errorf("second run: %s", again.Status)
	}

	// The dump that was missing comes late.
	w.write("dumps/prod/2026-01-03/vault_status.csv", vaults("1 LOCKED"))
	if late := w.mustRun("2026-01-04"); late.Ledger.Read != 1 {
		t.Errorf("late dump: %+v", late.Ledger)
	}
	w.sameAsFresh("2026-01-02..2026-01-04")
	w.expect("select metric, part, reason from metric_gap where dt = date '2026-01-03' and env = 'ALL' order by all", "dq_lines,ALL,events\ndq_unknown_field,ALL,events\nsource_age,db-staging,no_snapshot\n")
}

func TestADayWithoutAnyDumpStopsNothing(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	w.options.Sources = nil
	if result := w.mustRun("2026-01-02"); result.Status != Published || result.Ledger != (extract.Totals{}) {
		t.Errorf("%+v, want an empty day published", result)
	}
	w.expect("select (select count(*) from events), (select count(*) from vault_status), (select count(*) from source_catalogue where kind <> 'source')", "0,0,0\n")
}

func TestARunWithoutAnySourceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "Asia/Seoul")
	w.options.Sources = nil
	if _, err := w.run("2026-01-02"); errs.ClassOf(err) != errs.Usage {
		t.Errorf("got %v, want class Usage", err)
	}
}
