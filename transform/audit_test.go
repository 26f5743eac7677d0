package transform

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// withRows puts rows of queue_depth on a day, of which the store then says how many there are.
func withRows(t *testing.T, store *folder, db *duck.DB, depth warehouse.Table, day, query string) {
	t.Helper()
	dt := dayList(t, day)[0]
	store.put(t, db, depth, dt, depth.Empty()+" union all by name "+query)
	f, _ := store.File(depth.Name, dt)
	rows := texts(t, db, "select count(*) from read_parquet(["+duck.Quote(f.Object)+"])")
	if _, err := fmt.Sscan(rows[0][0], &f.Rows); err != nil {
		t.Fatal(err)
	}
	store.Files()[depth.Name][dt] = f
}

func TestTheTestsOfATableOverPublishedFiles(t *testing.T) {
	for _, c := range []struct {
		name  string
		edits [][2]string // of queue_depth's contract
		rows  map[string]string
		want  []TestResult // that did not pass, or of which rows offend
	}{
		{"nothing offends", nil, map[string]string{"2026-01-01": "select date '2026-01-01' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' as queue, 1 as depth"}, nil},
		{
			"a key twice, on one of two days", nil, map[string]string{
				"2026-01-01": "select date '2026-01-01' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' as queue, 1 as depth from range(2)",
				"2026-01-02": "select date '2026-01-02' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' as queue, 1 as depth",
			},
			[]TestResult{{
				Table: "queue_depth", Test: "unique (dt, env, queue)", Severity: "error", State: "fail", Rows: 2, Days: []DayRows{{dayList(t, "2026-01-01")[0], 2}},
				Query: "select * from queue_depth where dt = date '2026-01-01' qualify count(*) over (partition by dt, env, queue) > 1",
			}},
		},
		{
			"a NULL within the tolerance of one day, and above that of another", [][2]string{{"unit: count, not_null: true", "unit: count, not_null: true, tolerance: 1"}}, map[string]string{
				"2026-01-01": "select date '2026-01-01' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' as queue",
				"2026-01-02": "select date '2026-01-02' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' || i as queue from range(2) as many(i)",
			},
			[]TestResult{{
				Table: "queue_depth", Test: "not null depth", Severity: "error", Tolerance: 1, State: "fail", Rows: 3,
				Days:  []DayRows{{dayList(t, "2026-01-01")[0], 1}, {dayList(t, "2026-01-02")[0], 2}},
				Query: "select * from queue_depth where dt = date '2026-01-02' and (depth is null)",
			}},
		},
		{
			"a value out of a range that only warns", [][2]string{{"unit: count, not_null: true", "unit: count, not_null: true, min: 0, max: 9.5, severity: warn"}}, map[string]string{
				"2026-01-01": "select date '2026-01-01' as dt, timestamp '2026-01-01' as sampled_at, 'prod' as env, 'q' || i as queue, i - 1 as depth from range(12) as many(i)",
			},
			[]TestResult{{
				Table: "queue_depth", Test: "range of depth", Severity: "warn", State: "warn", Rows: 2, Days: []DayRows{{dayList(t, "2026-01-01")[0], 2}},
				Query: "select * from queue_depth where dt = date '2026-01-01' and (depth < 0 or depth > 9.5)",
			}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			for _, change := range c.edits {
				edit(t, files, "models/queue_depth.yaml", change[0], change[1])
			}
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			db, store := engine(t, 1), newFolder(t.TempDir())
			for day, rows := range c.rows {
				withRows(t, store, db, table(t, p, "queue_depth"), day, rows)
			}
			isChosen := func(name string) bool { return name == "queue_depth" }
			results, err := Test(context.Background(), store, p, options(t, db), dayList(t, "2026-01-01..2026-01-03"), isChosen)
			if err != nil {
				t.Fatal(err)
			}
			var got []TestResult
			for _, r := range results {
				if r.State != TestPassed || r.Rows > 0 {
					got = append(got, r)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if len(results) < 6 || results[0].Test != "columns" || results[1].Test != "rows of the day" {
				t.Errorf("got %d tests: %+v", len(results), results)
			}
			for _, r := range got {
				f, _ := store.File("queue_depth", r.FirstDay())
				query := strings.Replace(r.Query, "from queue_depth", "from read_parquet(["+duck.Quote(f.Object)+"])", 1)
				if n := len(texts(t, db, query)); n != 2 {
					t.Errorf("%s returns %d rows", r.Query, n)
				}
			}
		})
	}
}

func TestInvariantsOverPublishedFiles(t *testing.T) {
	files := shipped(t)
	files["tests/nobody_claims.yaml"] = &fstest.MapFile{Data: []byte("description: Nobody claims.\ntolerance: 0\ninputs:\n  - {table: vault_daily, days: same}\n")}
	files["tests/nobody_claims.sql"] = &fstest.MapFile{Data: []byte("select day, env from vault_daily where claimed > 0")}
	p, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	store, db := night(t), engine(t, 1)
	isChosen := func(name string) bool { return name == "vault_daily" }
	results, err := Test(context.Background(), store, p, options(t, db), store.Days(eventsTable), isChosen)
	if err != nil {
		t.Fatal(err)
	}
	state := map[string]string{}
	for _, r := range results {
		if r.State != TestPassed {
			state[r.Table+" "+r.Test] = r.State
		}
	}
	if want := map[string]string{"nobody_claims tests/nobody_claims.sql": TestFailed}; !cmp.Equal(state, want) {
		t.Errorf("got %v, want %v", state, want)
	}
	// The days of no file have nothing to test.
	none, err := Test(context.Background(), store, p, options(t, db), dayList(t, "2025-01-01"), func(name string) bool { return name == "queue_depth" })
	if err != nil || len(none) != 0 {
		t.Errorf("got %+v, %v", none, err)
	}
}

func TestARunHeedsSeverityAndTolerance(t *testing.T) {
	for _, c := range []struct{ name, severity, want string }{
		{"an error", "", "vault_daily"},
		{"an error above the tolerance", ", tolerance: 2", "vault_daily"},
		{"an error within the tolerance", ", tolerance: 99", ""},
		{"a warning", ", severity: warn", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			edit(t, files, "models/vault_daily.yaml", "{name: total, type: BIGINT, unit: count, min: 0", "{name: total, type: BIGINT, unit: count, min: 1000"+c.severity)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			db, store := engine(t, 1), newFolder(t.TempDir())
			fill(t, store, p, db, 9, dayList(t, "2026-01-01")...)
			var log bytes.Buffer
			o := options(t, db)
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			_, err = Run(context.Background(), store, p, o)
			if c.want == "" && err != nil || c.want != "" && (errs.ClassOf(err) != errs.Gate || !strings.Contains(err.Error(), "check vault_daily of 2026-01-01: range of total: 4 rows")) {
				t.Errorf("got %v", err)
			}
			if warned := strings.Contains(log.String(), `level=WARN msg="a test of data warns" table=vault_daily dt=2026-01-01 test="range of total" rows=4`); warned != (c.severity == ", severity: warn") {
				t.Errorf("the log says\n%s", log.String())
			}
		})
	}
}
