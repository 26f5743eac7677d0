package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"vaultreport/extract/table"
	"vaultreport/internal/errs"
	"vaultreport/internal/pgtest"
)

// impatience is for servers of which a test knows that they are there, or that they are not.
var impatience = patience{deadline: time.Minute, first: time.Millisecond, most: 10 * time.Millisecond}

func snapshotOf(t testing.TB, o Options) *Snapshot {
	t.Helper()
	s, err := open(t.Context(), o, impatience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestShapes runs the cases of testdata/shapes.txt: `read TABLE` makes a database of the input and reads the table as a role that may read all of
// it, or, as `read TABLE rights=own`, only what the input grants to the role reader.
func TestShapes(t *testing.T) {
	server := pgtest.Start(t)
	dsn := server.DSN("reader")
	datadriven.RunTest(t, "testdata/shapes.txt", func(t *testing.T, d *datadriven.TestData) string {
		server.Exec("drop schema if exists public, vault, hidden cascade; create schema public; grant usage on schema public to reader; set client_min_messages = error;" + d.Input)
		if !d.HasArg("rights") {
			server.Exec("grant select on all tables in schema public to reader")
		}
		spec := table.SpecOf(d.CmdArgs[0].Key)
		if spec == nil {
			d.Fatalf(t, "no table %s", d.CmdArgs[0].Key)
		}
		var log strings.Builder
		s := snapshotOf(t, Options{DSN: dsn, Connections: 2, Log: logTo(&log)})
		defer s.Close()
		found, there, err := s.Table(t.Context(), spec)
		switch {
		case err != nil:
			return log.String() + told(err)
		case !there:
			return log.String() + "absent\n"
		}
		return log.String() + shown(t, found)
	})
}

var classes = map[errs.Class]string{errs.Unexpected: "unexpected", errs.Usage: "usage", errs.Gate: "gate", errs.Unreachable: "unreachable"}

func told(err error) string {
	return fmt.Sprintf("error: %s\nclass: %s\nhint: %s\n", err, classes[errs.ClassOf(err)], errs.HintOf(err))
}

// shown lists the columns and the rows of a table.
func shown(t *testing.T, of *Table) string {
	var out strings.Builder
	var names []string
	parts := of.Parts()
	for _, a := range parts[0].Attributes() {
		fmt.Fprintf(&out, "%s: %s (%s)\n", a.Name, a.Type, a.TypeName)
		if a.Type != table.OtherType {
			names = append(names, a.Name)
		}
	}
	var rows []string
	for _, p := range parts {
		err := p.Rows(t.Context(), names, func(values []table.Value) error {
			rows = append(rows, line(values))
			return nil
		})
		if err != nil {
			return out.String() + told(err)
		}
	}
	slices.Sort(rows)
	return out.String() + strings.Join(rows, "")
}

func line(values []table.Value) string {
	var cells []string
	for _, v := range values {
		switch v.Kind {
		case table.Null:
			cells = append(cells, "NULL")
		case table.Text:
			cells = append(cells, strconv.Quote(string(v.Bytes)))
		case table.Boolean:
			cells = append(cells, strconv.FormatBool(v.Int == 1))
		case table.Instant:
			cells = append(cells, time.UnixMicro(v.Int).UTC().Format(time.RFC3339Nano))
		case table.Unreadable:
			cells = append(cells, "unreadable")
		default:
			cells = append(cells, strconv.FormatInt(v.Int, 10))
		}
	}
	return strings.Join(cells, " ") + "\n"
}

// all reads every part side by side and returns the lines, sorted.
func all(ctx context.Context, of *Table, names []string) ([]string, error) {
	parts := of.Parts()
	lines, problems := make([][]string, len(parts)), make(chan error, len(parts))
	for i, p := range parts {
		go func() {
			problems <- p.Rows(ctx, names, func(values []table.Value) error {
				lines[i] = append(lines[i], line(values))
				return nil
			})
		}()
	}
	var first error
	for range parts {
		if err := <-problems; first == nil {
			first = err
		}
	}
	whole := slices.Concat(lines...)
	slices.Sort(whole)
	return whole, first
}
