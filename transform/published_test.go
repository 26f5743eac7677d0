package transform

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// night returns a store in which every model of a day is built.
func night(t *testing.T) *folder {
	t.Helper()
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-02")...)
	if _, err := Run(context.Background(), store, p, options(t, db)); err != nil {
		t.Fatal(err)
	}
	return store
}

func TestModelsAreModifiedByWhatChangesTheirResult(t *testing.T) {
	store := night(t)
	for _, c := range []struct {
		name, file, from, to string
		selector             string
		want                 []string
	}{
		{"nothing", "models/vault_daily.sql", "", "", "state:modified+", nil},
		{"a comment", "models/vault_daily.sql", "with ", "-- a comment\nwith ", "state:modified+", nil},
		{"prose of a contract", "models/vault_daily.yaml", "owner: data team", "owner: SRE", "state:modified+", nil},
		{"the meaning of a column", "models/vault_daily.yaml", "meaning: environment", "meaning: the environment", "state:modified+", nil},
		{"an expression", "models/metric_change.sql", "p_value", "(p_value)", "state:modified", []string{"metric_change"}},
		{
			"an expression, and what is downstream", "models/vault_quarter.sql", "+ today.expired as", "+ (today.expired) as", "state:modified+",
			[]string{"alarm", "alarm_evaluation", "metric_change", "metric_daily", "metric_measure", "metrics_vault_rates", "restatement", "vault_quarter"},
		},
		{"a view, in the models that read it", "models/metrics_vault_funnel.sql", "'vault_funnel'", "('vault_funnel')", "state:modified", []string{"metric_measure"}},
		{"a parameter", "models/vault_state.yaml", "parameters: [retire_after]", "parameters: [retire_after, k]", "state:modified", []string{"vault_state"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := shipped(t)
			if c.from != "" {
				edit(t, files, c.file, c.from, c.to)
			}
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			selected, err := Select(p.Entries(), []string{c.selector}, func() (map[string]bool, error) { return p.Modified(store) })
			if err != nil {
				t.Fatal(err)
			}
			if got := namesOf(selected); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func namesOf(entries []Entry) (names []string) {
	for _, e := range entries {
		names = append(names, e.Name)
	}
	return names
}

func TestWithoutAFileEveryModelIsModified(t *testing.T) {
	p := project(t)
	modified, err := p.Modified(newFolder(t.TempDir()))
	if err != nil || len(modified) != p.NumModels() || !modified["vault_daily"] || modified["events"] {
		t.Errorf("got %v, %v", modified, err)
	}
}

func TestFilesSayWhatTheirContractsSay(t *testing.T) {
	p, store := project(t), night(t)
	if err := p.CheckPublished(store); err != nil {
		t.Fatal(err)
	}
	for _, m := range p.models {
		published, exists, err := newest(store, m.table.Name)
		if err != nil || !exists || fmt.Sprint(published.Columns) != fmt.Sprint(m.table.Columns) || published.Version != m.Version || published.Digest != m.digest {
			t.Errorf("%s: got %+v, %t, %v", m.table.Name, published, exists, err)
		}
	}
}

func TestPublishedColumnsAreKeptOrTheVersionIsRaised(t *testing.T) {
	p, db := project(t), engine(t, 1)
	depth := table(t, p, "queue_depth")
	for _, c := range []struct{ name, version, columns, want string }{
		{"the same", "1", "%s", ""},
		{"without a version, by another writer", "", "dt", ""},
		{"an older major version", "0", "%s", ""},
		{"a column more", "1", "%s, 1::bigint as samples", "models/queue_depth.yaml:4: queue_depth is published otherwise: column samples is gone, which version 1 has"},
		{"a column less", "1", "* exclude (depth)", "column depth is new, and version is still 1"},
		{"another type", "1", "* replace (depth::double as depth)", "column depth is BIGINT, and DOUBLE in version 1"},
		{"a newer version", "1.1", "%s", "version 1 is older than 1.1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store := newFolder(t.TempDir())
			dt := dayList(t, "2026-01-01")[0]
			path, err := store.StagePath(depth, dt)
			if err != nil {
				t.Fatal(err)
			}
			kv := ""
			if c.version != "" {
				kv = ", kv_metadata {schema_version: '" + c.version + "'}"
			}
			text := fmt.Sprintf("copy (select %s from (%s)) to %s (format parquet%s)", strings.Replace(c.columns, "%s", "*", 1), depth.Empty(), duck.Quote(path), kv)
			if _, err := db.Conn().ExecContext(context.Background(), text); err != nil {
				t.Fatal(err)
			}
			if _, err := store.Add(depth, dt, 0, ""); err != nil {
				t.Fatal(err)
			}
			err = p.CheckPublished(store)
			if c.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Gate || !strings.Contains(errs.HintOf(err), "nothing of this run is published") {
				t.Errorf("got %v (hint %s), want %q", err, errs.HintOf(err), c.want)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsNamed(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	dt := dayList(t, "2026-01-01")[0]
	store.put(t, db, table(t, p, "queue_depth"), dt, table(t, p, "queue_depth").Empty())
	f, _ := store.File("queue_depth", dt)
	f.Bytes--
	store.Files()["queue_depth"][dt] = f
	if err := p.CheckPublished(store); err == nil || !strings.Contains(err.Error(), "queue_depth of 2026-01-01") {
		t.Errorf("got %v", err)
	}
}
