package sample

import (
	"math"
	"slices"
	"testing"
)

// verdict is what a rule says about a day: whether it fires, and whether that would hold if the numbers were a little
// different. An incident must be clear, and so must its absence.
type verdict struct{ fires, clearly, nearly bool }

func (v *verdict) or(fires, clearly, nearly bool) {
	v.fires, v.clearly, v.nearly = v.fires || fires, v.clearly || clearly, v.nearly || nearly
}

// compare adds the test of one pair of proportions: excess is what lies beyond the threshold.
func (v *verdict) compare(excess float64, x1, n1, x0, n0 int) {
	if n1 < 30 || n0 < 30 {
		return
	}
	pooled := float64(x1+x0) / float64(n1+n0)
	z := (float64(x1)/float64(n1) - float64(x0)/float64(n0)) / math.Sqrt(pooled*(1-pooled)*(1/float64(n1)+1/float64(n0)))
	p := math.Erfc(math.Abs(z) / math.Sqrt2)
	v.or(excess > 0 && p < 0.05, excess > 0.003 && p < 0.045, excess > -0.003 && p < 0.055)
}

// judge evaluates all seven rules of docs/definitions.md 6 for one env, from the accepted events alone.
func (w *world) judge(env string) map[string]map[day]verdict {
	verdicts := map[string]map[day]verdict{}
	flows := w.replay(env)
	for d := w.first; d <= w.last; d++ {
		for rule, v := range map[string]verdict{
			"batch_fail":             w.batchFail(env, d),
			"dlq_size":               w.dlqSize(env, d),
			"notify_enqueue_latency": w.notifyLatency(env, d),
			"compensation_pending":   w.compensationPending(env, d),
			"variant_claim_gap":      w.variantGap(env, d),
			"expire_rate_spike":      expireSpike(flows, w.first, d),
			"claim_rate_drop":        claimDrop(flows, w.first, d),
		} {
			if verdicts[rule] == nil {
				verdicts[rule] = map[day]verdict{}
			}
			verdicts[rule][d] = v
		}
	}
	return verdicts
}

func (w *world) batchFail(env string, d day) verdict {
	for _, r := range w.of(env, d, "BATCH_RUN_FINISHED") {
		if r.text("outcome") == "failure" {
			return verdict{true, true, true}
		}
	}
	return verdict{}
}

func (w *world) dlqSize(env string, d day) (v verdict) {
	latest := map[string]int64{}
	for _, r := range slices.Concat(w.of(env, d-1, "DLQ_DEPTH_SAMPLED"), w.of(env, d, "DLQ_DEPTH_SAMPLED")) {
		latest[r.text("queue")], _ = r.integer("depth")
		sum := int64(0)
		for _, depth := range latest {
			sum += depth
		}
		if dayOf(r.at) == d {
			v.or(sum > 100, sum > 110, sum > 60)
		}
	}
	return v
}

func (w *world) notifyLatency(env string, d day) (v verdict) {
	type sample struct{ at, ms int64 }
	var samples []sample
	for _, r := range slices.Concat(w.of(env, d-1, "NOTIFY_ENQUEUED"), w.of(env, d, "NOTIFY_ENQUEUED")) {
		if ms, _ := r.integer("latency_ms"); r.at > d.start()-15*minute {
			samples = append(samples, sample{r.at, ms})
		}
	}
	p95 := func(at int64) {
		var window []int64
		for _, s := range samples {
			if s.at > at-15*minute && s.at <= at {
				window = append(window, s.ms)
			}
		}
		if len(window) == 0 || dayOf(at) != d {
			return
		}
		slices.Sort(window)
		h := (len(window) - 1) * 95
		value := 100 * window[h/100]
		if h%100 > 0 {
			value += int64(h%100) * (window[h/100+1] - window[h/100])
		}
		v.or(value > 500000, value > 510000, value > 400000)
	}
	for _, s := range samples {
		p95(s.at)
		p95(s.at + 15*minute)
	}
	return v
}

func (w *world) compensationPending(env string, d day) (v verdict) {
	pending, since := map[string]bool{}, int64(0)
	for _, r := range w.of(env, d, "COMPENSATION_ENQUEUED", "COMPENSATION_RETRIED") {
		before := len(pending)
		switch id := r.text("compensation_id"); {
		case r.event == "COMPENSATION_ENQUEUED":
			pending[id] = true
		case r.text("outcome") != "failure":
			delete(pending, id)
		}
		if before == 0 {
			since = r.at
		} else {
			v.or(r.at > since+10*minute, r.at > since+12*minute, r.at > since+9*minute)
		}
		v.or(len(pending) > 50, len(pending) > 52, len(pending) > 40)
	}
	v.or(len(pending) > 0, false, len(pending) > 0)
	return v
}

