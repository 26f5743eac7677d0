package main

import "vaultreport/internal/event"

// optionalField is a field that lines may lack, and what a metric then does not tell. Field is looked for in the lines of all Kinds together.
type optionalField struct {
	metrics []string
	kinds   []event.Kind
	field   event.Column
	without string
}

// optionalFields are those that docs/definitions.md section 5 splits or matches by. What a metric cannot do without stands in the catalogue.
var optionalFields = []optionalField{
	{[]string{"alert_sent_count", "alert_click_rate", "alert_claim_rate_by_variant"}, []event.Kind{event.AlertSent}, event.VariantID, "by variant there is only untagged"},
	{[]string{"alert_click_rate"}, []event.Kind{event.AlertClicked}, event.VariantID, "clicks match only alerts without a variant"},
	{[]string{"alert_sent_count", "alert_claim_within_24h"}, []event.Kind{event.AlertSent}, event.VaultType, "by type there is only untyped"},
	{[]string{"social_proof_impression_count", "social_proof_click_rate", "social_proof_claim_within_24h"}, []event.Kind{event.SocialProofImpression}, event.VaultType, "by type there is only untyped"},
	{[]string{"social_proof_click_rate"}, []event.Kind{event.SocialProofClicked}, event.VaultType, "clicks match only impressions without a type"},
	{[]string{"referral_revive_success_count"}, []event.Kind{event.ReferralRevived}, event.VaultType, "by type there is only untyped"},
	{[]string{"countdown"}, []event.Kind{event.VaultUnlocked, event.VaultClaimed, event.VaultExpired, event.ExpiryExtended, event.ReferralRevived}, event.ExpiresAt, "no expiry is known but from snapshots, and every count is 0"},
	{[]string{"dq_lines"}, event.Kinds(), event.ReqID, "a line is a duplicate only of one that is equal in every column"},
}
