package reports

import "slices"

// plainSections are the sections of plain tables. A metric is on the page when it is named here, and its words are in
// messages.yaml.
var plainSections = []plainSection{
	{"funnel", []plainTable{
		{name: "vault_funnel", rows: byType, columns: segments("vault_funnel", "count", "LOCKED", "UNLOCKED", "CLAIMED", "EXPIRED")},
		{name: "vault_unlock_conversion", rows: byType, columns: segments("vault_unlock_conversion", "rate", "claimed_7d", "expired_7d")},
	}},
	{"alerts", []plainTable{
		{name: "alerts_by_type", rows: byType, columns: join(
			metrics("count", "alert_sent_count"), metrics("rate", "alert_claim_within_24h"))},
		{name: "social_proof", rows: byType, columns: join(
			metrics("count", "social_proof_impression_count"), metrics("rate", "social_proof_click_rate", "social_proof_claim_within_24h"))},
		{name: "loss_banner", rows: bySegment, columns: join(
			metrics("count", "loss_banner_impressions"), metrics("rate", "loss_banner_click_rate", "loss_banner_claim_within_1h"))},
		{name: "alert_delivery", rows: bySegment, of: "status", columns: metrics("count", "alert_delivery"), mayBeEmpty: true},
	}},
	{"experiments", []plainTable{
		{name: "alerts_by_variant", rows: byVariant, columns: join(
			metrics("count", "alert_sent_count"), metrics("rate", "alert_click_rate", "alert_claim_rate_by_variant"))},
	}},
	{"extensions", []plainTable{
		{name: "extend_expiry_applied_count", rows: bySegment, of: "extension", columns: metrics("count", "extend_expiry_applied_count")},
		{name: "referral_revive_success_count", rows: byType, columns: metrics("count", "referral_revive_success_count")},
	}},
	{"operations", []plainTable{
		{name: "batch", rows: bySegment, of: "job", columns: join(metrics("count", "batch_fail_count"), metrics("rate", "batch_fail_rate"))},
		{name: "dlq_size", rows: bySegment, of: "queue", columns: statistics("dlq_size", "last", "max")},
		{name: "notify_enqueue_latency", rows: bySegment, columns: statistics("notify_enqueue_latency", "p50", "p95", "max")},
		{name: "compensation_pending_count", rows: bySegment, of: "counted", columns: statistics("compensation_pending_count", "last", "max")},
		{name: "compensation_retry_success_rate", rows: bySegment, columns: metrics("rate", "compensation_retry_success_rate")},
	}},
	{"countdown", []plainTable{
		{name: "countdown", rows: byType, columns: segments("countdown", "count", "overdue", "D0", "D-1", "D-2")},
	}},
	{"vault_quality", []plainTable{
		{name: "vault_quality", rows: byType, columns: metrics("count", "vault_invalid_transition_count", "vault_state_drift_count")},
	}},
	{"data_quality", []plainTable{
		{name: "dq_lines", rows: bySegment, of: "fate", columns: metrics("count", "dq_lines")},
		{name: "source_age", rows: bySegment, of: "source", columns: metrics("max", "source_age"), names: true},
		{name: "dq_unknown_field", rows: bySegment, of: "field", columns: metrics("count", "dq_unknown_field"), names: true, mayBeEmpty: true},
	}},
}

// metrics are columns of several metrics.
func metrics(statistic string, names ...string) (columns []plainColumn) {
	for _, name := range names {
		columns = append(columns, plainColumn{metric: name, statistic: statistic, label: "metric_" + name})
	}
	return columns
}

// segments are columns of several segments of one metric.
func segments(metric, statistic string, names ...string) (columns []plainColumn) {
	for _, name := range names {
		columns = append(columns, plainColumn{metric: metric, statistic: statistic, segment: name, label: "value_" + name})
	}
	return columns
}

// statistics are columns of several statistics of one metric.
func statistics(metric string, names ...string) (columns []plainColumn) {
	for _, name := range names {
		columns = append(columns, plainColumn{metric: metric, statistic: name, label: "statistic_" + name})
	}
	return columns
}

func join(columns ...[]plainColumn) []plainColumn { return slices.Concat(columns...) }
