package transform

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/warehouse"
)

// folder is a Store in one folder.
type folder struct{ *warehouse.Folder }

func newFolder(dir string) *folder { return &folder{warehouse.NewFolder(dir)} }

// put writes the rows of a query, whose columns are the table's, as its file of a day.
func (s *folder) put(t testing.TB, db *duck.DB, table warehouse.Table, dt bizday.Day, query string) {
	t.Helper()
	path, err := s.StagePath(table, dt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Conn().ExecContext(context.Background(), fmt.Sprintf("copy (%s) to %s (format parquet, write_bloom_filter false)", query, duck.Quote(path))); err != nil {
		t.Fatalf("write %s of %s: %v", table.Name, dt, err)
	}
	if _, err := s.Add(table, dt, 0, "given"); err != nil {
		t.Fatal(err)
	}
}

func engine(t testing.TB, threads int) *duck.DB {
	t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Threads: threads, Conns: threads})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func project(t testing.TB) *Project {
	t.Helper()
	p, err := Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func options(t testing.TB, db *duck.DB) Options {
	t.Helper()
	return Options{DB: db, Zone: zone(t, "Asia/Seoul"), Params: Params{K: 1, RetireAfter: 90, DiamondTarget: 500_000}, Log: quiet()}
}

func zone(t testing.TB, name string) bizday.Zone {
	t.Helper()
	z, err := bizday.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func table(t testing.TB, p *Project, name string) warehouse.Table {
	t.Helper()
	found, ok := p.Table(name)
	if !ok {
		t.Fatalf("no table %q", name)
	}
	return found
}

// texts returns the rows of a query as text, NULL as "NULL".
func texts(t testing.TB, db *duck.DB, query string) [][]string {
	t.Helper()
	rows, err := db.Conn().QueryContext(context.Background(), query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var found [][]string
	for rows.Next() {
		cells := make([]*string, len(columns))
		targets := make([]any, len(columns))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(columns))
		for i, text := range cells {
			row[i] = "NULL"
			if text != nil {
				row[i] = *text
			}
		}
		found = append(found, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
