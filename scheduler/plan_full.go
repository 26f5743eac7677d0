package scheduler

import (
	"context"
	"errors"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Rehearsed is what Run would publish, as `plan --full -o json` prints it.
type Rehearsed struct {
	Snapshot string         `json:"snapshot"` // with which the changes are compared, empty for none
	Asked    []bizday.Day   `json:"asked"`
	Ledger   extract.Totals `json:"ledger"` // of what was read
	transform.Changes
	Pages []bizday.Day `json:"pages"` // of which the report would be another
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
	r.Changes, err = transform.Compare(ctx, tx, project, with)
	return r, err
}
