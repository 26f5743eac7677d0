package transform

import (
	"context"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/warehouse"
)

// The cases of sql/models/*.test and testdata/metrics/*.test, whose form is in sql/README.md, through the real runner.
func TestCases(t *testing.T) {
	p, db := project(t), engine(t, 1)
	metrics := os.DirFS("../testdata/metrics")
	for _, from := range []struct {
		fsys    fs.FS
		pattern string
	}{{sql.FS, "models/*.test"}, {metrics, "*.test"}} {
		files := glob(from.fsys, from.pattern)
		if len(files) == 0 {
			t.Errorf("no case matches %s", from.pattern)
		}
		for _, file := range files {
			text, err := fs.ReadFile(from.fsys, file)
			if err != nil {
				t.Fatal(err)
			}
			cases, err := parseCases(file, string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cases {
				t.Run(strings.TrimSuffix(strings.TrimPrefix(file, "models/"), ".test")+"/"+c.name, func(t *testing.T) { c.run(t, p, db) })
			}
		}
	}
}

// A model without a case is a model that nobody has explained.
func TestEveryModelHasACase(t *testing.T) {
	p := project(t)
	for _, m := range slices.AppendSeq(slices.Clone(p.models), maps.Values(p.views)) {
		if _, err := fs.Stat(sql.FS, strings.TrimSuffix(m.file, ".yaml")+".test"); err != nil {
			t.Errorf("write %s.test beside %s", m.table.Name, m.file)
		}
	}
}

type testCase struct {
	name, rule, zone string
	params           Params
	days             []bizday.Day
	given, expected  []block
}

// block is rows of a table on a day; the first line names the columns.
type block struct {
	at      string // file:line
	table   string
	dt      bizday.Day
	where   []string // COLUMN=VALUE
	columns []string
	rows    [][]string
}

func parseCases(file, text string) ([]*testCase, error) {
	var cases []*testCase
	var rows *block
	for i, line := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", file, i+1)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
			continue
		case line[0] == ' ' && rows != nil && rows.columns == nil:
			rows.columns = words
			continue
		case line[0] == ' ' && rows != nil && len(words) == len(rows.columns):
			rows.rows = append(rows.rows, words)
			continue
		case line[0] == ' ':
			return nil, fmt.Errorf("%s: not a row of a block", at)
		}
		rows = nil
		argument := strings.TrimSpace(strings.TrimPrefix(line, words[0]))
		if words[0] == "case" {
			cases = append(cases, &testCase{name: argument, zone: "Asia/Seoul", params: Params{K: 1, RetireAfter: 90, DiamondTarget: 500_000}})
			continue
		}
		if len(cases) == 0 {
			return nil, fmt.Errorf("%s: the first word is case", at)
		}
		c := cases[len(cases)-1]
		var err error
		switch words[0] {
		case "rule":
			c.rule = argument
		case "zone":
			c.zone = argument
		case "k":
			c.params.K, err = strconv.Atoi(argument)
		case "retire_after":
			c.params.RetireAfter, err = strconv.Atoi(argument)
		case "diamond_target":
			c.params.DiamondTarget, err = strconv.ParseInt(argument, 10, 64)
		case "days":
			c.days, err = parseDayList(words[1:])
		case "given", "expect":
			var b block
			if b, err = parseBlock(at, words[1:]); err != nil {
				break
			}
			list := &c.given
			if words[0] == "expect" {
				list = &c.expected
			}
			*list = append(*list, b)
			rows = &(*list)[len(*list)-1]
		default:
			err = fmt.Errorf("unknown word %q", words[0])
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	for _, c := range cases {
		if c.rule == "" || len(c.expected) == 0 {
			return nil, fmt.Errorf("%s: case %q says no rule or expects nothing", file, c.name)
		}
	}
	return cases, nil
}

func parseBlock(at string, words []string) (block, error) {
	if len(words) < 2 || len(words) > 2 && words[2] != "where" {
		return block{}, fmt.Errorf("a block begins with TABLE DAY [where COLUMN=VALUE ...]")
	}
	dt, err := bizday.Parse(words[1])
	return block{at: at, table: words[0], dt: dt, where: words[min(3, len(words)):]}, err
}

func parseDayList(words []string) (days []bizday.Day, err error) {
	for _, word := range words {
		first, last, isSpan := strings.Cut(word, "..")
		if !isSpan {
			last = first
		}
		from, err := bizday.Parse(first)
		if err != nil {
			return nil, err
		}
		to, err := bizday.Parse(last)
		if err != nil {
			return nil, err
		}
		for day := from; day <= to; day++ {
			days = append(days, day)
		}
	}
	return days, nil
}

func (c *testCase) run(t *testing.T, p *Project, db *duck.DB) {
	store := newFolder(t.TempDir())
	o := options(t, db)
	o.Params, o.Zone = c.params, zone(t, c.zone)
	isGiven := map[string]bool{}
	for _, b := range c.given {
		given := table(t, p, b.table)
		isGiven[b.table] = true
		store.put(t, db, given, b.dt, c.query(t, given, b, columnList(given.Columns)))
	}
	for _, day := range c.days {
		if _, ok := store.File(eventsTable, day); !ok {
			events := table(t, p, eventsTable)
			store.put(t, db, events, day, events.Empty())
		}
	}
	catalogue := table(t, p, "source_catalogue")
	for _, day := range store.Days(eventsTable) {
		if _, ok := store.File(catalogue.Name, day); !ok {
			store.put(t, db, catalogue, day, everyKind(catalogue, day))
		}
	}
	asked := *p
	asked.models = slices.DeleteFunc(slices.Clone(p.models), func(m *model) bool { return isGiven[m.table.Name] })
	r, err := newRunner(context.Background(), store, &asked, o)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.buildAll(context.Background(), c.needed(p, r.tasks())); err != nil {
		t.Fatal(err)
	}
	for _, b := range c.expected {
		c.compare(t, r, b)
	}
}

// needed returns the tasks that make what the case expects.
func (c *testCase) needed(p *Project, all []*task) []*task {
	isNeeded := map[*task]bool{}
	for _, t := range slices.Backward(all) {
		isNeeded[t] = slices.ContainsFunc(c.expected, func(b block) bool { return t.dt == b.dt && isReadFor(p, b.table, t.model.table.Name) })
	}
	for changed := true; changed; {
		changed = false
		for _, t := range slices.Backward(all) {
			if !isNeeded[t] && slices.ContainsFunc(t.next, func(reader *task) bool { return isNeeded[reader] }) {
				isNeeded[t], changed = true, true
			}
		}
	}
	isLeftOut := func(t *task) bool { return !isNeeded[t] }
	for _, t := range all {
		t.next = slices.DeleteFunc(t.next, isLeftOut)
	}
	return slices.DeleteFunc(all, isLeftOut)
}

// isReadFor says whether a model has to be there to see a table or view.
func isReadFor(p *Project, seen, name string) bool {
	view := p.views[seen]
	return seen == name || view != nil && slices.ContainsFunc(view.files, func(in fileInput) bool { return in.table == name })
}

// result returns the query of what a table or view has on a day.
func (r *runner) result(t *testing.T, b block) string {
	t.Helper()
	if view := r.project.views[b.table]; view != nil {
		text, args := r.bind(&view.query, b.dt).sql(r.store.ReadPath, r.options.Params)
		if err := r.first().exec(context.Background(), "create or replace temp table result as "+text, args...); err != nil {
			t.Fatal(err)
		}
		return "select * from result"
	}
	f, ok := r.store.File(b.table, b.dt)
	if !ok {
		t.Fatalf("%s: %s has no file of %s: say that the day is extracted", b.at, b.table, b.dt)
	}
	return "select * from read_parquet([" + duck.Quote(r.store.ReadPath(f)) + "])"
}

func (c *testCase) compare(t *testing.T, r *runner, b block) {
	t.Helper()
	p, db := r.project, r.options.DB
	expected := table(t, p, b.table)
	var visible, conditions []string
	for _, name := range b.columns {
		visible = append(visible, readable(columnNamed(t, expected, name)))
	}
	for _, condition := range b.where {
		name, value, _ := strings.Cut(condition, "=")
		var literals []string
		for _, alternative := range strings.Split(value, "|") {
			literals = append(literals, c.literal(t, columnNamed(t, expected, name), alternative, b))
		}
		conditions = append(conditions, name+" in ("+strings.Join(literals, ", ")+")")
	}
	where := strings.Join(append(conditions, "true"), " and ")
	got := texts(t, db, fmt.Sprintf("select %s from (%s) where %s order by %s",
		strings.Join(visible, ", "), r.result(t, b), where, strings.Join(p.contract(b.table).Key, ", ")))
	want := texts(t, db, c.query(t, expected, b, strings.Join(visible, ", ")))
	if !slices.EqualFunc(got, want, func(g, w []string) bool { return slices.EqualFunc(g, w, sameText) }) {
		t.Errorf("%s: %s of %s\ngot\n%swant\n%s", b.at, b.table, b.dt, layout(b.columns, got), layout(b.columns, want))
	}
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

func layout(columns []string, rows [][]string) string {
	text := "  " + strings.Join(columns, "  ") + "\n"
	for _, row := range rows {
		text += "  " + strings.Join(row, "  ") + "\n"
	}
	return text
}

// query returns the block's rows as a query: all columns of the table are there, NULL where the block does not name them.
func (c *testCase) query(t *testing.T, of warehouse.Table, b block, selected string) string {
	t.Helper()
	rows := []string{of.Empty()}
	for _, row := range b.rows {
		var cells []string
		for _, column := range of.Columns {
			text := "NULL"
			if column.Name == "dt" {
				text = b.dt.String()
			}
			if i := slices.Index(b.columns, column.Name); i >= 0 {
				text = row[i]
			}
			cells = append(cells, c.literal(t, column, text, b)+" as "+column.Name)
		}
		rows = append(rows, "select "+strings.Join(cells, ", "))
	}
	for _, name := range b.columns {
		columnNamed(t, of, name)
	}
	return "select " + selected + " from (" + strings.Join(rows, " union all ") + ")"
}

func columnNamed(t *testing.T, of warehouse.Table, name string) warehouse.Column {
	t.Helper()
	for _, column := range of.Columns {
		if column.Name == name {
			return column
		}
	}
	t.Fatalf("table %s has no column %q", of.Name, name)
	return warehouse.Column{}
}

// literal returns a cell as SQL. A clock such as 10:00 is local time on the block's day; names stand for keys and ids.
func (c *testCase) literal(t *testing.T, column warehouse.Column, text string, b block) string {
	t.Helper()
	switch {
	case text == "NULL":
		return "null::" + column.Type
	case column.Type == "BLOB":
		return "unhex('" + hex.EncodeToString(padded(text)) + "')"
	case column.Type == "UUID":
		return duck.Quote(hex.EncodeToString(padded(text))) + "::uuid"
	case column.Type == "TIMESTAMP" && strings.Count(text, "-") == 0:
		location, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		local, err := time.ParseInLocation("2006-01-02 15:04:05.999999", b.dt.String()+" "+(text + ":00")[:max(len(text), 8)], location)
		if err != nil {
			t.Fatalf("%s: %v", b.at, err)
		}
		return fmt.Sprintf("make_timestamp(%d)", local.UnixMicro())
	default:
		return duck.Quote(text) + "::" + column.Type
	}
}

func padded(name string) []byte { return append([]byte(name), make([]byte, 16-len(name))...) }

// readable is a column as text; keys and ids come out as the names that they were made of.
func readable(column warehouse.Column) string {
	switch column.Type {
	case "BLOB":
		return `replace(` + column.Name + `::varchar, '\x00', '')`
	case "UUID":
		return `replace(unhex(replace(` + column.Name + `::varchar, '-', ''))::varchar, '\x00', '')`
	default:
		return column.Name + "::varchar"
	}
}
