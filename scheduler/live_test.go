package scheduler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pgtest"
)

// serviceTables are the tables as the service has them.
const serviceTables = `
	create type vault_state as enum ('LOCKED', 'ACTIVE', 'UNLOCKED', 'CLAIMED', 'EXPIRED', 'BROKEN');
	create table vault_status (
		user_id bigint primary key, nickname text, gold_status vault_state default 'LOCKED', platinum_status vault_state default 'LOCKED', diamond_status vault_state default 'ACTIVE',
		expires_at timestamptz, expires_initial_at timestamp, expiry_extend_count int default 0, last_extension_reason varchar(16), last_extension_at timestamptz,
		platinum_attendance_days int default 0, platinum_deposit_done boolean default false, diamond_deposit_current bigint default 0,
		gold_claimed_at timestamptz, platinum_claimed_at timestamptz, diamond_claimed_at timestamptz, last_attended_at timestamptz,
		created_at timestamptz default '2025-12-01 00:00:00+09', updated_at timestamptz default '2026-01-02 20:00:00+09');
	create table compensation_queue (
		id bigserial primary key, user_id bigint, vault_type varchar(16), request_id text, external_service text, status text, retry_count int, next_retry_at timestamptz,
		created_at timestamptz default '2026-01-02 09:00:00+09');
	create table notifications_queue (
		id bigserial primary key, user_id bigint, type text, vault_type text, variant_id text, payload jsonb, status text, retry_count int, scheduled_at timestamptz, created_at timestamptz);
	create table vault_expiry_extension_log (
		id bigserial primary key, user_id bigint, prev_expires_at timestamptz, new_expires_at timestamptz, reason text, shadow boolean, created_at timestamptz);`

// liveWorld is a world of one table source, a PostgreSQL server with the service's tables, at noon of 2026-01-03.
// A test that kills the server is over before those that run side by side begin: it must not call t.Parallel.
func liveWorld(t *testing.T) (*world, *pgtest.Server) {
	t.Helper()
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec(serviceTables + "grant select on all tables in schema public to reader")
	w := newWorld(t, "Asia/Seoul")
	w.options.Sources = nil
	w.options.Tables = []extract.TableSource{{Name: "db", Env: "prod", DSN: extract.DSN(dsn), Connections: 2, StatementTimeout: time.Minute}}
	w.isNoonOf(3)
	return w, server
}

// isNoonOf sets the clock to a day of January 2026.
func (w *world) isNoonOf(day int) {
	noon := time.Date(2026, 1, day, 3, 0, 0, 0, time.UTC)
	w.options.Now = func() time.Time { return noon }
}

const liveRows = "select dt, env, id, gold_status from vault_status join who using (user_key) order by all"

func TestALiveTableIsReadForYesterdayAndTodayOnly(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id, gold_status) values (1, 'LOCKED')")
	if result := w.mustRun("2026-01-01"); result.Ledger.Read != 0 || result.Status != Published {
		t.Errorf("the day before yesterday: %+v, want a day without a snapshot", result)
	}
	if result := w.mustRun("2026-01-02"); result.Ledger.Read != 1 {
		t.Errorf("yesterday: %+v", result.Ledger)
	}
	w.expect(liveRows, "2026-01-02,prod,1,LOCKED\n")
	w.expect("select dt, kind, name from source_catalogue where kind = 'table'", strings.ReplaceAll("=compensation_queue\n=notifications_queue\n=vault_expiry_extension_log\n=vault_status\n", "=", "2026-01-02,table,"))

	// Once: what changed meanwhile is another day's, or that of a snapshot that is taken again.
	server.Exec("update vault_status set gold_status = 'UNLOCKED'")
	if result := w.mustRun("2026-01-02"); result.Status != Unchanged || result.Ledger.Read != 0 {
		t.Errorf("yesterday, again: %+v", result)
	}
	if result := w.mustRun("2026-01-01..2026-01-03"); result.Ledger.Read != 1 {
		t.Errorf("until today: %+v", result.Ledger)
	}
	w.expect(liveRows, "2026-01-02,prod,1,LOCKED\n2026-01-03,prod,1,UNLOCKED\n")

	server.Exec("update vault_status set gold_status = 'CLAIMED'")
	w.options.RetakeSnapshot = true
	w.mustRun("2026-01-02")
	w.expect(liveRows, "2026-01-02,prod,1,CLAIMED\n2026-01-03,prod,1,UNLOCKED\n")
	if result := w.mustRun("2026-01-02"); result.Status != Unchanged || result.Ledger.Read != 1 {
		t.Errorf("taken again, and the same: %+v", result)
	}
	// Not even --retake-snapshot replaces the rows of a past day by those of now.
	w.isNoonOf(5)
	if result := w.mustRun("2026-01-02..2026-01-03"); result.Status != Unchanged || result.Ledger.Read != 0 {
		t.Errorf("past days: %+v", result)
	}
	if result := w.mustRun("2026-01-02..2026-01-06"); result.Ledger.Read != 0 {
		t.Errorf("until tomorrow: %+v", result.Ledger)
	}
	w.expect("select max(dt) from vault_status", "2026-01-03\n")
}

