package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// recorder reads what a model read on a day.
type recorder struct {
	session
	want  Recording
	model *model
	users int // that were found
}

// source is a table of a day that the model reads; without a file it is empty.
type source struct {
	table warehouse.Table
	dt    bizday.Day
	path  string
}

// sources returns what a case has to give, each once. A table of a model without a file is among them, or the case would build it.
func (rec *recorder) sources() (all []source) {
	days := rec.days()
	for _, in := range rec.model.files {
		table := rec.project.contract(in.table).table
		for _, day := range rec.picked(in) {
			_, isExtracted := slices.BinarySearch(days, day)
			s := source{table: table, dt: day}
			f, exists := rec.store.File(in.table, day)
			if exists {
				s.path = rec.store.ReadPath(f)
			}
			isGiven := exists || isExtracted && rec.project.isFilled(in.table)
			if isGiven && !slices.ContainsFunc(all, func(other source) bool { return other.table.Name == in.table && other.dt == day }) {
				all = append(all, s)
			}
		}
	}
	return all
}

func (rec *recorder) picked(in fileInput) []bizday.Day {
	return in.picker.pick(rec.want.Dt, rec.known(), rec.extracted)
}

func (rec *recorder) known() bizday.Day {
	return knownUntil(rec.want.Dt, rec.model.window, rec.extracted, rec.options.Zone)
}

// days returns the extracted days that the model knows of: over these alone it reads the same files.
func (rec *recorder) days() []bizday.Day {
	days := calendarOf(rec.bind(&rec.model.query, rec.want.Dt))
	for day := rec.want.Dt; day <= rec.known(); day++ {
		days = append(days, day)
	}
	for _, in := range rec.model.files {
		days = append(days, rec.picked(in)...)
	}
	slices.Sort(days)
	return slices.DeleteFunc(slices.Compact(days), func(day bizday.Day) bool {
		_, isExtracted := slices.BinarySearch(rec.extracted, day)
		return !isExtracted
	})
}

func calendarOf(b binding) []bizday.Day {
	days := slices.Clone(b.calendar)
	for _, in := range b.inputs {
		if in.view != nil {
			days = append(days, calendarOf(*in.view)...)
		}
	}
	return days
}

// given returns the rows of each source as a block.
func (rec *recorder) given(ctx context.Context) ([]block, error) {
	sources := rec.sources()
	users, err := rec.chooseUsers(ctx, sources)
	if err != nil {
		return nil, err
	}
	rec.users = len(users)
	names := newNamer()
	blocks := make([]block, len(sources))
	for i, s := range sources {
		blocks[i] = block{at: rec.model.table.Name, table: s.table.Name, dt: s.dt}
		if s.path == "" {
			continue
		}
		rows, err := rec.rows(ctx, s, users)
		if err != nil {
			return nil, err
		}
		blocks[i].columns, blocks[i].rows = rec.columns(s.table), rows
		names.note(s.table, blocks[i])
	}
	for i, s := range sources {
		names.rename(s.table, blocks[i])
		blocks[i].leaveOutNulls()
	}
	return blocks, nil
}

// chooseUsers returns the keys, in hex, of the users of whom most sources say something, the first by user_key among equals.
func (rec *recorder) chooseUsers(ctx context.Context, sources []source) (keys []string, err error) {
	var mentions []string
	for _, s := range sources {
		if s.path != "" && hasUsers(s.table) {
			mentions = append(mentions, "select distinct user_key from "+s.from()+" where user_key is not null and "+rec.condition(s.table))
		}
	}
	if len(mentions) == 0 {
		return nil, nil
	}
	err = rec.each(ctx, fmt.Sprintf("select hex(user_key) from (%s) group by user_key order by count(*) desc, user_key limit %d",
		strings.Join(mentions, " union all "), rec.want.Users), func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		keys = append(keys, duck.Quote(key))
		return err
	})
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "record: choose users", err)
	}
	return keys, nil
}

