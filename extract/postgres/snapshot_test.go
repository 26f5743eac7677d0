package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vaultreport/extract/table"
	"vaultreport/internal/errs"
	"vaultreport/internal/pgtest"
)

// foundTable looks a table up that is there.
func foundTable(t testing.TB, s *Snapshot, name string) *Table {
	t.Helper()
	of, there, err := s.Table(t.Context(), table.SpecOf(name))
	if err != nil || !there {
		t.Fatalf("table %s: there %v, %v", name, there, err)
	}
	return of
}

// longTable fills more pages than sockets hold.
const longTable = `
	create table vault_status as
	select n::bigint as user_id, 'LOCKED'::text as gold_status, repeat('x', 250) as memo, n as diamond_deposit_current from generate_series(1, 100000) as n;
	grant select on vault_status to reader;`

// superuserOf returns a connection that may write.
func superuserOf(t *testing.T, server *pgtest.Server) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), server.DSN(pgtest.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func TestPartsAndTablesAgreeWhileOthersWrite(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	// Transactions keep the sum of retry_count and give both tables the same number of rows.
	server.Exec(`
		create table notifications_queue (id bigint primary key, retry_count bigint);
		create table compensation_queue (id bigint primary key);
		insert into notifications_queue select n, 100 from generate_series(1, 30000) as n;
		insert into compensation_queue select n from generate_series(1, 30000) as n;
		grant select on all tables in schema public to reader`)
	writer := superuserOf(t, server)
	var commits atomic.Int64
	var ended atomic.Bool
	done := make(chan error, 1)
	go func() {
		for n := 0; !ended.Load(); n++ {
			sql := fmt.Sprintf(`begin;
				update notifications_queue set retry_count = retry_count - 7 where id = %d; update notifications_queue set retry_count = retry_count + 7 where id = %d;
				insert into notifications_queue values (%d, 0); insert into compensation_queue values (%[3]d);
				delete from notifications_queue where id = %[4]d and retry_count = 0; commit`, 1+n*7919%30000, 1+n*104729%30000, 100000+n, -n)
			if _, err := writer.PgConn().Exec(context.Background(), sql).ReadAll(); err != nil {
				done <- err
				return
			}
			commits.Add(1)
		}
		done <- nil
	}()
	s := snapshotOf(t, Options{DSN: dsn, Connections: 3})
	var counts []int
	for _, name := range []string{"notifications_queue", "compensation_queue"} {
		of := foundTable(t, s, name)
		parts := of.Parts()
		if len(parts) != 3 {
			t.Errorf("%s has %d parts, want 3", name, len(parts))
		}
		rows, sum := 0, int64(0)
		for _, p := range parts {
			for before := commits.Load(); commits.Load() < before+3; { // the parts lie apart in time
				if len(done) > 0 {
					t.Fatal(<-done)
				}
			}
			names := []string{"id"}
			if name == "notifications_queue" {
				names = append(names, "retry_count")
			}
			if err := p.Rows(t.Context(), names, func(values []table.Value) error {
				rows++
				sum += values[len(values)-1].Int
				return nil
			}); err != nil {
				t.Fatal(err)
			}
		}
		if name == "notifications_queue" && sum != 100*30000 {
			t.Errorf("the sum is %d, want %d", sum, 100*30000)
		}
		counts = append(counts, rows)
	}
	ended.Store(true)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if counts[0] != counts[1] {
		t.Errorf("the tables are of two instants: %d and %d rows", counts[0], counts[1])
	}
}

func TestPartsReadSideBySideGiveEveryRowOnce(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec(longTable)
	var want []string
	for _, connections := range []int{0, 1, 2, 5} {
		s := snapshotOf(t, Options{DSN: dsn, Connections: connections})
		lines, err := all(t.Context(), foundTable(t, s, "vault_status"), []string{"user_id", "diamond_deposit_current"})
		switch {
		case err != nil:
			t.Fatal(err)
		case want == nil && len(lines) == 100000:
			want = lines
		case !slices.Equal(lines, want):
			t.Errorf("%d connections give other rows than one", connections)
		}
		s.Close()
	}
}

func TestARightOnColumnsAloneIsReadInOnePartUnlessItCoversCtid(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec(longTable + "revoke select on vault_status from reader; grant select (user_id) on vault_status to reader")
	for want, grant := range []string{1: "select 1", 2: "grant select (ctid) on vault_status to reader"} {
		if grant == "" {
			continue
		}
		server.Exec(grant)
		s := snapshotOf(t, Options{DSN: dsn, Connections: 2})
		of := foundTable(t, s, "vault_status")
		if n := len(of.Parts()); n != want {
			t.Errorf("after %q: %d parts, want %d", grant, n, want)
		}
		if lines, err := all(t.Context(), of, []string{"user_id"}); err != nil || len(lines) != 100000 {
			t.Errorf("after %q: %d rows, %v", grant, len(lines), err)
		}
		s.Close()
	}
}

func TestASuperuserIsRefusedUnlessAllowed(t *testing.T) {
	server := pgtest.Start(t)
	o := Options{DSN: server.DSN(pgtest.Superuser)}
	_, err := Open(t.Context(), o)
	if errs.ClassOf(err) != errs.Usage || !strings.Contains(errs.HintOf(err), "--allow-superuser") || !strings.Contains(err.Error(), "superuser") {
		t.Errorf("%v, hint %s", err, errs.HintOf(err))
	}
	o.AllowSuperuser = true
	snapshotOf(t, o)
}

func TestAServerKilledInTheMiddleOfAReadIsLostAndCanBeReadAgain(t *testing.T) {
	server := pgtest.Start(t)
	o := Options{DSN: server.DSN("reader"), Connections: 2}
	// On a busy machine a part of longTable can be in the sockets as a whole before the server is dead.
	server.Exec(longTable + "insert into vault_status select n, 'LOCKED', repeat('x', 250), n from generate_series(100001, 500000) as n")
	s := snapshotOf(t, o)
	var once sync.Once // of which no part gets past its first row before the server is dead
	parts := foundTable(t, s, "vault_status").Parts()
	problems := make(chan error)
	for _, p := range parts {
		go func() {
			problems <- p.Rows(t.Context(), []string{"user_id", "memo"}, func([]table.Value) error {
				once.Do(server.Kill)
				return nil
			})
		}()
	}
	for range parts {
		if err := <-problems; !ErrLost(err) || errs.ClassOf(err) != errs.Unreachable || !strings.Contains(err.Error(), "vault_status") && !strings.Contains(err.Error(), "connect to") {
			t.Errorf("class %d: %v", errs.ClassOf(err), err)
		}
	}
	server.Restart()
	again := snapshotOf(t, o)
	if lines, err := all(t.Context(), foundTable(t, again, "vault_status"), []string{"user_id"}); err != nil || len(lines) != 500000 {
		t.Errorf("%d rows, %v", len(lines), err)
	}
}

func TestASnapshotOfAServerThatWasRestartedInBetweenIsLost(t *testing.T) {
	server := pgtest.Start(t)
	o := Options{DSN: server.DSN("reader"), Connections: 2}
	server.Exec(longTable)
	s := snapshotOf(t, o)
	of := foundTable(t, s, "vault_status")
	server.Kill()
	server.Restart()
	if _, err := all(t.Context(), of, []string{"user_id"}); !ErrLost(err) {
		t.Errorf("read: %v", err)
	}
	if _, _, err := s.Table(t.Context(), table.SpecOf("vault_status")); !ErrLost(err) {
		t.Errorf("look up: %v", err)
	}
}

func TestAServerThatDoesNotAnswerIsAskedAgainAndThenUnreachable(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Kill()
	var log strings.Builder
	_, err := open(t.Context(), Options{DSN: dsn, Log: logTo(&log)}, patience{deadline: 2 * time.Second, first: time.Millisecond, most: 10 * time.Millisecond})
	if errs.ClassOf(err) != errs.Unreachable || ErrLost(err) || !strings.Contains(err.Error(), "connection refused") || errs.HintOf(err) == "" {
		t.Errorf("%v", err)
	}
	if n := strings.Count(log.String(), "asked again"); n == 0 {
		t.Errorf("%d attempts were logged:\n%s", n, &log)
	}
	noSecret(t, err, log.String(), pgtest.Password, dsn)
}

func TestAServerThatComesBackInTimeIsRead(t *testing.T) {
	server := pgtest.Start(t)
	o := Options{DSN: server.DSN("reader")}
	server.Kill()
	asked := make(chan struct{}, 1)
	o.Log = logTo(writerFunc(func(p []byte) (int, error) {
		select {
		case asked <- struct{}{}:
		default:
		}
		return len(p), nil
	}))
	opened := make(chan error)
	go func() {
		s, err := open(t.Context(), o, patience{deadline: time.Minute, first: time.Millisecond, most: 10 * time.Millisecond})
		if err == nil {
			s.Close()
		}
		opened <- err
	}()
	<-asked
	server.Restart()
	if err := <-opened; err != nil {
		t.Error(err)
	}
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func noSecret(t *testing.T, err error, others ...string) {
	t.Helper()
	secrets := others[1:]
	for text := range slices.Values([]string{fmt.Sprintf("%+v", err), errs.HintOf(err), others[0]}) {
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%q holds the secret %q", text, secret)
			}
		}
	}
}

