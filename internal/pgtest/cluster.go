package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	superuser = "postgres"
	password  = "s3cret-of-tests" // of every role
)

// cluster is the server of this test binary.
type cluster struct {
	installation
	dir  string
	port int
	life io.Closer // the guard's end of a pipe, held for as long as this process lives

	mu        sync.Mutex // held while the server starts or dies
	running   bool
	databases int
}

var errMissing = errors.New("PostgreSQL is not installed: apt-get install postgresql, or make test, which installs it")

// theCluster starts the server once.
var theCluster = sync.OnceValues(func() (*cluster, error) {
	i, there, err := findInstallation()
	if err != nil {
		return nil, err
	}
	if !there {
		return nil, errMissing
	}
	c := &cluster{installation: i}
	if err := c.create(); err != nil {
		return nil, err
	}
	return c, c.ensure()
})

func (c *cluster) data() string { return filepath.Join(c.dir, "data") }

func (c *cluster) create() (err error) {
	// Not TMPDIR: the user who runs the server may not be let in there.
	if c.dir, err = os.MkdirTemp("/tmp", "pgtest"); err != nil {
		return err
	}
	if err := c.own(c.dir); err != nil {
		return err
	}
	if err := c.guard(); err != nil {
		return err
	}
	secret := filepath.Join(c.dir, "password")
	if err := os.WriteFile(secret, []byte(password), 0o600); err != nil {
		return err
	}
	if err := c.own(secret); err != nil {
		return err
	}
	initdb := c.program("initdb", "-D", c.data(), "-U", superuser, "--pwfile", secret, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync")
	return output(initdb)
}

// guard starts a shell that outlives this process for as long as it takes to stop the server and remove its files.
func (c *cluster) guard() error {
	const script = `read -r _; "$1" -D "$2/data" -m immediate -s stop >/dev/null 2>&1; rm -rf "$2"`
	shell := exec.Command("/bin/sh", "-c", script, "guard", filepath.Join(c.bin, "pg_ctl"), c.dir)
	shell.SysProcAttr = &syscall.SysProcAttr{Credential: c.credential, Setpgid: true}
	shell.Dir = "/"
	// The pipe is never written to nor closed: it ends with this process.
	var err error
	if c.life, err = shell.StdinPipe(); err != nil {
		return err
	}
	return shell.Start()
}

// ensure starts the server unless it runs.
func (c *cluster) ensure() (err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.running {
		return nil
	}
	// Somebody may take the port between the look and the start, and a server that was killed may hold its memory a moment longer.
	for range 100 {
		if err = c.start(); err == nil {
			c.running = true
			return nil
		}
	}
	return err
}

func (c *cluster) start() error {
	port := c.port
	if port == 0 {
		var err error
		if port, err = freePort(); err != nil {
			return err
		}
	}
	options := fmt.Sprintf("-F -p %d -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0", port)
	start := c.program("pg_ctl", "-D", c.data(), "-l", filepath.Join(c.dir, "log"), "-o", options, "-s", "-w", "start")
	start.Dir = "/"
	if err := start.Run(); err != nil { // without pipes: the server would keep them open
		log, _ := os.ReadFile(filepath.Join(c.dir, "log"))
		return fmt.Errorf("start PostgreSQL: %w: %s", err, log)
	}
	c.port = port
	return nil
}

// kill ends the server and all that it started, as a machine that loses its power does.
func (c *cluster) kill(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	pids, err := c.pids(ctx)
	if err != nil {
		return err
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && err != syscall.ESRCH {
			return err
		}
	}
	c.running = false
	// Where nobody reaps orphans, the pid in it seems to live for ever.
	return os.Remove(filepath.Join(c.data(), "postmaster.pid"))
}

// pids returns the processes of the server, its first one first.
func (c *cluster) pids(ctx context.Context) ([]int, error) {
	file, err := os.ReadFile(filepath.Join(c.data(), "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	var first int
	if _, err := fmt.Sscan(string(file), &first); err != nil {
		return nil, fmt.Errorf("read postmaster.pid: %w", err)
	}
	pids := []int{first}
	conn, err := pgx.Connect(ctx, c.dsn(superuser, superuser))
	if err != nil {
		return nil, err
	}
	rows, err := conn.Query(ctx, "select pid from pg_stat_activity")
	if err != nil {
		return nil, err
	}
	others, err := pgx.CollectRows(rows, pgx.RowTo[int])
	return append(pids, others...), err
}

func (c *cluster) dsn(role, database string) string {
	return fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=disable", role, password, c.port, database)
}

func (c *cluster) exec(database, sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.dsn(superuser, database))
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// createRole makes the role unless there is one.
func (c *cluster) createRole(database, role string) error {
	return c.exec(database, fmt.Sprintf("do $$ begin create role %q login password '%s'; exception when duplicate_object or unique_violation then null; end $$", role, password))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}

func output(cmd *exec.Cmd) error {
	cmd.Dir = "/" // the user who runs the server may not be let into this one
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, strings.TrimSpace(string(out)))
	}
	return nil
}
