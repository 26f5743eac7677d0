package transform

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
)

// catalogued is a row of source_catalogue.
type catalogued struct{ env, kind, name, column string }

// Of random catalogues and envs every row of metric_gap is what docs/definitions.md says about a metric that lacks something.
func TestGapsEqualTheReference(t *testing.T) {
	p, db := project(t), engine(t, 1)
	dt, root := bizday.Of(2026, 1, 2), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		kinds := []string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED", "ALERT_SENT"}
		catalogue := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) catalogued {
			c := catalogued{env: rapid.SampledFrom([]string{"", "dev", "prod"}).Draw(t, "env"), kind: "event", name: rapid.SampledFrom(kinds).Draw(t, "name")}
			if c.env != "" && rapid.Bool().Draw(t, "of tables") {
				c.kind, c.name = "table", rapid.SampledFrom([]string{"vault_status", "compensation_queue"}).Draw(t, "table")
				if rapid.IntRange(0, 2).Draw(t, "lacks") == 0 {
					c.kind, c.column = "missing_column", rapid.SampledFrom([]string{"platinum_attendance_days", "diamond_deposit_current", "expires_initial_at"}).Draw(t, "column")
				}
			}
			return c
		}), 0, 10).Draw(t, "catalogue")
		follows := map[string]bool{"dev": rapid.Bool().Draw(t, "dev follows"), "prod": rapid.Bool().Draw(t, "prod follows")}

		dir, err := os.MkdirTemp(root, "gap")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		store := newFolder(dir)
		sources, _ := p.Table("env_source")
		lake, _ := p.Table("source_catalogue")
		var envs, rows, want []string
		for _, env := range []string{"dev", "prod"} {
			has := slices.Contains(catalogue, catalogued{env, "table", "vault_status", ""})
			envs = append(envs, fmt.Sprintf("select '%s' as env, false as has_vault_events, %v as has_snapshot, %v as follows_snapshots", env, has, follows[env]))
			want = append(want, gapsOf(env, catalogue, follows[env])...)
		}
		for _, c := range catalogue {
			rows = append(rows, fmt.Sprintf("select nullif('%s', '') as env, 's' as source, '%s' as kind, '%s' as name, nullif('%s', '') as column_name", c.env, c.kind, c.name, c.column))
		}
		putRows(t, db, store, sources, dt, strings.Join(append([]string{sources.Empty()}, envs...), " union all by name "))
		putRows(t, db, store, lake, dt, strings.Join(append([]string{lake.Empty()}, rows...), " union all by name "))
		seoul, _ := bizday.LoadZone("Asia/Seoul")
		r, err := newRunner(context.Background(), store, p, Options{DB: db, Zone: seoul, Params: Params{K: 1, RetireAfter: 90, DiamondTarget: 1}, Log: quiet()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.build(context.Background(), modelOf(p, "metric_gap"), dt); err != nil {
			t.Fatal(err)
		}
		slices.Sort(want)
		compareTable(t, db, store, "metric_gap", dt, []string{"env", "metric", "reason"}, want)
	})
}

// gapsOf returns the rows of metric_gap of one env.
func gapsOf(env string, catalogue []catalogued, follows bool) (rows []string) {
	has := func(wanted catalogued) bool { return slices.Contains(catalogue, wanted) }
	event := func(name string) string {
		if has(catalogued{env, "event", name, ""}) || has(catalogued{"", "event", name, ""}) {
			return ""
		}
		return name
	}
	snapshot := func() string {
		switch {
		case has(catalogued{env, "table", "vault_status", ""}):
			return ""
		case has(catalogued{env, "table", "compensation_queue", ""}):
			return "vault_status"
		default:
			return "no_snapshot"
		}
	}
	column := func(name string) string {
		if has(catalogued{env, "missing_column", "vault_status", name}) {
			return "vault_status." + name
		}
		return ""
	}
	lack := func(metric string, reasons ...string) {
		if i := slices.IndexFunc(reasons, func(reason string) bool { return reason != "" }); i >= 0 {
			rows = append(rows, env+" "+metric+" "+reasons[i])
		}
	}
	life := []string{event("VAULT_UNLOCKED"), event("VAULT_CLAIMED"), event("VAULT_EXPIRED")}
	rates := life
	if follows {
		rates = []string{snapshot()}
	}
	lack("vault_claim_rate_by_type", rates...)
	lack("vault_expire_rate_by_type", rates...)
	lack("vault_invalid_transition_count", life...)
	lack("vault_state_drift_count", snapshot())
	lack("platinum_attendance_progress", snapshot(), column("platinum_attendance_days"))
	lack("diamond_deposit_progress", snapshot(), column("diamond_deposit_current"))
	return rows
}
