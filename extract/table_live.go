package extract

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/sync/errgroup"

	"vaultreport/extract/postgres"
	"vaultreport/extract/rows"
	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// DatabaseStage is the stage of reading live tables that Run reports to its Progress, in rows; nobody knows how many.
const DatabaseStage = "read database"

// DSN is a connection string. It is a secret: printed, it does not show.
type DSN string

// String says nothing.
func (DSN) String() string { return "<redacted>" }

// GoString says nothing.
func (DSN) GoString() string { return "<redacted>" }

// MarshalText says nothing, in logs and JSON.
func (DSN) MarshalText() ([]byte, error) { return []byte("<redacted>"), nil }

// snapshot gives the tables of a database as of one instant. There is a reader for each part of a table that may be read
// side by side; lost says whether an error of any of them means that another snapshot may succeed.
type snapshot interface {
	parts(ctx context.Context, spec *table.Spec) (parts []table.Reader, there bool, err error)
	lost(err error) bool
	Close() error
}

type postgresSnapshot struct{ *postgres.Snapshot }

func (s postgresSnapshot) parts(ctx context.Context, spec *table.Spec) ([]table.Reader, bool, error) {
	t, there, err := s.Table(ctx, spec)
	if err != nil || !there {
		return nil, false, err
	}
	return t.Parts(), true, nil
}

func (s postgresSnapshot) lost(err error) bool { return postgres.ErrLost(err) }

func (x *run) openPostgres(ctx context.Context, s TableSource) (snapshot, error) {
	opened, err := postgres.Open(ctx, postgres.Options{
		DSN: string(s.DSN), Connections: s.Connections, StatementTimeout: s.StatementTimeout, AllowSuperuser: x.AllowSuperuser, Log: x.Log.With("source", s.Name),
	})
	if err != nil {
		return nil, err
	}
	return postgresSnapshot{opened}, nil
}

// liveDay returns the day that a live table stands for, and whether there is one: the last day asked for, if it is
// yesterday or today. What a table holds now says nothing about other days (docs/sources.md section 2).
func liveDay(asked []bizday.Day, today bizday.Day) (day bizday.Day, is bool) {
	last := asked[len(asked)-1]
	return last, last == today || last == today-1
}

// mustTake says whether a live source is to be read for its day: once, or again if that is wanted. own are its dumps of the day.
func mustTake(s TableSource, own []*dump, retake bool) bool {
	wasTaken := slices.ContainsFunc(own, func(d *dump) bool {
		return slices.ContainsFunc(d.before, func(in warehouse.Input) bool {
			_, env, _ := tableOf(in)
			return env == s.Env
		})
	})
	return retake || !wasTaken
}

// taken is a live table as this run read it. The rows have their dump's number at the end.
type taken struct {
	there   bool
	parts   []table.Reader
	match   table.Match
	sorters []*rows.Sorter
	tally   tableTally
	refused []refusedRow
}

func (t *taken) close() error {
	var err error
	for _, s := range t.sorters {
		err = errors.Join(err, s.Close())
	}
	return err
}

// dueLive returns the live sources that are to be read, with their dumps of the day.
func (t *tables) dueLive() map[string][]*dump {
	due := make(map[string][]*dump)
	day, is := liveDay(t.Asked, t.Zone.DayOf(t.Now.UnixMicro()))
	if !is {
		return due
	}
	for _, s := range t.Tables {
		own := slices.DeleteFunc(slices.Clone(t.dumps[day]), func(d *dump) bool { return d.source.Name != s.Name })
		if s.isLive() && mustTake(s, own, t.RetakeSnapshot) {
			due[s.Name] = own
		}
	}
	return due
}

// takeLive reads the live sources that are due, one after the other.
func (t *tables) takeLive(ctx context.Context) error {
	if len(t.live) == 0 {
		return nil
	}
	t.Progress.Stage(DatabaseStage, -1)
	defer t.Progress.Done()
	for _, s := range t.Tables {
		if own := t.live[s.Name]; own != nil {
			if err := t.takeSource(ctx, s, own); err != nil {
				return fmt.Errorf("source %s: %w", s.Name, err)
			}
		}
	}
	return nil
}

// maxSnapshots is how often a source is read from the start when its snapshot is lost.
const maxSnapshots = 3

