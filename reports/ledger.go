package reports

import (
	"cmp"
	"slices"
)

// Files of the ledger are all shown up to maxFiles; of more, the mostQuarantined with the most refused lines.
const (
	maxFiles        = 20
	mostQuarantined = 10
)

// ledgerTables is the ledger of the day as ledger.html shows it.
type ledgerTables struct {
	Sources []ledgerRow // the last row is the total where there are several
	Reasons []reasonRow
	Files   []ledgerRow
	Shown   string // of which files; "" when all are shown
}

type ledgerRow struct {
	Source, File                                      string
	Total                                             bool
	Lines, Kept, Duplicate, Blank, Quarantined, Share string
}

type reasonRow struct{ Source, Reason, Meaning, Lines, Share string }

func ledgerView(p *page, m *marts, _ string) any {
	sources := sumLedger(m.ledger, func(l ledgerLine) sumKey { return sumKey{source: l.source} })
	files := sumLedger(m.ledger, func(l ledgerLine) sumKey { return sumKey{l.source, l.file} })
	view := ledgerTables{Sources: p.ledgerRows(sources), Reasons: p.reasonRows(m.ledger, sources)}
	if len(sources) > 1 {
		total := p.ledgerRows([]ledgerSum{ledgerTotal(m.ledger)})[0]
		total.Source, total.Total = p.say("all_sources"), true
		view.Sources = append(view.Sources, total)
	}
	if len(files) > maxFiles {
		slices.SortStableFunc(files, func(a, b ledgerSum) int { return cmp.Compare(b.quarantined, a.quarantined) })
		view.Shown = p.say("files_most_quarantined", "shown", count(mostQuarantined), "files", count(int64(len(files))))
		files = files[:mostQuarantined]
	}
	view.Files = p.ledgerRows(files)
	return view
}

// sumKey names what lines are added up for: a source and, where part is set, one file or one reason of it.
type sumKey struct{ source, part string }

type ledgerSum struct {
	sumKey
	lines, kept, duplicate, blank, quarantined int64
}

// sumLedger returns one sum for each key that keyOf gives, in order of first occurrence.
func sumLedger(ledger []ledgerLine, keyOf func(ledgerLine) sumKey) []ledgerSum {
	var sums []ledgerSum
	at := map[sumKey]int{}
	for _, l := range ledger {
		k := keyOf(l)
		i, ok := at[k]
		if !ok {
			i = len(sums)
			at[k] = i
			sums = append(sums, ledgerSum{sumKey: k})
		}
		sums[i].add(l)
	}
	return sums
}

func ledgerTotal(ledger []ledgerLine) ledgerSum {
	var total ledgerSum
	for _, l := range ledger {
		total.add(l)
	}
	return total
}

func (s *ledgerSum) add(l ledgerLine) {
	s.lines += l.rows
	switch l.reason {
	case "kept":
		s.kept += l.rows
	case "duplicate":
		s.duplicate += l.rows
	case "blank":
		s.blank += l.rows
	default:
		s.quarantined += l.rows
	}
}

func (p *page) ledgerRows(sums []ledgerSum) []ledgerRow {
	var rows []ledgerRow
	for _, s := range sums {
		rows = append(rows, ledgerRow{
			Source: s.source, File: s.part, Lines: count(s.lines), Kept: count(s.kept), Duplicate: count(s.duplicate),
			Blank: count(s.blank), Quarantined: count(s.quarantined), Share: p.share(s.quarantined, s.lines),
		})
	}
	return rows
}

func (p *page) share(part, whole int64) string {
	if whole == 0 {
		return p.say("share_absent")
	}
	return percent(float64(part) / float64(whole))
}

// reasonRows returns the reasons of quarantine per source, those with the most lines first.
func (p *page) reasonRows(ledger []ledgerLine, sources []ledgerSum) []reasonRow {
	reasons := sumLedger(ledger, func(l ledgerLine) sumKey { return sumKey{l.source, l.reason} })
	slices.SortFunc(reasons, func(a, b ledgerSum) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(b.quarantined, a.quarantined), cmp.Compare(a.part, b.part))
	})
	linesOf := map[string]int64{}
	for _, s := range sources {
		linesOf[s.source] = s.lines
	}
	var rows []reasonRow
	for _, r := range reasons {
		if r.quarantined == 0 {
			continue
		}
		rows = append(rows, reasonRow{
			Source: r.source, Reason: r.part, Meaning: p.sayOr("quarantine_"+r.part, ""),
			Lines: count(r.quarantined), Share: p.share(r.quarantined, linesOf[r.source]),
		})
	}
	return rows
}

// ledgerLead is the sentence about the lines of the day.
func (p *page) ledgerLead(m *marts) string {
	total := ledgerTotal(m.ledger)
	if total.lines == 0 {
		return p.say("lead_no_lines")
	}
	return p.say("lead_lines", "share", p.share(total.quarantined, total.lines),
		"quarantined", count(total.quarantined), "lines", count(total.lines))
}
