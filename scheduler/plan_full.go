package scheduler

import (
	"context"
	"errors"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/transform"
	"vaultreport/transform/diff"
	"vaultreport/warehouse"
)

// Rehearsed is what Run would publish, as `plan --full -o json` prints it.
type Rehearsed struct {
	Snapshot string         `json:"snapshot"` // with which the changes are compared, empty for none
	Asked    []bizday.Day   `json:"asked"`
	Ledger   extract.Totals `json:"ledger"`    // of what was read
	Tables   []TableChange  `json:"tables"`    // of which rows differ, by table and day
	SameRows int            `json:"same_rows"` // further files that differ: none of their rows does
	transform.Changes
	Pages []bizday.Day `json:"pages"` // of which the report would be another
}

// TableChange counts the rows of a table's day that differ. A row of a table without a key is never changed: one goes, and another comes.
type TableChange struct {
	Table   string     `json:"table"`
	Dt      bizday.Day `json:"dt"`
	Added   int64      `json:"added"`
	Removed int64      `json:"removed"`
	Changed int64      `json:"changed"`
}

// PlanFull does all that Run does, up to the gates, and says what would change; then it drops it. Nothing is published and no
// record written. It takes the lease as Run does, and its error classes are those of Run.
func PlanFull(ctx context.Context, o Options) (Rehearsed, error) {
	if err := o.needSource("plan --full"); err != nil {
		return Rehearsed{}, err
	}
	return inTransaction(ctx, o, rehearse)
}

func rehearse(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (r Rehearsed, err error) {
	computed, err := compute(ctx, tx, project, o)
	if err != nil {
		return Rehearsed{}, err
	}
	if err := scan(ctx, tx, o); err != nil {
		return Rehearsed{}, err
	}
	r = Rehearsed{Snapshot: tx.Parent().ID, Asked: computed.Days, Ledger: computed.Ledger, Pages: []bizday.Day{}}
	for _, f := range tx.Changed() {
		if f.Table == warehouse.ReportTable {
			r.Pages = append(r.Pages, f.Dt)
		}
	}
	db, with, err := engine(ctx, tx, o)
	if err != nil {
		return Rehearsed{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := r.countRows(ctx, tx, db, project); err != nil {
		return Rehearsed{}, err
	}
	r.Changes, err = transform.Compare(ctx, tx, project, with)
	return r, err
}

// countRows compares the files that are staged, or gone, with those that are published.
func (r *Rehearsed) countRows(ctx context.Context, tx *warehouse.Tx, db *duck.DB, project *transform.Project) error {
	before, now := diff.Side{Path: tx.ReadPath}, diff.Side{Path: tx.ReadPath, Files: tx.Changed()}
	for _, f := range tx.Parent().Files {
		if is, there := tx.File(f.Table, f.Dt); !there || is.SHA256 != f.SHA256 {
			before.Files = append(before.Files, f)
		}
	}
	tables, err := diff.Compare(ctx, db.Conn(), project.Key, before, now, diff.Options{})
	if err != nil {
		return err
	}
	r.Tables = []TableChange{}
	for _, t := range tables {
		for _, d := range t.Days {
			if d.OnlyA+d.OnlyB+d.Changed == 0 {
				r.SameRows++
				continue
			}
			r.Tables = append(r.Tables, TableChange{Table: t.Name, Dt: d.Dt, Added: d.OnlyB, Removed: d.OnlyA, Changed: d.Changed})
		}
	}
	return nil
}
