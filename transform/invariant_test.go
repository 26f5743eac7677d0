package transform

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/warehouse"
)

// An invariant is tested on the days of which a file that it reads was built, or of which the lake may have changed.
func TestInvariantsFollowWhatWasBuilt(t *testing.T) {
	p := project(t)
	days := dayList(t, "2026-01-01..2026-01-03")
	for _, c := range []struct {
		name  string
		built []string // "TABLE DAY"
		test  string
		want  string // days on which it runs, of those on which something was built
	}{
		{"a file of the day", []string{"alert_daily 2026-01-02"}, "windows_add_up", "2026-01-02"},
		{"a file that it does not read", []string{"alert_daily 2026-01-02"}, "vault_daily_counts_every_vault", ""},
		{"a file of the day before", []string{"vault_daily 2026-01-02", "alert_daily 2026-01-03"}, "vault_daily_adds_up", "2026-01-02 2026-01-03"},
		{"a day after which nothing was built", []string{"vault_daily 2026-01-02"}, "vault_daily_adds_up", "2026-01-02"},
		{"a model that reads the same file of the lake", []string{"progress_frequency 2026-01-02", "alert_daily 2026-01-03"}, "vault_state_meets_the_snapshot", "2026-01-02"},
		{"a file of the lake that no model reads", []string{"alert_daily 2026-01-02"}, "source_ledger_adds_up", "2026-01-02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := &runner{project: p, options: Options{Zone: zone(t, "Asia/Seoul")}, extracted: days, built: filesByModel{}}
			for _, text := range c.built {
				name, day, _ := strings.Cut(text, " ")
				m := modelOf(p, name)
				r.built[m] = append(r.built[m], warehouse.File{Table: name, Dt: dayList(t, day)[0]})
			}
			q := p.invariants[slices.IndexFunc(p.invariants, func(q *query) bool { return q.table.Name == c.test })]
			changed := r.changed()
			var got []string
			for _, dt := range r.built.days() {
				if r.reads(q, dt, changed) {
					got = append(got, dt.String())
				}
			}
			if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("days of %s (-want +got):\n%s", c.test, diff)
			}
		})
	}
}

// Every table of the lake whose change a model has to show is read by a model on its day: an invariant of others runs on every
// day on which something was built.
func TestLakeTablesOfInvariantsThatNoModelReads(t *testing.T) {
	p := project(t)
	unread := map[string]bool{}
	for _, q := range p.invariants {
		for _, in := range q.Inputs {
			if !p.isFilled(in.Table) && !p.isReadOnItsDay(in.Table) {
				unread[in.Table] = true
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"row_ledger": true}, unread); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}
