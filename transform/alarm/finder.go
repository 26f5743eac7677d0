package alarm

import "math"

// open stands for an instant that has not come yet.
const open = math.MaxInt64

// span is a stretch of time in which a condition holds, and the alarm that it is if it fires. Instants are microseconds
// since 1970 in UTC.
type span struct {
	since   int64 // the condition holds from here on
	until   int64 // and no longer from here on; open while it holds
	started int64 // the alarm fires from here on; open while it is pending
	ended   int64 // and no longer from here on; open while it fires
	peak    amount
	peakAt  int64 // the first instant of the peak
}

// conditions say when a signal is an alarm.
type conditions struct {
	threshold limit
	clear     limit // a condition that holds goes on while this one does
	wait      int64 // for: it fires when it has held for more than so many microseconds
	keep      int64 // keep_firing_for: and fires so long after it held last
}

// finder finds the spans of a day in a step function. Between the steps a value stays what it is, so steps are the only
// instants that matter, besides those at which a wait or a keep is over.
type finder struct {
	conditions
	now     *span  // the one that is not over; before the first step that of the midnight before
	over    []span // alarms that ended, in the order of time
	known   bool   // there was a value
	extreme amount // the value farthest in the direction of the condition
}

// step says what the value is from an instant on, which lies after that of the step before.
func (f *finder) step(at int64, value amount, known bool) {
	holds := false
	if known {
		if !f.known || f.threshold.beyond(value, f.extreme) {
			f.known, f.extreme = true, value
		}
		holds = f.threshold.holds(value) || f.now != nil && f.now.until == open && f.clear.holds(value)
	}
	f.settle(at, holds)
	switch {
	case holds && f.now == nil:
		f.now = &span{since: at, until: open, started: open, ended: open, peak: value, peakAt: at}
		if f.wait == 0 {
			f.now.started = at
		}
	case holds:
		f.now.until = open
		if f.threshold.beyond(value, f.now.peak) {
			f.now.peak, f.now.peakAt = value, at
		}
	case f.now != nil && f.now.until == open:
		f.now.until = at
		switch {
		case f.now.started == open:
			f.now = nil // it never fired
		case f.keep == 0:
			f.end(at)
		}
	}
}

// settle does what is due up to an instant, from which on the condition holds or not.
func (f *finder) settle(at int64, holds bool) {
	s := f.now
	if s == nil {
		return
	}
	// [since, at) fires only if it is longer than the wait.
	if due := s.since + f.wait; s.started == open && at > due {
		s.started = due
	}
	if s.until == open {
		return
	}
	// What holds again at the very instant at which the alarm would end goes on as the same alarm.
	if due := s.until + f.keep; at > due || at == due && !holds {
		f.end(due)
	}
}

func (f *finder) end(at int64) {
	f.now.ended = at
	f.over = append(f.over, *f.now)
	f.now = nil
}

// finish does what is due before the end of the day. What is due at the end itself is the next day's.
func (f *finder) finish(end int64) {
	s := f.now
	if s == nil {
		return
	}
	if due := s.since + f.wait; s.started == open && due < end {
		s.started = due
	}
	if s.until != open && s.until+f.keep < end {
		f.end(s.until + f.keep)
	}
}

// state returns the state of the rule just before the end of the day.
func (f *finder) state() string {
	switch {
	case f.now != nil && f.now.started != open:
		return firing
	case f.now != nil:
		return pending
	case len(f.over) > 0:
		return resolved
	case !f.known:
		return noData
	default:
		return ok
	}
}
