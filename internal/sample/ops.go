package sample

import "math/rand/v2"

// operate adds what the machinery itself reports on d: batch runs, queue depths, slow notifications, compensations.
func (l *life) operate(r *rand.Rand, d day) {
	l.runBatches(r, d)
	l.sampleQueues(r, d)
	l.compensate(r, d)
	if l.prod && l.schedule.on(notifySlows, d) {
		for range 40 {
			at := d.at(20, 0) + r.Int64N(40*minute)
			l.emit(l.enqueueing(r, int32(r.IntN(l.joined)), notifyTypes[1], at))
		}
	}
}

func (l *life) enqueueing(r *rand.Rand, user int32, notify string, at int64) event {
	return event{at: at, kind: notifyEnqueued, user: user, vault: untyped, notify: notify, number: l.latency(r, at)}
}

// latency returns milliseconds, well below 5,000 at all times but those of the incident, when nothing is below.
func (l *life) latency(r *rand.Rand, at int64) int64 {
	d := dayOf(at)
	if l.prod && l.schedule.on(notifySlows, d) && at >= d.at(20, 0) && at < d.at(20, 40) {
		return between(r, 5200, 9000)
	}
	if chance(r, 100000) {
		return between(r, 500, 3000)
	}
	return between(r, 60, 500)
}

func (l *life) runBatches(r *rand.Rand, d day) {
	run := func(job, outcome string, at int64) {
		l.emit(event{at: at, kind: batchRunFinished, user: nobody, vault: untyped, name: job, word: outcome})
	}
	jitter := func() int64 { return r.Int64N(40 * second) }
	sweepAt := d.at(2, 12) + jitter()
	if l.prod && l.schedule.on(sweepFails, d) {
		run("vault-expiry-sweep", "failure", sweepAt-2*minute)
	}
	run("vault-expiry-sweep", "success", sweepAt)
	run("attendance-rollup", "success", d.at(0, 40)+jitter())
	run("diamond-interest", "success", d.at(4, 5)+jitter())
	if d.weekday() == 1 {
		run("season-archive", "success", d.at(5, 30)+jitter())
	}
	for h := range 24 {
		run("notify-dispatch", "success", d.at(h, 20)+jitter())
	}
}

// sampleQueues writes the depth of three queues every half hour. Their ordinary sum stays far below 100.
func (l *life) sampleQueues(r *rand.Rand, d day) {
	for i, queue := range [3]string{"notify-dlq", "compensation-dlq", "deposit-dlq"} {
		for half := range 48 {
			depth := r.Int64N(12)
			if i == 0 && l.prod && half >= 28 {
				switch {
				case l.schedule.on(queueFills, d) && half < 32:
					depth += 130 + 10*int64(half-28)
				case l.schedule.on(queueFloods, d) && half < 38:
					depth += 140 + 60*int64(half-28)
				}
			}
			l.emit(event{at: d.at(half/2, half%2*30) + int64(i)*second + r.Int64N(second), kind: dlqDepthSampled,
				user: nobody, vault: untyped, name: queue, number: depth})
		}
	}
}

// compensate enqueues compensations in slots of half an hour, each settled within seven minutes, so that nothing is
// pending for ten minutes without a break; and those of the incidents, which are.
func (l *life) compensate(r *rand.Rand, d day) {
	slots := min(40, 6+l.joined/60)
	for slot := range slots {
		l.settle(r, d.at(1, 0)+int64(slot)*30*minute+r.Int64N(10*minute), between(r, minute, 7*minute))
	}
	if l.prod && l.schedule.on(compensationStalls, d) {
		l.settle(r, d.at(22, 10)+r.Int64N(minute), 35*minute)
	}
	if l.prod && l.schedule.on(compensationPilesUp, d) {
		for range 58 {
			l.settle(r, d.at(22, 5)+r.Int64N(4*minute), between(r, 20*minute, 45*minute))
		}
	}
}

// settle tells a compensation from its enqueueing to its end, with up to two failing attempts between.
func (l *life) settle(r *rand.Rand, at, takes int64) {
	e := event{at: at, kind: compensationEnqueued, user: int32(r.IntN(l.joined)), vault: vaultType(r.IntN(lifeTypes+1) - 1),
		ref: r.Uint64()}
	l.emit(e)
	l.owed = append(l.owed, e)
	e.kind = compensationRetried
	if chance(r, 300000) {
		e.user, e.vault = nobody, untyped
	}
	attempts := 1 + r.Int64N(3)
	for e.number = 1; e.number <= attempts; e.number++ {
		e.at, e.word = at+takes*e.number/attempts, "failure"
		if e.number == attempts {
			e.word = "success"
			if chance(r, 60000) {
				e.word = "gave_up"
			}
		}
		l.emit(e)
	}
}
