package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// The kinds of events in the order of docs/sources.md.
var kinds = []string{
	"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED", "ALERT_SENT", "ATTENDANCE_MARKED", "DEPOSIT_RECORDED", "EXPIRY_EXTENDED",
	"REFERRAL_REVIVED", "COMPENSATION_ENQUEUED", "ALERT_CLICKED", "SOCIAL_PROOF_IMPRESSION", "SOCIAL_PROOF_CLICKED",
	"LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED", "NOTIFY_ENQUEUED", "BATCH_RUN_FINISHED", "DLQ_DEPTH_SAMPLED",
	"COMPENSATION_RETRIED",
}

// needs is what a metric is made from: kinds of events, or a table with columns.
type needs struct {
	events  []string
	table   string
	columns []string
}

func of(events ...string) needs                  { return needs{events: events} }
func from(table string, columns ...string) needs { return needs{table: table, columns: columns} }
func either(is bool, yes needs, no needs) needs {
	if is {
		return yes
	}
	return no
}

// needsOf says what a row needs in an env that is without events, or is not.
func needsOf(m Metric, withoutEvents bool) needs {
	switch m.Metric {
	case "vault_claim_rate_by_type", "vault_expire_rate_by_type", "vault_funnel", "countdown":
		return either(withoutEvents, from("vault_status"), of(vaultKinds...))
	case "platinum_attendance_progress":
		return from("vault_status", "platinum_attendance_days")
	case "diamond_deposit_progress":
		return from("vault_status", "diamond_deposit_current")
	case "alert_sent_count":
		return of("ALERT_SENT")
	case "alert_click_rate":
		return of("ALERT_SENT", "ALERT_CLICKED")
	case "alert_claim_within_24h", "alert_claim_rate_by_variant":
		return of("ALERT_SENT", "VAULT_CLAIMED")
	case "social_proof_impression_count":
		return of("SOCIAL_PROOF_IMPRESSION")
	case "social_proof_click_rate":
		return of("SOCIAL_PROOF_IMPRESSION", "SOCIAL_PROOF_CLICKED")
	case "social_proof_claim_within_24h":
		return of("SOCIAL_PROOF_IMPRESSION", "VAULT_CLAIMED")
	case "loss_banner_impressions":
		return of("LOSS_BANNER_IMPRESSION")
	case "loss_banner_click_rate":
		return of("LOSS_BANNER_IMPRESSION", "LOSS_BANNER_CLICKED")
	case "loss_banner_claim_within_1h":
		return of("LOSS_BANNER_IMPRESSION", "VAULT_CLAIMED")
	case "referral_revive_success_count":
		return either(withoutEvents, from(extensionLog, "reason", "shadow", "created_at"), of("REFERRAL_REVIVED"))
	case "extend_expiry_applied_count", "expiry_extension_shadow_vs_actual":
		return either(withoutEvents, from(extensionLog, "reason", "shadow", "created_at"), of("EXPIRY_EXTENDED"))
	case "batch_fail_count", "batch_fail_rate":
		return of("BATCH_RUN_FINISHED")
	case "dlq_size":
		return of("DLQ_DEPTH_SAMPLED")
	case "notify_enqueue_latency":
		return of("NOTIFY_ENQUEUED")
	case "compensation_pending_count":
		isOfTable := m.Segment == "table" || withoutEvents && m.Statistic == "last"
		return either(isOfTable, from("compensation_queue", "status"), of("COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED"))
	case "compensation_retry_success_rate":
		return of("COMPENSATION_RETRIED")
	case "vault_unlock_conversion":
		return either(m.Segment == "claimed_7d", of("VAULT_UNLOCKED", "VAULT_CLAIMED"), of("VAULT_UNLOCKED", "VAULT_EXPIRED"))
	case "alert_delivery":
		return from("notifications_queue", "status", "created_at")
	case "vault_invalid_transition_count":
		return of(vaultKinds...)
	case "vault_state_drift_count":
		return from("vault_status")
	default:
		panic("no needs of " + m.Metric)
	}
}

// isFromEither says whether a row is made from tables in an env without events, and from events in others.
func isFromEither(m Metric) bool { return needsOf(m, true).table != needsOf(m, false).table }

// lack names the first of what a row needs that is missing on the day, "" if nothing is.
func (w *World) lack(dt bizday.Day, env string, m Metric) string {
	need := needsOf(m, w.isWithoutEvents(dt, env))
	for _, kind := range kinds {
		if slices.Contains(need.events, kind) && !w.emits(dt, env, kind) {
			return kind
		}
	}
	switch {
	case need.table == "":
		return ""
	case !w.hasTable(dt, env, ""):
		return "no_snapshot"
	case !w.hasTable(dt, env, need.table):
		return need.table
	}
	for _, column := range need.columns {
		if w.lacksColumn(dt, env, need.table, column) {
			return need.table + "." + column
		}
	}
	return ""
}
