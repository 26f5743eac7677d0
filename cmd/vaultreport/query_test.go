package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// publishMetrics writes a warehouse in which two days of metric_daily are published, a snapshot each.
func publishMetrics(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	root := filepath.Join(t.TempDir(), "it's [a] warehouse")
	w, err := warehouse.Open(warehouse.Options{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	table, ok := project.Table("metric_daily")
	if !ok {
		t.Fatal("metric_daily is no table")
	}
	db, err := duck.Open(ctx, duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for i := range 2 {
		tx, err := w.Begin(ctx, warehouse.Identity{ToolVersion: "test", KeyID: "00000000", Zone: "Asia/Seoul"}, project.Tables())
		if err != nil {
			t.Fatal(err)
		}
		dt := bizday.Of(2026, 1, 2+i)
		path, err := tx.StagePath(table, dt)
		if err != nil {
			t.Fatal(err)
		}
		row := fmt.Sprintf("select date '%s' as dt, 'prod' as env, 'unlock_count' as metric, %d.5::double as value", dt, i)
		if _, err := db.Conn().ExecContext(ctx, "copy ("+table.Empty()+" union all by name "+row+") to "+duck.Quote(path)+" (format parquet)"); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Add(table, dt, 1, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		if err := tx.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// ask runs a query as the command line does and returns stdout, stderr and the error.
func ask(t *testing.T, root, form, snapshot, text string) (string, string, error) {
	t.Helper()
	t.Chdir(t.TempDir())
	var out, log bytes.Buffer
	a := &app{streams: streams{in: strings.NewReader(text), out: &out, err: &log}, lookup: environment}
	a.global = globalFlags{Warehouse: root, Output: form}
	err := a.runQuery(context.Background(), "-", snapshot)
	return out.String(), log.String(), err
}

func TestQueryReadsSnapshots(t *testing.T) {
	root := publishMetrics(t)
	for _, c := range []struct{ name, snapshot, text, want string }{
		{"the newest snapshot", "", "select dt, env, value from metric_daily order by dt", "[\n{\"dt\":\"2026-01-02\",\"env\":\"prod\",\"value\":0.5},\n{\"dt\":\"2026-01-03\",\"env\":\"prod\",\"value\":1.5}\n]\n"},
		{"an older snapshot", "1", "select dt from metric_daily", "[\n{\"dt\":\"2026-01-02\"}\n]\n"},
		{"a table without rows", "", "from alarm", "[]\n"},
		{"from first, without select", "", "from metric_daily select count(*) as n", "[\n{\"n\":2}\n]\n"},
		{"a semicolon and a comment at the end", "", "select 1 as a; -- done", "[\n{\"a\":1}\n]\n"},
		{"a with clause", "", "with t as (select 7 as a) select a from t", "[\n{\"a\":7}\n]\n"},
		{"a union", "", "select 1 as a union all select 2 order by a", "[\n{\"a\":1},\n{\"a\":2}\n]\n"},
		{"table functions without effects", "", "select count(*) as n from range(3) t(i), unnest([1, 2]), generate_series(1, 2)", "[\n{\"n\":12}\n]\n"},
		{"values", "", "values (1, 'x')", "[\n{\"col0\":1,\"col1\":\"x\"}\n]\n"},
		{"a SELECT in brackets", "", "(select 1 as a)", "[\n{\"a\":1}\n]\n"},
		{"a column of JSON keeps order and digits", "", `select '{"b": 12345678901234567890, "a": 1}'::json as j, 1 as n; -- x`, "[\n{\"j\":{\"b\": 12345678901234567890, \"a\": 1},\"n\":1}\n]\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, _, err := ask(t, root, formJSON, c.snapshot, c.text)
			if err != nil || out != c.want {
				t.Errorf("got %q, %v\nwant %q", out, err, c.want)
			}
		})
	}
	for _, text := range []string{"explain select 1", "EXPLAIN  analyze select count(*) from metric_daily", "/* a */ explain -- b\n /* c */ select 1", "show tables", "describe metric_daily", "summarize metric_daily"} {
		if out, _, err := ask(t, root, formJSON, "", text); err != nil || out == "[]\n" {
			t.Errorf("%s: got %q, %v", text, out, err)
		}
	}
	if out, _, err := ask(t, root, formJSON, "", "select count(*) as n from (show tables)"); err != nil || out == "[\n{\"n\":0}\n]\n" {
		t.Errorf("show tables: got %q, %v", out, err)
	}
}

// Every one of these must end as an error of the user, and nothing may have happened.
func TestQueryRefusesEverythingElse(t *testing.T) {
	root := publishMetrics(t)
	outside := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(outside, []byte("a\nhunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	objects := filepath.Join(root, "_objects")
	target := filepath.Join(objects, "written.csv")
	before := tree(t, root)
	q := duck.Quote
	for name, text := range map[string]string{
		"copy to":                        "copy (select 1) to " + q(target),
		"copy from":                      "copy metric_daily from " + q(outside),
		"copy database":                  "copy from database memory to x",
		"attach":                         "attach " + q(filepath.Join(objects, "x.db")),
		"detach":                         "detach memory",
		"export":                         "export database " + q(objects),
		"import":                         "import database " + q(objects),
		"two statements":                 "select 1; select 2",
		"a write before a select":        "copy (select 1) to " + q(target) + "; select 1",
		"a write after a select":         "select 1; copy (select 1) to " + q(target),
		"a write behind a comment":       "select 1; -- harmless\n copy (select 1) to " + q(target),
		"set":                            "set threads = 1",
		"reset":                          "reset threads",
		"set variable":                   "set variable x = 1",
		"pragma":                         "pragma threads = 1",
		"a pragma that reads":            "pragma show_tables",
		"insert":                         "insert into metric_daily values (null)",
		"update":                         "update metric_daily set value = 1",
		"delete":                         "delete from metric_daily",
		"an insert in a with clause":     "with t as (insert into x values (1) returning *) select * from t",
		"create table":                   "create table x as select 1",
		"create view":                    "create or replace view metric_daily as select 1",
		"create macro":                   "create macro f(a) as a",
		"create secret":                  "create secret s (type s3)",
		"drop":                           "drop view metric_daily",
		"alter":                          "alter view metric_daily rename to x",
		"select into":                    "select 1 into x",
		"install":                        "install httpfs",
		"load":                           "load httpfs",
		"call":                           "call duckdb_settings()",
		"prepare":                        "prepare p as select 1",
		"execute":                        "execute p",
		"begin":                          "begin transaction",
		"vacuum":                         "vacuum",
		"checkpoint":                     "checkpoint",
		"use":                            "use memory",
		"explain copy":                   "explain copy (select 1) to " + q(target),
		"explain analyze copy":           "explain analyze copy (select 1) to " + q(target),
		"explain analyze insert":         "EXPLAIN /* x */ ANALYZE insert into metric_daily values (null)",
		"explain, then a write":          "explain select 1; copy (select 1) to " + q(target),
		"explain of explain":             "explain explain select 1",
		"explain alone":                  "explain",
		"read_text of a file":            "select * from read_text('/etc/passwd')",
		"read_blob of a file":            "select * from read_blob(" + q(outside) + ")",
		"read_csv of a file":             "select * from read_csv(" + q(outside) + ")",
		"a file as a table":              "select * from " + q(outside),
		"a path that climbs out":         "select * from read_text(" + q(objects+"/../../secret.csv") + ")",
		"a path that climbs to the root": "select * from read_text(" + q(objects+"/../../../../../../../../etc/passwd") + ")",
		"the manifest of the warehouse":  "select * from read_text(" + q(filepath.Join(root, "_snapshots", "*.json")) + ")",
		"a sibling with the same prefix": "select * from read_text(" + q(objects+"x/a") + ")",
		"sniff_csv":                      "select * from sniff_csv(" + q(outside) + ")",
		"the network":                    "select * from read_parquet('https://example.com/x.parquet')",
		"an object store":                "select * from read_parquet('s3://bucket/x.parquet')",
		"a log to a file":                "select * from enable_logging(storage => 'file', storage_config => {'path': " + q(objects) + "})",
		"profiling to a file":            "select * from enable_profiling(save_location => " + q(target) + ")",
		"a log in a subquery":            "select (select count(*) from (describe (from ENABLE_LOGGING()))) from metric_daily",
		"a log in a with clause":         "with t as (from \"Enable_Logging\"()) select 1",
		"a log in a lateral join":        "select * from range(3) t(i), lateral (from system.main.enable_logging())",
		"a hidden select of a file":      "select * from query('select * from read_text(''/etc/passwd'')')",
		"a serialized select of a file":  "select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''/etc/passwd'')'))",
		"a parameter":                    "select $1",
		"a syntax error":                 "selec 1",
		"a table that is not there":      "select * from no_such_table",
		"a function that fails":          "select error('no')",
		"a cast that fails":              "select 'x'::integer",
		"nothing":                        " \n",
		"a comment alone":                "-- nothing",
		"a semicolon alone":              ";",
	} {
		t.Run(name, func(t *testing.T) {
			out, _, err := ask(t, root, formTable, "", text)
			if err == nil {
				t.Fatalf("accepted: %s", out)
			}
			if class := errs.ClassOf(err); class != errs.Usage {
				t.Errorf("class %d, want %d: %v", class, errs.Usage, err)
			}
			if strings.Contains(out, "root:") || strings.Contains(out, "hunter2") {
				t.Errorf("shown: %s", out)
			}
		})
	}
	if after := tree(t, root); after != before {
		t.Errorf("the warehouse was written:\n%s\nbefore:\n%s", after, before)
	}
}

// The engine itself refuses, too, what only the check of the text keeps out today.
func TestEngineSeesTheWarehouseOnly(t *testing.T) {
	root := publishMetrics(t)
	db, err := openSnapshot(context.Background(), config{}, root, "", duck.Options{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.showAll(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		"copy (select 1) to " + duck.Quote(filepath.Join(t.TempDir(), "x.csv")),
		"set threads = 1", "set enable_external_access = true", "load httpfs", "attach '/tmp/x.db'",
	} {
		if _, err := db.Conn().ExecContext(context.Background(), text); err == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

// tree lists the files of a folder with their sizes.
func tree(t *testing.T, root string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() {
			fmt.Fprintln(&b, path, info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestQueryWithoutAnythingPublished(t *testing.T) {
	root := publishMetrics(t)
	for _, c := range []struct{ name, root, snapshot, hint string }{
		{"no folder", filepath.Join(root, "none"), "", `run "vaultreport run" first, or name another folder with --warehouse`},
		{"an empty folder", t.TempDir(), "", `run "vaultreport run" first, or name another folder with --warehouse`},
		{"no such snapshot", root, "17", "the newest is 0000000002"},
		{"no snapshot's name", root, "../x", "the newest is 0000000002"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := ask(t, c.root, formTable, c.snapshot, "select 1")
			if errs.ClassOf(err) != errs.Usage || errs.HintOf(err) != c.hint {
				t.Errorf("got %v, hint %q, want hint %q", err, errs.HintOf(err), c.hint)
			}
		})
	}
}

func TestTableFormCountsRowsOnStderr(t *testing.T) {
	root := publishMetrics(t)
	out, log, err := ask(t, root, formTable, "", "select dt, value, reason from metric_daily order by dt")
	want := "dt          value  reason\n----------  -----  ------\n2026-01-02    0.5  NULL\n2026-01-03    1.5  NULL\n"
	if err != nil || out != want || log != "(2 rows)\n" {
		t.Errorf("got %q, %q, %v\nwant %q", out, log, err, want)
	}
}

func TestAPlanIsShownAsItIs(t *testing.T) {
	out, _, err := ask(t, publishMetrics(t), formTable, "", "explain select 1")
	if err != nil || !strings.HasPrefix(out, "┌") || strings.Count(out, "\n") < 5 {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestACancelledQueryEnds(t *testing.T) {
	root := publishMetrics(t)
	db, err := openSnapshot(context.Background(), config{}, root, "", duck.Options{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(interrupted{2})
	a := &app{streams: streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}}}
	err = a.answer(ctx, db, "select count(*) from range(10000000000) a, range(10000000000) b")
	if code := exitCode(ctx, err); err == nil || code != 130 {
		t.Errorf("got code %d, %v, want 130", code, err)
	}
}
