package extract

import (
	"maps"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// tally is what reading one file told besides its lines.
type tally struct {
	input warehouse.Input
	days  map[bizday.Day]*dayTally // by the day that lines belong to
}

// dayTally counts the lines that a file, or a part of it, has of one day. An accepted line is kept as far as a file alone can tell.
type dayTally struct {
	lines   int64
	reasons map[envReason]*int64
	unknown names

	lastEnv      string
	lastAccepted *int64 // of lastEnv
}

type envReason struct{ env, reason string }

func (t *tally) day(d bizday.Day) *dayTally {
	own := t.days[d]
	if own == nil {
		own = &dayTally{reasons: make(map[envReason]*int64)}
		t.days[d] = own
	}
	return own
}

// add takes what another part of the file has.
func (t *tally) add(part tally) {
	for d, p := range part.days {
		own := t.day(d)
		own.lines += p.lines
		for k, n := range p.reasons {
			*own.counter(k) += *n
		}
		own.unknown.merge(&p.unknown)
	}
}

func (t *tally) lines() (n int64) {
	for _, d := range t.days {
		n += d.lines
	}
	return n
}

// inputDays are the counts of lines that are remembered of a file.
func (t *tally) inputDays() (list []warehouse.InputDay) {
	for _, d := range slices.Sorted(maps.Keys(t.days)) {
		list = append(list, warehouse.InputDay{Dt: d, Rows: t.days[d].lines})
	}
	return list
}

func (d *dayTally) counter(k envReason) *int64 {
	n := d.reasons[k]
	if n == nil {
		n = new(int64)
		d.reasons[k] = n
	}
	return n
}

func (d *dayTally) accept(env string, unknown []string) {
	d.lines++
	if d.lastAccepted == nil || d.lastEnv != env {
		d.lastEnv, d.lastAccepted = env, d.counter(envReason{env, kept})
	}
	*d.lastAccepted++
	for _, name := range unknown {
		d.unknown.count(name, 1)
	}
}

func (d *dayTally) refuse(env string, reason event.Reason) {
	d.lines++
	*d.counter(envReason{env, reason.String()})++
}

func (d *dayTally) blank() {
	d.lines++
	*d.counter(envReason{"", blank})++
}

// names counts names of dropped fields. Only the first maxNames in the order of names are kept, so that hostile lines cannot
// claim memory; the others count as otherName. Which these are depends on no order of the lines: a name that is kept at the end was
// among the first ones at any time before.
type names struct {
	rows  map[string]int64
	other int64
}

const (
	maxNames  = 1024
	otherName = "other"
)

func (n *names) count(name string, rows int64) {
	if n.rows == nil {
		n.rows = make(map[string]int64)
	}
	n.rows[name] += rows
	if len(n.rows) >= 2*maxNames {
		n.shrink()
	}
}

func (n *names) merge(other *names) {
	for name, rows := range other.rows {
		n.count(name, rows)
	}
	n.other += other.other
}

// shrink drops all but the first maxNames.
func (n *names) shrink() {
	if len(n.rows) <= maxNames {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(n.rows))[maxNames:] {
		n.other += n.rows[name]
		delete(n.rows, name)
	}
}

// all returns the counts, those that are not kept under otherName.
func (n *names) all() map[string]int64 {
	n.shrink()
	all := maps.Clone(n.rows)
	if n.other > 0 {
		all[otherName] += n.other
	}
	return all
}