// dumpTables writes what the server's tables hold to the files of the world's path source.
func dumpTables(w *world, server *pgtest.Server) {
	w.t.Helper()
	conn, err := pgx.Connect(w.t.Context(), server.DSN(pgtest.Superuser))
	if err != nil {
		w.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, name := range extract.TableNames() {
		var csv bytes.Buffer
		if _, err := conn.PgConn().CopyTo(w.t.Context(), &csv, "copy "+name+" to stdout with (format csv, header)"); err != nil {
			w.t.Fatal(err)
		}
		w.write("dumps/2026-01-02/"+name+".csv", csv.Bytes())
	}
}

const manyRows = `
	insert into vault_status (user_id, nickname, gold_status, platinum_status, expires_at, expires_initial_at, expiry_extend_count, last_extension_reason, last_extension_at, platinum_attendance_days, platinum_deposit_done, diamond_deposit_current, gold_claimed_at, last_attended_at)
		select i, 'nick, "' || i || '"', case when i % 101 = 0 then 'BROKEN' else (array['LOCKED', 'ACTIVE', 'UNLOCKED', 'CLAIMED', 'EXPIRED', null])[1 + i % 6] end::vault_state, case when i % 3 = 0 then 'UNLOCKED' else 'LOCKED' end::vault_state,
			case when i % 11 = 0 then 'infinity' when i % 13 = 0 then null else '2026-01-01 00:00:00.000001+09'::timestamptz + i * interval '17 minutes' end, '2026-01-01'::timestamp + i * interval '1 second',
			i % 4 - (case when i % 97 = 0 then 5 else 0 end), case when i % 103 = 0 then 'whim' when i % 5 = 0 then 'OPS' when i % 5 = 1 then 'PROMO' end, '2026-01-01 05:00:00+00', case when i % 6 > 0 then i % 4 end, i % 2 = 0, i * 1000,
			case when i % 7 = 3 then '2026-01-01 12:00:00+09'::timestamptz end, '2026-01-02 12:34:56.789+09'
		from generate_series(1, USERS) as i;
	insert into compensation_queue (user_id, vault_type, request_id, external_service, status, retry_count, next_retry_at)
		select case when i % 5 > 0 then i end, 'GOLD', case when i % 4 > 0 then 'request ' || i else '' end, case when i % 9 = 0 then '010-1234-5678' else 'kakao-pay' end, 'PENDING', i % 3, case when i % 2 = 0 then now() end from generate_series(1, 1000) as i;
	insert into notifications_queue (user_id, type, vault_type, variant_id, payload, status, retry_count, scheduled_at, created_at)
		select i, 'PUSH', 'GOLD', 'A', '{"nickname": "x"}', 'SENT', 0, null, case when i % 50 > 0 then '2026-01-01 23:59:59.999999+09'::timestamptz + i * interval '4 minutes' end from generate_series(0, 1000) as i;
	insert into vault_expiry_extension_log (user_id, prev_expires_at, new_expires_at, reason, shadow, created_at)
		select i, '-infinity', '2026-02-01 00:00:00+09', 'PROMO', i % 2 = 0, '2026-01-02 00:00:00+09'::timestamptz + i * interval '5 minutes' from generate_series(0, 500) as i;`

func insertMany(server *pgtest.Server, users int) {
	server.Exec(strings.ReplaceAll(manyRows, "USERS", strconv.Itoa(users)))
}

func TestADatabaseGivesTheBytesOfItsDumps(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	insertMany(server, 100_000)
	live := w.mustRun("2026-01-02")
	got := w.digests()

	dumpTables(w, server)
	lived := w.options.Tables
	w.options.Warehouse = filepath.Join(t.TempDir(), "dumped")
	w.options.Tables = []extract.TableSource{{Name: "db", Env: "prod", Path: filepath.Join(w.dir, "dumps/{date}/{table}.csv")}}
	dumped := w.mustRun("2026-01-02")
	if diff := cmp.Diff(w.digests(), got); diff != "" {
		t.Errorf("other bytes (-dumps +database):\n%s", diff)
	}
	if live.Ledger != dumped.Ledger || live.Ledger.OutOfRange == 0 || live.Ledger.Quarantined == 0 || live.Ledger.Kept == 0 {
		t.Errorf("the database's ledger: %+v, that of its dumps: %+v", live.Ledger, dumped.Ledger)
	}
	w.options.Warehouse = filepath.Join(t.TempDir(), "again")
	w.options.Tables = lived
	w.options.Tables[0].Connections = 1
	w.mustRun("2026-01-02")
	if diff := cmp.Diff(got, w.digests()); diff != "" {
		t.Errorf("other bytes by one connection:\n%s", diff)
	}
}

func TestWhatADatabaseLacks(t *testing.T) {
	for _, c := range []struct {
		name, change string
		rename       map[string]map[string]string
		want         string // missing columns of vault_status, and its tables
	}{
		{"a table is missing", "drop table compensation_queue", nil, "3 tables"},
		{"a column was dropped", "alter table vault_status drop column platinum_attendance_days", nil, "4 tables platinum_attendance_days"},
		{"a column has its other name", "alter table vault_status rename column diamond_deposit_current to diamond_deposit_total", nil, "4 tables"},
		{"a column has a name of its own", "alter table vault_status rename column platinum_deposit_done to deposited", nil, "4 tables platinum_deposit_done"},
		{"the configuration knows its name", "alter table vault_status rename column platinum_deposit_done to deposited", map[string]map[string]string{"vault_status": {"deposited": "platinum_deposit_done"}}, "4 tables"},
		{"a column has another type", "alter table vault_status alter column diamond_deposit_current type numeric", nil, "4 tables diamond_deposit_current"},
		{"the role may not read a column", "revoke select on vault_status from reader; grant select (user_id, gold_status, platinum_status, diamond_status, expires_at, expires_initial_at, expiry_extend_count, last_extension_reason, last_extension_at, platinum_attendance_days, platinum_deposit_done, diamond_deposit_current, gold_claimed_at, platinum_claimed_at, diamond_claimed_at, created_at, updated_at) on vault_status to reader", nil, "4 tables last_attended_at"},
		{"users are integers of 32 bits", "alter table vault_status alter column user_id type int", nil, "4 tables"},
		{"the table is a view", "alter table vault_status rename to vaults; create view vault_status as select * from vaults; grant select on vault_status to reader", nil, "4 tables"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, server := liveWorld(t)
			server.Exec("insert into vault_status (user_id, diamond_deposit_current, platinum_deposit_done) values (1, 7000, true);" + c.change)
			w.options.Tables[0].Rename = c.rename
			w.mustRun("2026-01-02")
			w.expect(liveRows, "2026-01-02,prod,1,LOCKED\n")
			_, got, _ := strings.Cut(w.query(`select count(*) filter (where kind = 'table') || ' tables' ||
				coalesce(' ' || string_agg(column_name, ' ' order by column_name), '') from source_catalogue`), "\n")
			if strings.TrimSpace(got) != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			if !strings.Contains(c.want, "diamond_deposit") {
				w.expect("select diamond_deposit_current from vault_status", "7000\n")
			}
		})
	}
}