func TestWhoIsNotLetInIsToldWhyAndNoSecret(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	const wrong = "not-the-passw0rd"
	for name, bad := range map[string]string{
		"a wrong password":     strings.Replace(dsn, pgtest.Password, wrong, 1),
		"no such database":     strings.Replace(dsn, "/test", "/nowhere-test", 1),
		"no such role":         strings.Replace(dsn, "reader", "nobody-here", 1),
		"no encryption to get": strings.Replace(dsn, "sslmode=disable", "sslmode=require", 1),
	} {
		var log strings.Builder
		_, err := open(t.Context(), Options{DSN: bad, Log: logTo(&log)}, impatience)
		if errs.ClassOf(err) != errs.Unreachable || !strings.Contains(err.Error(), "connect to 127.0.0.1:") {
			t.Errorf("%s: %v", name, err)
		}
		if log.Len() > 0 {
			t.Errorf("%s: it was tried again: %s", name, &log)
		}
		noSecret(t, err, log.String(), wrong, pgtest.Password, bad)
	}
}

func TestAConnectionStringThatCannotBeReadIsNotQuoted(t *testing.T) {
	for _, dsn := range []string{
		"postgres://reader:s3cret word@host:port/db", "postgres://reader:s3cret@host:s3cret/db", "host=h password='s3cret", "s3cret",
		"postgres://reader:s3cret@host/db?sslmode=s3cret", "postgres://reader:s3cret@host/db?sslmode=verify-full&sslrootcert=/nonexistent/ca.pem",
	} {
		_, err := open(t.Context(), Options{DSN: dsn}, impatience)
		if errs.ClassOf(err) != errs.Usage {
			t.Errorf("%s: %v", dsn, err)
		}
		noSecret(t, err, "", "s3cret")
		if strings.Contains(dsn, "ca.pem") && !strings.Contains(err.Error(), "/nonexistent/ca.pem") {
			t.Errorf("the file that is missing is not named: %v", err)
		}
	}
}

