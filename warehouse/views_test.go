package warehouse

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"
)

func openDuck(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// publishMetrics publishes days of metric_daily with real Parquet files, and nothing else.
func publishMetrics(t *testing.T, w *Warehouse) {
	t.Helper()
	db, tx := openDuck(t), begin(t, w)
	for dt := day1; dt <= day2; dt++ {
		path, err := tx.StagePath(table("metric_daily"), dt)
		if err != nil {
			t.Fatal(err)
		}
		copySQL := fmt.Sprintf("copy (select date '%s' as dt, 'claims' as metric, 0.5::double as value) to %s (format parquet)", dt, quoteText(path))
		if _, err := db.Exec(copySQL); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Add(table("metric_daily"), dt, 1, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := tx.Publish(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := tx.Close(); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, q interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}, view string) (rows, columns int) {
	t.Helper()
	ctx := context.Background()
	if err := q.QueryRowContext(ctx, "select count(*) from "+view).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	err := q.QueryRowContext(ctx, "select count(*) from duckdb_columns() where table_name = $1", view).Scan(&columns)
	if err != nil {
		t.Fatal(err)
	}
	return rows, columns
}

func TestViewsShowEveryTable(t *testing.T) {
	for _, name := range []string{"warehouse", "o'brien's [x]* why?"} {
		root := filepath.Join(t.TempDir(), name)
		publishMetrics(t, machine{root: root}.open(t))
		views := readText(t, filepath.Join(root, viewsFile))
		moved := root + " moved"
		for _, c := range []struct {
			name string
			dir  func(t *testing.T) string
		}{
			{"from elsewhere", func(t *testing.T) string { return t.TempDir() }},
			{"from inside the folder", func(*testing.T) string { return root }},
			{"from inside the folder after it was moved", func(t *testing.T) string {
				if err := os.Rename(root, moved); err != nil {
					t.Fatal(err)
				}
				return moved
			}},
		} {
			t.Run(name+" "+c.name, func(t *testing.T) {
				t.Chdir(c.dir(t))
				db := openDuck(t)
				conn, err := db.Conn(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				if _, err := conn.ExecContext(context.Background(), views); err != nil {
					t.Fatal(err)
				}
				for view, want := range map[string][2]int{"metric_daily": {2, 3}, "events": {0, 3}, "alarm": {0, 2}} {
					rows, columns := count(t, conn, view)
					if rows != want[0] || columns != want[1] {
						t.Errorf("%s: got %d rows of %d columns, want %v", view, rows, columns, want)
					}
				}
			})
		}
	}
}

// A variable belongs to a connection. On another one the views fall back to the absolute path.
func TestViewsWorkOnAnotherConnection(t *testing.T) {
	root := t.TempDir()
	publishMetrics(t, machine{root: root}.open(t))
	t.Chdir(t.TempDir())
	db := openDuck(t)
	first, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := first.ExecContext(context.Background(), readText(t, filepath.Join(root, viewsFile))); err != nil {
		t.Fatal(err)
	}
	if rows, _ := count(t, db, "metric_daily"); rows != 2 {
		t.Errorf("got %d rows, want 2", rows)
	}
}

func TestViewsOfASnapshot(t *testing.T) {
	m := &Manifest{Files: []File{
		{Path: "marts/metric_daily/dt=2026-01-02/data.parquet", Table: "metric_daily"},
		{Path: "marts/of_old/dt=2026-01-02/data.parquet", Table: "of_old"},
		{Path: "reports/dt=2026-01-02/index.html", Table: ReportTable},
	}}
	golden(t, "views.sql", string(viewsSQL("/data/o'brien", testTables(), m)))
}
