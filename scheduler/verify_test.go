package scheduler

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/warehouse"
)

func (w *world) verify(day string) (Verification, error) {
	w.t.Helper()
	var dt *bizday.Day
	if day != "" {
		d := mustDay(w.t, day)
		dt = &d
	}
	return Verify(context.Background(), w.options, dt)
}

func (w *world) mustVerify(day string) Verification {
	w.t.Helper()
	v, err := w.verify(day)
	if err != nil {
		w.t.Fatalf("verify %s: %v", day, err)
	}
	return v
}

// answers are the checks as lines: result, check, table, what.
func answers(v Verification) (lines []string) {
	for _, c := range v.Checks {
		lines = append(lines, fmt.Sprintf("%s|%s|%s|%s", c.Result, c.Check, c.Table, c.What))
	}
	return lines
}

// wantAnswers holds that for each pattern one line begins with it, that no other check differs, and what the verdict is.
func wantAnswers(t *testing.T, v Verification, patterns ...string) {
	t.Helper()
	lines := answers(v)
	differ := 0
	for _, p := range patterns {
		if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, p) }) {
			t.Errorf("no check %q", p)
		}
		if strings.HasPrefix(p, Differs) {
			differ++
		}
	}
	found := 0
	for _, line := range lines {
		if strings.HasPrefix(line, Differs) {
			found++
		}
	}
	if found != differ || v.OK != (differ == 0) {
		t.Errorf("%d checks differ, want %d; ok is %v", found, differ, v.OK)
	}
	if t.Failed() {
		t.Logf("checks:\n%s", strings.Join(lines, "\n"))
	}
}

func (w *world) object(table, day string) (object, folder string) {
	w.t.Helper()
	root, err := warehouse.Open(warehouse.Options{Root: w.options.Warehouse})
	if err != nil {
		w.t.Fatal(err)
	}
	m, err := root.Latest()
	if err != nil {
		w.t.Fatal(err)
	}
	f, there := m.File(table, mustDay(w.t, day))
	if !there {
		w.t.Fatalf("no %s of %s", table, day)
	}
	return root.ObjectPath(f), filepath.Join(w.options.Warehouse, f.Path)
}

