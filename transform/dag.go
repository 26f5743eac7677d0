package transform

import (
	"maps"
	"slices"
	"strings"

	"vaultreport/internal/errs"
)

// sortModels puts the models in an order in which each stands after those whose file of the same day it reads: a walk in
// depth from the first name on, so the order is fixed. Files of earlier days are there already and are no edges. On its way
// it gathers what each model reads through views.
func (p *Project) sortModels() error {
	byName := maps.Clone(p.views)
	for _, m := range p.models {
		byName[m.table.Name] = m
	}
	const (
		unseen = iota
		open
		done
	)
	state := map[*model]int{}
	var sorted []*model
	var way []string
	var visit func(m *model) error
	visit = func(m *model) error {
		way = append(way, m.table.Name)
		defer func() { way = way[:len(way)-1] }()
		switch state[m] {
		case done:
			return nil
		case open:
			cycle := way[slices.Index(way, m.table.Name):]
			return errs.New(errs.Usage, "models read each other in a circle: "+strings.Join(cycle, " -> "), "let one of them read an earlier day")
		}
		state[m] = open
		for i, in := range m.Inputs {
			source := byName[in.Table]
			if source != nil && m.pickers[i].sameDay {
				if err := visit(source); err != nil {
					return err
				}
			}
			if p.views[in.Table] != nil {
				m.files = append(m.files, source.files...)
				m.digest = digestOf([]byte(m.digest + source.digest))
			} else {
				m.files = append(m.files, fileInput{in.Table, in.Days, m.pickers[i]})
			}
		}
		state[m] = done
		if !m.View {
			sorted = append(sorted, m)
		}
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		if err := visit(byName[name]); err != nil {
			return err
		}
	}
	p.models = sorted
	return nil
}
