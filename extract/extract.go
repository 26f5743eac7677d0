package extract

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/parquetfile"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// Store is where the day files go: a warehouse.Tx.
type Store interface {
	Parent() *warehouse.Manifest
	ReadPath(warehouse.File) string
	StagePath(table warehouse.Table, dt bizday.Day) (string, error)
	Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error)
	SetInputs([]warehouse.Input)
	Scratch() string
}

// Progress is told how far a stage is, of a total that is -1 if nobody knows it. It is safe for concurrent use.
type Progress interface {
	Stage(name string, total int64)
	Add(n int64)
	Rows(n int64) // lines and rows read, in a stage that counts bytes
	Done()
}

// The stages that Run reports to its Progress: bytes that were read, days that were written.
const (
	ReadStage  = "extract"
	writeStage = "sort and write"
)

// Options of Run.
type Options struct {
	FS             vfs.FS
	Sources        []Source
	Tables         []TableSource
	Base           string    // folder that names in the ledger and in quarantine are relative to
	Stdin          io.Reader // for a source with the path Stdin
	Zone           bizday.Zone
	Key            *pii.Key
	Asked          []bizday.Day  // ascending, at least one
	CatchUp        bool          // asks for missed days, too, if their sources are ready
	Now            time.Time     // decides whether live tables are read and whether files rest, and nothing else
	AllowSuperuser bool          // as the role that reads live tables
	RetakeSnapshot bool          // reads live tables of which the day has a snapshot already
	Again          []RefusedLine // whose files and dumps are read again, changed or not
	Threads        int
	Events         warehouse.Table
	Refused        warehouse.Table
	Ledger         warehouse.Table
	SourceLedger   warehouse.Table
	Unknown        warehouse.Table
	Catalogue      warehouse.Table
	Lake           map[string]warehouse.Table // lake/<table> of the source tables, by name
	Log            *slog.Logger
	Progress       Progress
}

// Totals are the sums of the ledger over the files that a run read, in lines, and over the tables, in rows.
type Totals struct {
	Read        int64 `json:"read"`
	Kept        int64 `json:"kept"`
	Duplicate   int64 `json:"duplicate"`
	Blank       int64 `json:"blank"`
	Quarantined int64 `json:"quarantined"`
	OutOfRange  int64 `json:"out_of_range"`
}

// Summary says what Run did.
type Summary struct {
	Days   []bizday.Day // extracted or extracted again by this run, ascending
	Asked  []bizday.Day // those of the options, and the missed ones that were ready, ascending
	Totals Totals
	Files  []FileTotals // that this run read, by source and file
	Again  []FileTotals // what became of the lines and rows of Options.Again, by source and file: Read is how many they were
}

