package extract

import (
	"cmp"
	"context"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Planned is what Run would do, as far as it can be told without writing anything.
type Planned struct {
	Asked []bizday.Day  // those of the options, and the missed ones that are ready, ascending
	Days  []PlannedDay  // that would be extracted, or extracted again, ascending
	Files []PlannedFile // that are not as they were, or would be read again, by source and name
	Lake  []PlannedLake // every file of the lake and of row_ledger that would be written, by table and day
	// NotReady is why Run would stop, of class errs.NotReady; the rest is what it would do without that reason.
	NotReady error
}

// Why a day, or a file of the lake, would be written.
const (
	NewDay        = "new_day"        // asked for and not extracted yet
	LateRows      = "late_rows"      // new or changed input brings rows to an extracted day, or takes some from it
	ChangedConfig = "changed_config" // the same input is read in another way, or the sources are others
)

// PlannedDay is a day that would be written. The lines are those of new and changed files; of a new day, of all.
type PlannedDay struct {
	Dt          bizday.Day `json:"dt"`
	Reason      string     `json:"reason"`
	Lines       int64      `json:"lines"`        // that the files have of the day now
	LinesBefore int64      `json:"lines_before"` // that they had when the day was extracted
	Tables      []string   `json:"tables"`       // of the source tables, those whose rows of the day would be written
}

// PlannedLake is a file that would be written; it may come out as it is.
type PlannedLake struct {
	Table  string
	Dt     bizday.Day
	Reason string
}

// What a file is, compared with what is remembered of it.
const (
	IsNew       = "new"
	IsChanged   = "changed"        // other bytes
	IsTouched   = "touched"        // the same bytes with another time
	IsDamaged   = "damaged"        // a damaged stream, which every run reads again
	IsReadAlike = "changed_config" // the same bytes, read in another way
	IsReadAgain = "again"          // unchanged, and read for the days to which others bring lines
	IsGone      = "gone"
	IsLive      = "live" // a table of a database, which would be read
)

// PlannedFile is a file of lines, or of a table's rows, or a table of a database under the name DAY/TABLE.
type PlannedFile struct {
	Source string               `json:"source"`
	File   string               `json:"file"`
	Table  string               `json:"table,omitempty"`
	State  string               `json:"state"`
	Bytes  int64                `json:"bytes"`
	Days   []warehouse.InputDay `json:"days"` // to which its lines belong; of dumps the day, with the rows that it had
}

// Plan says what Run would do on the snapshot parent. It discovers, judges and reads files with the code of Run, and reads
// only those that are new or changed; of a database it says that it would be read. Nothing is written.
//
// Errors: errs.Unreachable if a file cannot be read, errs.NotReady if one changes while it is read. That Run would stop is no error.
func Plan(ctx context.Context, parent *warehouse.Manifest, o Options) (Planned, error) {
	x := newRun(parent, o)
	if err := x.discover(); err != nil {
		return Planned{}, err
	}
	var p Planned
	if err := p.stops(ready(x.Sources, x.files, x.wanted.sorted(), x.Now)); err != nil {
		return Planned{}, err
	}
	asked := x.wanted.sorted()
	x.catchUp()
	toRead := slices.DeleteFunc(firstPass(x.files, x.known, x.wanted, x.replay.isOfFile), x.isKnown)
	if err := x.read(ctx, toRead, nil); err != nil {
		return Planned{}, err
	}
	// A source is judged by its files, and is ready or not, before lines are counted.
	if err := p.stops(x.widen()); err != nil {
		return Planned{}, err
	}
	if err := p.stops(x.enough(asked)); err != nil {
		return Planned{}, err
	}
	x.dropTooFew()
	var err error
	if x.tables, err = x.planTables(ctx); err != nil {
		return Planned{}, err
	}
	for _, own := range x.tables.live {
		for _, d := range own {
			d.taken = &taken{there: true}
		}
	}
	p.Asked = slices.Concat(x.caughtUp, x.Asked)
	lines, err := x.plannedLines(), p.stops(x.plannedDays(&p))
	p.Files = append(lines, x.tables.plannedFiles()...)
	slices.SortFunc(p.Files, func(a, b PlannedFile) int {
		return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.File, b.File))
	})
	slices.SortFunc(p.Lake, func(a, b PlannedLake) int { return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Dt, b.Dt)) })
	return p, err
}

// stops takes an error that stops Run and not Plan; it returns any other. The first one is kept.
func (p *Planned) stops(err error) error {
	if err == nil || errs.ClassOf(err) != errs.NotReady {
		return err
	}
	p.NotReady = cmp.Or(p.NotReady, err)
	return nil
}

// isKnown says whether what is remembered of a file tells all that a plan asks: not how many of its lines are events.
func (x *run) isKnown(number int) bool {
	f := x.files[number]
	in, seen := x.known.of(f)
	return seen && unchanged(f, in) && f.source.Ready.MinEvents == 0
}
