package scheduler

import (
	"context"
	"errors"
	"maps"
	"slices"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/vfs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Planned is what Run would do, as `plan -o json` prints it.
type Planned struct {
	Snapshot string                `json:"snapshot"` // on which it would build, empty for none
	Asked    []bizday.Day          `json:"asked"`
	Days     []extract.PlannedDay  `json:"days"`   // that would be extracted, or extracted again
	Files    []extract.PlannedFile `json:"files"`  // that are not as they were, or would be read again
	Models   []transform.Planned   `json:"models"` // files that would be built, at most
	NotReady string                `json:"not_ready,omitempty"`

	Stop error `json:"-"` // of class errs.NotReady, with which Run would end: NotReady is its text
}

// Plan says what Run would do, and why. It takes no lease, reads only what is new or changed, and writes nothing, so it may
// run beside a run. Its error classes are those of Run but for errs.Leased; that a source is not ready is told and no error.
func Plan(ctx context.Context, o Options) (p Planned, err error) {
	if err := o.needSource("plan"); err != nil {
		return Planned{}, err
	}
	project, err := o.project()
	if err != nil {
		return Planned{}, err
	}
	if o.FS == nil {
		o.FS = vfs.OS()
	}
	parent, err := toBuildOn(o)
	if err != nil {
		return Planned{}, err
	}
	if err := project.CheckPublished(parent); err != nil {
		return Planned{}, err
	}
	lines, err := extract.Plan(ctx, parent.Manifest, extractOptions(project, daysBetween(o.Start, o.End), o))
	if err != nil {
		return Planned{}, err
	}
	p = Planned{Snapshot: parent.ID, Asked: lines.Asked, Days: append([]extract.PlannedDay{}, lines.Days...), Files: append([]extract.PlannedFile{}, lines.Files...)}
	if p.Stop = lines.NotReady; p.Stop != nil {
		p.NotReady = p.Stop.Error()
	}
	changes := make([]transform.Change, len(lines.Lake))
	for i, f := range lines.Lake {
		changes[i] = transform.Change(f)
	}
	db, err := duck.Open(ctx, duck.Options{Threads: 1})
	if err != nil {
		return Planned{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	models, err := transform.Plan(ctx, parent.Manifest, project, o.transformOptions(db), extractedWith(parent.Manifest, lines), changes)
	p.Models = append([]transform.Planned{}, models...)
	return p, err
}

// toBuildOn returns the newest snapshot, if a run with these options may build on it.
func toBuildOn(o Options) (published, error) {
	p, err := openPublished(o)
	if err != nil {
		return p, err
	}
	return p, o.identity().Fits(p.Manifest)
}

// extractedWith returns the days that would be extracted after the plan was carried out, ascending.
func extractedWith(parent *warehouse.Manifest, p extract.Planned) []bizday.Day {
	days := make(map[bizday.Day]bool)
	for _, d := range parent.Days("events") {
		days[d] = true
	}
	for _, f := range p.Lake {
		if f.Table == "events" {
			days[f.Dt] = true
		}
	}
	return slices.Sorted(maps.Keys(days))
}