// rewritten returns the bytes of a parquet file whose rows are those of a query over the relation "file".
func (w *world) rewritten(path, query string) []byte {
	w.t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	to := filepath.Join(w.t.TempDir(), "rewritten")
	statement := fmt.Sprintf("copy (with file as (from read_parquet(%s, hive_partitioning = false)) %s) to %s (format parquet)", duck.Quote(path), query, duck.Quote(to))
	if _, err := db.Conn().ExecContext(context.Background(), statement); err != nil {
		w.t.Fatal(err)
	}
	data, err := os.ReadFile(to)
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

func TestVerifyOfWhatIsAsItWasPublished(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	before := w.digests()
	first, last, _ := strings.Cut(night.span, "..")
	for _, day := range []string{first, ""} {
		v := w.mustVerify(day)
		wantAnswers(t, v, "ok|content|", "ok|folders|", "ok|lake|", "ok|marts|", "ok|alarms||3 tables", "ok|personal data|")
		if day == "" {
			day = last
		}
		if v.Dt.String() != day || v.Snapshot != night.result.Snapshot || len(v.Checks) != 6 {
			t.Errorf("%s: got %+v", day, v)
		}
	}
	for path, sum := range w.digests() {
		if before[path] != sum {
			t.Errorf("verify changed %s", path)
		}
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	t.Parallel()
	const day = "2026-04-02"
	lived, _ := sampleAfterItsRun(t)
	for _, c := range []struct {
		name   string
		damage func(w *world)
		want   []string
	}{
		{"a byte of a mart is flipped", func(w *world) {
			object, _ := w.object("vault_daily", day)
			data, err := os.ReadFile(object)
			if err != nil {
				w.t.Fatal(err)
			}
			data[len(data)/2] ^= 1
			w.overwrite(object, data)
		}, []string{"differs|content|vault_daily|marts/vault_daily/dt=2026-04-02/data.parquet: other bytes", "differs|marts|vault_daily|", "ok|folders|", "ok|lake|"}},
		{"a cell of a mart is changed in place", func(w *world) {
			object, _ := w.object("vault_daily", day)
			w.overwrite(object, w.rewritten(object, "select * replace (open_start + case when row_number() over () <= 2 then 1 else 0 end as open_start) from file"))
		}, []string{"differs|content|vault_daily|", "differs|marts|vault_daily|2 rows changed, 0 too many, 0 missing, ", "ok|folders|", "ok|lake|"}},
		{"a mart in a folder is another file", func(w *world) {
			object, folder := w.object("vault_daily", day)
			data := w.rewritten(object, "select * from file limit 1")
			if err := os.Remove(folder); err != nil {
				w.t.Fatal(err)
			}
			w.overwrite(folder, data)
		}, []string{"ok|content|", "differs|folders|vault_daily|marts/vault_daily/dt=2026-04-02/data.parquet: other bytes, 0 rows changed, 0 too many, ", "ok|marts|", "ok|alarms|"}},
		{"files are gone from the folders, and others are there", func(w *world) {
			_, folder := w.object("vault_state", day)
			if err := os.Rename(folder, filepath.Join(filepath.Dir(folder), "copy.parquet")); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"differs|folders|vault_state|marts/vault_state/dt=2026-04-02/data.parquet: missing", "differs|folders||marts/vault_state/dt=2026-04-02/copy.parquet: not in the snapshot", "ok|marts|"}},
		{"a content is gone", func(w *world) {
			object, _ := w.object("events", "2026-04-01")
			if err := os.Remove(object); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"differs|content|events|lake/events/dt=2026-04-01/data.parquet: missing", "ok|lake|", "ok|marts|", "not verified|alarms|"}},
		{"a mart is cut off", func(w *world) {
			object, _ := w.object("vault_state", day)
			if err := os.Truncate(object, 100); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"differs|content|vault_state|", "differs|marts|vault_state|cannot be read", "not verified|personal data|vault_state|cannot be read to its end", "ok|personal data||"}},
		{"an address stands in a mart", func(w *world) {
			object, _ := w.object("metric_gap", day)
			w.overwrite(object, w.rewritten(object, "select * replace (case when row_number() over () = 1 then 'somebody@example.com' else env end as env) from file"))
		}, []string{"differs|content|metric_gap|", "differs|marts|metric_gap|", "differs|personal data|metric_gap|metric_gap of 2026-04-02: column env: email: 1 times"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			lived.t = t
			saved := lived.options.Warehouse + "-saved"
			lived.save(saved)
			defer lived.restore(saved)
			c.damage(lived)
			wantAnswers(t, lived.mustVerify(day), c.want...)
		})
	}
}

func (w *world) overwrite(path string, data []byte) {
	w.t.Helper()
	if err := os.WriteFile(path, data, 0o640); err != nil {
		w.t.Fatal(err)
	}
}

func TestVerifySaysWhatCannotBeVerified(t *testing.T) {
	t.Parallel()
	const day = "2026-04-02"
	for _, c := range []struct {
		name   string
		change func(w *world)
		want   []string
	}{
		{"no source", func(w *world) { w.options.Sources, w.options.Tables, w.options.Key = nil, nil, nil }, []string{"not verified|lake||no source is configured"}},
		{"a file is gone", func(w *world) {
			if err := os.Remove(filepath.Join(w.dir, "logs", day, "dev.jsonl.gz")); err != nil {
				w.t.Fatal(err)
			}
		}, []string{"not verified|lake||1 of "}},
		{"a file has grown", func(w *world) {
			w.write("logs/"+day+"/dev.jsonl.gz", []byte("{}\n"))
		}, []string{"not verified|lake||1 of "}},
		{"a file came that has lines of the day", func(w *world) {
			w.write("logs/2026-04-03/more.jsonl.gz", []byte(sentOn(day)+"\n"))
		}, []string{"not verified|lake||files are new or read under other settings: logs/2026-04-03/more.jsonl.gz"}},
		{"a file came that has none", func(w *world) {
			w.write("logs/2026-04-04/more.jsonl.gz", []byte(sentOn("2026-04-04")+"\n"))
		}, []string{"ok|lake|"}},
		{"a source is read in another way", func(w *world) { w.options.Sources[0].MaxLine = 1 << 16 }, []string{"not verified|lake||files are new or read under other settings: "}},
		{"a database is a source, too", func(w *world) {
			w.options.Tables = append(w.options.Tables, extract.TableSource{Name: "live", Env: "staging", DSN: "host=nowhere"})
		}, []string{"not verified|lake||ledgers and catalogue: they tell of a database, too", "ok|lake||"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, _ := sampleAfterItsRun(t)
			c.change(w)
			v, err := newVerifier(t.Context(), w.options, ptr(mustDay(t, day)))
			if err != nil {
				t.Fatal(err)
			}
			defer v.close()
			if err := v.lake(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantAnswers(t, v.result(), c.want...)
		})
	}
}

func TestVerifyWithOtherSettings(t *testing.T) {
	t.Parallel()
	w, _ := sampleAfterItsRun(t)
	w.options.K = 6
	v := w.mustVerify("2026-04-02")
	isTold := slices.ContainsFunc(answers(v), func(line string) bool {
		return strings.HasPrefix(line, "differs|marts|metric_daily|") && strings.HasSuffix(line, "; made from other inputs, SQL or settings")
	})
	if v.OK || !isTold {
		t.Errorf("got\n%s", strings.Join(answers(v), "\n"))
	}
}

func ptr[T any](v T) *T { return &v }

func sentOn(day string) string { return strings.ReplaceAll(sent(1), "2026-01-02", day) }

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	w, _ := sampleAfterItsRun(t)
	other, err := pii.ParseKey([]byte(strings.Repeat("1e", 32)))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := bizday.LoadZone("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	good := w.options
	for _, c := range []struct {
		name, day string
		change    func(o *Options)
		want      string
	}{
		{"a day that is not published", "2026-05-01", func(*Options) {}, "verify: 2026-05-01 is not published"},
		{"another key", "", func(o *Options) { o.Key = other }, "verify: the warehouse has key id "},
		{"another zone", "", func(o *Options) { o.Zone = zone }, "verify: the warehouse has zone Asia/Seoul, the configuration Europe/Berlin"},
		{"an empty folder", "", func(o *Options) { o.Warehouse = filepath.Join(w.dir, "nothing") }, "verify: nothing is published in "},
	} {
		w.options = good
		c.change(&w.options)
		if _, err := w.verify(c.day); errs.ClassOf(err) != errs.Usage || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}

func TestVerifyOfADayThatWasExtractedAlone(t *testing.T) {
	t.Parallel()
	w := tableWorld(t)
	o := w.options
	o.Start, o.End = mustDay(t, "2026-01-02"), mustDay(t, "2026-01-02")
	if _, err := Extract(context.Background(), o); err != nil {
		t.Fatal(err)
	}
	wantAnswers(t, w.mustVerify(""), "ok|content|", "ok|folders|", "ok|lake|", "not verified|marts||2026-01-02 was extracted alone", "ok|personal data|")
}

func TestVerifyOfTablesOfADatabase(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id, gold_status) values (1, 'LOCKED')")
	w.mustRun("2026-01-02")
	const ofDB = "not verified|lake||tables of a database, which cannot be asked for the past: compensation_queue, notifications_queue, vault_expiry_extension_log and 1 more"
	wantAnswers(t, w.mustVerify(""), ofDB, "ok|lake||2 tables", "ok|marts|", "ok|alarms|")

	w.options.Sources = []extract.Source{{Name: "api", Path: filepath.Join(w.dir, "logs/{date}/*.jsonl*"), Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}}
	w.write("logs/2026-01-03/a.jsonl", []byte(sentOn("2026-01-03")+"\nnonsense\n"))
	w.mustRun("2026-01-03")
	server.Exec("update vault_status set gold_status = 'CLAIMED'")
	wantAnswers(t, w.mustVerify(""), ofDB, "ok|lake||2 tables", "ok|marts|", "ok|alarms|")
}