// rows returns what is given of a source, as texts, in the order of its columns.
func (rec *recorder) rows(ctx context.Context, s source, users []string) (rows [][]string, err error) {
	columns := rec.columns(s.table)
	ofNobody, ofUsers := "true", "false"
	if hasUsers(s.table) {
		ofNobody, ofUsers = "user_key is null", "hex(user_key) in ("+strings.Join(slices.Concat(users, []string{"''"}), ", ")+")"
	}
	from := " from " + s.from() + " where " + rec.condition(s.table)
	var n int
	count := func(rows *sql.Rows) error { return rows.Scan(&n) }
	if err := rec.each(ctx, "select count(*)"+from+" and "+ofNobody, count); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "record: read "+s.table.Name, err)
	}
	if n > rec.want.Rows {
		return nil, errs.New(errs.Usage, fmt.Sprintf("record %s of %s: %s of %s has %d rows of no user, and a case takes %d", rec.want.Model, rec.want.Dt, s.table.Name, s.dt, n, rec.want.Rows),
			fmt.Sprintf("narrow with --env, or allow more with --rows %d", n))
	}
	texts := make([]string, len(columns))
	for i, name := range columns {
		column, err := columnOf(s.table, name, block{})
		if err != nil {
			return nil, err
		}
		texts[i] = exactText(column)
	}
	cells := make([]sql.NullString, len(columns))
	err = rec.each(ctx, "select "+strings.Join(texts, ", ")+from+" and ("+ofNobody+" or "+ofUsers+") order by "+strings.Join(columns, ", "), func(found *sql.Rows) error {
		targets := make([]any, len(cells))
		for i := range cells {
			targets[i] = &cells[i]
		}
		if err := found.Scan(targets...); err != nil {
			return err
		}
		row := make([]string, len(cells))
		for i, cell := range cells {
			row[i] = nullText
			if cell.Valid {
				row[i] = "=" + cell.String
			}
		}
		rows = append(rows, row)
		return nil
	})
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "record: read "+s.table.Name, err)
	}
	return rows, nil
}

// columns returns those of a table that the model names, besides the user; dt is said by the block. It may name all by a star.
func (rec *recorder) columns(table warehouse.Table) []string {
	all := withoutDt(table)
	words := rec.project.words(&rec.model.query)
	named := slices.DeleteFunc(slices.Clone(all), func(name string) bool { return !words[name] && name != "user_key" })
	switch {
	case words[everyColumn]:
		return all
	case len(named) == 0:
		return all[:1] // rows are to be counted
	}
	return named
}

// exactText is a column as a text from which nothing is lost and whose byte order, of keys and ids, is that of the column.
func exactText(column warehouse.Column) string {
	switch column.Type {
	case "BLOB":
		return "hex(" + column.Name + ")"
	case "TIMESTAMP":
		return "replace(" + column.Name + "::varchar, ' ', 'T')"
	default:
		return column.Name + "::varchar"
	}
}

// condition is which rows of a table are looked at: of the env, or of any; of events the kinds that the model names.
func (rec *recorder) condition(table warehouse.Table) string {
	conditions := []string{"true"}
	if rec.want.Env != "" && slices.Contains(withoutDt(table), "env") {
		conditions = append(conditions, "(env is null or env = "+duck.Quote(rec.want.Env)+")")
	}
	if kinds, areNamed := rec.project.kindsOf(&rec.model.query); table.Name == eventsTable && areNamed {
		quoted := make([]string, len(kinds))
		for i, kind := range kinds {
			quoted[i] = duck.Quote(kind)
		}
		conditions = append(conditions, "event in ("+strings.Join(quoted, ", ")+")")
	}
	return strings.Join(conditions, " and ")
}

func (s source) from() string {
	return "read_parquet([" + duck.Quote(s.path) + "], hive_partitioning = false)"
}

func hasUsers(table warehouse.Table) bool {
	return slices.ContainsFunc(table.Columns, func(c warehouse.Column) bool { return c.Name == "user_key" })
}
