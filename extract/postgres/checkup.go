package postgres

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"vaultreport/extract/table"
	"vaultreport/internal/checkup"
	"vaultreport/internal/errs"
)

// shortPatience is for somebody who waits for an answer.
var shortPatience = patience{deadline: 5 * time.Second, first: 250 * time.Millisecond, most: time.Second}

// Checkup looks at what Open and Table would find: the server, the role, and its rights on every table and column that is read, with
// the GRANT that is missing. rename is that of the source, by table. name stands before each finding.
func Checkup(ctx context.Context, o Options, rename map[string]map[string]string, name string) []checkup.Line {
	s, err := open(ctx, o, shortPatience)
	if err != nil {
		return []checkup.Line{checkup.Of(name, err)}
	}
	defer s.Close()
	session, err := s.checkSession(ctx)
	if err != nil {
		session = checkup.Of("", err)
	}
	session.Check = name
	lines := []checkup.Line{session}
	for _, spec := range table.Specs() {
		line, err := s.checkTable(ctx, spec, rename[spec.Name])
		if err != nil {
			line = checkup.Of("", err)
		}
		line.Check = name + " " + spec.Name
		lines = append(lines, line)
	}
	return lines
}

// slack is how far the server's clock and ours may lie apart.
const slack = time.Minute

// checkSession tells about a connection that Open made: its transaction is read only, and the role no superuser unless that is allowed.
func (s *Snapshot) checkSession(ctx context.Context) (checkup.Line, error) {
	var theirs time.Time
	if err := s.exporter.QueryRow(ctx, "select pg_catalog.clock_timestamp()").Scan(&theirs); err != nil {
		return checkup.Line{}, failure(ctx, "ask for the time", err)
	}
	apart := time.Since(theirs).Round(time.Second)
	what := fmt.Sprintf("%s, PostgreSQL %d.%d, role %s, read only", s.where(), s.version/10000, s.version%10000, s.config.User)
	if s.version < 100000 {
		what = fmt.Sprintf("%s, PostgreSQL %d.%d, role %s, read only", s.where(), s.version/10000, s.version/100%100, s.config.User)
	}
	secure, isSecure := s.exporter.PgConn().Conn().(*tls.Conn)
	switch {
	case apart.Abs() > slack:
		return checkup.Warn("", fmt.Sprintf("%s; its clock and ours lie %s apart", what, apart.Abs()), "set both by NTP: the snapshot of a day is taken when our clock says so"), nil
	case isSecure:
		return checkup.Good("", what+", "+tls.VersionName(secure.ConnectionState().Version)), nil
	case isLocal(s.config.Host):
		return checkup.Good("", what+", on this machine without TLS"), nil
	}
	return checkup.Warn("", what+", without TLS", "set sslmode=verify-full in the connection string"), nil
}

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return strings.HasPrefix(host, "/") || host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkTable looks at one table and its columns.
func (s *Snapshot) checkTable(ctx context.Context, spec *table.Spec, rename map[string]string) (checkup.Line, error) {
	t := &Table{snapshot: s, name: spec.Name}
	there, err := t.find(ctx)
	if err == nil && !there {
		err = s.explainAbsence(ctx, spec.Name)
	}
	if err != nil {
		return checkup.Line{}, err
	}
	if !there {
		return checkup.Warn("", "there is no such table: metrics that need it are not computable", "if it stands in another schema: ALTER ROLE "+s.role()+" SET search_path = that schema"), nil
	}
	hidden, err := t.readColumns(ctx)
	if err != nil {
		return checkup.Line{}, err
	}
	hidden = slices.DeleteFunc(hidden, func(name string) bool {
		own, isRenamed := rename[name]
		return !isWanted(spec, name) && !(isRenamed && isWanted(spec, own))
	})
	if len(hidden) > 0 {
		return s.checkHidden(ctx, spec, t, hidden, rename)
	}
	if len(t.columns) == 0 {
		return checkup.Fail("", "none of its columns has a name that is read", "name them under rename"), nil
	}
	match, err := spec.MatchColumns(t.attributes(), rename, nil)
	if err != nil {
		return checkup.Line{}, err
	}
	mayWrite := false
	const sql = "select pg_catalog.has_table_privilege($1::oid, 'insert, update, delete, truncate')"
	if err := s.exporter.QueryRow(ctx, sql, t.oid).Scan(&mayWrite); err != nil {
		return checkup.Line{}, failure(ctx, t.reading(), err)
	}
	what := fmt.Sprintf("%d columns may be read", len(match.Names))
	switch {
	case len(match.Missing) > 0:
		what += ", missing or of another type: " + strings.Join(match.Missing, ", ")
		return checkup.Warn("", what, "where the table has them under other names, name these under rename; metrics that need them are not computable"), nil
	case mayWrite:
		return checkup.Warn("", what+", and the role may write the table", fmt.Sprintf("REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON %s FROM %s", t.sql(), s.role())), nil
	}
	return checkup.Good("", what), nil
}

// checkHidden is the finding that the role may not read columns. Without a right on any column, or on a required one, runs stop.
func (s *Snapshot) checkHidden(ctx context.Context, spec *table.Spec, t *Table, hidden []string, rename map[string]string) (checkup.Line, error) {
	columns := hidden
	if len(t.columns) == 0 && strings.Contains("rm", t.kind) {
		columns = append([]string{"ctid"}, hidden...) // by which several connections share a table
	}
	quoted, err := s.quoted(ctx, append([]string{t.schema, t.name, s.config.User}, columns...))
	if err != nil {
		return checkup.Line{}, err
	}
	grant := fmt.Sprintf("GRANT SELECT (%s) ON %s.%s TO %s", strings.Join(quoted[3:], ", "), quoted[0], quoted[1], quoted[2])
	what := fmt.Sprintf("role %s may not read %s", s.config.User, strings.Join(hidden, ", "))
	_, err = spec.MatchColumns(t.attributes(), rename, nil)
	if len(t.columns) == 0 || errs.ClassOf(err) == errs.Gate {
		return checkup.Fail("", what, grant), nil
	}
	return checkup.Warn("", what, grant), nil
}

// quoted are names as people write them in SQL: in quotes only where the server needs them.
func (s *Snapshot) quoted(ctx context.Context, names []string) (list []string, err error) {
	const sql = "select pg_catalog.quote_ident(name) from pg_catalog.unnest($1::text[]) with ordinality as given(name, place) order by place"
	rows, err := s.exporter.Query(ctx, sql, names)
	if err == nil {
		list, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		return nil, failure(ctx, "quote names", err)
	}
	return list, nil
}

func (t *Table) attributes() []table.Attribute {
	attributes := make([]table.Attribute, len(t.columns))
	for i, c := range t.columns {
		attributes[i] = c.Attribute
	}
	return attributes
}
