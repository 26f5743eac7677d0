package transform

import (
	"cmp"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// query returns the query of a model or view, nil if there is none of that name.
func (p *Project) query(name string) *query {
	if view := p.views[name]; view != nil {
		return &view.query
	}
	for _, m := range p.models {
		if m.table.Name == name {
			return &m.query
		}
	}
	return nil
}

// Sources returns what a model or view is computed from, itself and through others, of any day: the names of models and
// views, and those of the tables that no model fills, by name. The model itself is not among them.
func (p *Project) Sources(model string) (models, tables []string) {
	models, tables = []string{}, []string{}
	seen := map[string]bool{model: true}
	var visit func(name string)
	visit = func(name string) {
		for _, in := range p.query(name).Inputs {
			switch {
			case seen[in.Table]:
			case p.query(in.Table) == nil:
				tables = append(tables, in.Table)
			default:
				models = append(models, in.Table)
				seen[in.Table] = true
				visit(in.Table)
			}
			seen[in.Table] = true
		}
	}
	if p.query(model) != nil {
		visit(model)
	}
	slices.Sort(models)
	slices.Sort(tables)
	return models, tables
}

// Partition is a file that something was computed from.
type Partition struct {
	warehouse.File
	IsCarried bool // of a mart of a day before those that were asked about: what it was computed from is not among the partitions
}

// Lineage returns every file that these files were computed from, themselves among them, by table and day. Marts of days before
// first were carried over, and are not looked into.
func (s Snapshot) Lineage(files []warehouse.File, first bizday.Day) []Partition {
	var all []Partition
	seen := map[string]bool{}
	var visit func(files []warehouse.File)
	visit = func(files []warehouse.File) {
		for _, f := range files {
			if seen[f.Path] {
				continue
			}
			seen[f.Path] = true
			q := s.runner.project.query(f.Table)
			isCarried := q != nil && f.Dt < first
			all = append(all, Partition{f, isCarried})
			if q != nil && !isCarried {
				visit(s.runner.bind(q, f.Dt).files())
			}
		}
	}
	visit(files)
	slices.SortFunc(all, func(a, b Partition) int { return compareFiles(a.File, b.File) })
	return all
}

func compareFiles(a, b warehouse.File) int {
	return cmp.Or(cmp.Compare(a.Table, b.Table), cmp.Compare(a.Dt, b.Dt))
}

// Readers returns the models that read a table or view of the same day themselves, in the order in which they are built.
func (p *Project) Readers(table string) (models []string) {
	for _, m := range p.models {
		if slices.ContainsFunc(m.Inputs, func(in input) bool { return in.Table == table && in.Days == "same" }) {
			models = append(models, m.table.Name)
		}
	}
	return models
}

// IsModel says whether a model fills a table.
func (p *Project) IsModel(table string) bool { return p.query(table) != nil }
