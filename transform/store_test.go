package transform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/warehouse"
)

// folder is a Store in one folder, without leases, snapshots or syncing.
type folder struct {
	dir   string
	files map[string]map[bizday.Day]warehouse.File
	calls int
}

func newFolder(dir string) *folder {
	return &folder{dir: dir, files: map[string]map[bizday.Day]warehouse.File{}}
}

func (s *folder) File(table string, dt bizday.Day) (warehouse.File, bool) {
	f, ok := s.files[table][dt]
	return f, ok
}

func (s *folder) Days(table string) []bizday.Day {
	var days []bizday.Day
	for day := range s.files[table] {
		days = append(days, day)
	}
	slices.Sort(days)
	return days
}

func (s *folder) ReadPath(f warehouse.File) string { return f.Object }

func (s *folder) StagePath(table warehouse.Table, dt bizday.Day) (string, error) {
	s.calls++
	return filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.calls)), nil
}

func (s *folder) Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error) {
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.calls))
	data, err := os.ReadFile(path)
	if err != nil {
		return warehouse.File{}, err
	}
	sum := sha256.Sum256(data)
	f := warehouse.File{Path: table.Path(dt), Object: path, Table: table.Name, Dt: dt, Rows: rows, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Key: key}
	if s.files[table.Name] == nil {
		s.files[table.Name] = map[bizday.Day]warehouse.File{}
	}
	s.files[table.Name][dt] = f
	return f, nil
}

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
	db, err := duck.Open(context.Background(), duck.Options{Threads: threads})
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
