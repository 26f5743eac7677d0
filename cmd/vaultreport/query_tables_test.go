package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/duck"
)

// Whatever a statement can see must be the same as if all tables had been shown before: rows, columns and errors.
func TestAStatementSeesAllTablesThoughFewAreShown(t *testing.T) {
	root := publishMetrics(t)
	for _, c := range []struct {
		text  string
		shown string // tables, sorted; "all"
	}{
		{"select 1", ""},
		{"select * from METRIC_Daily order by dt", "metric_daily"},
		{"select * from alarm, metric_daily as m", "alarm metric_daily"},
		{"select (select count(*) from alarm) + (select max(value) from metric_daily where exists (from events)) as n", "alarm events metric_daily"},
		{"from metric_daily union all from metric_daily order by dt", "metric_daily"},
		{"table alarm", "alarm"},
		{"explain select * from vault_state", "vault_state"},
		{"with t as (from metric_daily) select count(*) as n from T", "metric_daily"},
		{"with metric_daily as (select * from metric_daily where value < 1) select value from metric_daily", "metric_daily"},
		{"with alarm as (select 7 as a) select * from alarm", ""},
		{"with recursive t as (select 1 as a union all select a + 1 from t where a < 3) select * from t order by a", ""},
		{"with a as (select 1 as x), b as (select x + 1 as y from a) select (with c as (from b) select max(y) from c) as z from a", ""},
		{"select m.dt, d from metric_daily as m, lateral (select m.value as d) order by m.dt", "metric_daily"},
		{"pivot metric_daily on env in ('prod') using count(*) group by dt order by dt", "metric_daily"},
		{"select i, j.key from range(2) t(i), json_each('{\"a\": 1}') as j order by i", ""},
		{"show tables", "all"},
		{"describe metric_daily", "all"},
		{"describe", "all"},
		{"summarize metric_daily", "all"},
		{"select * from duckdb_views() where not internal order by view_name", "all"},
		{"select view_name, sql from duckdb_views where not internal order by view_name", "all"},
		{"select count(*) as n from duckdb_columns()", "all"},
		{"select table_name, table_type from information_schema.tables order by table_name", "all"},
		{"select count(*) as n from information_schema.columns", "all"},
		{"select name from sqlite_master order by name", "all"},
		{"select relname from pg_class order by relname", "all"},
		{"select count(*) as n from pg_catalog.pg_attribute", "all"},
		{"select pg_get_viewdef(view_oid) as v from duckdb_views() where view_name = 'alarm'", "all"},
		{"select pg_get_viewdef(2000) as v", "all"},
		{"select * from pragma_table_info('metric_daily')", "all"},
		{"select * from pragma_show('metric_daily')", "all"},
		{"select * from histogram(metric_daily, value)", "all"},
		{"select * from main.metric_daily order by dt", "all"},
		{"select * from memory.main.metric_daily order by dt", "all"},
		{"select * from metrics_latency", "all"}, // a view of models: no table
		{"select * from metric_dayly", "all"},
		{"with t as (select 1) select * from u", "all"},
		{"select (with duckdb_views as (select 1) select 2) as a, count(*) as n from duckdb_views", "all"},
		{"select no_such_column from metric_daily", "metric_daily"},
		{"select no_such_function(1)", ""},
	} {
		t.Run(c.text, func(t *testing.T) {
			got, shown := answerOf(t, root, c.text, false)
			want, _ := answerOf(t, root, c.text, true)
			if difference := cmp.Diff(want, got); difference != "" {
				t.Errorf("the answer differs (- all tables shown, + as it is):\n%s", difference)
			}
			if shown != c.shown {
				t.Errorf("shown: %q, want %q", shown, c.shown)
			}
		})
	}
}

// answerOf returns what a statement prints, its error with it, and the tables that were shown for it.
func answerOf(t *testing.T, root, text string, showAll bool) (answer, shown string) {
	t.Helper()
	ctx := context.Background()
	s, err := openSnapshot(ctx, config{}, root, "", duck.Options{Threads: 1, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var out, log bytes.Buffer
	a := &app{streams: streams{out: &out, err: &log}, global: globalFlags{Output: formJSON}}
	if showAll {
		selected, err := oneSelect(ctx, s.Conn(), text)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.showAll(ctx); err != nil {
			t.Fatal(err)
		}
		err = a.writeAnswer(ctx, s.Conn(), selected.text)
		return fmt.Sprintln(out.String(), log.String(), err), ""
	}
	err = a.answer(ctx, s, text)
	rows, queryErr := s.Conn().QueryContext(ctx, "select view_name from duckdb_views() where not internal order by view_name")
	if queryErr != nil {
		t.Fatal(queryErr)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	shown = strings.Join(names, " ")
	if len(names) > 10 {
		shown = "all"
	}
	return fmt.Sprintln(out.String(), log.String(), err), shown
}
