package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"vaultreport/internal/errs"
)

// ErrLost says whether the snapshot is gone: the connection was lost, the server went away, or a table was changed in a
// way that snapshots do not cover. Another Open may succeed. It is false for the errors of Open, which has tried again itself.
func ErrLost(err error) bool {
	var lost *lostError
	return errors.As(err, &lost)
}

// lostError is a reason for which a new snapshot may succeed.
type lostError struct{ why string }

func (e *lostError) Error() string { return e.why }

// Conditions of the server, by SQLSTATE.
const (
	insufficientPrivilege = "42501"
	undefinedTable        = "42P01"
	undefinedColumn       = "42703"
	lockNotAvailable      = "55P03"
	queryCanceled         = "57014"
	cannotConnectNow      = "57P03"
	serializationFailure  = "40001" // of a standby that removes what the snapshot sees
)

// failure gives an error of an open connection its class and its words. It keeps nothing of err itself, whose texts may hold values.
func failure(ctx context.Context, what string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", what, ctx.Err())
	}
	e := &errs.Error{What: what, Err: errors.New(tell(err)), Hint: hintOf(err)}
	var pg *pgconn.PgError
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	switch {
	case errors.As(err, &tooLong):
		e.Class, e.Err, e.Hint = errs.Gate, fmt.Errorf("a row is longer than %d MiB", maxMessage>>20), "cut the long value in a view"
	case errors.Is(err, errStream):
		e.Hint = "please report it with the version of the server"
	case !errors.As(err, &pg), isLost(pg):
		e.Class, e.Err = errs.Unreachable, &lostError{tell(err)}
	case pg.Code == queryCanceled, pg.Code == lockNotAvailable:
		e.Class = errs.Unreachable
	case strings.HasPrefix(pg.Code, "22"), strings.HasPrefix(pg.Code, "42"):
		e.Class = errs.Gate
	case strings.HasPrefix(pg.Code, "53"):
		e.Class = errs.Unreachable
	}
	return e
}

// isLost says whether a new snapshot may succeed where this one did not. A column that the catalogue has and a statement does not find
// was renamed or dropped in between.
func isLost(pg *pgconn.PgError) bool {
	switch pg.Code {
	case undefinedTable, undefinedColumn, serializationFailure:
		return true
	case queryCanceled:
		return false
	}
	return strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57") || strings.HasPrefix(pg.Code, "25P")
}

// mayPass says whether a server that did not let us in may do so soon.
func mayPass(err error) bool {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code == cannotConnectNow || strings.HasPrefix(pg.Code, "53") || strings.HasPrefix(pg.Code, "08") || strings.HasPrefix(pg.Code, "57P")
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// tell says why, without a connection string or a value of a row.
func tell(err error) string {
	var pg *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network *net.OpError
	switch {
	case errors.As(err, &pg) && speaksOfValues(pg.Code):
		return "the server says SQLSTATE " + pg.Code
	case errors.As(err, &pg):
		return fmt.Sprintf("the server says %s (SQLSTATE %s)", pg.Message, pg.Code)
	case errors.As(err, &network):
		return network.Error()
	case errors.As(err, &connecting):
		// One line for each address and for each way to encrypt: the last one is what it came down to.
		lines := strings.Split(strings.TrimSpace(connecting.Unwrap().Error()), "\n")
		return strings.TrimSpace(lines[len(lines)-1])
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the server closed the connection"
	default:
		return err.Error()
	}
}

// speaksOfValues says whether a message of the server may quote a value: it does so where data does not fit, and what functions raise
// is anybody's text.
func speaksOfValues(code string) bool {
	switch code[:min(2, len(code))] {
	case "08", "0A", "25", "28", "3D", "40", "42", "53", "54", "55", "57", "58", "XX":
		return false
	}
	return true
}

func hintOf(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return "see that the server runs and can be reached from here"
	}
	switch {
	case strings.HasPrefix(pg.Code, "28"):
		return "see that the role, its password and pg_hba.conf let it in"
	case pg.Code == "3D000":
		return "name a database that the server has"
	case pg.Code == insufficientPrivilege:
		return "grant the role what docs/security.md lists under Rights in PostgreSQL"
	case pg.Code == queryCanceled:
		return "somebody cancelled it, or it took longer than statement_timeout of the source: raise that, or read by more connections"
	case pg.Code == lockNotAvailable:
		return "somebody alters the table: run again when that is over"
	case isLost(pg):
		return "run again"
	}
	return ""
}
