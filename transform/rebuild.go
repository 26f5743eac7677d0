package transform

import (
	"context"

	"vaultreport/internal/bizday"
)

// Rebuild builds the models of one day in the store, one after another and each from the files that the store has by then; a
// file that is there with the key of what would be built stays. What was built is not compared with its contract: that is for
// whoever compares it with what was published. Errors are those of Run.
func Rebuild(ctx context.Context, store Store, p *Project, o Options, dt bizday.Day) error {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return err
	}
	for _, m := range p.models {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if _, _, err := r.first().build(ctx, m, dt); err != nil {
			return err
		}
	}
	return nil
}

// Models returns the names of the tables that models fill, in the order in which Run builds them.
func (p *Project) Models() []string {
	names := make([]string, len(p.models))
	for i, m := range p.models {
		names[i] = m.table.Name
	}
	return names
}
