package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/duck"
	"vaultreport/transform/catalogue"
)

func shippedCatalogue(t testing.TB) catalogue.Catalogue {
	t.Helper()
	return project(t).Metrics()
}

func TestEveryMetricNamesTheModelThatComputesIt(t *testing.T) {
	p := project(t)
	for _, m := range shippedCatalogue(t) {
		q := p.query(m.Model)
		if q == nil {
			t.Errorf("%s: no model %q", m.Name, m.Model)
			continue
		}
		if len(m.Shapes) > 0 && !slices.Contains(q.statement.tokens, duck.Quote(m.Name)) {
			t.Errorf("%s: %s does not name it", m.Name, m.Model)
		}
	}
}

// Every source has everything, but for one thing: what
// metric_gap then calls not computable is what needs it by the catalogue.
func TestNeedsAgreeWithWhatIsNotComputable(t *testing.T) {
	p, db := project(t), engine(t, 1)
	gap, need := p.query("metric_gap"), p.query("metric_need")
	metrics := shippedCatalogue(t)
	for _, vaultsBy := range []string{"events", "snapshots"} {
		if got := gapsWithout(t, db, gap, need, metrics, vaultsBy, catalogue.Need{}); len(got) > 0 {
			t.Fatalf("vaults follow %s, and nothing is missing: got %v", vaultsBy, got)
		}
		for _, missing := range distinctNeeds(metrics) {
			var want []string
			for _, m := range metrics {
				for _, n := range m.Needs {
					if n.Name() == missing.Name() && (n.VaultsBy == "" || n.VaultsBy == vaultsBy) {
						want = append(want, fmt.Sprintf("%s %s %s", m.Name, partOf(n), n.Name()))
					}
				}
			}
			slices.Sort(want)
			if got := gapsWithout(t, db, gap, need, metrics, vaultsBy, missing); !slices.Equal(got, want) {
				t.Errorf("vaults follow %s, without %s: got\n%s\nwant\n%s", vaultsBy, missing.Name(), strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// The first of a metric's needs is the one that is named when all are missing.
func TestNeedsStandInTheOrderInWhichTheirLackIsNamed(t *testing.T) {
	p, db := project(t), engine(t, 1)
	gap, need := p.query("metric_gap"), p.query("metric_need")
	metrics := shippedCatalogue(t)
	for _, vaultsBy := range []string{"events", "snapshots"} {
		got := gaps(t, db, gap, need, vaultsBy, []string{"('2026-01-02', 'prod', 'db', 'table', 'other', null)"})
		var want []string
		for _, m := range metrics {
			named := map[string]bool{}
			for _, n := range m.Needs {
				if !named[partOf(n)] && (n.VaultsBy == "" || n.VaultsBy == vaultsBy) {
					named[partOf(n)] = true
					want = append(want, fmt.Sprintf("%s %s %s", m.Name, partOf(n), n.Name()))
				}
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("vaults follow %s: got\n%s\nwant\n%s", vaultsBy, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}

func partOf(n catalogue.Need) string {
	if n.Part == "" {
		return catalogue.All
	}
	return n.Part
}

func distinctNeeds(metrics catalogue.Catalogue) (needs []catalogue.Need) {
	for _, m := range metrics {
		for _, n := range m.Needs {
			if !slices.ContainsFunc(needs, func(other catalogue.Need) bool { return other.Name() == n.Name() }) {
				needs = append(needs, n)
			}
		}
	}
	return needs
}

// gapsWithout returns what cannot be computed where the sources have all needs of the catalogue but one.
func gapsWithout(t *testing.T, db *duck.DB, gap, need *query, metrics catalogue.Catalogue, vaultsBy string, missing catalogue.Need) []string {
	t.Helper()
	rows := []string{"('2026-01-02', 'prod', 'db', 'table', 'other', null)"}
	for _, n := range distinctNeeds(metrics) {
		isMissing := n.Name() == missing.Name()
		switch {
		case n.Event != "" && !isMissing && missing.Events == "":
			rows = append(rows, fmt.Sprintf("('2026-01-02', null, 'app', 'event', '%s', null)", n.Event))
		case n.Table != "" && !isMissing:
			rows = append(rows, fmt.Sprintf("('2026-01-02', 'prod', 'db', 'table', '%s', null)", n.Table))
		case n.Column != "" && isMissing:
			_, column, _ := strings.Cut(n.Column, ".")
			rows = append(rows, fmt.Sprintf("('2026-01-02', 'prod', 'db', 'missing_column', '%s', '%s')", n.TableName(), column))
		}
	}
	found := gaps(t, db, gap, need, vaultsBy, rows)
	if missing.Events == "" {
		return found
	}
	// Without any line nothing of events is computable; what only needs any line says so by the name events.
	return slices.DeleteFunc(found, func(row string) bool { return !strings.HasSuffix(row, " events") })
}

// gaps returns the rows of metric_gap over rows of source_catalogue, in order.
func gaps(t *testing.T, db *duck.DB, gap, need *query, vaultsBy string, sources []string) []string {
	t.Helper()
	text := gap.statement.bind([]string{
		"metric_need as (" + need.statement.text + ")",
		fmt.Sprintf("env_source as (select date '2026-01-02' as dt, 'prod' as env, %v as has_snapshot, %v as follows_snapshots)", false, vaultsBy == "snapshots"),
		"source_catalogue as (select * from (values " + strings.Join(sources, ", ") + ") as source(dt, env, source, kind, name, column_name))",
	})
	rows, err := db.Conn().QueryContext(context.Background(), text, sql.Named("dt", "2026-01-02"))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var dt any
		var env, metric, part, reason string
		if err := rows.Scan(&dt, &env, &metric, &part, &reason); err != nil {
			t.Fatal(err)
		}
		found = append(found, strings.Join([]string{metric, part, reason}, " "))
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	slices.Sort(found)
	return found
}
