package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// operations are the metrics of batches, notifications and deliveries.
func (w *World) operations(dt bizday.Day, env string) (rows []measure) {
	runs := w.events(dt, env, "BATCH_RUN_FINISHED")
	for _, s := range splitBy(runs, []string{"ALL"}, func(e Event) string { return e.Job }) {
		failed, n := int64(0), int64(len(s.events))
		for _, e := range s.events {
			if e.Outcome == "failure" {
				failed++
			}
		}
		count := dayOf("batch_fail_count", "count", "count").ofSegment(s.name).count(failed, nil)
		count.SampleSize = number(n)
		rows = append(rows, s.mark(count), s.mark(dayOf("batch_fail_rate", "rate", "ratio").ofSegment(s.name).ratio(failed, n, nil)))
	}

	var latencies []int64
	for _, e := range w.events(dt, env, "NOTIFY_ENQUEUED") {
		latencies = append(latencies, e.LatencyMS)
	}
	for statistic, hundredths := range map[string]int64{"p50": 50, "p95": 95, "max": 100} {
		rows = append(rows, dayOf("notify_enqueue_latency", statistic, "ms").number(quantile(latencies, hundredths, 100), int64(len(latencies)), nil))
	}

	users := map[string][]int{} // of the notifications of each status
	for _, n := range w.Days[dt].Notifications {
		if n.Env == env && n.Status != "" {
			users[n.Status] = append(users[n.Status], n.User)
		}
	}
	for status, of := range users {
		rows = append(rows, dayOf("alert_delivery", "count", "count").ofSegment(status).count(int64(len(of)), distinct(of)).openEnded())
	}
	return rows
}

// queues is dlq_size.
func (w *World) queues(dt bizday.Day, env string) (rows []measure) {
	start, end := w.Zone.Bounds(dt)
	samples := w.everyEvent(env, "DLQ_DEPTH_SAMPLED")
	depthAt := func(queue string, t int64) (depth int64, has bool) {
		latest := t - day
		for _, s := range samples {
			if s.Queue != queue || s.TS <= t-day || s.TS > t {
				continue
			}
			if s.TS > latest || has && s.TS == latest && s.Depth > depth {
				latest, depth, has = s.TS, s.Depth, true
			}
		}
		return depth, has
	}
	sumAt := func(queues []string, t int64) (sum int64, has bool) {
		for _, q := range queues {
			if depth, is := depthAt(q, t); is {
				sum, has = sum+depth, true
			}
		}
		return sum, has
	}
	instants := []int64{start} // at which the depth of a queue may be another one than just before
	for _, s := range samples {
		instants = append(instants, s.TS, s.TS+day)
	}
	onTheDay := w.events(dt, env, "DLQ_DEPTH_SAMPLED")
	var queues []string
	for _, s := range samples {
		_, atStart := depthAt(s.Queue, start)
		_, atEnd := depthAt(s.Queue, end-1)
		occurs := atStart || atEnd || slices.ContainsFunc(onTheDay, func(e Event) bool { return e.Queue == s.Queue })
		if occurs && !slices.Contains(queues, s.Queue) {
			queues = append(queues, s.Queue)
		}
	}
	add := func(name string, of []string) {
		n := int64(0)
		for _, s := range onTheDay {
			if slices.Contains(of, s.Queue) {
				n++
			}
		}
		row := func(statistic string, value int64, has bool) {
			m := dayOf("dlq_size", statistic, "count").ofSegment(name)
			if has {
				m = m.number(whole(value), n, nil)
			} else {
				m = m.number(nil, n, nil)
			}
			m.isOpenEnded = name != "ALL"
			rows = append(rows, m)
		}
		last, has := sumAt(of, end-1)
		row("last", last, has)
		highest, has := int64(0), false
		for _, t := range instants {
			if sum, is := sumAt(of, t); is && start <= t && t < end {
				highest, has = max(highest, sum), true
			}
		}
		row("max", highest, has)
	}
	add("ALL", queues)
	for _, q := range queues {
		add(q, []string{q})
	}
	return rows
}
