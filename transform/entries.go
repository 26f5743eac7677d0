package transform

import (
	"cmp"
	"slices"
	"strings"
)

// Kinds of entries.
const (
	Lake        = "lake"        // extraction writes it
	Model       = "model"       // SQL fills it
	View        = "view"        // SQL that stands in each model that reads it
	Alarms      = "alarms"      // the evaluation of the rules writes it
	Restatement = "restatement" // the comparison with what was published writes it
)

// Entry is what the project says of a table or view.
type Entry struct {
	Name        string
	Kind        string
	File        string // of the SQL, else of the contract, in package sql
	Description string
	Grain       string
	Version     string // "" of a view
	Owner       string
	Key         []string
	Tags        []string
	Readers     []string // in words, models apart
	Promise     *Promise // nil: none
	Volume      string   // how many rows a day has, in words; "" for any number
	Columns     []ColumnEntry
	Inputs      []InputEntry
	ReadBy      []string // tables and views that have it among their inputs, by name
	TestedBy    []string // invariants that read it, by name
	Measures    []string // metrics that it computes, in the order of the catalogue
	Digest      string   // of what decides a model's result besides its inputs; "" of what has no SQL
	Suppressed  bool     // small groups are hidden
}

// Reads returns the tables and views that it is made of, each once, in the order of its inputs.
func (e Entry) Reads() (names []string) {
	for _, in := range e.Inputs {
		if !slices.Contains(names, in.Table) {
			names = append(names, in.Table)
		}
	}
	return names
}

// ColumnEntry is a column with the tests that its contract holds it to, in words.
type ColumnEntry struct {
	Name, Type, Unit, Meaning string
	Tests                     []string
}

// InputEntry is a table or view that is read, of which days, "" where code decides. Name is what the SQL calls it.
type InputEntry struct{ Table, Days, Name string }

// Entries returns every table and view, by name.
func (p *Project) Entries() []Entry {
	queries := map[string]*query{}
	for _, m := range p.models {
		queries[m.table.Name] = &m.query
	}
	for name, v := range p.views {
		queries[name] = &v.query
	}
	readBy, testedBy := map[string][]string{}, map[string][]string{}
	for _, c := range p.contracts {
		for _, table := range c.reads() {
			readBy[table] = append(readBy[table], c.table.Name)
		}
	}
	for _, q := range p.invariants {
		for _, table := range q.reads() {
			testedBy[table] = append(testedBy[table], q.table.Name)
		}
	}
	measures := map[string][]string{}
	for _, m := range p.Metrics() {
		measures[m.Model] = append(measures[m.Model], m.Name)
	}
	entries := make([]Entry, len(p.contracts))
	for i, c := range p.contracts {
		e := c.entry()
		if q := queries[e.Name]; q != nil {
			e.File, e.Digest = sqlFile(c.file), q.digest
		}
		e.ReadBy, e.TestedBy, e.Measures = readBy[e.Name], testedBy[e.Name], measures[e.Name]
		slices.Sort(e.ReadBy)
		slices.Sort(e.TestedBy)
		entries[i] = e
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Name, b.Name) })
	return entries
}

// reads returns the tables and views that are read, each once.
func (c *contract) reads() []string {
	names := slices.Clone(c.MadeOf)
	for _, in := range c.Inputs {
		names = append(names, in.Table)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (c *contract) entry() Entry {
	e := Entry{
		Name: c.table.Name, Kind: Model, File: c.file, Description: strings.TrimSpace(c.Description), Grain: c.Grain, Version: c.Version, Owner: c.Owner,
		Key: c.Key, Tags: c.Tags, Readers: c.Readers, Promise: c.Promise, Suppressed: c.Suppress,
	}
	if c.Volume != nil {
		e.Volume = c.Volume.String()
	}
	switch {
	case c.View:
		e.Kind = View
	case c.WrittenBy == "extraction":
		e.Kind = Lake
	case c.WrittenBy != "":
		e.Kind = c.WrittenBy
	}
	for _, column := range c.Columns {
		e.Columns = append(e.Columns, ColumnEntry{column.Name, column.Type, column.Unit, column.Meaning, c.testsOf(column)})
	}
	for _, in := range c.Inputs {
		e.Inputs = append(e.Inputs, InputEntry{in.Table, in.Days, in.name()})
	}
	for _, table := range c.MadeOf {
		e.Inputs = append(e.Inputs, InputEntry{table, "", table})
	}
	return e
}

func (c *contract) testsOf(column column) (tests []string) {
	if column.NotNull || slices.Contains(c.Key, column.Name) {
		tests = append(tests, "not null")
	}
	if len(column.Accepted) > 0 {
		tests = append(tests, "one of "+strings.Join(column.Accepted, ", "))
	}
	if column.Min != "" {
		tests = append(tests, "at least "+column.Min)
	}
	if column.Max != "" {
		tests = append(tests, "at most "+column.Max)
	}
	if column.References != nil {
		tests = append(tests, "in "+column.References.String()+" of the day")
	}
	if len(tests) > 0 && column.Severity == SeverityWarn {
		tests = append(tests, "these only warn")
	}
	return tests
}
