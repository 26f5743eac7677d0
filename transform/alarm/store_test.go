package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// night is a store in which rules are evaluated.
type night struct {
	*warehouse.Folder
	db      *duck.DB
	project *transform.Project
	options Options
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
		Folder: warehouse.NewFolder(dir), db: db, project: project,
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

// put writes rates, and SELECTs of further rows, as the file of metric_daily of a day.
func (n *night) put(t testing.TB, dt bizday.Day, rates cells, further ...string) {
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
	for _, row := range further {
		query += " union all " + row
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
	for table, files := range n.Files() {
		for dt, f := range files {
			before[at{table, dt}] = f.Object
		}
	}
	summary, err := Run(context.Background(), n, n.project, n.options)
	if err != nil {
		t.Fatal(err)
	}
	var written []string
	for table, files := range n.Files() {
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
	for _, table := range []string{spanTable, evaluationTable, alarmTable} {
		for _, f := range n.Files()[table] {
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
	return n.rowsIn(t, query, paths...)
}

// rowsIn is rows of quoted paths.
func (n *night) rowsIn(t testing.TB, query string, paths ...string) []string {
	t.Helper()
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
