package transform

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// RunUnit runs a case through the models, in a folder that exists and is empty, and returns what came out otherwise than it says.
// Time stands still: a model knows the days of its case and no clock. An error of class Usage names file and line of what the
// case says wrong.
func (p *Project) RunUnit(ctx context.Context, c UnitCase, db *duck.DB, dir string) (faults []string, err error) {
	u, r, err := p.play(ctx, c, db, dir)
	if err != nil {
		return nil, err
	}
	for _, b := range c.expected {
		fault, err := u.compare(ctx, r, b)
		if err != nil {
			return nil, err
		}
		if fault != "" {
			faults = append(faults, fault)
		}
	}
	return faults, nil
}

// play builds what a case expects from what it gives.
func (p *Project) play(ctx context.Context, c UnitCase, db *duck.DB, dir string) (*unit, *runner, error) {
	zone, err := bizday.LoadZone(c.zone)
	if err != nil {
		return nil, nil, c.wrong(err)
	}
	u := &unit{UnitCase: c, project: p, store: warehouse.NewFolder(dir), db: db, zone: zone}
	if err := u.give(ctx); err != nil {
		return nil, nil, err
	}
	asked := *p
	asked.models = slices.DeleteFunc(slices.Clone(p.models), func(m *model) bool { return u.isOnlyGiven(m.table.Name) })
	r, err := newRunner(ctx, u.store, &asked, Options{DB: db, Zone: zone, Params: c.params, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, nil, c.wrong(err)
	}
	if err := r.buildAll(ctx, u.needed(r.tasks())); err != nil {
		return nil, nil, c.wrong(err)
	}
	return u, r, nil
}

func (c UnitCase) wrong(err error) error {
	return errs.Wrap(errs.Usage, fmt.Sprintf("%s:%d", c.File, c.Line), err)
}

// unit is one run of a case.
type unit struct {
	UnitCase
	project *Project
	store   *warehouse.Folder
	db      *duck.DB
	zone    bizday.Zone
}

// isOnlyGiven says whether a table is given, and expected on no day on which it is not: such a table is not built.
func (u *unit) isOnlyGiven(table string) bool {
	isOfTable := func(b block) bool { return b.table == table }
	return slices.ContainsFunc(u.given, isOfTable) &&
		!slices.ContainsFunc(u.expected, func(b block) bool { return isOfTable(b) && !u.isGiven(table, b.dt) })
}

func (u *unit) isGiven(table string, dt bizday.Day) bool {
	return slices.ContainsFunc(u.given, func(b block) bool { return b.table == table && b.dt == dt })
}

// give writes what the case gives, and what it need not say: empty days, and that sources have every kind of event.
func (u *unit) give(ctx context.Context) error {
	for _, b := range u.given {
		table, there := u.project.Table(b.table)
		if !there {
			return errs.New(errs.Usage, fmt.Sprintf("%s: there is no table %q", b.at, b.table), "")
		}
		query, err := u.query(table, b, columnList(table.Columns))
		if err != nil {
			return err
		}
		if err := u.put(ctx, table, b.dt, query); err != nil {
			return errs.Wrap(errs.Usage, b.at, err)
		}
	}
	events, _ := u.project.Table(eventsTable)
	for _, day := range u.days {
		if _, there := u.store.File(eventsTable, day); !there {
			if err := u.put(ctx, events, day, events.Empty()); err != nil {
				return u.wrong(err)
			}
		}
	}
	catalogue, _ := u.project.Table("source_catalogue")
	for _, day := range u.store.Days(eventsTable) {
		if _, there := u.store.File(catalogue.Name, day); !there {
			if err := u.put(ctx, catalogue, day, everyKind(catalogue, day)); err != nil {
				return u.wrong(err)
			}
		}
	}
	return nil
}

func (u *unit) put(ctx context.Context, table warehouse.Table, dt bizday.Day, query string) error {
	path, err := u.store.StagePath(table, dt)
	if err != nil {
		return err
	}
	result, err := u.db.Conn().ExecContext(ctx, fmt.Sprintf("copy (%s) to %s (%s)", query, duck.Quote(path), fileOptions))
	if err != nil {
		return err
	}
	rows, err := result.RowsAffected()
	if err != nil {
		return err
	}
	_, err = u.store.Add(table, dt, rows, "given")
	return err
}

// everyKind has a source of every kind of event, for any env.
func everyKind(catalogue warehouse.Table, day bizday.Day) string {
	names := make([]string, 0, len(event.Kinds()))
	for _, kind := range event.Kinds() {
		names = append(names, duck.Quote(kind.String()))
	}
	return fmt.Sprintf("%s union all by name select date %s as dt, 'logs' as source, 'event' as kind, unnest([%s]) as name",
		catalogue.Empty(), duck.Quote(day.String()), strings.Join(names, ", "))
}

// needed returns the tasks that make what the case expects.
func (u *unit) needed(all []*task) []*task {
	isNeeded := map[*task]bool{}
	for _, t := range slices.Backward(all) {
		isNeeded[t] = slices.ContainsFunc(u.expected, func(b block) bool { return t.dt == b.dt && u.project.isReadFor(b.table, t.model.table.Name) })
		isNeeded[t] = isNeeded[t] && !u.isGiven(t.model.table.Name, t.dt)
	}
	for changed := true; changed; {
		changed = false
		for _, t := range slices.Backward(all) {
			isRead := slices.ContainsFunc(t.next, func(reader *task) bool { return isNeeded[reader] })
			if isRead && !isNeeded[t] && !u.isGiven(t.model.table.Name, t.dt) {
				isNeeded[t], changed = true, true
			}
		}
	}
	isLeftOut := func(t *task) bool { return !isNeeded[t] }
	for _, t := range all {
		if isLeftOut(t) {
			for _, reader := range t.next {
				reader.waits.Add(-1) // its file is given
			}
		}
		t.next = slices.DeleteFunc(t.next, isLeftOut)
	}
	return slices.DeleteFunc(all, isLeftOut)
}

// isReadFor says whether a model has to be there to see a table or view.
func (p *Project) isReadFor(seen, name string) bool {
	view := p.views[seen]
	return seen == name || view != nil && slices.ContainsFunc(view.files, func(in fileInput) bool { return in.table == name })
}

// compare returns what a table or view has otherwise than a block expects, "" if nothing.
func (u *unit) compare(ctx context.Context, r *runner, b block) (fault string, err error) {
	expected, there := u.project.Table(b.table)
	if !there {
		return "", errs.New(errs.Usage, fmt.Sprintf("%s: there is no table %q", b.at, b.table), "")
	}
	var visible, conditions []string
	for _, name := range b.columns {
		column, err := columnOf(expected, name, b)
		if err != nil {
			return "", err
		}
		visible = append(visible, readable(column))
	}
	for _, condition := range b.where {
		name, value, _ := strings.Cut(condition, "=")
		column, err := columnOf(expected, name, b)
		if err != nil {
			return "", err
		}
		var literals []string
		for _, alternative := range strings.Split(value, "|") {
			literal, err := u.literal(column, alternative, b)
			if err != nil {
				return "", err
			}
			literals = append(literals, literal)
		}
		conditions = append(conditions, name+" in ("+strings.Join(literals, ", ")+")")
	}
	result, err := u.result(ctx, r, b)
	if err != nil {
		return "", err
	}
	got, err := u.texts(ctx, fmt.Sprintf("select %s from (%s) where %s order by %s", strings.Join(visible, ", "), result,
		strings.Join(append(conditions, "true"), " and "), strings.Join(u.project.contract(b.table).Key, ", ")))
	if err != nil {
		return "", errs.Wrap(errs.Usage, b.at, err)
	}
	query, err := u.query(expected, b, strings.Join(visible, ", "))
	if err != nil {
		return "", err
	}
	want, err := u.texts(ctx, query)
	if err != nil {
		return "", errs.Wrap(errs.Usage, b.at, err)
	}
	if slices.EqualFunc(got, want, func(g, w []string) bool { return slices.EqualFunc(g, w, sameText) }) {
		return "", nil
	}
	return fmt.Sprintf("%s: %s of %s\ngot\n%swant\n%s", b.at, b.table, b.dt, layout(b.columns, got), layout(b.columns, want)), nil
}

// result returns the query of what a table or view has on a day.
func (u *unit) result(ctx context.Context, r *runner, b block) (string, error) {
	if view := r.project.views[b.table]; view != nil {
		text, args := r.bind(&view.query, b.dt).sql(r.store.ReadPath, r.options.Params)
		if err := r.first().exec(ctx, "create or replace temp table result as "+text, args...); err != nil {
			return "", errs.Wrap(errs.Usage, b.at, err)
		}
		return "select * from result", nil
	}
	f, there := r.store.File(b.table, b.dt)
	if !there {
		return "", errs.New(errs.Usage, fmt.Sprintf("%s: %s has no file of %s", b.at, b.table, b.dt), "say that the day is extracted: give events of it, or name it under days")
	}
	return "select * from read_parquet([" + duck.Quote(r.store.ReadPath(f)) + "])", nil
}

// sameText takes numbers within 1e-9 of each other as equal, as docs/definitions.md does for doubles.
func sameText(got, want string) bool {
	if got == want {
		return true
	}
	g, err := strconv.ParseFloat(got, 64)
	if err != nil {
		return false
	}
	w, err := strconv.ParseFloat(want, 64)
	return err == nil && math.Abs(g-w) <= 1e-9*math.Abs(w)
}
