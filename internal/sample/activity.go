package sample

import "math/rand/v2"

// A division cuts a day into slices, the parts that are filled, spelled and written one by one, each from its own random stream:
// so a day never has to fit into memory, and several can be worked on at once.
type division struct {
	perHour int
	draws   int // of the whole day; one is about 1.2 lines
}

const linesPerSlice = 20000

// divide plans the activity of d: as much as is missing to the wanted rate, and never nothing.
func (l *life) divide(d day, rate int) division {
	age := max(0, int(d-l.schedule.first))
	wanted := l.joined * rate * weekly(d) / 100 * (1200 + age) / 1200 // a slow growth of 10 % over 120 days
	draws := max((wanted-len(l.events))*10/12, min(l.joined, 150))
	return division{perHour: 1 + wanted/(24*linesPerSlice), draws: draws}
}

func (s division) count() int { return 24 * s.perHour }

// before returns how many draws lie before slice k.
func (s division) before(k int) int {
	parts := 0
	for h := range k / s.perHour {
		parts += hourly(h) * s.perHour
	}
	if k < s.count() {
		parts += hourly(k/s.perHour) * (k % s.perHour)
	}
	return s.draws * parts / (hourlySum * s.perHour)
}

// bounds returns the instants between which slice k lies.
func (s division) bounds(d day, k int) (from, to int64) {
	length := hour / int64(s.perHour)
	from = d.at(k/s.perHour, 0) + int64(k%s.perHour)*length
	if k%s.perHour == s.perHour-1 {
		return from, d.at(k/s.perHour+1, 0)
	}
	return from, from + length
}

// activity returns the events without effect of slice k. It reads the life and does not change it. Users take turns,
// so that all of them occur.
func (l *life) activity(d day, s division, k int) []event {
	r := stream(l.seed, forActivity, l.index, uint64(d), uint64(k))
	from, to := s.bounds(d, k)
	lo, hi := s.before(k), s.before(k+1)
	events := make([]event, 0, (hi-lo)*5/4)
	turn := int(scramble(uint64(d)) % uint64(l.joined))
	for j := lo; j < hi; j++ {
		user := int32((turn + j) % l.joined)
		events = l.act(r, events, user, between(r, from, to), (d + 1).start())
	}
	return events
}

// act appends what one user does at an instant, and what follows from it before the end of the day.
func (l *life) act(r *rand.Rand, events []event, user int32, at, end int64) []event {
	e := event{at: at, user: user, vault: untyped}
	follow := func(k kind, ppm int, from, to int64) {
		if e := e; chance(r, ppm) {
			e.kind, e.at = k, at+between(r, from, to)
			if e.at < end {
				events = append(events, e)
			}
		}
	}
	switch n := r.IntN(100); {
	case n < 36:
		e.kind, e.vault, e.variant = socialProofImpression, seenType(r), [3]string{"", "sp-count", "sp-names"}[r.IntN(3)]
		events = append(events, e)
		follow(socialProofClicked, 250000, second, 90*second)
	case n < 62:
		e.kind, e.vault, e.variant = lossBannerImpression, seenType(r), [3]string{"", "lb-red", "lb-soft"}[r.IntN(3)]
		events = append(events, e)
		follow(lossBannerClicked, 200000, second, 90*second)
	case n < 85:
		events = append(events, l.enqueueing(r, user, notifyTypes[r.IntN(len(notifyTypes))], at))
	case n < 95:
		e.kind, e.vault = alertSent, seenType(r)
		if n < 91 {
			e.notify = notifyTypes[r.IntN(len(notifyTypes))]
		}
		events = append(events, l.enqueueing(r, user, notifyTypes[3], at), e)
		follow(alertClicked, 150000, 5*second, hour)
	case n < 97:
		e.kind, e.vault = alertClicked, seenType(r)
		events = append(events, e)
	default:
		e.kind, e.vault = socialProofClicked, seenType(r)
		events = append(events, e)
	}
	return events
}

// seenType is the type that a line names, or none.
func seenType(r *rand.Rand) vaultType {
	return [20]vaultType{gold, gold, gold, gold, gold, gold, gold, gold, platinum, platinum, platinum, platinum, platinum,
		platinum, diamond, diamond, diamond, diamond, bonus, untyped}[r.IntN(20)]
}
