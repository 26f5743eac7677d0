package reports

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"

	_ "github.com/duckdb/duckdb-go/v2"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

var _ Store = (*warehouse.Tx)(nil)

var friday = bizday.Of(2026, 2, 13)

// fakeStore holds the marts of one fixture on disk and the reports in memory.
type fakeStore struct {
	folder  string
	files   map[string]warehouse.File // by table, for the one day that there is
	reports map[bizday.Day]warehouse.File
	html    []byte
	added   int
	parent  warehouse.Manifest
}

func (s *fakeStore) File(table string, dt bizday.Day) (warehouse.File, bool) {
	if table == "report" {
		f, ok := s.reports[dt]
		return f, ok
	}
	f, ok := s.files[table]
	return f, ok && f.Dt == dt
}

func (s *fakeStore) Parent() *warehouse.Manifest { return &s.parent }

func (s *fakeStore) ReadPath(f warehouse.File) string { return filepath.Join(s.folder, f.Path) }

func (s *fakeStore) AddReport(dt bizday.Day, html []byte, key string) (warehouse.File, error) {
	f := warehouse.File{Table: "report", Dt: dt, Bytes: int64(len(html)), Key: key}
	s.reports[dt], s.html = f, html
	s.added++
	return f, nil
}

// fixture writes the marts of testdata/<name>.sql as Parquet.
func fixture(t testing.TB, name string) (*fakeStore, *duck.DB) {
	t.Helper()
	writer := writerDB(t)
	for _, file := range []string{"schema.sql", name + ".sql"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := writer.ExecContext(t.Context(), string(text)); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	s := &fakeStore{folder: t.TempDir(), files: map[string]warehouse.File{}, reports: map[bizday.Day]warehouse.File{}}
	tables := inputTables[:]
	var restated bool
	if err := writer.QueryRowContext(t.Context(), "select count(*) > 0 from "+restatementTable).Scan(&restated); err != nil {
		t.Fatal(err)
	} else if restated {
		tables = append(slices.Clip(tables), restatementTable)
	}
	for _, table := range tables {
		path := filepath.Join(s.folder, table+".parquet")
		if _, err := writer.ExecContext(t.Context(), "copy "+table+" to '"+path+"' (format parquet)"); err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		s.files[table] = warehouse.File{Path: table + ".parquet", Table: table, Dt: friday, SHA256: hex.EncodeToString(sum[:])}
	}
	// The connection that a run uses, which may open nothing but the marts.
	db, err := duck.Open(t.Context(), duck.Options{Threads: 1, ReadOnlyDirs: []string{s.folder}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return s, db
}

// writerDB is one connection, since each connection of the pool would have a database of its own.
func writerDB(t testing.TB) *sql.DB {
	t.Helper()
	db, err := sql.Open("duckdb", "")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// rules are some of the shipped ones.
var rules = []Rule{
	{Name: "claim_rate_drop", Level: "investigate", IsBelow: true, Unit: "relative", MinDenominator: 30, Significance: 0.05, Owner: "vault product", Runbook: "docs/operators.md"},
	{Name: "compensation_pending", Level: "warn", Unit: "number", For: "10m", Owner: "vault operations", Runbook: "docs/operators.md"},
	{Name: "dlq_size", Level: "critical", Unit: "number", Owner: "vault operations", Runbook: "docs/operators.md"},
	{Name: "dlq_size", Level: "warn", Unit: "number", Owner: "vault operations", Runbook: "docs/operators.md"},
	{Name: "expire_rate_spike", Level: "investigate", Unit: "relative", MinDenominator: 30, Significance: 0.05, Owner: "vault product", Runbook: "docs/operators.md"},
	{Name: "more_alerts", Level: "warn", Unit: "relative"},
	{Name: "notify_enqueue_latency", Level: "warn", Unit: "ms", Owner: "vault operations", Runbook: "docs/operators.md"},
	{Name: "variant_claim_gap", Level: "investigate", Unit: "points", MinDenominator: 30, Significance: 0.05, Owner: "vault product", Runbook: "docs/operators.md"},
}

func options(db *duck.DB, language string) Options {
	return Options{DB: db, Title: "Vault", Language: language, Zone: "Asia/Seoul", K: 5, Rules: rules, Log: slog.New(slog.DiscardHandler)}
}

// built returns the report of a fixture.
func built(t testing.TB, name, language string) string {
	t.Helper()
	store, db := fixture(t, name)
	if err := Build(t.Context(), store, []bizday.Day{friday}, options(db, language)); err != nil {
		t.Fatal(err)
	}
	return string(store.html)
}
