package transform

import (
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// Causes of a restatement, by their names in the table (docs/contract.md section 4).
const (
	causeLateData   = "late_data"
	causeCode       = "code"
	causeDefinition = "definition"
)

// causes is a set of reasons for which a file differs from the published one.
type causes struct {
	lateData   bool // input that came, or changed, after the file was published; a missing day that was filled, too
	code       bool // SQL or contract of a model, the engine, the rules of this package
	definition bool // the configuration: a parameter, or how the lines of a source are read
	matured    bool // a later day was extracted that a window of the file's day reaches
}

func (c causes) with(other causes) causes {
	return causes{c.lateData || other.lateData, c.code || other.code, c.definition || other.definition, c.matured || other.matured}
}

// name returns the one cause that a restatement tells. Code and definition change every day that they are asked about, so they are
// named before late data, which then is among what changed. What nothing here explains was extracted by an earlier run
// that did not compute models.
func (c causes) name() string {
	switch {
	case c.code:
		return causeCode
	case c.definition:
		return causeDefinition
	}
	return causeLateData
}

// History is a Store that knows what was published before.
type History interface {
	Store
	Parent() *warehouse.Manifest
	Inputs() []warehouse.Input
	SetRecipe(map[string]string)
}

// recipe is what files are built from besides their inputs, by name. It is kept with the snapshot, so that the next run
// can tell why a key differs.
func (r *runner) recipe() map[string]string {
	recipe := map[string]string{"engine": r.engine, "rules": rulesVersion}
	for _, name := range parameters {
		recipe["parameter "+name] = fmt.Sprint(r.options.Params.value(name))
	}
	for _, m := range r.project.models {
		recipe[modelOfRecipe(m.table.Name)] = m.digest
	}
	return recipe
}

func modelOfRecipe(table string) string { return "model " + table }

// explainer says why files differ from the published ones.
type explainer struct {
	*runner
	history   History
	published []bizday.Day // that had results
	recipe    map[string]string
	models    map[string]*model
	known     map[place]causes
	ofLake    map[bizday.Day]causes
}

func (r *runner) explain(history History) *explainer {
	e := &explainer{
		runner: r, history: history, published: history.Parent().Days(metricTable), recipe: r.recipe(), models: map[string]*model{},
		known: map[place]causes{}, ofLake: map[bizday.Day]causes{},
	}
	for _, m := range r.project.models {
		e.models[m.table.Name] = m
	}
	return e
}

// of returns why the file of a table and day is not the published one: nothing if it is. The day had results.
func (e *explainer) of(table string, dt bizday.Day) causes {
	at := place{table, dt}
	if known, ok := e.known[at]; ok {
		return known
	}
	e.known[at] = e.find(table, dt)
	return e.known[at]
}

func (e *explainer) find(table string, dt bizday.Day) causes {
	was, wasThere := e.history.Parent().File(table, dt)
	is, isThere := e.store.File(table, dt)
	if wasThere == isThere && was.SHA256 == is.SHA256 {
		return causes{}
	}
	m := e.models[table]
	if m == nil {
		return e.inLake(dt)
	}
	found := e.recipeOf(m, dt)
	before, now := knownUntil(dt, m.window, e.published, e.options.Zone), knownUntil(dt, m.window, e.extracted, e.options.Zone)
	found.matured = before != now
	for _, in := range m.files {
		for _, day := range slices.Concat(in.picker.pick(dt, before, e.published), in.picker.pick(dt, now, e.extracted)) {
			found = found.with(e.ofInput(in.table, day, dt))
		}
	}
	if m.calendar != nil && !slices.Equal(m.calendar.of(dt, e.published), m.calendar.of(dt, e.extracted)) {
		found.lateData = true
	}
	return found
}

// ofInput is why an input of a file of dt differs. A day that had no results is late for those after it, and completes the
// windows of those before.
func (e *explainer) ofInput(table string, day, dt bizday.Day) causes {
	if _, had := slices.BinarySearch(e.published, day); had || day == dt {
		return e.of(table, day)
	}
	return causes{lateData: day < dt, matured: day > dt}
}

// recipeOf compares what a model is built with. Of a snapshot that keeps no recipe nothing is known.
func (e *explainer) recipeOf(m *model, dt bizday.Day) (found causes) {
	before := e.history.Parent().Recipe
	if before == nil {
		return causes{}
	}
	differs := func(name string) bool { return before[name] != e.recipe[name] }
	found.code = differs("engine") || differs("rules") || differs(modelOfRecipe(m.table.Name))
	read := e.bind(&m.query, dt).parameters()
	if m.Suppress {
		read = append(read, "k")
	}
	found.definition = slices.ContainsFunc(read, func(name string) bool { return differs("parameter " + name) })
	return found
}

// inLake tells input that came or changed from input that is read in another way.
func (e *explainer) inLake(dt bizday.Day) causes {
	if known, ok := e.ofLake[dt]; ok {
		return known
	}
	before, now := contents(e.history.Parent().Inputs, dt), contents(e.history.Inputs(), dt)
	found := causes{definition: true}
	if !slices.Equal(before, now) {
		found = causes{lateData: true}
	}
	e.ofLake[dt] = found
	return found
}

// contents returns what was read for a day, sorted.
func contents(inputs []warehouse.Input, dt bizday.Day) (list []string) {
	for _, in := range inputs {
		if slices.ContainsFunc(in.Days, func(d warehouse.InputDay) bool { return d.Dt == dt }) {
			list = append(list, in.Source+"\x00"+in.Name+"\x00"+in.SHA256)
		}
	}
	slices.Sort(list)
	return list
}