func (w *world) variantGap(env string, d day) (v verdict) {
	if d == w.last {
		return v
	}
	claims := map[string][]*record{}
	for _, r := range slices.Concat(w.of(env, d, "VAULT_CLAIMED"), w.of(env, d+1, "VAULT_CLAIMED")) {
		claims[r.user] = append(claims[r.user], r)
	}
	sent, hits := map[string]int{}, map[string]int{}
	for _, alert := range w.of(env, d, "ALERT_SENT") {
		variant := alert.text("variant_id")
		sent[variant]++
		hits[variant] += one(slices.ContainsFunc(claims[alert.user], func(c *record) bool {
			return c.at >= alert.at && c.at <= alert.at+24*hour && (alert.vaultType == "" || alert.vaultType == c.vaultType)
		}))
	}
	for a := range sent {
		for b := range sent {
			if a != "" && b != "" {
				gap := float64(hits[a])/float64(sent[a]) - float64(hits[b])/float64(sent[b])
				v.compare(gap-0.15, hits[a], sent[a], hits[b], sent[b])
			}
		}
	}
	return v
}

func expireSpike(days map[day]lived, first, d day) (v verdict) {
	if d == first {
		return v
	}
	for name, f := range days[d].flows {
		if b := days[d-1].flows[name]; b.expired > 0 && b.total > 0 && f.total > 0 {
			rate, before := float64(f.expired)/float64(f.total), float64(b.expired)/float64(b.total)
			v.compare(rate/before-1-0.15, f.expired, f.total, b.expired, b.total)
		}
	}
	return v
}

func claimDrop(days map[day]lived, first, d day) (v verdict) {
	quarter := quarterStart(d)
	previous := quarterStart(quarter - 1)
	if previous < first {
		return v
	}
	for name := range days[d].flows {
		x1, n1 := claimsBetween(days, name, quarter, d)
		x0, n0 := claimsBetween(days, name, previous, min(previous+d-quarter, quarter-1))
		if x0 > 0 && n1 > 0 {
			rate, before := float64(x1)/float64(n1), float64(x0)/float64(n0)
			v.compare(0.8-rate/before, x1, n1, x0, n0)
		}
	}
	return v
}

func TestEveryRuleFiresOnTheListedDaysAndOnNoOther(t *testing.T) {
	w := theDefault(t)
	listed := map[string]map[day]bool{}
	for d := w.first; d <= w.last; d++ {
		for _, incident := range w.result.Incidents {
			if incident.Day == d.String() {
				if listed[incident.Rule] == nil {
					listed[incident.Rule] = map[day]bool{}
				}
				listed[incident.Rule][d] = true
			}
		}
	}
	for rule, days := range w.judge("prod") {
		if len(listed[rule]) == 0 {
			t.Errorf("%s has no incident", rule)
		}
		for d, v := range days {
			if v.fires != listed[rule][d] {
				t.Errorf("%s on %s: fires is %t, listed is %t", rule, d, v.fires, listed[rule][d])
			}
			if v.fires != v.clearly || v.fires != v.nearly {
				t.Errorf("%s on %s is too close to call: %+v", rule, d, v)
			}
		}
	}
}

func TestStagingAndDevAreQuiet(t *testing.T) {
	w := theDefault(t)
	for _, env := range []string{"staging", "dev"} {
		for rule, days := range w.judge(env) {
			for d, v := range days {
				if v.fires {
					t.Errorf("%s fires in %s on %s", rule, env, d)
				}
			}
		}
	}
}

func TestSnapshotsAgreeWithTheEventsButForThePlantedDrift(t *testing.T) {
	w := theDefault(t)
	drift, invalid := 0, 0
	for _, today := range w.replay("prod") {
		drift += today.drift
		invalid += today.invalid
	}
	if want := w.result.Planted["drift"]; drift != want {
		t.Errorf("%d vaults drift, %d were planted", drift, want)
	}
	if want := w.result.Planted["invalid_transition"]; invalid != want || want == 0 {
		t.Errorf("%d transitions are not allowed, %d were planted", invalid, want)
	}
}
