package extract

import (
	"log/slog"
	"maps"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// RefusedLine is a line in quarantine. A row of a table has no Line, and its table's name as File.
type RefusedLine struct {
	Dt           bizday.Day
	Source, File string
	Line         int64
	Reason       string
	Field        string // "": none
}

// Refused returns the refused lines and rows of the parent snapshot that pick picks, on the days that isOf says, by day, source, file and line.
func Refused(store Store, quarantine warehouse.Table, isOf func(bizday.Day) bool, pick func(RefusedLine) bool) ([]RefusedLine, error) {
	var picked []RefusedLine
	for _, d := range store.Parent().Days(quarantine.Name) {
		if !isOf(d) {
			continue
		}
		refused, err := publishedRows[quarantineRow](store, quarantine, d)
		if err != nil {
			return nil, err
		}
		for _, r := range refused {
			line := RefusedLine{Dt: d, Source: r.Source, File: r.File, Reason: r.Reason}
			if r.Line != nil {
				line.Line = *r.Line
			}
			if r.Field != nil {
				line.Field = *r.Field
			}
			if pick(line) {
				picked = append(picked, line)
			}
		}
	}
	return picked, nil
}

// replay is what becomes of lines that are read again. A line's fate is written by whoever has the line, one after the other.
type replay struct {
	files map[int]map[int64]*string // fate by number of the file and line: a reason of the ledger, or outOfRange
	dumps map[dumpKey]*FileTotals
}

// outOfRange is the fate of a line of a day that is not extracted.
const outOfRange = "out_of_range"

// planReplay finds the files that hold the lines of Again. One that is not there any more is errs.NotReady.
func (x *run) planReplay() (*replay, error) {
	r := &replay{files: make(map[int]map[int64]*string), dumps: make(map[dumpKey]*FileTotals)}
	numbers := make(map[[2]string]int, len(x.files))
	for i, f := range x.files {
		numbers[[2]string{f.source.Name, f.name}] = i
	}
	gone := make(map[string]bool)
	for _, l := range x.Again {
		i, there := numbers[[2]string{l.Source, l.File}]
		switch {
		case l.Line == 0:
			key := dumpKey{l.Source, l.File, l.Dt}
			if r.dumps[key] == nil {
				r.dumps[key] = &FileTotals{Source: l.Source, File: l.File}
			}
			r.dumps[key].Read++
		case !there:
			gone[l.File] = true
		default:
			if r.files[i] == nil {
				r.files[i] = make(map[int64]*string)
			}
			r.files[i][l.Line] = new(string)
		}
	}
	return r, goneError(gone)
}

// findDumps finds the dumps that hold the rows of Again. The snapshot of a database is taken once: its rows stay refused.
func (r *replay) findDumps(dumps map[bizday.Day][]*dump, log *slog.Logger) error {
	gone := make(map[string]bool)
	for key := range r.dumps {
		i := slices.IndexFunc(dumps[key.day], func(d *dump) bool { return d.key() == key })
		switch {
		case i >= 0 && dumps[key.day][i].source.isLive():
			log.Warn("refused rows of a live table are not read again: its snapshot is taken once", "source", key.source, "table", key.table, "dt", key.day.String(), "rows", r.dumps[key].Read)
			delete(r.dumps, key)
		case i < 0 || len(dumps[key.day][i].files) == 0:
			gone["dump "+key.table+" of "+key.day.String()] = true
		}
	}
	return goneError(gone)
}

func goneError(names map[string]bool) error {
	if len(names) == 0 {
		return nil
	}
	return errs.New(errs.NotReady, "replay: not there any more, or read by no source of the configuration: "+fewOf(slices.Sorted(maps.Keys(names))),
		"restore what held the refused lines, or replay others by day, source, reason or file")
}

// isOfFile says whether a file holds lines that are replayed.
func (r *replay) isOfFile(number int) bool { return r.files[number] != nil }

// isOfDump says whether a dump holds rows that are replayed.
func (r *replay) isOfDump(key dumpKey) bool { return r.dumps[key] != nil }

func (r *replay) isOfDumpsOf(day bizday.Day) bool {
	for key := range r.dumps {
		if key.day == day {
			return true
		}
	}
	return false
}

// see notes what became of a line, if it is replayed.
func (r *replay) see(at place, fate string) {
	if known := r.files[at.file][at.line]; known != nil {
		*known = fate
	}
}

// take notes what became of a dump's rows, which have no place: as many as are refused now stand for those that were.
func (r *replay) take(d *dump, result *tableResult) {
	own := r.dumps[d.key()]
	if own == nil {
		return
	}
	for _, row := range result.refused {
		if row.dump == d && own.Quarantined < own.Read {
			own.add(row.reason.String(), 1)
		}
	}
	own.Kept = own.Read - own.Quarantined
}

// totals are what became of the replayed lines, by source and file, and of the rows by source and table.
func (r *replay) totals(files []found) []FileTotals {
	var list []FileTotals
	for i, lines := range r.files {
		own := FileTotals{Source: files[i].source.Name, File: files[i].name, Totals: Totals{Read: int64(len(lines))}}
		for _, fate := range lines {
			switch *fate {
			case outOfRange, "": // "": the file has become shorter
				own.OutOfRange++
			default:
				own.add(*fate, 1)
			}
		}
		list = append(list, own)
	}
	for _, own := range r.dumps {
		list = append(list, *own)
	}
	return sumByFile(list)
}
