package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"
)

// Server is a database of its own on the server of this test binary. Tests may use theirs side by side, but for those that kill it.
type Server struct {
	t        testing.TB
	cluster  *cluster
	database string
}

// Start returns an empty database, and drops it when the test is over. It starts the server if it does not run.
func Start(t testing.TB) *Server {
	t.Helper()
	c, err := theCluster()
	if errors.Is(err, errMissing) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err == nil {
		err = c.ensure()
	}
	if err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.databases++
	s := &Server{t: t, cluster: c, database: fmt.Sprintf("test%d", c.databases)}
	c.mu.Unlock()
	if err := c.exec(superuser, "create database "+s.database); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(c.ensure(), c.exec(superuser, "drop database "+s.database+" with (force)")); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Superuser is the role that Exec works as.
const Superuser = superuser

// DSN returns a connection string for the role, which may log in and has no right in the database but what Exec grants it.
// Roles belong to the server, not to the database: give one no attribute that another test would not expect.
func (s *Server) DSN(role string) string {
	s.t.Helper()
	if role != superuser {
		if err := s.cluster.createRole(s.database, role); err != nil {
			s.t.Fatal(err)
		}
	}
	return s.cluster.dsn(role, s.database)
}

// Password is what every role's DSN holds, and no error may.
const Password = password

// Exec runs statements as a superuser, and fails the test if one fails.
func (s *Server) Exec(sql string) {
	s.t.Helper()
	if err := s.cluster.exec(s.database, sql); err != nil {
		s.t.Fatalf("%.200s: %v", sql, err)
	}
}

// Kill ends the server at once, with every connection to it. The databases stay.
func (s *Server) Kill() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := s.cluster.kill(ctx); err != nil {
		s.t.Fatal(err)
	}
}

// Restart starts the server again after Kill, where it was.
func (s *Server) Restart() {
	s.t.Helper()
	if err := s.cluster.ensure(); err != nil {
		s.t.Fatal(err)
	}
}
