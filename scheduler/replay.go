package scheduler

import (
	"context"
	"path/filepath"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// ReplayOptions say what Replay reads again.
type ReplayOptions struct {
	Start, End *bizday.Day                    // of the lines and rows; nil: the first or the last day that there is
	Pick       func(extract.RefusedLine) bool // of these
	DryRun     bool                           // publishes nothing
}

func (r ReplayOptions) isOf(d bizday.Day) bool {
	return (r.Start == nil || *r.Start <= d) && (r.End == nil || d <= *r.End)
}

// DryRun is the value of Result.Status of a replay that published nothing because nobody wanted it to.
const DryRun = "dry_run"

// Replayed is what `quarantine replay -o json` prints: the keys of `run -o json`, with the days of the lines that were picked,
// and what became of these lines: Read is how many they were.
type Replayed struct {
	Result
	Replayed extract.Totals       `json:"replayed"`
	Files    []extract.FileTotals `json:"files"`
}

// Replay reads the files and dumps again that hold refused lines and rows, under today's configuration, whether or not that
// changed, and publishes what changes as Run does. Its error classes are those of Run; errs.NotReady is a file that is gone.
func Replay(ctx context.Context, o Options, r ReplayOptions) (Replayed, error) {
	if err := o.needSource("quarantine replay"); err != nil {
		return Replayed{}, err
	}
	replayed := Replayed{Files: []extract.FileTotals{}} // an array in JSON, too, if nothing was picked
	var err error
	replayed.Result, err = recorded(ctx, o, func(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (Result, error) {
		quarantine, _ := project.Table("quarantine")
		var err error
		if o.again, err = extract.Refused(tx, quarantine, r.isOf, r.Pick); err != nil {
			return Result{}, err
		}
		if len(o.again) == 0 {
			return unchanged(tx, o), nil
		}
		extracted, err := intoLake(ctx, tx, project, o)
		if err != nil {
			return Result{}, err
		}
		replayed.Files = append(replayed.Files, extracted.Again...)
		if r.DryRun {
			result := unchanged(tx, o)
			result.Status, result.Days, result.Ledger = DryRun, extracted.Asked, extracted.Totals
			return result, nil
		}
		computed, err := fromLake(ctx, tx, project, extracted, o)
		if err != nil {
			return Result{}, err
		}
		return publishComputed(ctx, tx, computed, o)
	})
	for _, f := range replayed.Files {
		replayed.Replayed.Sum(f.Totals)
	}
	return replayed, err
}

// asked are the days that a run is about: those of the lines of a replay, which are ordered by day, else all from Start to End.
func (o Options) asked() (days []bizday.Day) {
	if len(o.again) == 0 {
		return daysBetween(o.Start, o.End)
	}
	for _, l := range o.again {
		if n := len(days); n == 0 || days[n-1] != l.Dt {
			days = append(days, l.Dt)
		}
	}
	return days
}

// unchanged is the result of a job that leaves the snapshot as it is.
func unchanged(tx *warehouse.Tx, o Options) Result {
	return Result{Snapshot: tx.Parent().ID, Status: Unchanged, Days: []bizday.Day{}, Alarms: []Alarm{}, Report: newestReport(tx.Parent(), o)}
}

// newestReport is the path of the newest page, "" if there is none.
func newestReport(manifest *warehouse.Manifest, o Options) string {
	days := manifest.Days(warehouse.ReportTable)
	if len(days) == 0 {
		return ""
	}
	newest, _ := manifest.File(warehouse.ReportTable, days[len(days)-1])
	return filepath.Join(o.Warehouse, filepath.FromSlash(newest.Path))
}