// Run extracts the days asked for that are not extracted yet and, besides, every extracted day that a new or changed
// file brings lines to, or took lines from; and of every extracted day the tables whose dumps are new or changed, and of the
// last day asked for the live tables, if it is yesterday or today. Staged
// are lake/events, lake/unknown_field, lake/<table>, lake/source_catalogue, lake/source_ledger, lake/quarantine and row_ledger of
// these days as far as they are touched, and the memory of files.
//
// Errors: errs.NotReady if a day asked for has no file of its own, a day to be extracted again lost one, or a dump is not
// complete; errs.Unreachable if a file or a database cannot be read; errs.Gate if a table lacks a required column or the
// right to read it, or the ledger does not balance; errs.Usage if a database is to be read as a superuser. Nothing is
// published by Run.
func Run(ctx context.Context, store Store, o Options) (Summary, error) {
	x := newRun(store.Parent(), o)
	x.store, x.openSnapshot = store, x.openPostgres
	err := x.discover()
	if err != nil {
		return Summary{}, err
	}
	if err := ready(x.Sources, x.files, x.wanted.sorted(), x.Now); err != nil {
		return Summary{}, err
	}
	asked := x.wanted.sorted()
	x.catchUp()
	if x.replay, err = x.planReplay(); err != nil {
		return Summary{}, err
	}
	if x.lakeFiles, err = parquetfile.NewWriter(o.FS); err != nil {
		return Summary{}, err
	}
	first := firstPass(x.files, x.known, x.wanted, x.replay.isOfFile)
	if x.spill, err = newSpill(o.FS, store.Scratch(), x.bytesOf(first)/int64(max(1, len(x.wanted)))); err != nil {
		return Summary{}, err
	}
	defer x.spill.close()
	if err := x.readAll(ctx, first); err != nil {
		return Summary{}, err
	}
	if err := x.enough(asked); err != nil {
		return Summary{}, err
	}
	x.dropTooFew()
	if x.tables, err = x.planTables(ctx); err != nil {
		return Summary{}, err
	}
	defer x.tables.close()
	if err := x.tables.read(ctx); err != nil {
		return Summary{}, err
	}
	list, err := x.writeDays(ctx)
	if err != nil {
		return Summary{}, err
	}
	totals, err := x.balance()
	if err != nil {
		return Summary{}, err
	}
	if err := x.tables.balance(&totals); err != nil {
		return Summary{}, err
	}
	store.SetInputs(append(x.inputs(), x.tables.inputs()...))
	return Summary{Days: list, Asked: slices.Concat(x.caughtUp, x.Asked), Totals: totals, Files: sumByFile(x.accounted), Again: x.replay.totals(x.files)}, nil
}

// run is one call of Run.
type run struct {
	Options
	store        Store // nil if nothing is written
	openSnapshot func(context.Context, TableSource) (snapshot, error)
	parent       *warehouse.Manifest
	files        []found           // every file that was discovered, by name; a file's index here is its number
	remembered   []warehouse.Input // of files of event lines
	known        memory            // of remembered
	dumpsBefore  memoryOfTables
	extracted    days
	wanted       days         // of which the lines are to be extracted by this run
	caughtUp     []bizday.Day // of the missed days those that are extracted by this run, ascending
	lakeFiles    *parquetfile.Writer
	spill        *spill
	replay       *replay
	tallies      map[int]tally // of the files that were read
	ledgers      map[bizday.Day]map[ledgerKey]int64
	tables       *tables
	accounted    []FileTotals // what balance found, one a file or dump
}

func newRun(parent *warehouse.Manifest, o Options) *run {
	dumps, files := rememberTables(parent.Inputs)
	x := &run{
		Options: o, parent: parent, remembered: files, known: memoryOf(files), dumpsBefore: dumps,
		extracted: daysOf(parent.Days(o.Events.Name)), wanted: make(days), replay: &replay{}, tallies: make(map[int]tally),
	}
	for _, d := range o.Asked {
		if !x.extracted[d] {
			x.wanted[d] = true
		}
	}
	return x
}

// allDays are the days that are extracted after this run.
func (x *run) allDays() days {
	all := maps.Clone(x.extracted)
	maps.Copy(all, x.wanted)
	return all
}

func (x *run) discover() error {
	first, last := x.Asked[0], x.Asked[len(x.Asked)-1]
	for d := range x.extracted {
		first, last = min(first, d), max(last, d)
	}
	for _, s := range x.Sources {
		files, err := discover(x.FS, s, x.Base, first-bizday.Day(s.Lookback), last+bizday.Day(s.Lookahead))
		if err != nil {
			return err
		}
		x.files = append(x.files, files...)
	}
	slices.SortFunc(x.files, byName)
	// A path without the day of the month matches one file for many days.
	x.files = slices.CompactFunc(x.files, func(a, b found) bool { return a.name == b.name && a.source.Name == b.source.Name })
	return nil
}

