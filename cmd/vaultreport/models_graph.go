package main

import (
	"bytes"
	"fmt"

	"vaultreport/transform"
)

// Forms of a graph for people.
const (
	graphText    = "text"
	graphMermaid = "mermaid"
	graphDot     = "dot"
)

// modelGraph is the chosen tables and views, and every edge that leads to one of them, also from what is not chosen.
type modelGraph struct {
	Nodes []modelNode `json:"nodes"`
	Edges []modelEdge `json:"edges"`
}

type modelNode struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// modelEdge says that To reads From, of which days; days are "" where code decides.
type modelEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
	Days string `json:"days"`
}

func newGraph(entries []transform.Entry) modelGraph {
	g := modelGraph{Nodes: []modelNode{}, Edges: []modelEdge{}}
	for _, e := range entries {
		g.Nodes = append(g.Nodes, modelNode{e.Name, e.Kind})
		for _, in := range e.Inputs {
			g.Edges = append(g.Edges, modelEdge{in.Table, e.Name, in.Days})
		}
	}
	return g
}

func (m modelGraph) csv() []byte {
	g := &grid{columns: []string{"from", "to", "days"}}
	for _, e := range m.Edges {
		g.add(e.From, e.To, e.Days)
	}
	return g.csv()
}

func drawGraph(entries []transform.Entry, form string) []byte {
	switch form {
	case graphMermaid:
		return drawing(entries, "flowchart LR\n", "  %s[%s]\n", "  %s --> %s\n", "")
	case graphDot:
		return drawing(entries, "digraph models {\n  rankdir=LR\n", "  %s [label=%q]\n", "  %s -> %s\n", "}\n")
	}
	return outline(entries)
}

// outline is each table with its inputs below it.
func outline(entries []transform.Entry) []byte {
	var b bytes.Buffer
	for _, e := range entries {
		fmt.Fprintf(&b, "%s (%s)\n", e.Name, e.Kind)
		width := 0
		for _, in := range e.Inputs {
			width = max(width, len(in.Table))
		}
		for _, in := range e.Inputs {
			if in.Days == "" {
				fmt.Fprintf(&b, "  <- %s\n", in.Table)
			} else {
				fmt.Fprintf(&b, "  <- %-*s  %s\n", width, in.Table, in.Days)
			}
		}
	}
	return b.Bytes()
}

// drawing has an edge between chosen tables once, whatever its days; none from a table to itself.
func drawing(entries []transform.Entry, head, node, edge, foot string) []byte {
	chosen := map[string]bool{}
	var b bytes.Buffer
	b.WriteString(head)
	for _, e := range entries {
		chosen[e.Name] = true
		fmt.Fprintf(&b, node, e.Name, e.Name)
	}
	for _, e := range entries {
		for _, table := range e.Reads() {
			if chosen[table] && table != e.Name {
				fmt.Fprintf(&b, edge, table, e.Name)
			}
		}
	}
	b.WriteString(foot)
	return b.Bytes()
}
