package main

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"vaultreport/extract"
	"vaultreport/scheduler"
)

func extracted(files ...extract.FileTotals) scheduler.Extracted {
	return scheduler.Extracted{Result: result(scheduler.Published), Files: files}
}

func TestTheLedgerOfAnExtraction(t *testing.T) {
	got := extractedText(extracted(
		extract.FileTotals{Source: "api", File: "logs/2026-01-02/prod.jsonl", Totals: extract.Totals{Read: 1500, Kept: 1400, Duplicate: 60, Blank: 3, Quarantined: 35, OutOfRange: 2}, Reasons: map[string]int64{"not_json": 5, "bad_field": 30}},
		extract.FileTotals{Source: "api", File: "logs/2026-01-02/a-file-with-a-name-that-is-far-too-long-for-a-terminal.jsonl", Totals: extract.Totals{Read: 10, Kept: 10}},
		extract.FileTotals{Source: "vault-db", File: "vault_status", Totals: extract.Totals{Read: 12, Kept: 5, Duplicate: 1, Quarantined: 6}, Reasons: map[string]int64{"bad_field": 1, "conflicting_duplicate": 5}},
	))
	want := `days      2026-01-01 to 2026-04-30 (2 days)
snapshot  0000000007 (published)

                                                                          out of
                              read   kept  duplicate  blank  quarantined   range
api                          1,510  1,410         60      3           35       2
  …gs/2026-01-02/prod.jsonl  1,500  1,400         60      3           35       2
  …ong-for-a-terminal.jsonl     10     10          0      0            0       0
vault-db                        12      5          1      0            6       0
  vault_status                  12      5          1      0            6       0
total                        1,522  1,415         61      3           41       2

reason                 quarantined
---------------------  -----------
bad_field                       31
conflicting_duplicate            5
not_json                         5
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheLedgerFitsATerminal(t *testing.T) {
	for _, read := range []int64{0, 7, 1_234, 10_000_000, 1_000_000_000, 9_999_999_999} {
		for _, n := range []int{1, mostFiles, mostFiles + 1, 3000} {
			if read*int64(n) >= 10_000_000_000 {
				continue // more than a night has
			}
			var files []extract.FileTotals
			for range n {
				files = append(files, extract.FileTotals{
					Source: "a source with a long name", File: "logs/2026-01-02/" + strings.Repeat("가", 40) + ".jsonl.gz",
					Totals:  extract.Totals{Read: read, Kept: read / 2, Duplicate: read / 10, Blank: read / 10, Quarantined: read / 10, OutOfRange: read / 5},
					Reasons: map[string]int64{"conflicting_duplicate": read / 10},
				})
			}
			text := extractedText(extracted(files...))
			for line := range strings.Lines(text) {
				if width := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); width > 80 {
					t.Errorf("%d lines of %d files: %d columns: %s", read, n, width, line)
				}
			}
			if shown := strings.Count(text, ".gz"); shown != n && n <= mostFiles || shown > 0 && n > mostFiles {
				t.Errorf("%d of %d files are shown:\n%s", shown, n, text)
			}
		}
	}
}
