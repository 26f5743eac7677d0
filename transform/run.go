package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// rulesVersion is the version of what this package does to a result besides its SQL: suppression, file format. A change
// that gives other bytes needs a new one, so that published files are built again.
const rulesVersion = "1"

// eventsTable is the table whose days are the extracted days.
const eventsTable = "events"

// Store is where files are found and left; *warehouse.Tx is one.
type Store interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	Days(table string) []bizday.Day
	ReadPath(f warehouse.File) string
	StagePath(table warehouse.Table, dt bizday.Day) (string, error)
	Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error)
}

// Params are the numbers that models depend on.
type Params struct {
	K             int   // privacy.k: cells of fewer users are suppressed
	RetireAfter   int   // metrics.retire_after, in days
	DiamondTarget int64 // metrics.diamond_target, in KRW
}

func (p Params) value(name string) int64 {
	return map[string]int64{"k": int64(p.K), "retire_after": int64(p.RetireAfter), "diamond_target": p.DiamondTarget}[name]
}

// named returns the parameters of these names as a query takes them.
func (p Params) named(names []string) []any {
	args := make([]any, len(names))
	for i, name := range names {
		args[i] = sql.Named(name, p.value(name))
	}
	return args
}

// Options say with what the models run. All but Progress are needed.
type Options struct {
	DB       *duck.DB
	Zone     bizday.Zone
	Params   Params
	Log      *slog.Logger
	Progress func(dt bizday.Day, model string) // before each model of each day; may be nil
}

func (o Options) validate() error {
	switch {
	case o.Params.K < 1:
		return errs.New(errs.Usage, fmt.Sprintf("privacy.k is %d", o.Params.K), "1 or more; 1 suppresses nothing")
	case o.Params.RetireAfter < 1:
		return errs.New(errs.Usage, fmt.Sprintf("metrics.retire_after is %d", o.Params.RetireAfter), "1 or more days")
	case o.Params.DiamondTarget < 1:
		return errs.New(errs.Usage, fmt.Sprintf("metrics.diamond_target is %d", o.Params.DiamondTarget), "1 KRW or more")
	}
	return nil
}

// Summary says what a run did.
type Summary struct {
	Built  int          // files
	Reused int          // files whose key was the same
	Days   []bizday.Day // on which something was built
}

// Run brings every model of every extracted day up to date: first those that are made of their own day alone, then the
// others, each time day by day. It checks the invariants of each day on which it built something. It stops at the first
// fault: class Gate if a result breaks its contract or an invariant.
func Run(ctx context.Context, store Store, p *Project, o Options) (Summary, error) {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return Summary{}, err
	}
	built := make([]int, len(r.extracted))
	for _, ofItsDay := range []bool{true, false} {
		for i, dt := range r.extracted {
			n, err := r.day(ctx, dt, ofItsDay)
			if err == nil {
				built[i] += n
				err = r.checkSome(ctx, dt, ofItsDay, built[i] > 0)
			}
			if err != nil {
				// A file that breaks its contract is a better answer than what it did to a later model.
				return Summary{}, cmp.Or(r.checkBuilt(ctx), err)
			}
		}
	}
	var s Summary
	for i, dt := range r.extracted {
		s.Built += built[i]
		s.Reused += len(p.models) - built[i]
		if built[i] > 0 {
			s.Days = append(s.Days, dt)
		}
	}
	if err := r.check(ctx); err != nil {
		return Summary{}, err
	}
	o.Log.Info("models are up to date", "days", len(r.extracted), "built", s.Built, "reused", s.Reused)
	return s, nil
}

// uncheckedLimit bounds how many rows wait for check, and with them its memory.
const uncheckedLimit = 1_000_000

// day brings the models of one day and pass up to date and returns how many files it built.
func (r *runner) day(ctx context.Context, dt bizday.Day, ofItsDay bool) (built int, err error) {
	for _, m := range r.project.models {
		if m.ofItsDay != ofItsDay {
			continue
		}
		isNew, err := r.build(ctx, m, dt)
		if err != nil {
			return 0, err
		}
		if isNew {
			built++
		}
	}
	return built, nil
}

// checkSome notes a day on which something was built, and checks what was built once it is much. Invariants are about days
// of which all models are there.
func (r *runner) checkSome(ctx context.Context, dt bizday.Day, ofItsDay, isBuilt bool) error {
	if isBuilt && !ofItsDay {
		r.untested = append(r.untested, dt)
	}
	switch {
	case r.uncheckedRows <= uncheckedLimit:
		return nil
	case ofItsDay:
		return r.checkBuilt(ctx)
	default:
		return r.check(ctx)
	}
}

// check compares what was built since the last check with contracts and invariants.
func (r *runner) check(ctx context.Context) error {
	if err := r.checkBuilt(ctx); err != nil {
		return err
	}
	return r.checkInvariants(ctx)
}

// runner is one Run.
type runner struct {
	store     Store
	project   *Project
	options   Options
	extracted []bizday.Day
	engine    string // version of DuckDB: another one may write other bytes

	unchecked     map[*model][]warehouse.File // built by this run, and not yet compared with the contract
	uncheckedRows int64
	untested      []bizday.Day // on which something was built since the invariants were checked
}

func newRunner(ctx context.Context, store Store, p *Project, o Options) (*runner, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	r := &runner{store: store, project: p, options: o, extracted: store.Days(eventsTable), unchecked: map[*model][]warehouse.File{}}
	if err := o.DB.Conn().QueryRowContext(ctx, "select version()").Scan(&r.engine); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "ask DuckDB for its version", err)
	}
	return r, nil
}

func (r *runner) exec(ctx context.Context, text string, args ...any) error {
	_, err := r.options.DB.Conn().ExecContext(ctx, text, args...)
	return err
}

// each runs a query and calls scan for each of its rows.
func (r *runner) each(ctx context.Context, text string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := r.options.DB.Conn().QueryContext(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
