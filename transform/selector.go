package transform

import (
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
)

// StateModified selects what Modified finds.
const StateModified = "state:modified"

// Select returns the entries that any of the selectors names, in their order; without a selector all. A selector is the name of
// a table or view, tag:TAG or state:modified; a + before it adds all that it is made of, one behind it all that is made of
// it. modified is asked only if a selector needs it. A selector that can name nothing is of class Usage.
func Select(entries []Entry, selectors []string, modified func() (map[string]bool, error)) ([]Entry, error) {
	if len(selectors) == 0 {
		return entries, nil
	}
	g := graph{entries: entries}
	selected := map[string]bool{}
	for _, selector := range selectors {
		core, above := strings.CutPrefix(selector, "+")
		core, below := strings.CutSuffix(core, "+")
		names, err := g.named(core, modified)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			selected[name] = true
		}
		if above {
			walk(names, g.above, selected)
		}
		if below {
			walk(names, g.below, selected)
		}
	}
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return !selected[e.Name] }), nil
}

type graph struct{ entries []Entry }

func (g graph) named(core string, modified func() (map[string]bool, error)) (names []string, err error) {
	matches := func(e Entry) bool { return e.Name == core }
	switch kind, value, isMethod := strings.Cut(core, ":"); {
	case core == StateModified:
		changed, err := modified()
		if err != nil {
			return nil, err
		}
		matches = func(e Entry) bool { return changed[e.Name] }
	case isMethod && kind == "tag":
		matches = func(e Entry) bool { return slices.Contains(e.Tags, value) }
	case isMethod:
		return nil, errs.New(errs.Usage, fmt.Sprintf("unknown selector %q", core), "a selector is a name, tag:TAG or "+StateModified+", with + before or behind it or both")
	}
	for _, e := range g.entries {
		if matches(e) {
			names = append(names, e.Name)
		}
	}
	if len(names) == 0 && core != StateModified {
		return nil, g.unknown(core)
	}
	return names, nil
}

func (g graph) unknown(core string) error {
	var known []string
	for _, e := range g.entries {
		known = append(known, e.Name)
		for _, tag := range e.Tags {
			known = append(known, "tag:"+tag)
		}
	}
	slices.Sort(known)
	return errs.New(errs.Usage, fmt.Sprintf("no table, view or tag is named by %q", core), yamlschema.Nearest("nearest: ", core, slices.Compact(known)))
}

func (g graph) above(name string) (names []string) {
	for _, e := range g.entries {
		if e.Name == name {
			for _, in := range e.Inputs {
				names = append(names, in.Table)
			}
		}
	}
	return names
}

func (g graph) below(name string) []string {
	for _, e := range g.entries {
		if e.Name == name {
			return e.ReadBy
		}
	}
	return nil
}

// walk adds everything that next leads to from the names.
func walk(names []string, next func(string) []string, seen map[string]bool) {
	visited := map[string]bool{}
	for waiting := slices.Clone(names); len(waiting) > 0; {
		name := waiting[0]
		waiting = waiting[1:]
		if visited[name] {
			continue
		}
		visited[name], seen[name] = true, true
		waiting = append(waiting, next(name)...)
	}
}
