package transform

import (
	"slices"
	"strings"
	"testing"
)

// Heavy models run on other engines from the same text: docs/scale.md section 2 says what they may not use.
func TestHeavyModelsStayInThePortableSubset(t *testing.T) {
	refused := []string{
		"qualify", "asof", "quantile_cont", "hash", "any_value", "first", "last", "min_by", "max_by", "arg_min", "arg_max", "list",
		"string_agg", "array_agg", "approx_count_distinct", "approx_quantile", "avg", "date_diff", "datediff", "exclude", "replace",
	}
	heavy := []string{
		"env_seen", "env_source", "vault_move_by_event", "vault_move_by_snapshot", "vault_move", "vault_state", "vault_daily", "vault_quarter",
		"progress_frequency", "metric_gap", "metrics_countdown", "metrics_vault_funnel",
		"metrics_batch", "queue_depth", "metrics_queue", "notify_latency_frequency", "frequency_quarter", "compensation_move", "compensation_open",
		"metrics_compensation", "expiry_extension", "metrics_referral", "metrics_delivery",
		"progress_frequency", "metric_gap", "vault_outcome", "alert_click", "alert_daily", "impression_daily", "unlock_daily",
	}
	for _, m := range project(t).models {
		if !slices.Contains(heavy, m.table.Name) {
			continue
		}
		tokens := m.statement.tokens
		for i, token := range tokens[:len(tokens)-1] {
			if token[0] == '"' || slices.Contains(refused, token) && (tokens[i+1] == "(" || token == "qualify" || token == "asof") {
				t.Errorf("%s uses %s", m.table.Name, token)
			}
			// In a window, every ordering says where NULL stands; the key that ends a model is never NULL.
			isLast := !slices.Contains(tokens[i+1:], "order")
			if token == "order" && !isLast {
				clause := strings.Join(tokens[i:min(i+40, len(tokens))], " ")
				if !strings.Contains(clause, "nulls first") && !strings.Contains(clause, "nulls last") {
					t.Errorf("%s: %s does not say where NULL stands", m.table.Name, clause)
				}
			}
		}
	}
}
