package sample

import "slices"

// Incident is one line of incidents.json: a day on which a rule fires in prod, and what was done to make it fire.
type Incident struct {
	Day   string `json:"day"`
	Rule  string `json:"rule"`
	Cause string `json:"cause"`
}

// planned is something that goes wrong in prod on days counted back from the last one, so that a short sample has
// its incidents too. None is on the last day: windows of that day are not mature.
type planned struct {
	rule    string
	cause   string
	offsets []int
}

// schedule knows what goes wrong when. Its methods are false outside the incidents' days.
type schedule struct{ first, last day }

var (
	sweepFails = planned{"batch_fail", "the nightly run of job vault-expiry-sweep fails once and is repeated",
		[]int{3, 40, 77, 101}}
	queueFills = planned{"dlq_size", "consumers of notify-dlq stop for two hours: depth of all queues over 100 (warn)",
		[]int{5, 62}}
	queueFloods = planned{"dlq_size", "consumers of notify-dlq stop for five hours: depth over 100 (warn) and over 500 (critical)",
		[]int{8, 33}}
	notifySlows = planned{"notify_enqueue_latency", "the notification broker is slow from 20:00 to 20:40: every enqueueing takes over 5,000 ms",
		[]int{4, 50}}
	compensationStalls = planned{"compensation_pending", "one compensation is not settled for 35 minutes (warn)",
		[]int{6, 70}}
	compensationPilesUp = planned{"compensation_pending", "58 compensations within four minutes, settled after 20 to 45 minutes: pending over 50 (critical) and for more than 10 minutes (warn)",
		[]int{9, 28}}
	sweepOvershoots = planned{"expire_rate_spike", "the expiry sweep runs with a wrong cutoff and takes every eighth live vault",
		[]int{12, 65}}
	variantsPart = planned{"variant_claim_gap", "a coupon is attached to variant A only",
		[]int{7, 40, 41, 75}}
)

const claimDropCause = "a release hides the claim button from the sixth day of the quarter on: quarter to date is over 20 % below the aligned previous quarter"

func (s schedule) on(p planned, d day) bool {
	return d >= s.first && d <= s.last && slices.Contains(p.offsets, int(s.last-d))
}

// claimsHidden says whether claims have dropped on d: in the last quarter from its sixth day on, if the sample holds
// the quarter before to compare with.
func (s schedule) claimsHidden(d day) bool {
	quarter := s.last.quarter()
	return s.first <= (quarter-1).quarter() && d >= quarter+5
}

// couponOnA says whether the variants part on d. Where almost nobody claims they cannot.
func (s schedule) couponOnA(d day) bool { return s.on(variantsPart, d) && !s.claimsHidden(d) }

// onEventTime returns the scheduled incidents of d whose rules read instants. They fire by construction.
func (s schedule) onEventTime(d day) []Incident {
	var incidents []Incident
	for _, p := range []planned{sweepFails, queueFills, queueFloods, notifySlows, compensationStalls, compensationPilesUp} {
		if s.on(p, d) {
			incidents = append(incidents, Incident{d.String(), p.rule, p.cause})
		}
	}
	return incidents
}
