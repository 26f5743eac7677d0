package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"vaultreport/internal/errs"
)

// selection is one SELECT, or EXPLAIN of one, as text that may be executed, and as the engine's parser reads it.
type selection struct {
	text string
	tree any // JSON
}

// oneSelect returns what the text selects. Everything but one SELECT, or EXPLAIN of one, is errs.Usage.
// The engine's parser decides, not a search for words: one statement that json_serialize_sql takes for a SELECT; the driver
// would execute all statements of a text but the last while it only prepares it.
// That is not enough: measured on DuckDB 1.5.6, "from enable_logging(...)" is a SELECT, and writes files into every folder
// that may be read. So the table functions in it must be known to have no effect.
func oneSelect(ctx context.Context, conn *sql.Conn, text string) (selection, error) {
	prefix, body := splitExplain(text)
	var serialized string
	if err := conn.QueryRowContext(ctx, "select cast(json_serialize_sql($1::varchar) as varchar)", body).Scan(&serialized); err != nil {
		return selection{}, err
	}
	var parsed struct {
		Error      bool   `json:"error"`
		ErrorType  string `json:"error_type"`
		Message    string `json:"error_message"`
		Statements []any  `json:"statements"`
	}
	if err := json.Unmarshal([]byte(serialized), &parsed); err != nil {
		return selection{}, err
	}
	const onlySelect = `query reads: give one SELECT; for anything else open a copy with DuckDB and views.sql`
	switch {
	case parsed.Error && parsed.ErrorType == "parser" || parsed.Error && strings.HasPrefix(parsed.Message, "syntax error"):
		return selection{}, errs.New(errs.Usage, "query: "+parsed.Message, "")
	case parsed.Error:
		return selection{}, errs.New(errs.Usage, "query: the text is no SELECT", onlySelect)
	case len(parsed.Statements) != 1:
		return selection{}, errs.New(errs.Usage, "query: the text is not one statement", onlySelect)
	}
	for _, name := range tableFunctions(parsed.Statements[0], nil) {
		if !slices.Contains(harmless(), strings.ToLower(name)) {
			return selection{}, errs.New(errs.Usage, "query: the table function "+name+" is not allowed", "allowed are: "+strings.Join(harmless(), ", "))
		}
	}
	return selection{prefix + body, parsed.Statements[0]}, nil
}

// harmless are the table functions that neither open files nor have effects.
func harmless() []string {
	return []string{
		"duckdb_columns", "duckdb_functions", "duckdb_keywords", "duckdb_tables", "duckdb_types", "duckdb_views",
		"generate_series", "histogram", "histogram_values", "json_each", "json_tree", "pg_timezone_names", "pragma_show",
		"pragma_table_info", "range", "repeat", "repeat_row", "summary", "unnest", "vr_days",
	}
}

// tableFunctions appends the names of the table functions in a serialized statement.
func tableFunctions(node any, names []string) []string {
	switch node := node.(type) {
	case map[string]any:
		if function, ok := node["function"].(map[string]any); ok && node["type"] == "TABLE_FUNCTION" {
			name, _ := function["function_name"].(string)
			names = append(names, name)
		}
		for _, key := range slices.Sorted(maps.Keys(node)) {
			names = tableFunctions(node[key], names)
		}
	case []any:
		for _, child := range node {
			names = tableFunctions(child, names)
		}
	}
	return names
}

// blank is what SQL skips between words.
const blank = `(?:\s|--[^\n]*(?:\n|$)|/\*(?s:.*?)\*/)`

// splitExplain takes EXPLAIN or EXPLAIN ANALYZE off. The prefix is written anew, so that nothing else comes along.
func splitExplain(text string) (prefix, body string) {
	word := func(name string) bool {
		end := regexp.MustCompile(`(?i)^` + blank + `*` + name + `\b`).FindStringIndex(text)
		if end == nil {
			return false
		}
		text = text[end[1]:]
		return true
	}
	switch {
	case !word("explain"):
		return "", text
	case word("analyze"):
		return "explain analyze ", text
	default:
		return "explain ", text
	}
}
