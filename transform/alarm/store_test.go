package alarm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// night is a warehouse in one folder, without leases, snapshots or syncing, in which rules are evaluated.
type night struct {
	dir     string
	db      *duck.DB
	project *transform.Project
	options Options
	files   map[string]map[bizday.Day]warehouse.File
	calls   int
}

var _ transform.Store = (*night)(nil)

func newNight(t testing.TB, dir string, db *duck.DB) *night {
	t.Helper()
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return &night{
		dir: dir, db: db, project: project, files: map[string]map[bizday.Day]warehouse.File{},
		options: Options{Rules: rules, Options: transform.Options{DB: db, Zone: zone, Params: transform.Params{K: 5, RetireAfter: 90, DiamondTarget: 500_000}, Log: slog.New(slog.DiscardHandler)}},
	}
}

func engine(t testing.TB) *duck.DB {
	t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (n *night) File(table string, dt bizday.Day) (warehouse.File, bool) {
	f, ok := n.files[table][dt]
	return f, ok
}

func (n *night) Days(table string) []bizday.Day {
	var days []bizday.Day
	for day := range n.files[table] {
		days = append(days, day)
	}
	slices.Sort(days)
	return days
}

func (n *night) ReadPath(f warehouse.File) string { return f.Object }

func (n *night) StagePath(table warehouse.Table, dt bizday.Day) (string, error) {
	n.calls++
	return filepath.Join(n.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, n.calls)), nil
}

func (n *night) Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error) {
	path := filepath.Join(n.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, n.calls))
	data, err := os.ReadFile(path)
	if err != nil {
		return warehouse.File{}, err
	}
	sum := sha256.Sum256(data)
	f := warehouse.File{Path: table.Path(dt), Object: path, Table: table.Name, Dt: dt, Rows: rows, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Key: key}
	if n.files[table.Name] == nil {
		n.files[table.Name] = map[bizday.Day]warehouse.File{}
	}
	n.files[table.Name][dt] = f
	return f, nil
}

// put writes rates as the file of metric_daily of a day.
func (n *night) put(t testing.TB, dt bizday.Day, rates cells) {
	t.Helper()
	table, _ := n.project.Table(metricTable)
	path, err := n.StagePath(table, dt)
	if err != nil {
		t.Fatal(err)
	}
	query := table.Empty()
	for k, s := range rates {
		numerator, denominator, reason := fmt.Sprint(s.numerator), fmt.Sprint(s.denominator), "null"
		if s.state == "suppressed" || s.state == "not_computable" {
			numerator, denominator = "null", "null"
		}
		if s.reason != "" {
			reason = duck.Quote(s.reason)
		}
		query += fmt.Sprintf(" union all select date '%s', '%s', '%s', '%s', '%s', 'ALL', 'ALL', 'rate', null, %s, %s, null, null, null, null, '%s', %s, 'ratio'",
			dt, k.env, k.metric, k.period, k.vaultType, numerator, denominator, s.state, reason)
	}
	text := fmt.Sprintf("copy (select * from (%s) order by all) to %s (format parquet)", query, duck.Quote(path))
	if _, err := n.db.Conn().ExecContext(context.Background(), text); err != nil {
		t.Fatal(err)
	}
	if _, err := n.Add(table, dt, int64(len(rates)), "given"); err != nil {
		t.Fatal(err)
	}
}

// run evaluates the rules and returns which files were written: "alarm 2026-01-02".
func (n *night) run(t testing.TB) (Summary, []string) {
	t.Helper()
	type at struct {
		table string
		dt    bizday.Day
	}
	before := map[at]string{}
	for table, files := range n.files {
		for dt, f := range files {
			before[at{table, dt}] = f.Object
		}
	}
	summary, err := Run(context.Background(), n, n.project, n.options)
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for table, files := range n.files {
		for dt, f := range files {
			if before[at{table, dt}] != f.Object {
				written = append(written, table+" "+dt.String())
			}
		}
	}
	slices.Sort(written)
	if len(written) != summary.Built {
		t.Errorf("%d files were written, the summary says %d", len(written), summary.Built)
	}
	return summary, written
}

// digests returns the SHA-256 of every file that this package writes.
func (n *night) digests() map[string]string {
	sums := map[string]string{}
	for _, table := range []string{evaluationTable, alarmTable} {
		for _, f := range n.files[table] {
			sums[f.Path] = f.SHA256
		}
	}
	return sums
}

// rows returns what a query over all files of a table gives, a line a row; TABLE stands for the table.
func (n *night) rows(t testing.TB, table, query string) []string {
	t.Helper()
	var paths []string
	for _, dt := range n.Days(table) {
		f, _ := n.File(table, dt)
		paths = append(paths, duck.Quote(f.Object))
	}
	source := fmt.Sprintf("read_parquet([%s], hive_partitioning = false)", strings.Join(paths, ", "))
	rows, err := n.db.Conn().QueryContext(context.Background(), strings.ReplaceAll(query, "TABLE", source))
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func mustDay(t testing.TB, text string) bizday.Day {
	t.Helper()
	day, err := bizday.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return day
}
