package extract

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// catalogueRow is one thing that a source has on a day, or a column that its table lacks.
type catalogueRow struct {
	Dt         int32   `parquet:"dt,date"`
	Env        *string `parquet:"env,optional,dict"`
	Source     string  `parquet:"source,dict"`
	Kind       string  `parquet:"kind,dict"`
	Name       string  `parquet:"name,dict"`
	ColumnName *string `parquet:"column_name,optional,dict"`
}

// Kinds of source_catalogue.
const (
	isSource    = "source"
	hasEvent    = "event"
	hasTable    = "table"
	lacksColumn = "missing_column"
)

// Names of isSource.
const (
	ofEvents = "events"
	ofTables = "tables"
)

// catalogue returns which sources are configured and what they have on a day, in the order of env, source, kind, name,
// column_name. held are the remembered inputs of the tables' rows that the lake holds for the day, which may be of a source that
// is configured no more.
func catalogue(day bizday.Day, events []Source, tables []TableSource, held []warehouse.Input) []catalogueRow {
	var rows []catalogueRow
	for _, s := range tables {
		rows = append(rows, catalogueRow{Dt: int32(day), Env: textOrNull(s.Env), Source: s.Name, Kind: isSource, Name: ofTables})
	}
	for _, s := range events {
		rows = append(rows, catalogueRow{Dt: int32(day), Env: textOrNull(s.Env), Source: s.Name, Kind: isSource, Name: ofEvents})
		for _, kind := range s.kinds() {
			rows = append(rows, catalogueRow{Dt: int32(day), Env: textOrNull(s.Env), Source: s.Name, Kind: hasEvent, Name: kind.String()})
		}
	}
	for _, in := range held {
		name, env, _ := tableOf(in)
		row := catalogueRow{Dt: int32(day), Env: &env, Source: in.Source, Kind: isSource, Name: ofTables}
		rows = append(rows, row)
		row.Kind, row.Name = hasTable, name
		rows = append(rows, row)
		for _, column := range in.Missing {
			row.Kind, row.ColumnName = lacksColumn, &column
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, compareCatalogue)
	// A dump of several files gives one row.
	return slices.CompactFunc(rows, func(a, b catalogueRow) bool { return compareCatalogue(a, b) == 0 })
}

func compareCatalogue(a, b catalogueRow) int {
	return cmp.Or(compareTexts(a.Env, b.Env), cmp.Compare(a.Source, b.Source), cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Name, b.Name), compareTexts(a.ColumnName, b.ColumnName))
}

// catalogueKey is the digest of everything that a day's catalogue and the tables' part of its accounts are built from: the
// sources of event lines with what they emit, those of tables, and the content of the tables. It stands with the day's file; a
// day with another one is due.
func catalogueKey(events []Source, tables []TableSource, held []warehouse.Input) string {
	const version = 2
	hash := sha256.New()
	fmt.Fprintln(hash, version)
	for _, s := range slices.SortedFunc(slices.Values(events), func(a, b Source) int { return cmp.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(hash, "%q %q %v\n", s.Name, s.Env, s.kinds())
	}
	for _, s := range slices.SortedFunc(slices.Values(tables), func(a, b TableSource) int { return cmp.Compare(a.Name, b.Name) }) {
		fmt.Fprintf(hash, "%q %q\n", s.Name, s.Env)
	}
	for _, in := range slices.SortedFunc(slices.Values(held), compareInputs) {
		fmt.Fprintf(hash, "%q %q %s %q\n", in.Source, in.Name, in.SHA256, in.Reader)
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func compareInputs(a, b warehouse.Input) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Name, b.Name), cmp.Compare(a.SHA256, b.SHA256), cmp.Compare(a.Reader, b.Reader))
}

// kinds returns the kinds of events that the source may have, in the order of their names.
func (s Source) kinds() []event.Kind {
	if len(s.Emits) == 0 {
		return event.Kinds()
	}
	return slices.Compact(slices.Sorted(slices.Values(s.Emits)))
}
