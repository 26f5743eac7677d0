package alarm

import (
	"os"
	"testing"

	"vaultreport/internal/duck"
)

// An alarm that fires for months is known from its first day and the newest one: the days between may not even be there.
func TestOfAnAlarmThatFiresStillNoDayBetweenIsRead(t *testing.T) {
	n := newNight(t, t.TempDir(), engine(t))
	first, last := mustDay(t, "2026-04-01"), mustDay(t, "2026-04-20")
	for dt := first; dt <= last+1; dt++ {
		claimed := int64(300)
		if dt == first+5 {
			claimed = 100 // the peak lies on a day that is gone when it is asked for
		}
		n.put(t, dt, cells{
			{"prod", "vault_claim_rate_by_type", "qtd", all}:      {state: ok, numerator: claimed, denominator: 1000},
			{"prod", "vault_claim_rate_by_type", "prev_qtd", all}: {state: ok, numerator: 600, denominator: 1000},
		})
		if dt != last {
			continue
		}
		n.run(t)
		for between := first + 1; between < last; between++ {
			for _, table := range []string{evaluationTable, spanTable, alarmTable} {
				f, _ := n.File(table, between)
				if err := os.Remove(f.Object); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	n.run(t)
	f, _ := n.File(alarmTable, first)
	got := n.rowsIn(t, "select concat_ws(' ', vault_type, state, ended_at is null, round(peak, 6), peak_at) from TABLE", duck.Quote(f.Object))
	peakAt := n.options.Zone.Start(first + 5).UTC().Format("2006-01-02 15:04:05")
	if want := "ALL firing true -0.833333 " + peakAt; len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
