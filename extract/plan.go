package extract

import (
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// days is a set of business days.
type days map[bizday.Day]bool

func daysOf(list []bizday.Day) days {
	set := make(days, len(list))
	for _, d := range list {
		set[d] = true
	}
	return set
}

func (s days) sorted() []bizday.Day {
	list := make([]bizday.Day, 0, len(s))
	for d := range s {
		list = append(list, d)
	}
	slices.Sort(list)
	return list
}

// memory finds what earlier runs remember of a file.
type memory map[[2]string]warehouse.Input

func memoryOf(inputs []warehouse.Input) memory {
	m := make(memory, len(inputs))
	for _, in := range inputs {
		if in.Name != Stdin {
			m[[2]string{in.Source, in.Name}] = in
		}
	}
	return m
}

func (m memory) of(f found) (warehouse.Input, bool) {
	in, known := m[[2]string{f.source.Name, f.name}]
	return in, known
}

// unchanged says whether a file is the one that was read before, under the same meaning of its lines. A damaged stream
// is read again by every run.
func unchanged(f found, in warehouse.Input) bool {
	return in.Size == f.size && in.MTime.Equal(f.modTime) && in.Reader == f.source.reader() && !in.Damaged
}

// hasRows says whether a remembered file has lines of one of the days.
func hasRows(in warehouse.Input, wanted days) bool {
	return slices.ContainsFunc(in.Days, func(d warehouse.InputDay) bool { return wanted[d.Dt] && d.Rows > 0 })
}

// firstPass picks the files to read first: all that are new or changed, and the unchanged ones that have lines of a day
// that is to be extracted, or are to be read again whatever they hold.
func firstPass(files []found, known memory, wanted days, again func(number int) bool) []int {
	var pass []int
	for i, f := range files {
		in, seen := known.of(f)
		if !seen || !unchanged(f, in) || hasRows(in, wanted) || again(i) {
			pass = append(pass, i)
		}
	}
	return pass
}

// affected returns the extracted days that a changed file, or one that is read again all the same, has, or had, lines of.
func affected(before warehouse.Input, now warehouse.Input, extracted days, again bool) []bizday.Day {
	var list []bizday.Day
	if !again && before.SHA256 == now.SHA256 && before.Reader == now.Reader {
		return nil
	}
	for _, in := range []warehouse.Input{before, now} {
		for _, d := range in.Days {
			if extracted[d.Dt] {
				list = append(list, d.Dt)
			}
		}
	}
	return list
}

// filingDay returns the day that lines without a usable ts belong to: the file's own, the one they were filed under
// before, else the first day asked for that has no ledger for this file.
func filingDay(f found, in warehouse.Input, asked []bizday.Day) bizday.Day {
	switch {
	case f.dated:
		return f.date
	case in.Filed != nil:
		return *in.Filed
	}
	for _, d := range asked {
		if !hasRows(in, days{d: true}) {
			return d
		}
	}
	return asked[0]
}

// gone returns an error if a day that must be extracted again has lines in a file that can be read no more. Lines that
// came from standard input are such lines as soon as their day was extracted with them.
func gone(inputs []warehouse.Input, files []found, wanted, extracted days, stdinSHA256 string) error {
	present := make(map[[2]string]bool, len(files))
	for _, f := range files {
		present[[2]string{f.source.Name, f.name}] = true
	}
	for _, in := range inputs {
		again := in.SHA256 == stdinSHA256
		if in.Name != Stdin {
			again = present[[2]string{in.Source, in.Name}]
		}
		if again {
			continue
		}
		for _, d := range in.Days {
			if wanted[d.Dt] && (in.Name != Stdin || extracted[d.Dt]) {
				return errs.New(errs.NotReady, fmt.Sprintf("extract %s: %s of source %s, which held %d lines of this day, is not there any more", d.Dt, in.Name, in.Source, d.Rows),
					"restore the file; or rebuild into a new warehouse from the files that exist")
			}
		}
	}
	return nil
}
