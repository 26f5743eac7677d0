package extract

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// held is the memory of a table's rows under a source and env.
func held(source, env, table, name, sha string, missing ...string) warehouse.Input {
	return warehouse.Input{
		Source: source, Name: name, SHA256: sha, Reader: table + "/" + env + "/0011223344556677",
		Days: []warehouse.InputDay{{Dt: 20_000, Rows: 1}}, Missing: missing,
	}
}

func catalogueText(rows []catalogueRow) string {
	var b strings.Builder
	orAny := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	for _, r := range rows {
		fmt.Fprintln(&b, r.Dt, orAny(r.Env), r.Source, r.Kind, r.Name, orAny(r.ColumnName))
	}
	return b.String()
}

func TestTheCatalogueSaysWhatTheSourcesAreAndHave(t *testing.T) {
	sources := []TableSource{{Name: "db-qa", Env: "qa"}, {Name: "db", Env: "prod"}}
	events := []Source{
		{Name: "web", Env: "prod", Emits: []event.Kind{event.VaultUnlocked, event.AlertSent, event.AlertSent}},
		{Name: "batch", Emits: []event.Kind{event.BatchRunFinished}},
	}
	dumps := []warehouse.Input{
		held("db", "prod", "vault_status", "b.csv", "2", "updated_at", "created_at"),
		held("db", "prod", "vault_status", "a.csv", "1", "created_at"),
		held("db", "prod", "compensation_queue", "c.csv", "3"),
		held("db-staging", "staging", "vault_status", "d.csv", "4"),
	}
	want := `20000 - batch event BATCH_RUN_FINISHED -
20000 - batch source events -
20000 prod db missing_column vault_status created_at
20000 prod db missing_column vault_status updated_at
20000 prod db source tables -
20000 prod db table compensation_queue -
20000 prod db table vault_status -
20000 prod web event ALERT_SENT -
20000 prod web event VAULT_UNLOCKED -
20000 prod web source events -
20000 qa db-qa source tables -
20000 staging db-staging source tables -
20000 staging db-staging table vault_status -
`
	random := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		if diff := cmp.Diff(want, catalogueText(catalogue(20_000, events, sources, dumps))); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		random.Shuffle(len(dumps), func(i, j int) { dumps[i], dumps[j] = dumps[j], dumps[i] })
		slices.Reverse(events)
		slices.Reverse(sources)
	}
}

func TestASourceWithoutEmitsMayHaveEveryKind(t *testing.T) {
	rows := catalogue(1, []Source{{Name: "api"}}, nil, nil)
	if len(rows) != len(event.Kinds())+1 || len(rows) != 19 {
		t.Errorf("%d rows, want one for each of the 18 kinds and one for the source", len(rows))
	}
	if rows := catalogue(1, nil, nil, nil); len(rows) != 0 {
		t.Errorf("%d rows of no source", len(rows))
	}
}

func TestWhatMakesADayDue(t *testing.T) {
	events := []Source{{Name: "api", Env: "prod"}, {Name: "batch"}}
	tables := []warehouse.Input{held("db", "prod", "vault_status", "a.csv", "1"), held("db", "prod", "vault_status", "b.csv", "2")}
	sources := []TableSource{{Name: "db", Env: "prod"}, {Name: "db-qa", Env: "qa"}}
	before := catalogueKey(events, sources, tables)
	for _, c := range []struct {
		name   string
		due    bool
		events []Source
		tables []warehouse.Input
	}{
		{"nothing changed", false, events, tables},
		{"another order of sources and dumps", false, []Source{events[1], events[0]}, []warehouse.Input{tables[1], tables[0]}},
		{"emits that names every kind", false, []Source{{Name: "api", Env: "prod", Emits: event.Kinds()}, {Name: "batch"}}, tables},
		{"another path and line limit", false, []Source{{Name: "api", Env: "prod", Path: "/x", MaxLine: 7}, {Name: "batch"}}, tables},
		{"a source emits less", true, []Source{{Name: "api", Env: "prod", Emits: []event.Kind{event.AlertSent}}, {Name: "batch"}}, tables},
		{"a source fixes another env", true, []Source{{Name: "api", Env: "live"}, {Name: "batch"}}, tables},
		{"a source has another name", true, []Source{{Name: "app", Env: "prod"}, {Name: "batch"}}, tables},
		{"a source is gone", true, events[:1], tables},
		{"a dump has other bytes", true, events, []warehouse.Input{tables[0], held("db", "prod", "vault_status", "b.csv", "3")}},
		{"a dump came", true, events, append(slices.Clone(tables), held("db", "prod", "compensation_queue", "c.csv", "4"))},
		{"a dump is of another env", true, events, []warehouse.Input{tables[0], held("db", "live", "vault_status", "b.csv", "2")}},
	} {
		if got := catalogueKey(c.events, sources, c.tables) != before; got != c.due {
			t.Errorf("%s: due %t, want %t", c.name, got, c.due)
		}
	}
	for _, c := range []struct {
		name    string
		due     bool
		sources []TableSource
	}{
		{"another order of sources of tables", false, []TableSource{sources[1], sources[0]}},
		{"another path", false, []TableSource{{Name: "db", Env: "prod", Path: "/x"}, sources[1]}},
		{"a source of tables is gone", true, sources[:1]},
		{"a source of tables has another env", true, []TableSource{{Name: "db", Env: "live"}, sources[1]}},
	} {
		if got := catalogueKey(events, c.sources, tables) != before; got != c.due {
			t.Errorf("%s: due %t, want %t", c.name, got, c.due)
		}
	}
}
