package warehouse

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

// viewsSQL returns views.sql: one view a table, over the glob tree where something is published, empty where nothing is.
// The views work from inside the folder after it was moved, and from anywhere while it was not: a folder with snapshots
// in the working directory is taken for the warehouse.
func viewsSQL(root string, tables []Table, m *Manifest) []byte {
	published := map[string]Table{}
	for _, f := range m.Files {
		if dir, _, _ := strings.Cut(f.Path, "/"); dir != reportsDir {
			published[f.Table] = Table{Name: f.Table, Dir: dir}
		}
	}
	base := quoteText(globLiteral(strings.TrimSuffix(root, "/") + "/"))
	var b bytes.Buffer
	fmt.Fprintf(&b, "-- Every table of this warehouse as a view. Written by vaultreport with each snapshot: changes are lost.\n")
	fmt.Fprintf(&b, "-- Use: duckdb -init views.sql, in this folder. Tables and days of one snapshot: vaultreport query.\n")
	fmt.Fprintf(&b, "set variable vaultreport_root = (select case when count(*) > 0 then '' else %s end from glob('%s/*.json'));\n",
		base, snapshotsDir)
	view := func(t Table) {
		query := t.Empty()
		if p, ok := published[t.Name]; ok {
			query = fmt.Sprintf("select * from read_parquet(coalesce(getvariable('vaultreport_root'), %s) || '%s/%s/dt=*/*.parquet', hive_partitioning = false)",
				base, p.Dir, p.Name)
		}
		fmt.Fprintf(&b, "create or replace view %s as %s;\n", t.Name, query)
		delete(published, t.Name)
	}
	for _, t := range tables {
		if t.Dir != reportsDir {
			view(t)
		}
	}
	// What another version published and this one does not know.
	var names []string
	for name := range published {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		view(published[name])
	}
	return b.Bytes()
}

// globLiteral takes their meaning from the characters that are special in a pattern.
func globLiteral(path string) string {
	return strings.NewReplacer("[", "[[]", "*", "[*]", "?", "[?]").Replace(path)
}
