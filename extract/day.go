package extract

import (
	"cmp"
	"slices"

	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
)

// dayRows is what one business day comes to.
type dayRows struct {
	events     []*entry // kept, in the day file's total order
	quarantine []*entry // by source, file, line
	ledger     map[ledgerKey]int64
	unknown    map[string]int64
}

// ledgerKey is the key of row_ledger within a day. file is the place among the run's files; env is empty for none.
type ledgerKey struct {
	file   int
	env    string
	reason string
}

// The reasons of the ledger that are no reasons of quarantine.
const (
	kept      = "kept"
	duplicate = "duplicate"
	blank     = "blank"
)

// gather reads a day's entries and decides of each what becomes of it (docs/definitions.md section 2, "Event identity").
func gather(day bizday.Day, from *spill, tallies map[int]tally) (dayRows, error) {
	rows := dayRows{ledger: make(map[ledgerKey]int64), unknown: make(map[string]int64)}
	var accepted []*entry
	err := from.each(day, func(e *entry) {
		own := *e
		if own.reason == event.Accepted {
			accepted = append(accepted, &own)
		} else {
			rows.refuse(&own)
		}
	}, func(name string) { rows.unknown[name]++ })
	if err != nil {
		return dayRows{}, err
	}
	for file, t := range tallies {
		if n := t.blank[day]; n > 0 {
			rows.ledger[ledgerKey{file: file, reason: blank}] = n
		}
	}
	rows.deduplicate(accepted)
	slices.SortFunc(rows.events, func(a, b *entry) int { return event.Compare(&a.record, &b.record) })
	slices.SortFunc(rows.quarantine, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	return rows, nil
}

// deduplicate keeps the first of each identity; of equal lines that is the one in the first file, then the first one.
func (rows *dayRows) deduplicate(accepted []*entry) {
	slices.SortFunc(accepted, func(a, b *entry) int {
		return cmp.Or(event.CompareIdentity(&a.record, &b.record), cmp.Compare(a.file, b.file), cmp.Compare(a.offset, b.offset))
	})
	var first *entry
	for _, e := range accepted {
		switch {
		case first == nil || !event.SameIdentity(&first.record, &e.record):
			first = e
			rows.events = append(rows.events, e)
			rows.count(e, kept)
		case event.SameContent(&first.record, &e.record):
			rows.count(e, duplicate)
		default:
			e.reason, e.env, e.masked = event.ConflictingDuplicate, e.record.Env, scan.MaskRecord(&e.record)
			rows.refuse(e)
		}
	}
}

func (rows *dayRows) refuse(e *entry) {
	rows.quarantine = append(rows.quarantine, e)
	rows.ledger[ledgerKey{e.file, e.env, e.reason.String()}]++
}

func (rows *dayRows) count(e *entry, reason string) {
	rows.ledger[ledgerKey{e.file, e.record.Env, reason}]++
}
