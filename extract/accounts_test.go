package extract

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract/table"
	"vaultreport/internal/event"
)

func sourcesText(rows []sourceRow) string {
	var b strings.Builder
	for _, r := range rows {
		newest := "-"
		if r.NewestAt != nil {
			newest = fmt.Sprint(*r.NewestAt)
		}
		fmt.Fprintln(&b, r.Dt, r.Source, r.Origin, r.Reason, r.Rows, newest)
	}
	return b.String()
}

func TestASourceCountsItsLinesOverFilesAndKnowsItsNewestKeptOne(t *testing.T) {
	api, batch := Source{Name: "api"}, Source{Name: "batch"}
	files := []found{{source: api, name: "a.jsonl"}, {source: batch, name: "b.jsonl"}, {source: api, name: "c.jsonl"}}
	ledger := map[ledgerKey]int64{
		{0, "prod", kept}: 1, {2, "prod", kept}: 1, {2, "dev", kept}: 1, {2, "dev", duplicate}: 4, {0, "", blank}: 3,
		{1, "", "not_json"}: 5,
	}
	want := `20000 api events blank 3 -
20000 api events duplicate 4 -
20000 api events kept 3 900
20000 batch events not_json 5 -
`
	got := lineAccounts(20_000, files, ledger, []int64{700, noTS, 900}).join(accounts{})
	if diff := cmp.Diff(want, sourcesText(got.sources)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestATableOfASourceCountsItsRowsAndKnowsWhenItWasTouched(t *testing.T) {
	db, old := TableSource{Name: "db", Env: "prod"}, TableSource{Name: "old", Env: "prod"}
	status, queue := table.SpecOf("vault_status"), table.SpecOf("compensation_queue")
	first, second := &dump{source: db, spec: status}, &dump{source: old, spec: status}
	var a accounts
	a.add(&tableResult{
		job:    &tableJob{spec: status, day: 20_000},
		ledger: map[tableLedgerKey]int64{{first, kept}: 7, {first, duplicate}: 1, {second, kept}: 2},
		newest: map[*dump]int64{first: 1234},
	})
	third := &dump{source: db, spec: queue}
	a.add(&tableResult{
		job:    &tableJob{spec: queue, day: 20_000},
		ledger: map[tableLedgerKey]int64{{third, event.BadField.String()}: 3},
		newest: map[*dump]int64{},
	})
	want := `20000 api events kept 1 -
20000 db compensation_queue bad_field 3 -
20000 db vault_status duplicate 1 -
20000 db vault_status kept 7 1234
20000 old vault_status kept 2 -
`
	lines := accounts{sources: []sourceRow{{Dt: 20_000, Source: "api", Origin: linesOrigin, Reason: kept, Rows: 1}}}
	slices.Reverse(a.sources)
	if diff := cmp.Diff(want, sourcesText(lines.join(a).sources)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
