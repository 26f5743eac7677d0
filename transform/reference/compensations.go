package reference

import (
	"cmp"
	"slices"

	"vaultreport/internal/bizday"
)

type compensationKey struct {
	env string
	id  int
}

// span is when a compensation was pending on a day; to is forever where it was not settled.
type span struct{ from, to int64 }

const forever = int64(1) << 62

func (s span) holds(t int64) bool { return s.from <= t && t < s.to }

// compensationDay is the pending spans of a day, and which of them began before.
type compensationDay struct {
	spans   map[compensationKey]span
	carried map[compensationKey]bool
}

// OpenRow is a row of compensation_open.
type OpenRow struct {
	Env          string
	Compensation int
	EnqueuedAt   int64
}

// compensationDays returns those of every day: what is open at the end of one is carried into the next that is extracted.
func (w *World) compensationDays() map[bizday.Day]compensationDay {
	all := map[bizday.Day]compensationDay{}
	open := map[compensationKey]int64{}
	for _, dt := range w.sorted() {
		d := compensationDay{map[compensationKey]span{}, map[compensationKey]bool{}}
		for k, at := range open {
			d.spans[k], d.carried[k] = span{at, forever}, true
		}
		for _, e := range w.Days[dt].Events {
			k := compensationKey{e.Env, e.Compensation}
			if s, is := d.spans[k]; e.Kind == "COMPENSATION_ENQUEUED" && (!is || e.TS < s.from) {
				d.spans[k] = span{e.TS, forever}
			}
		}
		for _, e := range w.Days[dt].Events {
			k := compensationKey{e.Env, e.Compensation}
			settles := e.Kind == "COMPENSATION_RETRIED" && (e.Outcome == "success" || e.Outcome == "gave_up")
			if s, is := d.spans[k]; settles && is && e.TS >= s.from && e.TS < s.to {
				d.spans[k] = span{s.from, e.TS}
			}
		}
		open = map[compensationKey]int64{}
		for k, s := range d.spans {
			if s.to == forever {
				open[k] = s.from
			}
		}
		all[dt] = d
	}
	return all
}

// openAtEnd are the rows of compensation_open.
func (d compensationDay) openAtEnd() (rows []OpenRow) {
	for k, s := range d.spans {
		if s.to == forever {
			rows = append(rows, OpenRow{k.env, k.id, s.from})
		}
	}
	slices.SortFunc(rows, func(a, b OpenRow) int {
		return cmp.Or(cmp.Compare(a.Env, b.Env), cmp.Compare(a.Compensation, b.Compensation))
	})
	return rows
}

// compensations are compensation_pending_count and compensation_retry_success_rate.
func (w *World) compensations(dt bizday.Day, d compensationDay, env string) (rows []measure) {
	start, end := w.Zone.Bounds(dt)
	pendingAt := func(t int64) (n int64) {
		for k, s := range d.spans {
			if k.env == env && s.holds(t) {
				n++
			}
		}
		return n
	}
	enqueued, highest := int64(0), pendingAt(start)
	for k, s := range d.spans {
		if k.env == env && !d.carried[k] {
			enqueued++
		}
		if k.env == env && start <= s.from && s.from < end {
			highest = max(highest, pendingAt(s.from))
		}
	}
	inTable := int64(0)
	for _, c := range w.Days[dt].Compensations {
		if c.Env == env && (c.Status == "PENDING" || c.Status == "RETRYING") {
			inTable++
		}
	}
	pending := func(statistic, segment string, n, rows int64) measure {
		m := dayOf("compensation_pending_count", statistic, "count").ofSegment(segment).count(n, nil)
		m.SampleSize = number(rows)
		return m
	}
	last := pending("last", "ALL", pendingAt(end-1), enqueued)
	if w.isWithoutEvents(dt, env) {
		last = pending("last", "ALL", inTable, inTable)
	}
	rows = append(rows, last, pending("max", "ALL", highest, enqueued), pending("last", "table", inTable, inTable))

	retried, succeeded := []int{}, []int{}
	for _, e := range w.events(dt, env, "COMPENSATION_RETRIED") {
		retried = append(retried, e.Compensation)
		if e.Outcome == "success" {
			succeeded = append(succeeded, e.Compensation)
		}
	}
	return append(rows, dayOf("compensation_retry_success_rate", "rate", "ratio").ratio(*distinct(succeeded), *distinct(retried), nil))
}