func TestAStatusThatNobodyKnowsRefusesItsRow(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id, gold_status) values (1, 'LOCKED'), (2, 'BROKEN')")
	if result := w.mustRun("2026-01-02"); result.Ledger != (extract.Totals{Read: 2, Kept: 1, Quarantined: 1}) {
		t.Errorf("%+v", result.Ledger)
	}
	w.expect("select dt, source, file, line, byte_offset, reason, field from quarantine", "2026-01-02,db,vault_status,,,bad_field,gold_status\n")
	w.expect("select source, file, env, reason, rows from row_ledger order by all", "db,vault_status,prod,kept,1\ndb,vault_status,,bad_field,1\n")
}

func TestDatabasesThatStopARun(t *testing.T) {
	for _, c := range []struct {
		name, change string
		role         string
		class        errs.Class
		words        string
	}{
		{"the role may not read a table", "revoke select on compensation_queue from reader", "reader", errs.Gate, "compensation_queue"},
		{"the role may not read a required column", "revoke select on vault_status from reader; grant select (user_id, gold_status, diamond_status, expires_at) on vault_status to reader", "reader", errs.Gate, "required column platinum_status is missing"},
		{"a required column was renamed", "alter table vault_status rename column gold_status to first_status", "reader", errs.Gate, "read table vault_status: required column gold_status is missing"},
		{"a required column has another type", "alter table vault_status alter column gold_status drop default, alter column gold_status type int using 1", "reader", errs.Gate, "read table vault_status: required column gold_status is of type integer, which is not text"},
		{"the role is a superuser", "select", pgtest.Superuser, errs.Usage, "superuser"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w, server := liveWorld(t)
			server.Exec(c.change)
			w.options.Tables[0].DSN = extract.DSN(server.DSN(c.role))
			_, err := w.run("2026-01-02")
			if errs.ClassOf(err) != c.class || !strings.Contains(fmt.Sprint(err), c.words) || !strings.Contains(fmt.Sprint(err), "source db: ") || errs.HintOf(err) == "" {
				t.Errorf("got %v (class %d, hint %q), want class %d and %q", err, errs.ClassOf(err), errs.HintOf(err), c.class, c.words)
			}
			w.holdsNoSecret(fmt.Sprint(err) + errs.HintOf(err))
			w.publishedNothing()
		})
	}
}

