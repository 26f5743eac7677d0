package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"

	"vaultreport/internal/errs"
)

const (
	// lockTimeout is how long a table may be locked by somebody who alters it.
	lockTimeout = 30 * time.Second
	// cancelTimeout is how long the server has to hear that a statement is cancelled, and to say that it ended.
	cancelTimeout = time.Second
	// maxMessage bounds what the server can make us hold: a row of the selected columns.
	maxMessage = 64 << 20
)

// parse reads a connection string. Its own errors quote the string, so that only the name of a file that it refers to can be told.
func parse(dsn string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		unreadable := errs.New(errs.Usage, "read the connection string of PostgreSQL: libpq knows no such form", "write postgres://ROLE@HOST:PORT/DATABASE?sslmode=verify-full, and the password in PGPASSWORD or a password file")
		if file := (*fs.PathError)(nil); errors.As(err, &file) {
			unreadable.What, unreadable.Err = "read the connection string of PostgreSQL", file
		}
		return nil, unreadable
	}
	if _, named := config.RuntimeParams["application_name"]; !named {
		config.RuntimeParams["application_name"] = "vaultreport"
	}
	config.RuntimeParams["client_encoding"] = "UTF8"
	config.RuntimeParams["timezone"] = "UTC"
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // no statement is used twice, and poolers lose prepared ones
	config.MaxProtocolMessageBodyLen = maxMessage
	config.BuildContextWatcherHandler = func(c *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: c, DeadlineDelay: cancelTimeout}
	}
	return config, nil
}

// where names the server, for messages.
func (s *Snapshot) where() string {
	return net.JoinHostPort(s.config.Host, strconv.Itoa(int(s.config.Port)))
}

// patience says how long a server that does not answer is asked again.
type patience struct{ deadline, first, most time.Duration }

var usualPatience = patience{deadline: 20 * time.Second, first: 250 * time.Millisecond, most: 5 * time.Second}

// connect opens a connection and its transaction, and tries again while that may help.
func (s *Snapshot) connect(ctx context.Context, p patience) (*pgx.Conn, error) {
	within, cancel := context.WithTimeout(ctx, p.deadline)
	defer cancel()
	end, _ := within.Deadline()
	wait := p.first
	var before error
	for attempt := 1; ; attempt++ {
		conn, err := s.session(within)
		if err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("connect to %s: %w", s.where(), ctx.Err())
		}
		if before != nil && time.Now().After(end) {
			return nil, s.unreachable(before) // which says more than that time is over
		}
		before = err
		jittered := wait/2 + rand.N(wait/2+1)
		if !mayPass(err) || time.Until(end) < jittered {
			return nil, s.unreachable(err)
		}
		s.log.Warn("the database does not answer, it is asked again", "server", s.where(), "attempt", attempt, "wait", jittered, "why", tell(err))
		select {
		case <-time.After(jittered):
		case <-ctx.Done():
		}
		wait = min(2*wait, p.most)
	}
}

// unreachable is the error about a connection that could not be had. A server that forgot the snapshot was down in between.
func (s *Snapshot) unreachable(err error) error {
	e := &errs.Error{Class: errs.Unreachable, What: "connect to " + s.where(), Err: errors.New(tell(err)), Hint: hintOf(err)}
	if s.id != "" {
		e.Err = &lostError{tell(err)}
	}
	return e
}

// session opens a connection and begins its transaction. SET LOCAL leaves nothing behind in a pooler's connection.
func (s *Snapshot) session(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return nil, err
	}
	begin := []string{"begin isolation level repeatable read read only"}
	if s.id != "" {
		begin = append(begin, "set transaction snapshot '"+s.id+"'")
	}
	begin = append(begin,
		"set local default_transaction_read_only = on",
		fmt.Sprintf("set local statement_timeout = %d", milliseconds(s.options.StatementTimeout)),
		fmt.Sprintf("set local lock_timeout = %d", lockTimeout.Milliseconds()),
		"set local idle_in_transaction_session_timeout = 0", // the exporter only waits
	)
	if _, err := conn.PgConn().Exec(ctx, strings.Join(begin, "; ")).ReadAll(); err != nil {
		hangUp(conn)
		return nil, err
	}
	return conn, nil
}

func milliseconds(d time.Duration) int64 {
	if d <= 0 {
		return 0
	}
	return max(1, d.Milliseconds())
}

// hangUp ends a connection and waits until the server has heard of it, but not for long.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), cancelTimeout)
	defer cancel()
	conn.Close(ctx) // says only what is known by now
	select {
	case <-conn.PgConn().CleanupDone():
	case <-ctx.Done():
	}
}
