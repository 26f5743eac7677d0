package main

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
)

// queryFiles are pairs of queries with one answer: NAME_mart.sql reads marts, NAME_raw.sql the lake.
//
//go:embed queries/*.sql
var queryFiles embed.FS

// a question is asked of a mart and of the lake. The tables are views over exactly named files.
type question struct {
	name, bar, measured string
	atLeast             float64 // 0: no bar
	mart, lake          []string
	days                []bizday.Day // of the mart; the lake's are all
}

// questions are those of docs/performance.md C, asked on the last day of a period.
func questions(first, last bizday.Day) []question {
	all := between(first, last)
	quarters := []bizday.Day{last}
	if _, aligned := last.AlignedPreviousQuarter(); aligned >= first {
		quarters = append(quarters, aligned)
	}
	return []question{
		{"quarter", "QoQ from marts against raw scans: >= 100x", "both rates of the quarter and the one before, per env and type", 100,
			[]string{"vault_quarter"}, []string{"events", "vault_status"}, quarters},
		{"progress", "percentiles from marts against raw scans: >= 30x", "p50 and p90 of attendance and deposits by env, quarter and type, from vault_status", 30,
			[]string{"frequency_quarter"}, []string{"vault_status"}, quarterEnds(first, last)},
		{"latency", "percentiles from marts against raw scans: >= 30x", "p50 and p90 of latency by env and quarter, from events", 30,
			[]string{"frequency_quarter"}, []string{"events"}, quarterEnds(first, last)},
		{"alerts", "alert -> claim within 24 h", "per day, env and type", 0,
			[]string{"alert_daily"}, []string{"events"}, all},
	}
}

// queries asks the questions of a warehouse of the days from first to last.
func (b *bench) queries(ctx context.Context, warehouse string, first, last bizday.Day) error {
	db, err := duck.Open(ctx, duck.Options{Threads: runtime.GOMAXPROCS(0), TempDir: b.dir})
	if err != nil {
		return err
	}
	defer db.Close()
	e := engine{ctx: ctx, conn: db.Conn(), warehouse: warehouse}
	for _, q := range questions(first, last) {
		b.say("%s, from the mart and from the lake", q.name)
		if err := e.views("marts", q.mart, q.days); err != nil {
			return err
		}
		if err := e.views("lake", q.lake, between(first, last)); err != nil {
			return err
		}
		mart, lake, err := e.compare(q.name, last, b.options.pairs)
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		r := atLeast(q.bar, q.measured, mart, lake, q.atLeast)
		if q.atLeast == 0 {
			r = without(r)
		}
		b.add(r)
	}
	return nil
}

// quarterEnds returns the last day of each quarter of a period, in its last quarter that of the period.
func quarterEnds(first, last bizday.Day) []bizday.Day {
	var days []bizday.Day
	for d := last; d >= first; d = d.QuarterStart() - 1 {
		days = append(days, d)
	}
	return days
}

func between(first, last bizday.Day) []bizday.Day {
	var days []bizday.Day
	for d := first; d <= last; d++ {
		days = append(days, d)
	}
	return days
}

type engine struct {
	ctx       context.Context
	conn      *sql.Conn
	warehouse string
}

// views names the files of the days after their tables. A day without a file is left out.
func (e engine) views(room string, tables []string, days []bizday.Day) error {
	for _, table := range tables {
		var files []string
		for _, d := range days {
			path := filepath.Join(e.warehouse, room, table, "dt="+d.String(), "data.parquet")
			if _, err := os.Stat(path); err == nil {
				files = append(files, duck.Quote(path))
			}
		}
		text := fmt.Sprintf("create or replace temp view %s as from read_parquet([%s])", table, strings.Join(files, ", "))
		if _, err := e.conn.ExecContext(e.ctx, text); err != nil {
			return fmt.Errorf("read %s: %w", table, err)
		}
	}
	return nil
}

// compare asks both sides once, compares their answers, and then lets them take turns.
func (e engine) compare(name string, dt bizday.Day, pairs int) (mart, lake cost, err error) {
	var answers [2][]string
	measures := make([]func() (cost, error), 2)
	for i, side := range []string{"mart", "raw"} {
		text, err := queryFiles.ReadFile("queries/" + name + "_" + side + ".sql")
		if err != nil {
			return cost{}, cost{}, err
		}
		if answers[i], _, err = e.ask(string(text), dt); err != nil {
			return cost{}, cost{}, fmt.Errorf("%s: %w", side, err)
		}
		measures[i] = func() (cost, error) {
			_, c, err := e.ask(string(text), dt)
			return c, err
		}
	}
	if len(answers[0]) == 0 {
		return cost{}, cost{}, fmt.Errorf("the mart has no answer")
	}
	if difference := cmp.Diff(answers[1], answers[0]); difference != "" {
		return cost{}, cost{}, fmt.Errorf("the answers differ (- lake, + mart):\n%s", difference)
	}
	costs, err := alternate(pairs, measures...)
	if err != nil {
		return cost{}, cost{}, err
	}
	return costs[0], costs[1], nil
}

// ask returns the rows as text, doubles to their last digit, and what reading them took.
func (e engine) ask(text string, dt bizday.Day) (answer []string, c cost, err error) {
	began := time.Now()
	before, err := ownCPU()
	if err != nil {
		return nil, cost{}, err
	}
	var args []any
	if strings.Contains(text, "$dt") {
		args = append(args, sql.Named("dt", dt.String()))
	}
	rows, err := e.conn.QueryContext(e.ctx, text, args...)
	if err != nil {
		return nil, cost{}, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, cost{}, err
	}
	values, targets := make([]any, len(columns)), make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, cost{}, err
		}
		answer = append(answer, strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
	}
	if err := rows.Err(); err != nil {
		return nil, cost{}, err
	}
	after, err := ownCPU()
	return answer, cost{Wall: time.Since(began), CPU: after - before}, err
}
