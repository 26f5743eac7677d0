package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"vaultreport/internal/errs"
)

// Options say which database is read, and how.
type Options struct {
	DSN              string        // as libpq has it: a URL or key=value pairs; secret
	Connections      int           // that read side by side; less than 1 is 1. One more holds the snapshot
	StatementTimeout time.Duration // of each statement, which may be the COPY of a whole table; 0 is none
	AllowSuperuser   bool          // else a superuser is refused
	Log              *slog.Logger  // nil: nothing is logged
}

// Snapshot is a read-only view of a database as of one instant. It is safe for concurrent use.
type Snapshot struct {
	options Options
	config  *pgx.ConnConfig
	log     *slog.Logger
	id      string        // under which the server knows the snapshot
	version int           // of the server, 150004 is 15.4
	readers chan struct{} // a place for each connection that reads

	looking  sync.Mutex // while the exporter works, which serves one at a time
	exporter *pgx.Conn  // the snapshot ends with its transaction

	mu   sync.Mutex
	idle []*pgx.Conn // have read a part, and may read another
}

// Open connects, takes a snapshot and exports it. While the server does not answer, it tries again for some seconds.
//
// A connection string that cannot be read, and a superuser that is not allowed, are errors of class Usage; a server that
// does not answer, or lets nobody in, is one of class Unreachable.
func Open(ctx context.Context, o Options) (*Snapshot, error) {
	return open(ctx, o, usualPatience)
}

func open(ctx context.Context, o Options, p patience) (*Snapshot, error) {
	config, err := parse(o.DSN)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{options: o, config: config, log: o.Log, readers: make(chan struct{}, max(1, o.Connections))}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.exporter, err = s.connect(ctx, p); err != nil {
		return nil, err
	}
	if err := s.export(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Snapshot) export(ctx context.Context) error {
	var isSuperuser string
	const sql = `select pg_catalog.current_setting('is_superuser'), pg_catalog.current_setting('server_version_num')::int, pg_catalog.pg_export_snapshot()`
	if err := s.exporter.QueryRow(ctx, sql).Scan(&isSuperuser, &s.version, &s.id); err != nil {
		return failure(ctx, "take a snapshot of "+s.where(), err)
	}
	if isSuperuser == "on" && !s.options.AllowSuperuser {
		return errs.New(errs.Usage, fmt.Sprintf("connect to %s: role %s is a superuser", s.where(), s.config.User),
			"use a role that may only read (docs/security.md, Rights in PostgreSQL), or --allow-superuser")
	}
	s.log.Debug("snapshot taken", "server", s.where(), "version", s.version)
	return nil
}

// acquire returns a connection that has imported the snapshot, and waits until one more may read.
func (s *Snapshot) acquire(ctx context.Context) (*pgx.Conn, error) {
	select {
	case s.readers <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	s.mu.Lock()
	if last := len(s.idle) - 1; last >= 0 {
		conn := s.idle[last]
		s.idle = s.idle[:last]
		s.mu.Unlock()
		return conn, nil
	}
	s.mu.Unlock()
	conn, err := s.connect(ctx, usualPatience)
	if err != nil {
		<-s.readers
		return nil, err
	}
	return conn, nil
}

// release takes a connection back. After an error it is of no more use.
func (s *Snapshot) release(conn *pgx.Conn, err error) {
	if err != nil {
		hangUp(conn)
	} else {
		s.mu.Lock()
		s.idle = append(s.idle, conn)
		s.mu.Unlock()
	}
	<-s.readers
}

// Close ends the snapshot, once all reading is over. It waits for the server to hear of it, but not for long, and does not
// mind if it cannot: nothing depends on it.
func (s *Snapshot) Close() error {
	var ended sync.WaitGroup
	defer ended.Wait()
	s.looking.Lock()
	defer s.looking.Unlock()
	if s.exporter != nil {
		ended.Go(func() { hangUp(s.exporter) })
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.idle {
		ended.Go(func() { hangUp(conn) })
	}
	s.idle = nil
	return nil
}
