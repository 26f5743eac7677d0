package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"vaultreport/internal/pgtest"
)

// The configuration of the CronJob, as it lies there, on the service as it is today: tables in PostgreSQL, and no events.
func TestTheConfigurationOfTheCronJobRuns(t *testing.T) {
	server, config := cronJob(t)
	dsn, warehouse := os.Getenv("VAULT_DSN"), filepath.Join(filepath.Dir(config), "warehouse")
	run := func(code int, args ...string) string {
		t.Helper()
		return string(called(t, code, append([]string{"run", "--config", config, "--warehouse", warehouse}, args...)...))
	}
	expect := func(query, want string) {
		t.Helper()
		if got := string(called(t, 0, "query", "--warehouse", warehouse, "-o", "csv", query)); got != strings.ReplaceAll(want, "\n", "\r\n") {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	const rows = "select env, gold_status, platinum_status, diamond_status from vault_status"
	if out := run(0); !strings.Contains(strings.Join(strings.Fields(out), " "), " read 2 kept 1 ") {
		t.Errorf("the first night: %s", out)
	}
	expect(rows, "env,gold_status,platinum_status,diamond_status\nprod,LOCKED,UNLOCKED,ACTIVE\n")
	expect("select source, file, reason, field from quarantine", "source,file,reason,field\nvault-db,vault_status,bad_field,gold_status\n")
	expect("select count(*) as n from events", "n\n0\n")

	// Once a day, unless it is wanted again; and never for a day that is over.
	server.Exec("update vault_status set gold_status = 'UNLOCKED'")
	run(0)
	expect(rows, "env,gold_status,platinum_status,diamond_status\nprod,LOCKED,UNLOCKED,ACTIVE\n")
	run(0, "--retake-snapshot")
	expect("select count(*) as n from vault_status where gold_status = 'UNLOCKED'", "n\n2\n")
	run(0, "--date", "2026-01-02")
	expect("select count(distinct dt) as days from vault_status", "days\n1\n")

	// What stops a night, by its exit code.
	server.Exec("revoke select on vault_status from nightly")
	run(3, "--retake-snapshot")
	t.Setenv("VAULT_DSN", server.DSN(pgtest.Superuser))
	run(2, "--retake-snapshot")
	run(0, "--retake-snapshot", "--allow-superuser")
	t.Setenv("VAULTREPORT_ALLOW_SUPERUSER", "1")
	t.Setenv("VAULTREPORT_RETAKE_SNAPSHOT", "true")
	run(0)
	t.Setenv("VAULT_DSN", strings.Replace(dsn, pgtest.Password, "wrong", 1))
	run(7)
}

// cronJob gives the CronJob's configuration a key and a database with one table, by the variables of the environment.
func cronJob(t *testing.T) (server *pgtest.Server, config string) {
	t.Helper()
	server = pgtest.Start(t)
	dsn := server.DSN("nightly")
	server.Exec(`create table vault_status (user_id bigint, nickname text, gold_status text, platinum_status text, diamond_status text, expires_at timestamptz);
		insert into vault_status values (1, 'minsu', 'LOCKED', 'UNLOCKED', 'ACTIVE', null), (2, null, 'BROKEN', 'LOCKED', 'LOCKED', null);
		grant select on vault_status to nightly`)
	text, err := os.ReadFile(filepath.Join("..", "..", "scheduler", "kubernetes", "base", "vaultreport.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	key, config := filepath.Join(dir, "user.key"), filepath.Join(dir, "vaultreport.yaml")
	const secret = "/run/secrets/vaultreport/user.key"
	if !strings.Contains(string(text), secret) {
		t.Fatalf("the configuration names no key %s", secret)
	}
	for path, content := range map[string]string{key: strings.Repeat("0f", 32), config: strings.ReplaceAll(string(text), secret, key)} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("VAULT_ENV", "prod")
	t.Setenv("VAULT_DSN", dsn)
	return server, config
}

// The table is locked by somebody who alters it, and the run waits for it when the cluster takes the node away.
func TestASignalEndsARunThatWaitsForTheDatabase(t *testing.T) {
	server, config := cronJob(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, server.DSN(pgtest.Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.Exec(ctx, "begin; lock table vault_status"); err != nil {
		t.Fatal(err)
	}
	warehouse := filepath.Join(filepath.Dir(config), "warehouse")
	var log bytes.Buffer
	run := exec.Command(mustBuild(t), "run", "--config", config, "--warehouse", warehouse)
	run.Stderr = &log
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	for waiting := 0; waiting == 0; {
		if err := conn.QueryRow(ctx, "select count(*) from pg_locks where not granted and relation = 'vault_status'::regclass").Scan(&waiting); err != nil {
			t.Fatal(errors.Join(err, run.Process.Kill()))
		}
	}
	began := time.Now()
	if err := run.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := run.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 143 || time.Since(began) > 5*time.Second {
		t.Errorf("got %v after %s, want exit code 143 within 5 seconds\n%s", err, time.Since(began), log.String())
	}
	if strings.Contains(log.String(), pgtest.Password) {
		t.Errorf("the log shows the password: %s", log.String())
	}
	if files, _ := filepath.Glob(filepath.Join(warehouse, "_snapshots", "*")); len(files) > 0 {
		t.Errorf("published: %v", files)
	}
}
