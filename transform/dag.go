package transform

import (
	"slices"
	"strings"

	"vaultreport/internal/errs"
)

// inOrder returns the models so that each stands after those whose file of the same day it reads: a
// walk in depth from the first name on, so the order is fixed. Files of earlier days are there already and are no edges.
func inOrder(models []*model) ([]*model, error) {
	byName := map[string]*model{}
	for _, m := range models {
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
			if source := byName[in.Table]; source != nil && m.pickers[i].sameDay {
				if err := visit(source); err != nil {
					return err
				}
			}
		}
		state[m] = done
		sorted = append(sorted, m)
		return nil
	}
	names := make([]string, 0, len(byName))
	for name := range byName {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := visit(byName[name]); err != nil {
			return nil, err
		}
	}
	return sorted, nil
}