func (w *world) publishedNothing() {
	w.t.Helper()
	if snapshots, _ := filepath.Glob(filepath.Join(w.options.Warehouse, "_snapshots/*")); len(snapshots) > 0 {
		w.t.Errorf("published: %v", snapshots)
	}
}

func (w *world) holdsNoSecret(text string) {
	w.t.Helper()
	if strings.Contains(text, pgtest.Password) || strings.Contains(text, "postgres://") {
		w.t.Errorf("a secret is shown: %s", text)
	}
}

func TestASuperuserMayBeAllowed(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	w.options.Tables[0].DSN, w.options.AllowSuperuser = extract.DSN(server.DSN(pgtest.Superuser)), true
	w.mustRun("2026-01-02")
}

// atRows calls then once, in the middle of the first table that is long enough.
type atRows struct {
	silent
	then func()
	once atomic.Bool
	live bool
}

func (p *atRows) Stage(name string, _ int64) { p.live = name == extract.DatabaseStage }

func (p *atRows) Add(n int64) {
	if p.live && n > 0 && p.once.CompareAndSwap(false, true) {
		p.then()
	}
}

func TestAServerThatRestartsIsReadAgainFromTheStart(t *testing.T) {
	w, server := liveWorld(t)
	insertMany(server, 50_000)
	w.mustRun("2026-01-02")
	want := w.digests()

	var log bytes.Buffer
	w.options.Log = slog.New(slog.NewJSONHandler(&log, nil))
	w.options.Warehouse = filepath.Join(t.TempDir(), "restarted")
	w.options.Progress = &atRows{then: func() { server.Kill(); server.Restart() }}
	w.mustRun("2026-01-02")
	if diff := cmp.Diff(want, w.digests()); diff != "" {
		t.Errorf("other bytes (-undisturbed +restarted):\n%s", diff)
	}
	if !strings.Contains(log.String(), `"the snapshot is lost, all tables of the source are read again from another","source":"db","attempt":1`) {
		t.Errorf("the log does not say that the snapshot was lost: %s", log.String())
	}
	w.holdsNoSecret(log.String())
}

