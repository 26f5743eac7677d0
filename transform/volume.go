package transform

import (
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// volume is how many rows a day of a table has, beside the days before it: so many percent of their mean, at least and at most.
// A table of which fewer days are there has none to be held to.
type volume struct {
	Days     int   `yaml:"days"`
	Least    int64 `yaml:"least"` // percent
	Most     int64 `yaml:"most"`  // percent; 0: any number
	severity `yaml:",inline"`
}

func (v volume) fault() error {
	switch {
	case v.Days < 1:
		return fmt.Errorf("days %d are no days to compare with", v.Days)
	case v.Least < 0 || v.Least > 100:
		return fmt.Errorf("least %d is no share of the mean in percent", v.Least)
	case v.Most != 0 && v.Most < 100:
		return fmt.Errorf("most %d lies below the mean, in percent", v.Most)
	}
	return v.severity.fault()
}

// String returns the volume as a sentence without its subject.
func (v volume) String() string {
	text := fmt.Sprintf("at least %d %%", v.Least)
	if v.Most > 0 {
		text = fmt.Sprintf("%d %% to %d %%", v.Least, v.Most)
	}
	text += fmt.Sprintf(" of the mean of the %d days before", v.Days)
	if v.Severity == SeverityWarn {
		text += ", else a warning"
	}
	return text
}

func (v volume) test() dataTest { return dataTest{severity: v.severity, name: "volume"} }

// finding compares the rows of a day with those of the days before, the newest last. rows of the finding is how many there are
// too few or too many.
func (v volume) finding(dt bizday.Day, rows int64, before []int64) (finding, bool) {
	if len(before) < v.Days {
		return finding{}, false
	}
	var sum int64
	for _, n := range before[len(before)-v.Days:] {
		sum += n
	}
	days := int64(v.Days)
	var off int64 // in hundredths of rows, times days
	switch {
	case rows*100*days < v.Least*sum:
		off = v.Least*sum - rows*100*days
	case v.Most > 0 && rows*100*days > v.Most*sum:
		off = rows*100*days - v.Most*sum
	default:
		return finding{}, false
	}
	return finding{
		dt: dt.String(), test: v.test(), rows: (off + 100*days - 1) / (100 * days),
		text: fmt.Sprintf("volume: %d rows, and the %d days before had %d on average", rows, v.Days, sum/days),
	}, true
}

// volumes returns what is found on these days.
func (r *runner) volumes(c *contract, days []bizday.Day) (found []finding) {
	if c.Volume == nil {
		return nil
	}
	published := r.store.Days(c.table.Name)
	rows := make([]int64, len(published))
	for i, dt := range published {
		f, _ := r.store.File(c.table.Name, dt)
		rows[i] = f.Rows
	}
	for i, dt := range published {
		if _, isAsked := slices.BinarySearch(days, dt); isAsked {
			if f, ok := c.Volume.finding(dt, rows[i], rows[:i]); ok {
				found = append(found, f)
			}
		}
	}
	return found
}

// checkVolumes compares the days on which something was built with those before.
func (r *runner) checkVolumes() error {
	days := r.built.days()
	for _, c := range r.project.contracts {
		for _, f := range r.volumes(c, days) {
			if f.state() == TestFailed {
				return errs.New(errs.Gate, "check "+c.table.Name+" of "+f.String(), "if it is right, raise most or lower least in "+c.file+"; nothing of this run is published")
			}
			if f.state() == TestWarned {
				f.warn(r.options.Log, c.table.Name)
			}
		}
	}
	return nil
}
