package pgtest

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func count(t *testing.T, dsn string) (n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, "select count(*) from a").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestEveryStartGivesAnEmptyDatabase(t *testing.T) {
	for range 2 {
		s := Start(t)
		s.Exec("create table a (n int); insert into a values (1)")
		if n := count(t, s.DSN(Superuser)); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
	}
}

func TestARoleHasNoRightThatNobodyGranted(t *testing.T) {
	s := Start(t)
	s.Exec("create table a (n int)")
	dsn := s.DSN("reader")
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(t.Context(), "select n from a"); err == nil {
		t.Error("reader may read a")
	}
	s.Exec("grant select on a to reader")
	if n := count(t, dsn); n != 0 {
		t.Errorf("%d rows, want 0", n)
	}
}

func TestAKilledServerIsGoneAndComesBackWithItsData(t *testing.T) {
	s := Start(t)
	s.Exec("create table a (n int); insert into a values (1)")
	dsn := s.DSN(Superuser)
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	s.Kill()
	if _, err := conn.Exec(t.Context(), "select 1"); err == nil {
		t.Error("the connection outlived the server")
	}
	if _, err := pgx.Connect(t.Context(), dsn); err == nil {
		t.Error("the server was killed and takes a connection")
	}
	s.Restart()
	if n := count(t, dsn); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestTheNextTestFindsAServerAfterOneThatKilledIt(t *testing.T) {
	Start(t).Kill()
	Start(t).Exec("create table a (n int)")
}
