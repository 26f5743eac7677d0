package reference

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The worlds are worth their time only if every rule comes into every state that it can have, for every reason.
func TestAlarmWorldsReachEveryState(t *testing.T) {
	setWorlds(t, 2*alarmWorldsChecked)
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		w := alarmWorlds().Draw(t, "world")
		found := w.Alarms()
		for _, r := range found.Evaluations {
			seen[strings.TrimSpace(strings.Join([]string{r.Rule, r.Level, r.State, r.Reason}, " "))]++
			if r.Value != nil && r.Value.Cmp(r.Threshold) == 0 {
				seen[strings.Join([]string{r.Rule, r.Level, "exactly the threshold"}, " ")]++
			}
			if r.Value == nil {
				seen[strings.Join([]string{r.Rule, r.Level, r.State, "without a value"}, " ")]++
			}
		}
		for _, r := range found.Alarms {
			what := r.Rule + " " + r.Level + " alarm"
			seen[what+" "+r.State]++
			if r.EndedAt != 0 && w.Zone.DayOf(r.EndedAt-1) != r.Dt {
				seen[what+" over midnight"]++
			}
			if r.EndedAt != 0 && !w.isExtracted(w.Zone.DayOf(r.EndedAt)) {
				seen[what+" ended by a missing day"]++
			}
		}
	})
	for _, what := range slices.Sorted(maps.Keys(seen)) {
		t.Logf("%5d %s", seen[what], what)
	}
	for _, c := range []struct{ rules, states []string }{
		{
			[]string{"batch_fail warn", "dlq_size warn", "dlq_size critical", "notify_enqueue_latency warn", "compensation_pending warn", "compensation_pending critical"},
			[]string{"ok", "firing", "resolved", "alarm firing", "alarm resolved", "alarm over midnight", "alarm ended by a missing day", "exactly the threshold"},
		},
		{[]string{"compensation_pending warn"}, []string{"pending"}},
		{[]string{"dlq_size warn", "dlq_size critical", "notify_enqueue_latency warn"}, []string{"no_data no_rows"}},
		{[]string{"dlq_size warn", "dlq_size critical"}, []string{"no_data DLQ_DEPTH_SAMPLED"}},
		{[]string{"notify_enqueue_latency warn"}, []string{"no_data NOTIFY_ENQUEUED"}},
		{[]string{"batch_fail warn"}, []string{"ok BATCH_RUN_FINISHED"}},
		{[]string{"compensation_pending warn", "compensation_pending critical"}, []string{"ok COMPENSATION_ENQUEUED", "ok COMPENSATION_RETRIED"}},
		{
			[]string{"claim_rate_drop investigate", "expire_rate_spike investigate", "variant_claim_gap investigate"},
			[]string{
				"ok", "firing", "resolved", "insufficient_data min_denominator", "insufficient_data significance", "insufficient_data k",
				"no_data immature", "no_data VAULT_CLAIMED", "alarm resolved", "alarm over midnight",
			},
		},
		{
			[]string{"claim_rate_drop investigate", "expire_rate_spike investigate"},
			[]string{
				"insufficient_data complementary", "no_data vault_status", "no_data zero_denominator", "no_data zero_baseline", "alarm firing",
				"alarm ended by a missing day",
			},
		},
		{[]string{"variant_claim_gap investigate"}, []string{"ok without a value", "firing without a value"}},
		{[]string{"claim_rate_drop investigate", "variant_claim_gap investigate"}, []string{"exactly the threshold"}},
	} {
		for _, rule := range c.rules {
			for _, state := range c.states {
				if seen[rule+" "+state] == 0 {
					t.Errorf("no world has %s %s", rule, state)
				}
			}
		}
	}
}
