package extract

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// Ready says when a source is complete for a day (docs/sources.md section 1, "Ready"). All that is set must hold; the zero Ready
// asks for one file of the day's own.
type Ready struct {
	Marker       string        // a path as that of a source, of which there must be a file; then the day needs no other
	Quiet        time.Duration // how long nothing was written to the day's files
	MinEvents    int64         // acceptable lines that belong to the day
	AllowMissing bool          // the day needs no file
}

// ready says for which of the days that are to be extracted the sources are not complete, as far as can be told before a line is read.
func ready(sources []Source, files []found, wanted []bizday.Day, now time.Time) error {
	for _, s := range sources {
		newestFor := newestOf(s, files)
		var missing, unmarked, fresh []string
		for _, d := range wanted {
			written, there := newestFor(d)
			marked, err := s.isMarked(d)
			if err != nil {
				return err
			}
			switch {
			case !marked:
				unmarked = append(unmarked, d.String())
			case !there && s.Ready.Marker == "" && !s.Ready.AllowMissing:
				missing = append(missing, d.String())
			case there && written.After(now.Add(-s.Ready.Quiet)) && s.Ready.Quiet > 0:
				fresh = append(fresh, d.String())
			}
		}
		switch {
		case len(missing) > 0:
			return errs.New(errs.NotReady, fmt.Sprintf("extract: source %s has no file for %s", s.Name, fewOf(missing)),
				"lost logs are not a day of zeros: deliver the files to "+s.Path+", or ask for other days")
		case len(unmarked) > 0:
			return errs.New(errs.NotReady, fmt.Sprintf("extract: source %s has no marker for %s", s.Name, fewOf(unmarked)),
				"whoever writes the logs puts "+s.Ready.Marker+" there when a day is complete; --wait waits for it")
		case len(fresh) > 0:
			return errs.New(errs.NotReady, fmt.Sprintf("extract: files of source %s for %s were written less than %s ago", s.Name, fewOf(fresh), s.Ready.Quiet),
				"--wait waits until they rest")
		}
	}
	return nil
}

// catchUp wants the missed days of which the sources are ready: those that are not extracted, lie after one that is and before
// those asked for, and not before the quarter that these are compared with. The others wait for a night on which they are ready.
func (x *run) catchUp() {
	if !x.CatchUp || len(x.extracted) == 0 {
		return
	}
	first, _ := x.Asked[0].AlignedPreviousQuarter()
	for d := max(first, x.extracted.sorted()[0]); d < x.Asked[0]; d++ {
		if x.extracted[d] {
			continue
		}
		if err := ready(x.Sources, x.files, []bizday.Day{d}, x.Now); err != nil {
			x.leave(d, err)
			continue
		}
		x.wanted[d] = true
		x.caughtUp = append(x.caughtUp, d)
	}
}

// dropTooFew leaves the missed days out after all of which a source gave too few events.
func (x *run) dropTooFew() {
	x.caughtUp = slices.DeleteFunc(x.caughtUp, func(d bizday.Day) bool {
		err := x.enough([]bizday.Day{d})
		if err != nil {
			delete(x.wanted, d)
			x.leave(d, err)
		}
		return err != nil
	})
}

func (x *run) leave(d bizday.Day, err error) {
	x.Log.Warn("missed day is not caught up", "dt", d.String(), "reason", err.Error())
}

// newestOf returns when the newest file of a day of the source was written, and whether there is one; a path without {date} has the
// same files for every day.
func newestOf(s Source, files []found) func(bizday.Day) (written time.Time, there bool) {
	dayOf := func(d bizday.Day) bizday.Day {
		if !s.dated() {
			return 0
		}
		return s.firstDayOfPath(d)
	}
	newest := make(map[bizday.Day]time.Time)
	for _, f := range files {
		if f.source.Name != s.Name {
			continue
		}
		day := bizday.Day(0)
		if f.dated {
			day = f.date
		}
		if before, there := newest[day]; !there || before.Before(f.modTime) {
			newest[day] = f.modTime
		}
	}
	return func(d bizday.Day) (time.Time, bool) {
		written, there := newest[dayOf(d)]
		return written, there
	}
}

// isMarked says whether the marker of a day is there, if there has to be one.
func (s Source) isMarked(d bizday.Day) (bool, error) {
	if s.Ready.Marker == "" {
		return true, nil
	}
	for _, pattern := range (Source{Path: s.Ready.Marker}).patterns(d) {
		matches, err := doublestar.FilepathGlob(pattern, doublestar.WithFailOnIOErrors())
		if err != nil {
			return false, errs.Wrap(errs.Unreachable, fmt.Sprintf("look for the marker of source %s for %s", s.Name, d), err)
		}
		if len(matches) == 0 {
			return false, nil
		}
	}
	return true, nil
}

// enough says for which of the days a source gave too few events.
func (x *run) enough(wanted []bizday.Day) error {
	for _, s := range x.Sources {
		for _, d := range wanted {
			n := int64(0)
			for i, t := range x.tallies {
				if own := t.days[d]; own != nil && x.files[i].source.Name == s.Name {
					n += own.accepted()
				}
			}
			if n < s.Ready.MinEvents {
				return errs.New(errs.NotReady, fmt.Sprintf("extract: source %s has %d events for %s, and ready.min_events is %d", s.Name, n, d, s.Ready.MinEvents),
					"--wait waits for more; lower min_events if the day is like that")
			}
		}
	}
	return nil
}

func (d *dayTally) accepted() (n int64) {
	for k, rows := range d.reasons {
		if k.reason == kept {
			n += *rows
		}
	}
	return n
}

func fewOf(list []string) string {
	const few = 3
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
}
