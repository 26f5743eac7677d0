package transform

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
	"vaultreport/transform/catalogue"
	"vaultreport/warehouse"
)

// Project is every table of the warehouse, the models in an order in which they can be built, and the invariants.
type Project struct {
	contracts  []*contract
	models     []*model          // that fill files
	views      map[string]*model // that other models read as if they had, by name
	invariants []*query
	files      fs.FS
	metrics    catalogue.Catalogue // of the shipped models
	added      catalogue.Catalogue // of an analyst's project
}

// query is SQL with what it reads.
type query struct {
	*contract
	statement statement
	digest    string   // of what decides its result besides the content of its files: the views that it reads are part of it
	pickers   []picker // of the inputs
	calendar  *span
	window    time.Duration // 0 without one
}

// model is a query that fills its contract's table.
type model struct {
	query
	files []fileInput // in the order in which they are read
}

// fileInput is a table whose files a model reads, itself or through a view.
type fileInput struct {
	table  string
	days   string
	picker picker
}

// Load reads lake/*.yaml, models/*.yaml with their SQL, and tests/*.yaml with theirs. Every error is of class Usage and
// names the file; all faulty files are reported at once.
func Load(fsys fs.FS) (*Project, error) {
	p := &Project{files: fsys, views: map[string]*model{}}
	var faults []error
	collect := func(err error) bool {
		faults = append(faults, err)
		return err == nil
	}
	for _, file := range contractFiles(fsys) {
		if c, err := loadContract(fsys, file); collect(err) {
			p.contracts = append(p.contracts, c)
		}
	}
	withContract := glob(fsys, "*/*.yaml")
	for _, file := range glob(fsys, "*/*.sql") {
		if !slices.Contains(withContract, contractFile(file)) {
			collect(errs.New(errs.Usage, fmt.Sprintf("%s has no contract", file), "write "+contractFile(file)))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for _, c := range p.contracts {
		collect(p.adoptShape(c))
		collect(p.checkMadeOf(c))
	}
	for _, c := range p.contracts {
		collect(p.checkReferences(c))
	}
	collect(p.checkLocks(fsys))
	collect(p.loadMetrics(fsys))
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	for _, c := range p.contracts {
		switch m, err := p.loadModel(fsys, c); {
		case !collect(err) || m == nil:
		case c.View:
			p.views[c.table.Name] = m
		default:
			p.models = append(p.models, m)
		}
	}
	for _, file := range glob(fsys, "tests/*.yaml") {
		c, err := loadContract(fsys, file)
		if !collect(err) {
			continue
		}
		if q, err := p.loadQuery(fsys, c); collect(err) {
			p.invariants = append(p.invariants, q)
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if err := p.sortModels(); err != nil {
		return nil, err
	}
	if err := p.checkLaterDays(); err != nil {
		return nil, err
	}
	slices.SortFunc(p.contracts, func(a, b *contract) int {
		return cmp.Or(cmp.Compare(a.table.Dir, b.table.Dir), cmp.Compare(a.table.Name, b.table.Name))
	})
	return p, nil
}

// adoptShape gives a contract that is like another one its grain, key and columns.
func (p *Project) adoptShape(c *contract) error {
	if c.Like == "" {
		return nil
	}
	other := p.contract(c.Like)
	if other == nil || other.Like != "" {
		return errs.New(errs.Usage, fmt.Sprintf("%s: like %q is no table with columns of its own", c.file, c.Like), "")
	}
	c.Grain, c.Key = other.Grain, other.Key
	c.setColumns(other.Columns)
	return nil
}

func (p *Project) checkMadeOf(c *contract) error {
	for _, name := range c.MadeOf {
		if p.contract(name) == nil {
			return errs.New(errs.Usage, fmt.Sprintf("%s:%d: made_of: no table %q", c.file, c.lineOf("made_of", name), name), "")
		}
	}
	return nil
}

// checkLaterDays refuses that a later day is read of a model that is not made of what extraction wrote for the day alone: such
// a model may wait for the reader. Models stand in order, so those that a model reads were told before.
func (p *Project) checkLaterDays() error {
	ofItsDay := map[string]bool{}
	var faults []error
	for _, m := range p.models {
		isOfItsDay := m.Calendar == "" && m.window == 0
		for _, in := range m.files {
			isExtracted := p.contract(in.table).WrittenBy == "extraction"
			isOfItsDay = isOfItsDay && in.days == "same" && (isExtracted || ofItsDay[in.table])
			if in.picker.later && p.contract(in.table).WrittenBy == "" && !ofItsDay[in.table] {
				faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s: input %s: a model cannot read a later day of model %s, which is not made of its own day alone", m.file, in.table, in.table), ""))
			}
		}
		ofItsDay[m.table.Name] = isOfItsDay
	}
	return errors.Join(faults...)
}

// Tables returns every table that has files, those of the lake first, by name.
func (p *Project) Tables() []warehouse.Table {
	var tables []warehouse.Table
	for _, c := range p.contracts {
		if !c.View {
			tables = append(tables, c.table)
		}
	}
	return tables
}

// NumModels returns how many models Run builds for a day.
func (p *Project) NumModels() int { return len(p.models) }

// Table returns the table of a name.
func (p *Project) Table(name string) (warehouse.Table, bool) {
	if c := p.contract(name); c != nil {
		return c.table, true
	}
	return warehouse.Table{}, false
}

func (p *Project) contract(name string) *contract {
	for _, c := range p.contracts {
		if c.table.Name == name {
			return c
		}
	}
	return nil
}

func (p *Project) tableNames() (names []string) {
	for _, c := range p.contracts {
		names = append(names, c.table.Name)
	}
	return names
}

// isFilled says whether a model fills a table.
func (p *Project) isFilled(table string) bool { return p.contract(table).WrittenBy == "" }

// isReadOnItsDay says whether a model reads a table's file of the model's own day.
func (p *Project) isReadOnItsDay(table string) bool {
	return slices.ContainsFunc(p.models, func(m *model) bool {
		return slices.ContainsFunc(m.files, func(in fileInput) bool { return in.table == table && in.picker.sameDay })
	})
}

// loadModel returns nil for a table that no model fills.
func (p *Project) loadModel(fsys fs.FS, c *contract) (*model, error) {
	_, err := fs.Stat(fsys, sqlFile(c.file))
	switch hasSQL := err == nil; {
	case c.Gathers != "" && !hasSQL:
	case c.Gathers != "":
		return nil, errs.New(errs.Usage, fmt.Sprintf("%s: it gathers %s, but %s is there", c.file, c.Gathers, sqlFile(c.file)), "remove one of them")
	case hasSQL && c.WrittenBy != "":
		return nil, errs.New(errs.Usage, fmt.Sprintf("%s: written_by is %s, but %s is there", c.file, c.WrittenBy, sqlFile(c.file)), "remove one of them")
	case hasSQL && len(c.MadeOf) > 0:
		return nil, errs.New(errs.Usage, fmt.Sprintf("%s:%d: made_of is for tables that no SQL fills", c.file, c.lineOf("made_of", "")), "a model says it by inputs")
	case !hasSQL && c.WrittenBy == "":
		return nil, errs.New(errs.Usage, fmt.Sprintf("%s: no %s and no written_by", c.file, sqlFile(c.file)), "write the model, or say who fills the table")
	case !hasSQL:
		return nil, nil
	}
	q, err := p.loadQuery(fsys, c)
	if err != nil {
		return nil, err
	}
	if len(c.Key) == 0 {
		return nil, errs.New(errs.Usage, c.file+": a model needs a key", "")
	}
	if !c.View && !q.statement.endsWithOrder(c.Key) {
		return nil, errs.New(errs.Usage, sqlFile(c.file)+" does not end with its order", "order by "+strings.Join(c.Key, ", "))
	}
	return &model{query: *q}, nil
}

// source returns the text of a contract's query.
func (p *Project) source(fsys fs.FS, c *contract) (string, error) {
	if c.Gathers != "" {
		return p.gather(c), nil
	}
	text, err := fs.ReadFile(fsys, sqlFile(c.file))
	return string(text), err
}

func (p *Project) loadQuery(fsys fs.FS, c *contract) (*query, error) {
	source, err := p.source(fsys, c)
	if err != nil {
		return nil, errs.Wrap(errs.Usage, c.file, err)
	}
	q := &query{contract: c}
	if q.statement, err = parseStatement(source); err != nil {
		return nil, errs.Wrap(errs.Usage, sqlFile(c.file), err)
	}
	for _, in := range c.Inputs {
		// Days, calendar and window were read once before, with the contract.
		pick, _ := parseDays(in.Days)
		source := p.contract(in.Table)
		switch {
		case source == nil:
			return nil, errs.New(errs.Usage, fmt.Sprintf("%s:%d: input %s: no table %q", c.file, c.lineOf("inputs", in.name()), in.name(), in.Table), yamlschema.Nearest("nearest: ", in.Table, p.tableNames()))
		case pick.wholeQuarter && path.Dir(c.file) != questionDir:
			return nil, errs.New(errs.Usage, fmt.Sprintf("%s:%d: input %s: %s is for queries that explain: no night may read a quarter", c.file, c.lineOf("inputs", in.name()), in.name(), in.Days), "carry sums from day to day, as vault_quarter does")
		case source.View && in.Days != "same":
			return nil, errs.New(errs.Usage, fmt.Sprintf("%s:%d: input %s: %s is a view, which has its reader's day only", c.file, c.lineOf("inputs", in.name()), in.name(), in.Table), "days: same")
		case source.View && path.Dir(c.file) == "tests":
			return nil, errs.New(errs.Usage, fmt.Sprintf("%s:%d: input %s: %s is a view, and an invariant is about files", c.file, c.lineOf("inputs", in.name()), in.name(), in.Table), "read the model that holds it")
		}
		q.pickers = append(q.pickers, pick)
	}
	if c.Calendar != "" {
		s, _ := parseSpan(c.Calendar)
		q.calendar = &s
	}
	q.window, _ = parseWindow(c.Window)
	q.digest = q.digestOf()
	return q, nil
}

// digestOf covers what decides the query's result: its text and the part of its contract that is not prose.
func (q *query) digestOf() string {
	type typed struct{ Name, Type string }
	columns := make([]typed, len(q.Columns))
	for i, c := range q.Columns {
		columns[i] = typed{c.Name, c.Type}
	}
	text, err := json.Marshal(map[string]any{
		"sql": q.statement.digest(), "table": q.table.Name, "version": json.Number(cmp.Or(q.Version, "0")), "key": q.Key, "inputs": q.Inputs,
		"calendar": q.Calendar, "window": q.Window, "parameters": q.Parameters, "suppress": q.Suppress, "columns": columns,
	})
	if err != nil {
		panic(err) // strings, numbers and lists of them
	}
	return digestOf(text)
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// contractFiles returns the files of the contracts of all tables and views.
func contractFiles(fsys fs.FS) []string {
	return slices.Concat(glob(fsys, "lake/*.yaml"), glob(fsys, "models/*.yaml"))
}

func sqlFile(contractFile string) string { return strings.TrimSuffix(contractFile, ".yaml") + ".sql" }
func contractFile(sqlFile string) string {
	return strings.TrimSuffix(sqlFile, path.Ext(sqlFile)) + ".yaml"
}

// glob returns the files of a pattern by name. The patterns are constants, so there is no error to report.
func glob(fsys fs.FS, pattern string) []string {
	files, _ := fs.Glob(fsys, pattern)
	return files
}
