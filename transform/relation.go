package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// reference says that every value of a column stands in a column of another table, on the same day.
type reference struct {
	Table  string `yaml:"table"`
	Column string `yaml:"column"`
}

func (ref reference) String() string { return ref.Table + "." + ref.Column }

// relation is the test that a reference holds. It is not among the tests of single rows: those of one table are asked all at
// once, and a table without references pays nothing for the others'.
type relation struct {
	dataTest
	column string
	to     reference
}

func (c *contract) relations() (all []relation) {
	for _, column := range c.Columns {
		if column.References == nil {
			continue
		}
		here, there := c.table.Name+"."+column.Name, column.References.String()
		test := dataTest{severity: column.severity, name: "relation of " + column.Name + " to " + there, offends: fmt.Sprintf(
			"%s is not null and %s not in (select %s from %s where %s.dt = %s.dt and %s is not null)",
			here, here, there, column.References.Table, column.References.Table, c.table.Name, there)}
		all = append(all, relation{test, column.Name, *column.References})
	}
	return all
}

// checkReferences checks that a contract's references are to columns that there are, of the same type, in files that are there
// when a run compares them.
func (p *Project) checkReferences(c *contract) error {
	wrong := func(column, format string, args ...any) error {
		return errs.New(errs.Usage, fmt.Sprintf("%s:%d: column %s: references %s", c.file, c.lineOf("columns", column), column, fmt.Sprintf(format, args...)), "name a column of a table that extraction or a model fills")
	}
	isCompared := func(c *contract) bool { return !c.View && (c.WrittenBy == "" || c.WrittenBy == "extraction") }
	for _, referring := range c.Columns {
		ref := referring.References
		if ref == nil {
			continue
		}
		if !isCompared(c) {
			return wrong(referring.Name, "are for tables that extraction or a model fills")
		}
		other := p.contract(ref.Table)
		if other == nil || other == c || !isCompared(other) {
			return wrong(referring.Name, "%s: no other table %q with files", ref, ref.Table)
		}
		switch i := slices.IndexFunc(other.Columns, func(c column) bool { return c.Name == ref.Column }); {
		case i < 0:
			return wrong(referring.Name, "%s: no such column", ref)
		case other.Columns[i].Type != referring.Type:
			return wrong(referring.Name, "%s: its type is %s, not %s", ref, other.Columns[i].Type, referring.Type)
		}
	}
	return nil
}

// relationFindings returns how many rows of each of these days have a value that does not stand where the relation says.
func (s session) relationFindings(ctx context.Context, c *contract, rel relation, days []bizday.Day) (found []finding, err error) {
	var args []any
	source := func(table, as string) string {
		var paths []string
		for _, dt := range days {
			if f, exists := s.store.File(table, dt); exists {
				paths = append(paths, s.store.ReadPath(f))
			}
		}
		if len(paths) == 0 {
			return "(" + s.project.contract(table).table.Empty() + ")"
		}
		args = append(args, sql.Named(as, paths))
		return "read_parquet($" + as + ", hive_partitioning = false)"
	}
	text := fmt.Sprintf(`
		select here.dt::varchar, count(*)
		from %s as here
		anti join %s as there on here.dt = there.dt and here.%s = there.%s
		where here.%s is not null
		group by here.dt`, source(c.table.Name, "files"), source(rel.to.Table, "others"), rel.column, rel.to.Column, rel.column)
	err = s.each(ctx, text, func(rows *sql.Rows) error {
		f := finding{test: rel.dataTest}
		if err := rows.Scan(&f.dt, &f.rows); err != nil {
			return err
		}
		found = append(found, f)
		return nil
	}, args...)
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "test "+c.table.Name, err)
	}
	slices.SortFunc(found, func(a, b finding) int { return strings.Compare(a.dt, b.dt) })
	return found, nil
}

// checkRelations compares the days on which a file of either side may be another one than before.
func (r *runner) checkRelations(ctx context.Context) error {
	var changed map[place]bool
	for _, c := range r.project.contracts {
		for _, rel := range c.relations() {
			if changed == nil {
				changed = r.changed()
			}
			days := slices.DeleteFunc(r.built.days(), func(dt bizday.Day) bool {
				return !r.mayDiffer(c.table.Name, dt, changed) && !r.mayDiffer(rel.to.Table, dt, changed)
			})
			if err := r.checkRelation(ctx, c, rel, days); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayDiffer says whether a file may be another one than before: extraction does not tell of what no model reads.
func (r *runner) mayDiffer(table string, dt bizday.Day, changed map[place]bool) bool {
	return changed[place{table, dt}] || !r.project.isFilled(table) && !r.project.isReadOnItsDay(table)
}

func (r *runner) checkRelation(ctx context.Context, c *contract, rel relation, days []bizday.Day) error {
	for _, some := range r.daysOfOneTest(days) {
		found, err := r.first().relationFindings(ctx, c, rel, some)
		if err != nil {
			return err
		}
		for _, f := range found {
			switch f.state() {
			case TestFailed:
				return errs.New(errs.Gate, "check "+c.table.Name+" of "+f.String(), "make "+c.file+" and the two tables agree; nothing of this run is published")
			case TestWarned:
				f.warn(r.options.Log, c.table.Name)
			}
		}
	}
	return nil
}
