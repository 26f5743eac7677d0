package main

import (
	"maps"
	"slices"
	"strings"
)

// tablesOf returns the names, in lower case, of the tables in a serialized statement, those of its with clauses left out.
// areAll is false where the statement may look at others, too: by the engine's catalogue.
func tablesOf(tree any) (names []string, areAll bool) {
	r := references{areAll: true}
	r.read(tree, nil)
	slices.Sort(r.names)
	return slices.Compact(r.names), r.areAll
}

type references struct {
	names  []string
	areAll bool
}

// read reads a part of a statement in which some names are those of with clauses around it.
func (r *references) read(node any, inScope []string) {
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			r.read(child, inScope)
		}
	case map[string]any:
		if own := name(node, "cte_name"); own != "" { // of a recursive one
			inScope = append(slices.Clip(inScope), own)
		}
		clauses, _ := node["cte_map"].(map[string]any)
		list, _ := clauses["map"].([]any)
		for _, clause := range list {
			clause, _ := clause.(map[string]any)
			r.read(clause["value"], inScope)
			inScope = append(slices.Clip(inScope), name(clause, "key"))
		}
		r.note(node, inScope)
		for _, key := range slices.Sorted(maps.Keys(node)) {
			if key != "cte_map" {
				r.read(node[key], inScope)
			}
		}
	}
}

// note takes what one node says by itself.
func (r *references) note(node map[string]any, inScope []string) {
	switch text(node, "type") {
	case "BASE_TABLE":
		table := name(node, "table_name")
		switch {
		case text(node, "schema_name") != "" || text(node, "catalog_name") != "":
			r.areAll = false
		case !slices.Contains(inScope, table):
			r.names = append(r.names, table)
		}
	case "SHOW_REF":
		r.areAll = false
	case "TABLE_FUNCTION":
		function, _ := node["function"].(map[string]any)
		r.areAll = r.areAll && slices.Contains(blind(), name(function, "function_name"))
	case "FUNCTION":
		r.areAll = r.areAll && !strings.HasPrefix(name(node, "function_name"), "pg_get_")
	}
}

// blind are the harmless table functions that see no tables besides those that stand in the statement.
func blind() []string {
	return []string{"generate_series", "json_each", "json_tree", "range", "repeat", "repeat_row", "unnest", "vr_days"}
}

func text(node map[string]any, key string) string {
	value, _ := node[key].(string)
	return value
}

// name is a name of SQL, in which case makes no difference.
func name(node map[string]any, key string) string { return strings.ToLower(text(node, key)) }
