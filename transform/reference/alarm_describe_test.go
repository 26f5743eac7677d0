package reference

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
)

// kindsOfRule are the events that a rule is about.
var kindsOfRule = map[string][]string{
	"batch_fail":             {"BATCH_RUN_FINISHED"},
	"dlq_size":               {"DLQ_DEPTH_SAMPLED"},
	"notify_enqueue_latency": {"NOTIFY_ENQUEUED"},
	"compensation_pending":   {"COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED"},
	"variant_claim_gap":      {"ALERT_SENT", "VAULT_CLAIMED"},
	"claim_rate_drop":        append([]string{"REFERRAL_REVIVED"}, vaultKinds...),
	"expire_rate_spike":      append([]string{"REFERRAL_REVIVED"}, vaultKinds...),
}

// describeFor tells what a rule looks at in one env of a world: equal events of many users or compensations in one line.
func describeFor(w *World, rule, env string) string {
	if slices.ContainsFunc(w.sorted(), func(dt bizday.Day) bool { return w.hasTable(dt, env, "") }) {
		return describe(w)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "zone %s, k %d\n", w.Zone.Name(), w.K)
	for _, dt := range w.sorted() {
		start, end := w.Zone.Bounds(dt)
		fmt.Fprintf(&b, "%s: %s to %s\n", dt, clock(start), clock(end))
		for _, kind := range kindsOfRule[rule] {
			if !w.emits(dt, env, kind) {
				fmt.Fprintf(&b, "  no source has %s\n", kind)
			}
		}
		events := w.events(dt, env, kindsOfRule[rule]...)
		slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.TS, b.TS) })
		for i := 0; i < len(events); {
			n := 1
			for i+n < len(events) && isLike(events[i], events[i+n]) {
				n++
			}
			fmt.Fprintf(&b, "  %s %s%s\n", clock(events[i].TS), events[i].Kind, detailsOf(events[i], events[i+n-1]))
			i += n
		}
	}
	return b.String()
}

// isLike says whether two events differ in nothing but whom they are about.
func isLike(a, b Event) bool {
	b.User, b.Compensation, b.ReqID = a.User, a.Compensation, a.ReqID
	return a == b
}

func detailsOf(first, last Event) string {
	var b strings.Builder
	upTo := func(name string, from, to int) {
		switch {
		case from == 0:
		case from == to:
			fmt.Fprintf(&b, " %s=%d", name, from)
		default:
			fmt.Fprintf(&b, " %s=%d..%d", name, from, to)
		}
	}
	upTo("user", first.User, last.User)
	upTo("compensation", first.Compensation, last.Compensation)
	for _, text := range []string{first.VaultType, first.Variant, first.Job, first.Outcome, first.Queue} {
		if text != "" {
			b.WriteString(" " + text)
		}
	}
	if first.Kind == "DLQ_DEPTH_SAMPLED" {
		fmt.Fprintf(&b, " depth=%d", first.Depth)
	}
	if first.Kind == "NOTIFY_ENQUEUED" {
		fmt.Fprintf(&b, " latency=%d", first.LatencyMS)
	}
	return b.String()
}
