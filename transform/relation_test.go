package transform

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

const refersToEnvSeen = "{name: env, type: VARCHAR, references: {table: env_seen, column: env}, meaning: environment}"

func TestARelationIsTestedDayByDayOverPublishedFiles(t *testing.T) {
	depth := func(day, envs string) string {
		return fmt.Sprintf("select date '%s' as dt, timestamp '2026-01-01' as sampled_at, unnest([%s]) as env, 'q' as queue, 1 as depth", day, envs)
	}
	seen := func(day, env string) string {
		return fmt.Sprintf("select date '%s' as dt, '%s' as env, date '2026-01-01' as first_dt", day, env)
	}
	for _, c := range []struct {
		name        string
		depth, seen map[string]string
		want        []DayRows
	}{
		{"every value is there", map[string]string{"2026-01-01": depth("2026-01-01", "'prod'")}, map[string]string{"2026-01-01": seen("2026-01-01", "prod")}, nil},
		{"one is there on another day only", map[string]string{"2026-01-01": depth("2026-01-01", "'prod'"), "2026-01-02": depth("2026-01-02", "'prod', 'dev'")},
			map[string]string{"2026-01-01": seen("2026-01-01", "dev"), "2026-01-02": seen("2026-01-02", "dev")}, []DayRows{{dayList(t, "2026-01-01")[0], 1}, {dayList(t, "2026-01-02")[0], 1}}},
		{"the other table has no file", map[string]string{"2026-01-02": depth("2026-01-02", "'prod', 'dev'")}, nil, []DayRows{{dayList(t, "2026-01-02")[0], 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			edit(t, files, "models/queue_depth.yaml", "{name: env, type: VARCHAR, meaning: environment}", refersToEnvSeen)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			db, store := engine(t, 1), newFolder(t.TempDir())
			for _, of := range []struct {
				table string
				rows  map[string]string
			}{{"queue_depth", c.depth}, {"env_seen", c.seen}} {
				paths := ""
				for day, rows := range of.rows {
					withRows(t, store, db, table(t, p, of.table), day, rows)
					f, _ := store.File(of.table, dayList(t, day)[0])
					paths += duck.Quote(store.ReadPath(f)) + ", "
				}
				view := table(t, p, of.table).Empty()
				if paths != "" {
					view = "select * from read_parquet([" + paths + "])"
				}
				if _, err := db.Conn().ExecContext(context.Background(), "create view "+of.table+" as "+view); err != nil {
					t.Fatal(err)
				}
			}
			results, err := Test(context.Background(), store, p, options(t, db), dayList(t, "2026-01-01..2026-01-03"), func(name string) bool { return name == "queue_depth" })
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range results {
				if r.Test != "relation of env to env_seen.env" {
					continue
				}
				if diff := cmp.Diff(c.want, r.Days); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if r.State != TestPassed {
					if n := int64(len(texts(t, db, r.Query))); n != r.Days[0].Rows {
						t.Errorf("%s returns %d rows", r.Query, n)
					}
				}
				return
			}
			t.Error("there is no such test")
		})
	}
}

func TestARunStopsAtARelationThatDoesNotHold(t *testing.T) {
	const env = "{name: env, type: VARCHAR, meaning: environment}"
	for _, c := range []struct{ name, column, wantErr, wantLog string }{
		{"it holds", refersToEnvSeen, "", ""},
		{"it does not", "{name: env, type: VARCHAR, references: {table: queue_depth, column: env}, meaning: environment}", "check vault_daily of 2026-01-01: relation of env to queue_depth.env: 4 rows", ""},
		{"as many rows are tolerated", "{name: env, type: VARCHAR, references: {table: queue_depth, column: env}, tolerance: 4, meaning: environment}", "", ""},
		{"it only warns", "{name: env, type: VARCHAR, references: {table: queue_depth, column: env}, severity: warn, meaning: environment}", "", `"a test of data warns" table=vault_daily dt=2026-01-01 test="relation of env to queue_depth.env" rows=4`},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			edit(t, files, "models/vault_daily.yaml", env, c.column)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			db, store := engine(t, 1), newFolder(t.TempDir())
			fill(t, store, p, db, 9, dayList(t, "2026-01-01")...)
			o := options(t, db)
			var log bytes.Buffer
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			_, err = Run(context.Background(), store, p, o)
			if got := fmt.Sprint(err); c.wantErr == "" && err != nil || c.wantErr != "" && (!strings.Contains(got, c.wantErr) || errs.ClassOf(err) != errs.Gate) {
				t.Errorf("got %v", err)
			}
			if !strings.Contains(log.String(), c.wantLog) || c.wantLog == "" && strings.Contains(log.String(), "warns") {
				t.Errorf("log:\n%s", log.String())
			}
		})
	}
}

func TestAReferenceIsToAColumnThatThereIs(t *testing.T) {
	for _, c := range []struct{ name, to, want string }{
		{"no such table", "{table: env_sen, column: env}", `models/vault_daily.yaml:16: column env: references env_sen.env: no other table "env_sen" with files`},
		{"a view has no files", "{table: metrics_batch, column: env}", `references metrics_batch.env: no other table "metrics_batch" with files`},
		{"the table itself", "{table: vault_daily, column: env}", `no other table "vault_daily" with files`},
		{"a table that is written after the models", "{table: alarm, column: env}", `no other table "alarm" with files`},
		{"no such column", "{table: env_seen, column: name}", "references env_seen.name: no such column"},
		{"a column of another type", "{table: env_seen, column: first_dt}", "references env_seen.first_dt: its type is DATE, not VARCHAR"},
		{"an unknown key", "{table: env_seen, name: env}", `models/vault_daily.yaml:16: unknown key "name"`},
		{"no mapping", "env_seen", "models/vault_daily.yaml:16: not a mapping of keys to values"},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			edit(t, files, "models/vault_daily.yaml", "{name: env, type: VARCHAR, meaning", "{name: env, type: VARCHAR, references: "+c.to+", meaning")
			_, err := Load(files)
			if errs.ClassOf(err) != errs.Usage || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}