// readAll reads what is new or changed and what the days asked for need; then, if that brought lines to days that were
// extracted before, the other files that have lines of those.
func (x *run) readAll(ctx context.Context, first []int) error {
	if err := x.read(ctx, first, x.allDays()); err != nil {
		return err
	}
	if err := x.widen(); err != nil {
		return err
	}
	return x.read(ctx, x.others(), x.wanted)
}

// widen adds to what is wanted the extracted days that the files which were read brought lines to, or took lines from. It is an
// error of class NotReady if lines of a day can be read no more.
func (x *run) widen() error {
	stdin := ""
	for i, t := range x.tallies {
		if x.files[i].path == Stdin {
			stdin = t.input.SHA256
		}
		for _, d := range affected(x.before(x.files[i], t), t.input, x.extracted, x.replay.isOfFile(i)) {
			x.wanted[d] = true
		}
	}
	return gone(x.remembered, x.files, x.wanted, x.extracted, stdin)
}

// others returns the files that were not read yet and have lines of the days that are wanted.
func (x *run) others() (numbers []int) {
	for i, f := range x.files {
		if _, done := x.tallies[i]; !done {
			if in, seen := x.known.of(f); seen && hasRows(in, x.wanted) {
				numbers = append(numbers, i)
			}
		}
	}
	return numbers
}

// before returns what an earlier run remembers of a file, the zero Input if nothing; for standard input, of the same content.
func (x *run) before(f found, now tally) warehouse.Input {
	if f.path != Stdin {
		in, _ := x.known.of(f)
		return in
	}
	for _, in := range x.remembered {
		if in.Name == Stdin && in.Source == f.source.Name && in.SHA256 == now.input.SHA256 {
			return in
		}
	}
	return warehouse.Input{}
}

// read reads files by their numbers.
func (x *run) read(ctx context.Context, numbers []int, spilled days) error {
	if len(numbers) == 0 {
		return nil
	}
	x.Progress.Stage(ReadStage, x.bytesOf(numbers))
	defer x.Progress.Done()
	files := make([]*openFile, len(numbers))
	for i, number := range numbers {
		f := x.files[number]
		in, _ := x.known.of(f)
		files[i] = &openFile{found: f, index: number, filing: filingDay(f, in, x.Asked), tally: tally{days: make(map[bizday.Day]*dayTally)}}
	}
	p := pass{
		fs: x.FS, zone: x.Zone, key: x.Key, spill: x.spill, spilled: spilled, stdin: x.Stdin, threads: max(1, x.Threads),
		progress: x.Progress, replay: x.replay,
	}
	if err := p.read(ctx, files); err != nil {
		return err
	}
	for _, f := range files {
		x.tallies[f.index] = f.tally
	}
	return nil
}

func (x *run) bytesOf(numbers []int) (total int64) {
	for _, i := range numbers {
		total += x.files[i].size
	}
	return total
}

// inputs is the memory of files of event lines after this run: what was read now, and what is remembered of the others.
func (x *run) inputs() []warehouse.Input {
	var list []warehouse.Input
	replaced := make(map[[3]string]bool)
	id := func(in warehouse.Input) [3]string {
		if in.Name == Stdin {
			return [3]string{in.Source, in.Name, in.SHA256}
		}
		return [3]string{in.Source, in.Name, ""}
	}
	for _, t := range x.tallies {
		list = append(list, t.input)
		replaced[id(t.input)] = true
	}
	for _, in := range x.remembered {
		if !replaced[id(in)] {
			list = append(list, in)
		}
	}
	slices.SortFunc(list, func(a, b warehouse.Input) int {
		return slices.Compare([]string{a.Source, a.Name, a.SHA256}, []string{b.Source, b.Name, b.SHA256})
	})
	return list
}

func gateError(f found, lines, accounted int64) error {
	return errs.New(errs.Gate, fmt.Sprintf("ledger of %s: %d lines were read and %d are accounted for", f.name, lines, accounted),
		"nothing was published; this is a defect of vaultreport, please report it with the shape of the file")
}
