package transform

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// Recording says of which published rows a case is made.
type Recording struct {
	Model string // or view
	Dt    bizday.Day
	Env   string // whose rows alone; "": of every env
	Users int    // whose rows are given
	Rows  int    // of nobody, that a table may give on a day

	Scratch *duck.DB // that may write into Dir, an empty folder
	Dir     string
}

// Record returns a case, as the text of a .test file, that gives a model or view the rows of a few users as it read them on a day,
// and expects what it makes of them. Users are those of whom most of the files that are read say something, the first by
// user_key among them; rows of nobody are given whole. It gives the columns that the SQL names, and of events the kinds, if it names
// any.
// Keys, ids and words from outside are replaced by names (namer); small groups are not hidden, since k is 1.
// The case was run before it is returned. Errors of class Usage: no such model or day, more than Rows rows of nobody.
func Record(ctx context.Context, files PublishedFiles, p *Project, o Options, want Recording) (string, error) {
	m := p.modelOrView(want.Model)
	if m == nil {
		return "", errs.New(errs.Usage, fmt.Sprintf("record: %q is no model and no view", want.Model), `"vaultreport models list" shows them`)
	}
	r, err := newRunner(ctx, filesOnly{files}, p, o)
	if err != nil {
		return "", err
	}
	if _, isExtracted := slices.BinarySearch(r.extracted, want.Dt); !isExtracted {
		return "", errs.New(errs.Usage, fmt.Sprintf("record %s of %s: the day is not published", want.Model, want.Dt), `"vaultreport runs list" shows which days are`)
	}
	rec := recorder{session: r.first(), want: want, model: m}
	given, err := rec.given(ctx)
	if err != nil {
		return "", err
	}
	table, _ := p.Table(want.Model)
	c := newUnitCase()
	c.File, c.Line, c.Model, c.zone = want.Model+".test", 1, want.Model, o.Zone.Name()
	c.Name = rec.caseName()
	c.Rule = p.ruleOf(m.contract)
	c.days, c.given = rec.days(), given
	c.expected = []block{{at: want.Model, table: want.Model, dt: want.Dt, columns: withoutDt(table)}}
	for _, name := range rec.bind(&m.query, want.Dt).parameters() {
		switch name {
		case "retire_after":
			c.params.RetireAfter = o.Params.RetireAfter
		case "diamond_target":
			c.params.DiamondTarget = o.Params.DiamondTarget
		}
	}
	note, err := p.expect(ctx, &c, want)
	if err != nil {
		return "", err
	}
	text := c.text() + note
	return text, p.mustPass(ctx, text, want)
}

func (p *Project) modelOrView(name string) *model {
	if view := p.views[name]; view != nil {
		return view
	}
	if i := slices.IndexFunc(p.models, func(m *model) bool { return m.table.Name == name }); i >= 0 {
		return p.models[i]
	}
	return nil
}

// ruleOf returns what a model's SQL names as its source.
func (p *Project) ruleOf(c *contract) string {
	if text, err := p.source(p.files, c); err == nil {
		for line := range strings.Lines(text) {
			if source, ok := strings.CutPrefix(line, "-- source: "); ok {
				return strings.TrimSpace(source)
			}
		}
	}
	return "recorded: say here which sentence of its definition the case shows"
}

