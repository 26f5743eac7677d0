package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"slices"
	"sync"

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

// Store is where files are found and left; *warehouse.Tx is one. It is safe for concurrent use.
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
	Progress func(dt bizday.Day, model string) // before each model of each day, by several goroutines; may be nil
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

// Run brings every model of every extracted day up to date, on all connections of the engine at once: a model's file of a day
// is made when all that it reads is there. What was built is compared with its contract, and the days on which something
// was built with the invariants. It stops at the first fault: class Gate if a result breaks its contract or an invariant.
func Run(ctx context.Context, store Store, p *Project, o Options) (Summary, error) {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return Summary{}, err
	}
	if err := r.buildAll(ctx, r.tasks()); err != nil {
		// A file that breaks its contract is a better answer than what it did to a later model.
		return Summary{}, cmp.Or(r.checkBuilt(ctx), err)
	}
	if err := r.checkBuilt(ctx); err != nil {
		return Summary{}, err
	}
	if err := cmp.Or(r.checkInvariants(ctx), r.checkRelations(ctx), r.checkVolumes()); err != nil {
		return Summary{}, err
	}
	s := Summary{Days: r.built.days()}
	for _, files := range r.built {
		s.Built += len(files)
	}
	s.Reused = len(r.extracted)*len(p.models) - s.Built
	o.Log.Info("models are up to date", "days", len(r.extracted), "built", s.Built, "reused", s.Reused)
	return s, nil
}

// runner is one Run.
type runner struct {
	store     Store
	project   *Project
	options   Options
	extracted []bizday.Day
	engine    string // version of DuckDB: another one may write other bytes

	mu        sync.Mutex
	built     filesByModel // all of this run
	unchecked filesByModel // those not yet compared with the contract
}

func newRunner(ctx context.Context, store Store, p *Project, o Options) (*runner, error) {
	if err := o.validate(); err != nil {
		return nil, err
	}
	r := &runner{store: store, project: p, options: o, extracted: store.Days(eventsTable), built: filesByModel{}, unchecked: filesByModel{}}
	if err := o.DB.Conn().QueryRowContext(ctx, "select version()").Scan(&r.engine); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "ask DuckDB for its version", err)
	}
	return r, nil
}

// session is a run's work on one connection.
type session struct {
	*runner
	conn *sql.Conn
}

// first returns a session on the connection that every engine has.
func (r *runner) first() session { return session{r, r.options.DB.Conn()} }

func (s session) exec(ctx context.Context, text string, args ...any) error {
	_, err := s.conn.ExecContext(ctx, text, args...)
	return err
}

// each runs a query and calls scan for each of its rows.
func (s session) each(ctx context.Context, text string, scan func(*sql.Rows) error, args ...any) error {
	rows, err := s.conn.QueryContext(ctx, text, args...)
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

// filesByModel is files of models, in the order in which they were built.
type filesByModel map[*model][]warehouse.File

// days returns the days of the files, ascending.
func (f filesByModel) days() []bizday.Day {
	var days []bizday.Day
	for _, files := range f {
		for _, file := range files {
			days = append(days, file.Dt)
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}
