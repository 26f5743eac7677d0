package transform

import (
	"cmp"
	"context"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Why a model's file would be built, besides the reasons of changes.
const (
	NewDay        = "new_day"        // the day has no file of any model yet
	NewModel      = "new_model"      // the day has files, and none of this model
	NewVersion    = "new_version"    // of DuckDB, or of what happens to a result besides its SQL
	ChangedSQL    = "changed_sql"    // the model's SQL or contract, or those of a view that it reads
	ChangedConfig = "changed_config" // a parameter that the model takes
	MaturedWindow = "window"         // more days are extracted of those that the model may see
	NewInput      = "new_input"      // a file that the model reads was not there, or not like this, when it was built
)

// Change is a file that no model fills and that would be written, and why.
type Change struct {
	Table  string
	Dt     bizday.Day
	Reason string
}

// Planned is a model's file that would be built. Via is the table through which the reason comes, empty if it is the file's own.
type Planned struct {
	Model  string     `json:"model"`
	Dt     bizday.Day `json:"dt"`
	Reason string     `json:"reason"`
	Via    string     `json:"via"`
}

// Plan says which files Run would build on the snapshot parent, by day, once the days of extracted (ascending) are extracted
// and the changes are made, and why. It is the most that Run builds: a file that comes out as it was ends there what it was
// the reason for. Nothing is built, and no file is read.
func Plan(ctx context.Context, parent *warehouse.Manifest, p *Project, o Options, extracted []bizday.Day, changes []Change) ([]Planned, error) {
	r, err := newRunner(ctx, snapshot{parent}, p, o)
	if err != nil {
		return nil, err
	}
	r.extracted = extracted
	pl := &planner{
		runner: r, parent: parent, recipe: r.recipe(), published: p.daysOfModels(parent), changes: map[place]string{}, planned: map[place]Planned{},
	}
	for _, c := range changes {
		pl.changes[place{c.Table, c.Dt}] = c.Reason
	}
	return pl.walk(r.tasks()), nil
}

// daysOfModels returns the days of which a snapshot has files of models, ascending.
func (p *Project) daysOfModels(m *warehouse.Manifest) (days []bizday.Day) {
	for _, model := range p.models {
		days = append(days, m.Days(model.table.Name)...)
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// planner is one Plan.
type planner struct {
	*runner
	parent    *warehouse.Manifest
	recipe    map[string]string // that files would be built with
	published []bizday.Day      // that have files of models
	changes   map[place]string  // reasons
	planned   map[place]Planned
}

// walk judges every task after those whose files it reads, and returns what would be built in the order of the tasks.
func (p *planner) walk(all []*task) (list []Planned) {
	var ready []*task
	for _, t := range all {
		if t.waits.Load() == 0 {
			ready = append(ready, t)
		}
	}
	for len(ready) > 0 {
		t := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		if reason, via := p.why(t); reason != "" {
			p.planned[place{t.model.table.Name, t.dt}] = Planned{t.model.table.Name, t.dt, reason, via}
		}
		for _, reader := range t.next {
			if reader.waits.Add(-1) == 0 {
				ready = append(ready, reader)
			}
		}
	}
	for _, t := range all {
		if found, is := p.planned[place{t.model.table.Name, t.dt}]; is {
			list = append(list, found)
		}
	}
	return list
}

// why returns the reason for which a file would be built, none if it would not.
func (p *planner) why(t *task) (reason, via string) {
	f, there := p.parent.File(t.model.table.Name, t.dt)
	if !there {
		if _, had := slices.BinarySearch(p.published, t.dt); had {
			return NewModel, ""
		}
		return NewDay, ""
	}
	if reason := cmp.Or(p.recipeDiffers(t), p.daysDiffer(t)); reason != "" {
		return reason, ""
	}
	if reason, via := p.inputDiffers(t); reason != "" {
		return reason, via
	}
	if p.bind(&t.model.query, t.dt).key(p.options, p.engine) == f.Key {
		return "", ""
	}
	if p.parent.Recipe == nil { // as versions of this tool left it that kept none
		return NewVersion, ""
	}
	return NewInput, ""
}

// recipeDiffers says what a model is built with that its published files are not.
func (p *planner) recipeDiffers(t *task) string {
	before := p.parent.Recipe
	if before == nil {
		return ""
	}
	differs := func(name string) bool { return before[name] != p.recipe[name] }
	isParameter := func(name string) bool { return differs("parameter " + name) }
	switch m := t.model; {
	case differs("engine") || differs("rules"):
		return NewVersion
	case differs(modelOfRecipe(m.table.Name)):
		return ChangedSQL
	case slices.ContainsFunc(p.bind(&m.query, t.dt).parameters(), isParameter) || m.Suppress && isParameter("k"):
		return ChangedConfig
	}
	return ""
}

// daysDiffer says whether a model of a day sees other days than when it was built.
func (p *planner) daysDiffer(t *task) string {
	m, zone := t.model, p.options.Zone
	if knownUntil(t.dt, m.window, p.published, zone) != knownUntil(t.dt, m.window, p.extracted, zone) {
		return MaturedWindow
	}
	if m.calendar != nil && !slices.Equal(m.calendar.of(t.dt, p.published), m.calendar.of(t.dt, p.extracted)) {
		return NewInput
	}
	return ""
}

// inputDiffers names the first input of a model of a day that would be written, and why it would.
func (p *planner) inputDiffers(t *task) (reason, via string) {
	known := knownUntil(t.dt, t.model.window, p.extracted, p.options.Zone)
	for _, in := range t.model.files {
		for _, day := range in.picker.pick(t.dt, known, p.extracted) {
			reason := p.changes[place{in.table, day}]
			if reason == "" {
				reason = p.planned[place{in.table, day}].Reason
			}
			switch reason {
			case "":
				continue
			case NewDay:
				return NewInput, in.table
			}
			return reason, in.table
		}
	}
	return "", ""
}

// snapshot is a published snapshot as a Store into which nothing can be put.
type snapshot struct{ *warehouse.Manifest }

func (snapshot) ReadPath(warehouse.File) string { return "" }

func (snapshot) StagePath(warehouse.Table, bizday.Day) (string, error) {
	return "", errNothingIsWritten
}

func (snapshot) Add(warehouse.Table, bizday.Day, int64, string) (warehouse.File, error) {
	return warehouse.File{}, errNothingIsWritten
}

var errNothingIsWritten = errs.New(errs.Unexpected, "a plan writes nothing", "")