// expect sets what comes out, and returns a comment about the columns that a case cannot say.
func (p *Project) expect(ctx context.Context, c *UnitCase, want Recording) (note string, err error) {
	dir, err := folderIn(want.Dir, "made")
	if err != nil {
		return "", err
	}
	u, r, err := p.play(ctx, *c, want.Scratch, dir)
	if err != nil {
		return "", err
	}
	b := &c.expected[0]
	result, err := u.result(ctx, r, *b)
	if err != nil {
		return "", err
	}
	table, _ := p.Table(b.table)
	shown := make([]string, len(b.columns))
	for i, name := range b.columns {
		column, err := columnOf(table, name, *b)
		if err != nil {
			return "", err
		}
		shown[i] = readable(column)
		if column.Type == "TIMESTAMP" {
			shown[i] = "replace(" + shown[i] + ", ' ', 'T')"
		}
	}
	b.rows, err = u.texts(ctx, fmt.Sprintf("select %s from (%s) order by %s", strings.Join(shown, ", "), result, strings.Join(p.contract(b.table).Key, ", ")))
	if err != nil {
		return "", errs.Wrap(errs.Unexpected, "record "+b.table, err)
	}
	for i := len(b.columns) - 1; i >= 0; i-- {
		if slices.ContainsFunc(b.rows, func(row []string) bool { return len(strings.Fields(row[i])) != 1 }) {
			note += fmt.Sprintf("# %s is left out: cells have no blanks\n", b.columns[i])
			b.leaveOut(i)
		}
	}
	return note, nil
}

// mustPass runs the case from its text.
func (p *Project) mustPass(ctx context.Context, text string, want Recording) error {
	dir, err := folderIn(want.Dir, "again")
	if err != nil {
		return err
	}
	cases, err := parseCases(want.Model+".test", want.Model, text)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "record "+want.Model, err)
	}
	faults, err := p.RunUnit(ctx, cases[0], want.Scratch, dir)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "record "+want.Model, err)
	}
	if len(faults) > 0 {
		return errs.New(errs.Unexpected, fmt.Sprintf("record %s of %s: what comes out cannot be said as a case", want.Model, want.Dt), "try another day, or another --env")
	}
	return nil
}

func folderIn(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	if err := os.Mkdir(path, 0o750); err != nil {
		return "", errs.Wrap(errs.Unexpected, "record: make a folder", err)
	}
	return path, nil
}

func withoutDt(table warehouse.Table) (names []string) {
	for _, column := range table.Columns {
		if column.Name != "dt" {
			names = append(names, column.Name)
		}
	}
	return names
}

func (rec *recorder) caseName() string {
	switch rec.users {
	case 0:
		return fmt.Sprintf("what %s makes of the rows of %s", rec.want.Model, rec.want.Dt)
	case 1:
		return fmt.Sprintf("what %s makes of the rows of 1 user of %s", rec.want.Model, rec.want.Dt)
	}
	return fmt.Sprintf("what %s makes of the rows of %d users of %s", rec.want.Model, rec.users, rec.want.Dt)
}

// everyColumn is a word of a query that has "select *" somewhere.
const everyColumn = "select *"

// words returns the tokens of a query and of the views that it reads, in lower case.
func (p *Project) words(q *query) map[string]bool {
	words := map[string]bool{}
	before := ""
	for _, token := range q.statement.tokens {
		token = strings.ToLower(token)
		words[token] = true
		if token == "*" && slices.Contains([]string{"select", ",", "."}, before) {
			words[everyColumn] = true
		}
		before = token
	}
	for _, in := range q.Inputs {
		if view := p.views[in.Table]; view != nil {
			maps.Copy(words, p.words(&view.query))
		}
	}
	return words
}

// kindsOf returns the kinds of events that a query names, itself or through views; areNamed is false if one of them reads
// events and names none.
func (p *Project) kindsOf(q *query) (kinds []string, areNamed bool) {
	areNamed = true
	for _, in := range q.Inputs {
		var found []string
		switch view := p.views[in.Table]; {
		case view != nil:
			var ofView bool
			found, ofView = p.kindsOf(&view.query)
			areNamed = areNamed && ofView
		case in.Table == eventsTable:
			for _, kind := range event.Kinds() {
				if slices.Contains(q.statement.tokens, duck.Quote(kind.String())) {
					found = append(found, kind.String())
				}
			}
			areNamed = areNamed && len(found) > 0
		}
		kinds = append(kinds, found...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), areNamed
}
