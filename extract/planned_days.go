package extract

import (
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// plannedDays fills the days and the lake's files. The error is of class NotReady if a table cannot be read again.
func (x *run) plannedDays(p *Planned) error {
	moved := x.movedLines()
	touched := x.wanted.union(x.tables.days)
	for _, dt := range touched.sorted() {
		day := moved[dt]
		day.Dt, day.Tables = dt, []string{}
		write := func(reason string, tables ...warehouse.Table) {
			for _, t := range tables {
				p.Lake = append(p.Lake, PlannedLake{t.Name, dt, reason})
			}
			day.Reason = worst(day.Reason, reason)
		}
		if !x.extracted[dt] {
			day.Reason = NewDay
		}
		if x.wanted[dt] {
			write(day.Reason, x.Events, x.Unknown)
		}
		if due := x.tables.days[dt]; due != nil {
			jobs, err := planTables(dt, due.dumps)
			if err := p.stops(err); err != nil {
				return err
			}
			for _, job := range jobs {
				write(x.reasonOf(job), x.Lake[job.spec.Name])
				day.Tables = append(day.Tables, job.spec.Name)
			}
			write(x.tables.reasonOfCatalogue(due, dt), x.Catalogue)
		}
		write(day.Reason, x.Refused, x.Ledger, x.SourceLedger)
		p.Days = append(p.Days, day)
	}
	return nil
}

// worst is the reason that stands for both.
func worst(a, b string) string {
	for _, reason := range []string{NewDay, LateRows, ChangedConfig} {
		if a == reason || b == reason {
			return reason
		}
	}
	return ""
}

// movedLines counts by day the lines that come, of new and changed files, and those that these had. The reason is that of the files.
func (x *run) movedLines() map[bizday.Day]PlannedDay {
	moved := make(map[bizday.Day]PlannedDay)
	count := func(dt bizday.Day, reason string, now, before int64) {
		day := moved[dt]
		day.Lines, day.LinesBefore, day.Reason = day.Lines+now, day.LinesBefore+before, worst(day.Reason, reason)
		moved[dt] = day
	}
	for i, t := range x.tallies {
		before := x.before(x.files[i], t)
		reason := LateRows
		switch stateOf(before, t.input) {
		case IsDamaged, IsTouched:
			reason = ""
		case IsReadAlike:
			reason = ChangedConfig
		}
		for _, d := range t.input.Days {
			if reason != "" || !x.extracted[d.Dt] {
				count(d.Dt, reason, d.Rows, 0)
			}
		}
		for _, d := range before.Days {
			if reason != "" && x.extracted[d.Dt] {
				count(d.Dt, reason, 0, d.Rows)
			}
		}
	}
	for _, i := range x.others() {
		in, _ := x.known.of(x.files[i])
		for _, d := range in.Days {
			if !x.extracted[d.Dt] {
				count(d.Dt, "", d.Rows, 0)
			}
		}
	}
	return moved
}

// reasonOf says why a table's file would be written.
func (x *run) reasonOf(job *tableJob) string {
	switch {
	case !x.extracted[job.day]:
		return NewDay
	case slices.ContainsFunc(job.dumps, func(d *dump) bool { return d.taken != nil || d.hasOtherRows() }):
		return LateRows
	}
	return ChangedConfig
}

// hasOtherRows says whether the bytes of the dump are others than those that were read.
func (d *dump) hasOtherRows() bool {
	return d.changed && !slices.EqualFunc(d.inputs, d.before, func(a, b warehouse.Input) bool { return a.Name == b.Name && a.SHA256 == b.SHA256 })
}

// reasonOfCatalogue says why what the sources have on a day would be written: with rows that came, or because they are others.
func (t *tables) reasonOfCatalogue(due *tableDay, dt bizday.Day) string {
	switch {
	case !t.extracted[dt]:
		return NewDay
	case slices.ContainsFunc(due.dumps, func(d *dump) bool { return d.taken != nil || d.hasOtherRows() }):
		return LateRows
	}
	return ChangedConfig
}

// union is both sets.
func (s days) union(other map[bizday.Day]*tableDay) days {
	both := daysOf(s.sorted())
	for d := range other {
		both[d] = true
	}
	return both
}
