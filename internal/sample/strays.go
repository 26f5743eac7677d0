package sample

import (
	"math/rand/v2"
	"slices"
)

// stray is a line that lies in the file of another day or env than its own.
type stray struct {
	env  int
	day  day
	text []byte
}

// passage is one slice of a day as text, with what it leaves for other files and what was planted in it.
type passage struct {
	text    []byte
	lines   int
	strays  []stray
	planted map[string]int
}

// scribe writes the slices of one env and day. It only reads what it holds, so several slices may be written at once.
type scribe struct {
	life     *life
	canaries *canaries
	env      int
	day      day
	division division
	events   []event // those of the life, by time
	eol      string
}

// slice writes slice k: its part of the life and its activity, in order of time, with everything that goes wrong.
func (s *scribe) slice(k int) passage {
	from, to := s.division.bounds(s.day, k)
	events := slices.Concat(s.between(from, to), s.life.activity(s.day, s.division, k))
	slices.SortStableFunc(events, byTime)
	sp := &speller{r: stream(s.life.seed, forSpelling, s.life.index, uint64(s.day), uint64(k)), env: envNames[s.env], canaries: s.canaries}
	p := passage{text: make([]byte, 0, 320*len(events)), planted: map[string]int{}}
	for i := range events {
		s.write(&p, sp, &events[i])
	}
	s.plantHostile(&p, k)
	return p
}

func byTime(a, b event) int {
	switch {
	case a.at < b.at:
		return -1
	case a.at > b.at:
		return 1
	}
	return 0
}

// between returns the life's events of a slice. All of a day's lie within the day, so the slices hold them all.
func (s *scribe) between(from, to int64) []event {
	lo, _ := slices.BinarySearchFunc(s.events, from, func(e event, at int64) int { return byTime(e, event{at: at}) })
	hi, _ := slices.BinarySearchFunc(s.events, to, func(e event, at int64) int { return byTime(e, event{at: at}) })
	return s.events[lo:hi]
}

// write puts one event where it belongs or where it strays to, and sometimes a second time.
func (s *scribe) write(p *passage, sp *speller, e *event) {
	id := sp.request()
	start := len(p.text)
	p.text = append(sp.line(p.text, e, id), s.eol...)
	p.lines++
	s.repeat(p, sp, e, id, start)
	switch n := sp.r.IntN(100000); {
	case n < 500:
		s.delay(p, start, s.day+1)
	case n < 580 && !e.kind.onEventTime():
		s.delay(p, start, s.day+day(between(sp.r, 2, 6)))
	case n < 680:
		p.text = append(p.text, [4]string{"", " ", "\t  ", "    "}[n%4]...)
		p.text = append(p.text, s.eol...)
		p.lines++
		p.planted["blank"]++
	}
}

// repeat adds a second line of the same identity: equal, later, or in conflict. The line itself begins at start and
// ends the text.
func (s *scribe) repeat(p *passage, sp *speller, e *event, id requestID, start int) {
	again := *e
	n := sp.r.IntN(100000)
	switch {
	case n < 300:
		p.text = append(p.text, p.text[start:]...)
		p.lines++
		p.planted["duplicate"]++
		return
	case n < 350:
		s.copyTo(p, start, min(s.env+1+n%2, len(envNames)-1), s.day)
		return
	case n < 400:
		s.copyTo(p, start, s.env, min(s.day+1, s.life.schedule.last))
		return
	case n >= 650 || !id.given() || e.user == nobody:
		return
	}
	again.at += between(sp.r, 2*second, 30*second)
	reason := "duplicate"
	if n >= 550 {
		if !contradict(sp.r, &again, e.at) {
			return
		}
		reason = "conflicting_duplicate"
	}
	if dayOf(again.at) != s.day {
		return
	}
	p.text = append(sp.line(p.text, &again, id), s.eol...)
	p.lines++
	p.planted[reason]++
}

// contradict changes a column that is no part of the identity. Only kinds that no incident depends on are touched.
func contradict(r *rand.Rand, e *event, at int64) bool {
	switch e.kind {
	case socialProofImpression, lossBannerImpression:
		e.variant += "-late"
		if chance(r, 250000) {
			e.at = at
		}
	case depositRecorded:
		e.number += 1000
	case alertClicked:
		e.notify = "RESENT"
	default:
		return false
	}
	return true
}

// delay takes what lies behind start out of the text and leaves it for a later file, if the sample has that file.
func (s *scribe) delay(p *passage, start int, to day) {
	if to > s.life.schedule.last {
		return
	}
	n := countLines(p.text[start:])
	p.strays = append(p.strays, stray{s.env, to, slices.Clone(p.text[start:])})
	p.text = p.text[:start]
	p.planted["late"] += n
}

// copyTo leaves a copy of the line in another file that is not written yet, or repeats it here if there is none.
func (s *scribe) copyTo(p *passage, start, env int, to day) {
	p.planted["duplicate"]++
	p.lines++
	if env == s.env && to == s.day {
		p.text = append(p.text, p.text[start:]...)
		return
	}
	p.strays = append(p.strays, stray{env, to, slices.Clone(p.text[start:])})
}

func countLines(text []byte) int {
	n := 0
	for _, c := range text {
		if c == '\n' {
			n++
		}
	}
	return n
}

// plantHostile spreads the day's hostile lines over its slices.
func (s *scribe) plantHostile(p *passage, k int) {
	for j, reason := range hostileOn(s.life.index, int(s.day-s.life.schedule.first)) {
		if (7*j+3)%s.division.count() != k {
			continue
		}
		r := stream(s.life.seed, forHostile, s.life.index, uint64(s.day), uint64(j))
		p.text = append(p.text, hostile(r, s.canaries, envNames[s.env], reason, s.day, s.life.joined)...)
		p.text = append(p.text, s.eol...)
		p.lines++
		p.planted[reason]++
	}
}

// outside returns lines of activity around the midnight at which the day d begins, as clocks that are off write them
// into the file of another day: the first minute of d, or the last one of the day before.
func (s *scribe) outside(d day, count int, before bool) passage {
	p := passage{planted: map[string]int{}}
	r := stream(s.life.seed, forOutside, s.life.index, uint64(s.day), uint64(d))
	sp := &speller{r: r, env: envNames[s.env], canaries: s.canaries}
	from, end := d.start(), (d + 1).start()
	if before {
		from, end = d.start()-minute, d.start()
	}
	var events []event
	for range count {
		events = s.life.act(r, events, int32(r.IntN(s.life.joined)), from+10*second+r.Int64N(50*second), end)
	}
	for i := range events {
		if events[i].at < from {
			continue
		}
		p.text = append(sp.line(p.text, &events[i], sp.request()), s.eol...)
		p.lines++
	}
	return p
}
