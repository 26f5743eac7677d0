package alarm

import (
	"cmp"
	"slices"
)

// signal is a step function over a day: it calls step for the first instant of the day, and then for each one at which the
// value may be another, ascending. known is false where there is no value.
type signal func(step func(at int64, value amount, known bool))

// nothing is the signal without a value.
func nothing(start int64) signal {
	return func(step func(int64, amount, bool)) { step(start, amount{}, false) }
}

// moment is an event: when, and which number it carries.
type moment struct{ at, value int64 }

// aggregate is a value of the events in a window, by their index in the day's events.
type aggregate interface {
	enter(i int)
	leave(i int)
	value() (amount, bool)
}

// sliding returns the value of the window (t-w, t] at each instant t of [start, end) at which its content changes. Events
// are in the order of time and reach back to start-w.
func sliding(events []moment, width, start, end int64, a func() aggregate) signal {
	return func(step func(int64, amount, bool)) {
		in := a()
		entering, leaving := 0, 0
		for t := start; t < end; {
			for ; entering < len(events) && events[entering].at <= t; entering++ {
				in.enter(entering)
			}
			for ; leaving < entering && events[leaving].at+width <= t; leaving++ {
				in.leave(leaving)
			}
			value, known := in.value()
			step(t, value, known)
			t = end
			if entering < len(events) {
				t = min(t, events[entering].at)
			}
			if leaving < entering {
				t = min(t, events[leaving].at+width)
			}
		}
	}
}

// stretch is a time in which something adds to a total: [from, to).
type stretch struct {
	from, to int64
	by       amount
}

// sumOf returns the total over stretches at each instant of the day at which one begins or ends. With unknownIfNone there
// is no value where there is no stretch; else it is 0.
func sumOf(stretches []stretch, start, end int64, unknownIfNone bool) signal {
	var begins, ends []stretch
	for _, s := range stretches {
		if s.from, s.to = max(s.from, start), min(s.to, end); s.from < s.to {
			begins, ends = append(begins, s), append(ends, s)
		}
	}
	slices.SortFunc(begins, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	slices.SortFunc(ends, func(a, b stretch) int { return cmp.Compare(a.to, b.to) })
	return func(step func(int64, amount, bool)) {
		var sum amount
		begun, ended := 0, 0
		for t := start; t < end; {
			for ; begun < len(begins) && begins[begun].from <= t; begun++ {
				sum = sum.plus(begins[begun].by)
			}
			for ; ended < len(ends) && ends[ended].to <= t; ended++ {
				sum = sum.minus(ends[ended].by)
			}
			step(t, sum, begun > ended || !unknownIfNone)
			t = end
			if begun < len(begins) {
				t = min(t, begins[begun].from)
			}
			if ended < len(ends) {
				t = min(t, ends[ended].to)
			}
		}
	}
}

// reading is a depth that a queue was found with.
type reading struct {
	queue     string
	at, depth int64
}

// depthLasts is for how long a reading is the depth of its queue (docs/definitions.md section 5, dlq_size).
const depthLasts = 24 * 3600 * 1_000_000

// depthOf returns the sum of the depths of all queues. Of readings of a queue at one instant the deepest counts.
func depthOf(readings []reading, start, end int64) signal {
	readings = slices.Clone(readings)
	slices.SortFunc(readings, func(a, b reading) int {
		return cmp.Or(cmp.Compare(a.queue, b.queue), cmp.Compare(a.at, b.at), cmp.Compare(a.depth, b.depth))
	})
	stretches := make([]stretch, 0, len(readings))
	for i, r := range readings {
		s := stretch{r.at, r.at + depthLasts, amountOf(r.depth)}
		if i+1 < len(readings) && readings[i+1].queue == r.queue {
			s.to = min(s.to, readings[i+1].at)
		}
		stretches = append(stretches, s)
	}
	return sumOf(stretches, start, end, true)
}
