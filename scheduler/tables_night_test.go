package scheduler

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// The sample's dumps and its events are of one life. Without the events the dumps tell the same states, but for the rows
// that the sample spoils, each of which is drift beside the events, and for vaults that were over when a dump first had them.
func TestTablesAloneTellTheSameLife(t *testing.T) {
	const states = "select dt, user_key, vault_type, status, origin from vault_state where env = 'prod'"
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	byEvents := w.statesOf(states)
	_, drift, _ := strings.Cut(w.query("select sum(drift) as drift from vault_daily where env = 'prod' and vault_type = 'ALL'"), "\n")
	if err := os.RemoveAll(w.options.Warehouse); err != nil {
		t.Fatal(err)
	}
	w.options.Sources, w.options.K = nil, 1
	w.mustRun(night.span)
	bySnapshots := w.statesOf(states)

	different := 0
	for vault, state := range bySnapshots {
		of, known := byEvents[vault]
		if !known {
			t.Errorf("a snapshot of %s knows a vault that neither an event nor a snapshot beside events does", vault[0])
		}
		if of[0] != state[0] {
			different++
		}
	}
	if want, err := strconv.Atoi(strings.TrimSpace(drift)); err != nil || different != want || want == 0 {
		t.Errorf("%d states differ, and drift is %q", different, drift)
	}
	for vault, state := range byEvents {
		if _, known := bySnapshots[vault]; !known && (state[1] != "event" || state[0] != "CLAIMED" && state[0] != "EXPIRED") {
			t.Errorf("on %s a vault that is %s, known by its %s, is not known from the tables alone", vault[0], state[0], state[1])
		}
	}
	w.expect("select count(*) from vault_daily where drift <> 0 or drift is null", "0\n")
	w.expect("select distinct state, reason from metric_daily where metric = 'vault_claim_rate_by_type' and period = 'day' and vault_type = 'GOLD'", "ok,from_snapshots\n")
}

// statesOf returns status and origin of each dt, user and type.
func (w *world) statesOf(query string) map[[3]string][2]string {
	w.t.Helper()
	states := make(map[[3]string][2]string)
	for line := range strings.Lines(w.query(query)) {
		cells := strings.Split(strings.TrimSpace(line), ",")
		states[[3]string(cells[:3])] = [2]string(cells[3:])
	}
	delete(states, [3]string{"dt", "user_key", "vault_type"})
	return states
}