// takeSource reads all tables of a source from one snapshot, so that they agree; if that is lost, all of them from another.
func (t *tables) takeSource(ctx context.Context, s TableSource, own []*dump) error {
	for attempt := 1; ; attempt++ {
		isLost, err := t.takeOnce(ctx, s, own)
		if err == nil {
			return nil
		}
		err = errors.Join(err, closeTaken(own))
		switch {
		case !isLost || ctx.Err() != nil:
			return err
		case attempt == maxSnapshots:
			return &errs.Error{
				Class: errs.Unreachable, What: fmt.Sprintf("the snapshot was lost %d times", attempt), Err: err,
				Hint: "run again when the server stays up, or at another hour; nothing was published",
			}
		}
		t.Log.Warn("the snapshot is lost, all tables of the source are read again from another", "source", s.Name, "attempt", attempt, "reason", err.Error())
	}
}

func (t *tables) takeOnce(ctx context.Context, s TableSource, own []*dump) (isLost bool, err error) {
	from, err := t.openSnapshot(ctx, s)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	// All are looked up before any is read: who lacks a right learns it at once, and nobody alters one meanwhile.
	for _, d := range own {
		d.taken = &taken{}
		if err := d.find(ctx, from); err != nil {
			return from.lost(err), err
		}
	}
	for _, d := range own {
		if err := t.takeTable(ctx, d); err != nil {
			return from.lost(err), err
		}
	}
	return false, nil
}

// find looks a live table and its columns up.
func (d *dump) find(ctx context.Context, from snapshot) (err error) {
	if d.taken.parts, d.taken.there, err = from.parts(ctx, d.spec); err != nil || !d.taken.there {
		return err
	}
	d.taken.match, err = d.spec.MatchColumns(d.taken.parts[0].Attributes(), d.source.Rename[d.spec.Name], nil)
	return err
}

func (t *tables) takeTable(ctx context.Context, d *dump) error {
	parts := d.taken.parts
	results := make([]taken, len(parts))
	group, ctx := errgroup.WithContext(ctx)
	for i, part := range parts {
		sorter := rows.NewSorter(t.FS, t.store.Scratch(), liveBytes/len(parts))
		d.taken.sorters = append(d.taken.sorters, sorter)
		group.Go(func() error { return t.takePart(ctx, part, d, sorter, &results[i]) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, r := range results {
		d.taken.tally.read += r.tally.read
		d.taken.tally.outOfRange += r.tally.outOfRange
		d.taken.refused = append(d.taken.refused, r.refused...)
	}
	return nil
}

// liveBytes is what the rows of one live table may take before they are sorted on disk. Those of a source's four tables are
// held until the last is read.
const liveBytes = 32 << 20

// takePart judges the rows of a part.
func (t *tables) takePart(ctx context.Context, part table.Reader, d *dump, sorter *rows.Sorter, r *taken) (err error) {
	defer func() { err = errors.Join(err, part.Close()) }()
	start, end := t.Zone.Bounds(d.day)
	checker := table.NewChecker(d.spec, t.Key, start, end)
	checker.Use(d.taken.match)
	const told = 1024
	err = part.Rows(ctx, d.taken.match.Names, func(values []table.Value) error {
		if r.tally.read++; r.tally.read%told == 0 {
			t.Progress.Add(told)
		}
		return d.keep(checker.Check(values), &r.tally, &r.refused, sorter)
	})
	t.Progress.Add(r.tally.read % told)
	return err
}

// closeTaken gives back what the dumps hold.
func closeTaken(dumps []*dump) (err error) {
	for _, d := range dumps {
		if d.taken != nil {
			err = errors.Join(err, d.taken.close())
			d.taken = nil
		}
	}
	return err
}

// remember makes the memory of a live table from its rows in their order, as rowsDigest has them, and of what became of the others. A
// table that is not there any more is remembered no more.
func (d *dump) remember(rowsDigest []byte) {
	d.inputs = nil
	if !d.taken.there {
		return
	}
	hash := sha256.New()
	fmt.Fprintf(hash, "%x %d %d\n", rowsDigest, d.taken.tally.read, d.taken.tally.outOfRange)
	refused := slices.SortedFunc(slices.Values(d.taken.refused), func(a, b refusedRow) int {
		return cmp.Or(cmp.Compare(a.field, b.field), cmp.Compare(a.masked, b.masked))
	})
	for _, r := range refused {
		fmt.Fprintf(hash, "%q %q\n", r.field, r.masked)
	}
	missing := d.spec.LakeNames(d.taken.match.Missing)
	fmt.Fprintf(hash, "%q\n", missing)
	d.inputs = []warehouse.Input{{
		Source: d.source.Name, Name: d.day.String() + "/" + d.spec.Name, SHA256: hex.EncodeToString(hash.Sum(nil)), Reader: d.source.reader(d.spec),
		Lines: d.taken.tally.read, Days: []warehouse.InputDay{{Dt: d.day, Rows: d.taken.tally.read}}, Missing: missing,
	}}
}