func TestAServerThatKeepsRestartingIsUnreachable(t *testing.T) {
	w, server := liveWorld(t)
	insertMany(server, 50_000)
	progress := &atRows{}
	times := 0
	progress.then = func() { times++; server.Kill(); server.Restart(); progress.once.Store(false) }
	w.options.Progress = progress
	_, err := w.run("2026-01-02")
	if errs.ClassOf(err) != errs.Unreachable || errs.HintOf(err) == "" || times < 3 {
		t.Errorf("killed %d times: got %v (class %d)", times, err, errs.ClassOf(err))
	}
	w.holdsNoSecret(fmt.Sprint(err))
	w.publishedNothing()
}

func TestACancelledRunLeavesTheDatabaseAtOnce(t *testing.T) {
	w, server := liveWorld(t)
	insertMany(server, 50_000)
	ctx, cancel := context.WithCancel(t.Context())
	var at time.Time
	w.options.Progress = &atRows{then: func() { at = time.Now(); cancel() }}
	w.options.Start, w.options.End = bizday.Of(2026, 1, 2), bizday.Of(2026, 1, 2)
	_, err := Run(ctx, w.options)
	if !errors.Is(err, context.Canceled) || time.Since(at) > 5*time.Second {
		t.Errorf("%v after %s", err, time.Since(at))
	}
	w.publishedNothing()
}

func TestATableThatIsGoneLeavesWithTheNextSnapshot(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id) values (1); insert into compensation_queue (user_id) values (1)")
	w.write("dumps/2026-01-02/compensation_queue.csv", []byte("id,user_id\n1,2\n"))
	w.options.Tables = append(w.options.Tables, extract.TableSource{Name: "other", Env: "staging", Path: filepath.Join(w.dir, "dumps/{date}/{table}.csv")})
	w.mustRun("2026-01-02")
	w.expect("select env, count(*) from compensation_queue group by all order by all", "prod,1\nstaging,1\n")
	server.Exec("drop table compensation_queue")
	w.options.RetakeSnapshot = true
	w.mustRun("2026-01-02")
	w.expect("select env, count(*) from compensation_queue group by all order by all", "staging,1\n")
	w.expect("select env, name from source_catalogue where name = 'compensation_queue' and kind = 'table'", "staging,compensation_queue\n")
	w.sameAsFresh("2026-01-02")
}

func TestLiveTablesOfSeveralEnvs(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id) values (1)")
	second := w.options.Tables[0]
	second.Name, second.Env = "db-2", "staging"
	w.options.Tables = append(w.options.Tables, second)
	w.mustRun("2026-01-02")
	w.expect(liveRows, "2026-01-02,prod,1,LOCKED\n2026-01-02,staging,1,LOCKED\n")

	// Another source of an env whose snapshot is a thing of the past cannot be told from it.
	w.isNoonOf(6)
	w.options.Tables[1] = extract.TableSource{Name: "other", Env: "prod", Path: filepath.Join(w.dir, "dumps/{date}/{table}.csv")}
	w.write("dumps/2026-01-02/vault_status.csv", vaults("2 LOCKED"))
	_, err := w.run("2026-01-02")
	if errs.ClassOf(err) != errs.NotReady || !strings.Contains(errs.HintOf(err), "--retake-snapshot") {
		t.Errorf("got %v, hint %q", err, errs.HintOf(err))
	}
}

// A live table is remembered by what it held: no path, no time.
func TestALiveTableIsRemembered(t *testing.T) {
	t.Parallel()
	w, server := liveWorld(t)
	server.Exec("insert into vault_status (user_id) values (1), (2); alter table vault_status drop column updated_at")
	w.mustRun("2026-01-02")
	text, err := os.ReadFile(filepath.Join(w.options.Warehouse, "_snapshots/0000000001.json"))
	if err != nil {
		t.Fatal(err)
	}
	w.holdsNoSecret(string(text))
	for _, words := range []string{`"name":"2026-01-02/vault_status"`, `"lines":2,"days":[{"dt":"2026-01-02","rows":2}],"missing":["updated_at"]`} {
		if !strings.Contains(strings.Join(strings.Fields(string(text)), ""), words) {
			t.Errorf("the manifest lacks %s:\n%s", words, text)
		}
	}
}
