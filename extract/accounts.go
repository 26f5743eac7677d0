package extract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/parquet-go/parquet-go"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// accounts are the rows of quarantine, row_ledger and source_ledger that one origin has on a day. There are two, events and tables: when
// one of them is read again, the other's are taken over as they are published.
type accounts struct {
	refused []quarantineRow
	ledger  []ledgerRow
	sources []sourceRow
}

// linesOrigin is the origin of event lines in source_ledger. No table has this name.
const linesOrigin = "events"

// lineAccounts are those of a day's lines, but the refused ones; newest is the latest ts of the kept lines by file.
func lineAccounts(day bizday.Day, files []found, ledger map[ledgerKey]int64, newest []int64) accounts {
	var a accounts
	for k, n := range ledger {
		f := files[k.file]
		a.ledger = append(a.ledger, ledgerRow{Dt: int32(day), Source: f.source.Name, File: f.name, Env: textOrNull(k.env), Reason: k.reason, Rows: n})
	}
	a.sources = sourcesOfLines(day, a.ledger)
	bySource := make(map[string]int64)
	for file, ts := range newest {
		source := files[file].source.Name
		if before, there := bySource[source]; !there || before < ts {
			bySource[source] = ts
		}
	}
	for i, s := range a.sources {
		if ts := bySource[s.Source]; s.Reason == kept {
			a.sources[i].NewestAt = &ts
		}
	}
	return a
}

// countDay adds up what became of a day's lines over all files: what the files tell, and which of the accepted lines were not kept.
func countDay(day bizday.Day, tallies map[int]tally, notKept map[ledgerKey]int64) (ledger map[ledgerKey]int64, unknown map[string]int64) {
	ledger = make(map[ledgerKey]int64)
	var all names
	for file, t := range tallies {
		own := t.days[day]
		if own == nil {
			continue
		}
		for k, n := range own.reasons {
			ledger[ledgerKey{file, k.env, k.reason}] += *n
		}
		all.merge(&own.unknown)
	}
	for k, n := range notKept {
		ledger[k] += n
		ledger[ledgerKey{k.file, k.env, kept}] -= n
	}
	maps.DeleteFunc(ledger, func(_ ledgerKey, n int64) bool { return n == 0 })
	return ledger, all.all()
}

func keptIn(ledger map[ledgerKey]int64) (n int64) {
	for k, rows := range ledger {
		if k.reason == kept {
			n += rows
		}
	}
	return n
}

// row is a refused line as quarantine shows it.
func (l refusedLine) row(day bizday.Day, files []found) quarantineRow {
	f := files[l.file]
	return quarantineRow{
		Dt: int32(day), Source: f.source.Name, File: f.name, Line: &l.line, ByteOffset: &l.offset,
		Reason: l.reason.String(), Field: textOrNull(l.field), MaskedText: &l.masked,
	}
}

// sourcesOfLines adds a day's ledger of lines up over files and envs.
func sourcesOfLines(day bizday.Day, ledger []ledgerRow) []sourceRow {
	type sourceAndReason struct{ source, reason string }
	sums := make(map[sourceAndReason]int64)
	for _, r := range ledger {
		sums[sourceAndReason{r.Source, r.Reason}] += r.Rows
	}
	var rows []sourceRow
	for k, n := range sums {
		rows = append(rows, sourceRow{Dt: int32(day), Source: k.source, Origin: linesOrigin, Reason: k.reason, Rows: n})
	}
	return rows
}

// add appends what a job refused and counted, by the rules of docs/sources.md section 1: file is the table's name.
func (a *accounts) add(r *tableResult) {
	for _, row := range r.refused {
		a.refused = append(a.refused, quarantineRow{
			Dt: int32(r.job.day), Source: row.dump.source.Name, File: row.dump.spec.Name,
			Reason: row.reason.String(), Field: textOrNull(row.field), MaskedText: &row.masked,
		})
	}
	for k, n := range r.ledger {
		env := k.dump.source.Env
		if !envIsKnown(k.reason) {
			env = ""
		}
		a.ledger = append(a.ledger, ledgerRow{Dt: int32(r.job.day), Source: k.dump.source.Name, File: k.dump.spec.Name, Env: textOrNull(env), Reason: k.reason, Rows: n})
		row := sourceRow{Dt: int32(r.job.day), Source: k.dump.source.Name, Origin: k.dump.spec.Name, Reason: k.reason, Rows: n}
		if newest, there := r.newest[k.dump]; there && k.reason == kept {
			row.NewestAt = &newest
		}
		a.sources = append(a.sources, row)
	}
}

// sortTables gives refused rows of tables, which have no place in a file, an order that depends on nothing but what they show.
func (a *accounts) sortTables() {
	slices.SortFunc(a.refused, func(a, b quarantineRow) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.File, b.File), cmp.Compare(a.Reason, b.Reason),
			compareTexts(a.Field, b.Field), compareTexts(a.MaskedText, b.MaskedText))
	})
}

// join returns both origins' rows in the order of the files: lines, then rows of tables; the ledgers by their keys.
func (a accounts) join(tables accounts) accounts {
	tables.sortTables()
	both := accounts{slices.Concat(a.refused, tables.refused), slices.Concat(a.ledger, tables.ledger), slices.Concat(a.sources, tables.sources)}
	slices.SortFunc(both.ledger, func(a, b ledgerRow) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.File, b.File), compareTexts(a.Env, b.Env), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortFunc(both.sources, func(a, b sourceRow) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Reason, b.Reason))
	})
	return both
}

func compareTexts(a, b *string) int {
	if a == nil || b == nil {
		return boolean(a != nil) - boolean(b != nil)
	}
	return cmp.Compare(*a, *b)
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// publishedAccounts returns the rows of the parent snapshot that keep says.
func (x *run) publishedAccounts(day bizday.Day, keep func(source, file string) bool) (accounts, error) {
	refused, err := publishedRows[quarantineRow](x.store, x.Refused, day)
	if err != nil {
		return accounts{}, err
	}
	ledger, err := publishedRows[ledgerRow](x.store, x.Ledger, day)
	if err != nil {
		return accounts{}, err
	}
	sources, err := publishedRows[sourceRow](x.store, x.SourceLedger, day)
	if err != nil {
		return accounts{}, err
	}
	return accounts{
		refused: slices.DeleteFunc(refused, func(r quarantineRow) bool { return !keep(r.Source, r.File) }),
		ledger:  slices.DeleteFunc(ledger, func(r ledgerRow) bool { return !keep(r.Source, r.File) }),
		sources: slices.DeleteFunc(sources, func(r sourceRow) bool { return !keep(r.Source, r.Origin) }),
	}, nil
}

// publishedRows returns the rows of a small table of the parent snapshot, none if it has no file.
func publishedRows[T any](store Store, t warehouse.Table, day bizday.Day) ([]T, error) {
	file, there := store.Parent().File(t.Name, day)
	if !there {
		return nil, nil
	}
	rows, err := parquet.ReadFile[T](store.ReadPath(file))
	if err != nil {
		return nil, fmt.Errorf("read published %s of %s: %w", t.Name, day, err)
	}
	return rows, nil
}

// envIsKnown says whether the ledger files rows under their env: as for lines, where all tests before missing_env passed
// (docs/contract.md section 3).
func envIsKnown(reason string) bool { return reason != event.BadField.String() }
