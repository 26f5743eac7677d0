package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTotalsOfOneSourceAndFileAreOne(t *testing.T) {
	day := func(source, file string, read int64, reasons ...string) FileTotals {
		one := FileTotals{Source: source, File: file, Totals: Totals{Read: read}}
		for _, reason := range reasons {
			one.add(reason, 1)
		}
		return one
	}
	list := []FileTotals{
		day("db", "vault_status", 2, kept, "bad_field"),
		day("api", "b.jsonl", 1, blank),
		day("db", "vault_status", 3, "bad_field", "conflicting_duplicate", duplicate),
		day("api", "a.jsonl", 1, kept),
	}
	want := []FileTotals{
		{Source: "api", File: "a.jsonl", Totals: Totals{Read: 1, Kept: 1}},
		{Source: "api", File: "b.jsonl", Totals: Totals{Read: 1, Blank: 1}},
		{
			Source: "db", File: "vault_status", Totals: Totals{Read: 5, Kept: 1, Duplicate: 1, Quarantined: 3},
			Reasons: map[string]int64{"bad_field": 2, "conflicting_duplicate": 1},
		},
	}
	if diff := cmp.Diff(want, sumByFile(list)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
