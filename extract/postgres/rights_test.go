package postgres

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"vaultreport/extract/table"
	"vaultreport/internal/pgtest"
)

// The rights of docs/security.md are enough for every column of every table, side by side, and for nothing else.
func TestTheRightsOfTheDocumentsAreEnough(t *testing.T) {
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "### Rights in PostgreSQL")
	_, rest, _ = strings.Cut(rest, "```sql\n")
	grants, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("docs/security.md has no SQL under Rights in PostgreSQL")
	}
	server := pgtest.Start(t)
	dsn := server.DSN("vaultreport")
	sql := map[table.Type]string{table.IntegerType: "bigint", table.TextType: "text", table.BooleanType: "boolean", table.InstantType: "timestamptz"}
	for _, spec := range table.Specs() {
		columns := []string{"memo text default 'private'"}
		for _, c := range spec.Columns {
			columns = append(columns, c.Source+" "+sql[c.Type])
		}
		server.Exec(fmt.Sprintf("create table %s (%s); insert into %[1]s (%[3]s) select n from generate_series(1, 10000) as n", spec.Name, strings.Join(columns, ", "), spec.Columns[0].Source))
	}
	server.Exec(strings.Replace(grants, "create role vaultreport login;", "", 1)) // DSN made it
	s := snapshotOf(t, Options{DSN: dsn, Connections: 2})
	for _, spec := range table.Specs() {
		of := foundTable(t, s, spec.Name)
		match, err := spec.MatchColumns(of.Parts()[0].Attributes(), nil, nil)
		if err != nil || len(match.Missing) > 0 || len(of.columns) != len(spec.Columns) {
			t.Errorf("%s: missing %v of %d, %v", spec.Name, match.Missing, len(of.columns), err)
			continue
		}
		if lines, err := all(t.Context(), of, match.Names); err != nil || len(lines) != 10000 || len(of.Parts()) != 2 {
			t.Errorf("%s: %d rows in %d parts, %v", spec.Name, len(lines), len(of.Parts()), err)
		}
	}
}