func TestAStatementThatTakesTooLongSaysWhichSettingToRaise(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec("create view vault_status as select 1::bigint as user_id from pg_sleep(600); grant select on vault_status to reader")
	s := snapshotOf(t, Options{DSN: dsn, StatementTimeout: time.Second})
	_, err := all(t.Context(), foundTable(t, s, "vault_status"), []string{"user_id"})
	if errs.ClassOf(err) != errs.Unreachable || ErrLost(err) || !strings.Contains(err.Error(), "vault_status") || !strings.Contains(errs.HintOf(err), "statement_timeout") {
		t.Errorf("%v, hint %s", err, errs.HintOf(err))
	}
}

func TestACancelledReadEndsOnTheServerToo(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	for name, view := range map[string]string{
		"rows without end":    "select n as user_id from generate_series(1, 9000000000) as n",
		"a server that works": "select 1::bigint as user_id from pg_sleep(600)",
	} {
		server.Exec("drop view if exists vault_status; create view vault_status as " + view + "; grant select on vault_status to reader")
		s := snapshotOf(t, Options{DSN: dsn})
		of := foundTable(t, s, "vault_status")
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := all(ctx, of, []string{"user_id"})
		if !errors.Is(err, context.DeadlineExceeded) || ErrLost(err) {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
		if d := time.Since(start); d > time.Minute { // of ten that it would take; cancelTimeout bounds it on a machine that is not busy
			t.Errorf("%s: it took %v", name, d)
		}
		// The server notes the end of a connection a moment later.
		server.Exec(`do $$ begin
			for i in 1..500 loop
				perform pg_stat_clear_snapshot();
				if not exists (select from pg_stat_activity where application_name = 'vaultreport' and datname = current_database()) then return; end if;
				perform pg_sleep(0.01);
			end loop;
			raise 'a session of ours is still there';
		end $$`)
	}
}

func TestATableThatIsReplacedSinceTheSnapshotIsLostAndNeverEmpty(t *testing.T) {
	for _, change := range []string{
		"truncate vault_status",
		"alter table vault_status alter user_id type integer",
		"alter table vault_status rename to old; create table vault_status (user_id bigint); grant select on vault_status to reader",
		"drop table vault_status; create table vault_status (user_id bigint); grant select on vault_status to reader",
		"alter table vault_status rename user_id to id",
		"truncate members",
		"truncate members_1",
		"drop table members_1",
	} {
		t.Run(change, func(t *testing.T) {
			server := pgtest.Start(t)
			dsn := server.DSN("reader")
			if strings.Contains(change, "members") {
				server.Exec(`
					create table members (user_id bigint) partition by list (user_id);
					create table members_1 partition of members for values in (1);
					create view those as select * from members;
					create view vault_status as select * from those`)
			} else {
				server.Exec("create table vault_status (user_id bigint)")
			}
			server.Exec("insert into vault_status values (1); grant select on vault_status to reader")
			s := snapshotOf(t, Options{DSN: dsn})
			server.Exec(change)
			of, there, err := s.Table(t.Context(), table.SpecOf("vault_status"))
			if !ErrLost(err) || errs.ClassOf(err) != errs.Unreachable {
				t.Errorf("table %v, there %v, %v", of, there, err)
			}
		})
	}
}

func TestATableOfASnapshotCannotBeAlteredUntilItEnds(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec("create table vault_status (user_id bigint); insert into vault_status values (1); grant select on vault_status to reader")
	s := snapshotOf(t, Options{DSN: dsn})
	of := foundTable(t, s, "vault_status")
	owner := superuserOf(t, server)
	const truncate = "set lock_timeout = 20; truncate vault_status"
	if _, err := owner.PgConn().Exec(t.Context(), truncate).ReadAll(); err == nil {
		t.Error("the table was truncated under the snapshot")
	}
	if lines, err := all(t.Context(), of, []string{"user_id"}); err != nil || len(lines) != 1 {
		t.Errorf("%d rows, %v", len(lines), err)
	}
	s.Close()
	if _, err := owner.PgConn().Exec(t.Context(), strings.Replace(truncate, "20", "20000", 1)).ReadAll(); err != nil {
		t.Errorf("after the snapshot: %v", err)
	}
}

func TestAnErrorOfTheCallerComesBackAsItIs(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	server.Exec(longTable)
	s := snapshotOf(t, Options{DSN: dsn})
	enough := errors.New("enough")
	err := foundTable(t, s, "vault_status").Parts()[0].Rows(t.Context(), []string{"user_id", "memo"}, func([]table.Value) error { return enough })
	if err != enough {
		t.Errorf("%v", err)
	}
	if lines, err := all(t.Context(), foundTable(t, s, "vault_status"), []string{"user_id"}); err != nil || len(lines) != 100000 {
		t.Errorf("afterwards: %d rows, %v", len(lines), err)
	}
}
