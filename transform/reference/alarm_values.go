package reference

import "math/big"

// edges are the instants at which what happened at t enters and leaves a window of length w.
func edges(events []Event, w int64) (instants []int64) {
	for _, e := range events {
		instants = append(instants, e.TS, e.TS+w)
	}
	return instants
}

// inWindow says whether an instant lies in (t-w, t].
func inWindow(ts, t, w int64) bool { return t-w < ts && ts <= t }

func runEdges(a *alarms, env string) []int64 {
	return edges(a.everyEvent(env, "BATCH_RUN_FINISHED"), 5*minute)
}

// failedRuns is the failed runs in the sliding 5 minutes.
func failedRuns(a *alarms, env string, t int64) *big.Rat {
	n := int64(0)
	for _, e := range a.everyEvent(env, "BATCH_RUN_FINISHED") {
		if e.Outcome == "failure" && inWindow(e.TS, t, 5*minute) {
			n++
		}
	}
	return whole(n)
}

func latencyEdges(a *alarms, env string) []int64 {
	return edges(a.everyEvent(env, "NOTIFY_ENQUEUED"), 15*minute)
}

// latencyP95 is the exact continuous quantile over the sliding 15 minutes.
func latencyP95(a *alarms, env string, t int64) *big.Rat {
	var latencies []int64
	for _, e := range a.everyEvent(env, "NOTIFY_ENQUEUED") {
		if inWindow(e.TS, t, 15*minute) {
			latencies = append(latencies, e.LatencyMS)
		}
	}
	return quantile(latencies, 95, 100)
}

func depthEdges(a *alarms, env string) []int64 {
	return edges(a.everyEvent(env, "DLQ_DEPTH_SAMPLED"), day)
}

// depthOfAll is the sum of the queues that have a depth: each its latest sample of the 24 hours, the larger of equal ones.
func depthOfAll(a *alarms, env string, t int64) *big.Rat {
	latest := map[string]Event{}
	for _, e := range a.everyEvent(env, "DLQ_DEPTH_SAMPLED") {
		if !inWindow(e.TS, t, day) {
			continue
		}
		known, is := latest[e.Queue]
		if !is || e.TS > known.TS || e.TS == known.TS && e.Depth > known.Depth {
			latest[e.Queue] = e
		}
	}
	if len(latest) == 0 {
		return nil
	}
	sum := int64(0)
	for _, e := range latest {
		sum += e.Depth
	}
	return whole(sum)
}

func pendingEdges(a *alarms, env string) (instants []int64) {
	for _, d := range a.compensations {
		for k, s := range d.spans {
			if k.env == env {
				instants = append(instants, s.from, s.to)
			}
		}
	}
	return instants
}

// pendingCompensations is how many are pending at an instant of an extracted day.
func pendingCompensations(a *alarms, env string, t int64) *big.Rat {
	n := int64(0)
	for k, s := range a.compensations[a.Zone.DayOf(t)].spans {
		if k.env == env && s.holds(t) {
			n++
		}
	}
	return whole(n)
}
