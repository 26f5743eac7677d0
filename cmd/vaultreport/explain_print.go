package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"vaultreport/cmd/vaultreport/tabular"
	"vaultreport/internal/errs"
	"vaultreport/transform/catalogue"
	"vaultreport/transform/explain"
)

// shownRows is how many rows behind a value are shown.
const shownRows = 10

// explanationJSON is an explanation as JSON.
type explanationJSON struct {
	Snapshot string `json:"snapshot"`
	Dt       string `json:"dt"`
	explain.Cell
	AskedForAs string              `json:"asked_for_as"`
	Definition string              `json:"definition"`
	Sections   []int               `json:"sections"`
	Choices    []string            `json:"choices"`
	Needs      []catalogue.Need    `json:"needs"`
	Parts      *explain.Parts      `json:"parts"`
	Rows       json.RawMessage     `json:"rows"` // up to ten; null where they may not be told
	SQL        string              `json:"sql"`  // of all rows
	SQLFile    string              `json:"sql_file"`
	Model      string              `json:"model"`
	ModelSQL   string              `json:"model_sql"`
	Partitions []explain.Partition `json:"partitions"`
	Origins    []explain.Origin    `json:"files"`
	Refused    []explain.Refused   `json:"refused"`
}

func (a *app) printExplanation(ctx context.Context, r explain.Reading, m *catalogue.Metric, e *explain.Explanation) error {
	switch a.global.Output {
	case formJSON:
		modelSQL, _ := r.Project.ModelSQL(m.Model)
		out := explanationJSON{
			e.Snapshot, e.Dt.String(), e.Cell, m.AskedForAs, m.Definition, m.Sections, m.Choices, m.Needs, e.Parts, nil, e.SQL, e.File,
			r.Project.SQLFile(m.Model), modelSQL, orNone(e.Partitions), orNone(e.Origins), orNone(e.Refused),
		}
		if e.Parts != nil {
			rows, err := rowsJSON(ctx, r.Conn, e.Rows)
			if err != nil {
				return err
			}
			out.Rows = rows
		}
		return json.NewEncoder(a.out).Encode(out)
	case formCSV: // the rows, which are what a spreadsheet is for
		if e.Parts == nil {
			return usage("the value is "+e.Cell.State+": its rows are not told", "")
		}
		return tabular.Query(ctx, r.Conn, limited(e.Rows), func(rows *tabular.Rows) error {
			_, err := tabular.WriteCSV(a.out, rows)
			return err
		})
	}
	var b bytes.Buffer
	writeParagraph(&b, "metric", m.Name)
	writeParagraph(&b, "of", e.Dt.String()+", "+cellName(e.Cell))
	writeParagraph(&b, "snapshot", strings.TrimLeft(e.Snapshot, "0"))
	writeParagraph(&b, "value", valueText(e.Cell))
	if e.Cell.Low != nil && e.Cell.High != nil {
		writeParagraph(&b, "interval", fmt.Sprintf("%.4f to %.4f (95 %%)", *e.Cell.Low, *e.Cell.High))
	}
	if e.Cell.Users != nil {
		writeParagraph(&b, "users", strconv.FormatInt(*e.Cell.Users, 10))
	}
	writeParagraph(&b, "definition", m.Definition)
	model := r.Project.SQLFile(m.Model)
	if len(m.Sections) > 0 {
		model += ", " + sectionList(m.Sections)
	}
	writeParagraph(&b, "model", model)
	if e.Parts != nil {
		writeParagraph(&b, "rows", partsText(*e.Parts, e.Cell))
		if err := writeRows(ctx, &b, r.Conn, e.Rows, e.Parts.Rows, "\n"); err != nil {
			return err
		}
	} else {
		writeParagraph(&b, "rows", "not told: the value is "+e.Cell.State)
	}
	b.WriteString("\nFrom these partitions\n\n")
	writeGrid(&b, partitionGrid(e.Partitions))
	b.WriteString("\nFrom these files, with the lines of this env or of one that is not known\n\n")
	writeGrid(&b, originGrid(e.Origins))
	if len(e.Refused) > 0 {
		b.WriteString("\nNot counted, and might have changed the value\n\n")
		writeGrid(&b, refusedGrid(e.Refused))
	}
	fmt.Fprintf(&b, "\nAll rows: vaultreport query - < rows.sql, of %s\n\n%s\n", e.File, strings.TrimSpace(e.SQL))
	return a.write(b.Bytes())
}

func orNone[T any](list []T) []T { return append([]T{}, list...) }

// sectionList names sections of the definitions. A metric of an analyst's own has none.
func sectionList(sections []int) string {
	words := make([]string, len(sections))
	for i, n := range sections {
		words[i] = strconv.Itoa(n)
	}
	return "docs/definitions.md section " + strings.Join(words, ", ")
}

// valueText is a cell's value with its state.
func valueText(c explain.Cell) string {
	text := "none"
	if c.Value != nil {
		text = strconv.FormatFloat(*c.Value, 'f', -1, 64) + " (" + c.Unit + ")"
	}
	if c.Numerator != nil && c.Denominator != nil {
		text += fmt.Sprintf(", %d of %d", *c.Numerator, *c.Denominator)
	}
	text += ", state " + c.State
	if c.Reason != nil {
		text += " (" + *c.Reason + ")"
	}
	return text
}

// partsText says what the rows add up to.
func partsText(p explain.Parts, c explain.Cell) string {
	text := fmt.Sprintf("%d", p.Rows)
	switch {
	case p.Numerator != nil:
		text += fmt.Sprintf("; numerator (num) adds up to %v, denominator (den) to %v", p.Numerator, p.Denominator)
	case p.Value != nil:
		text += "; value adds up to " + strconv.FormatFloat(*p.Value, 'f', -1, 64)
	}
	if !p.AddsUp {
		text += "; THIS IS NOT THE VALUE: the snapshot was built by other models or other parameters than those of this version and configuration"
	}
	return text
}

// writeRows writes the first rows of a query as a table of 80 columns.
func writeRows(ctx context.Context, b *bytes.Buffer, conn *sql.Conn, query string, all int64, before string) error {
	if all == 0 {
		return nil
	}
	b.WriteString(before)
	short, err := fitted(ctx, conn, query)
	if err == nil {
		err = tabular.Query(ctx, conn, limited(short), func(rows *tabular.Rows) error {
			_, err := tabular.WriteTable(b, rows, pageWidth)
			return err
		})
	}
	if err != nil {
		return errs.Wrap(errs.Unexpected, "explain: read the rows", err)
	}
	if all > shownRows {
		fmt.Fprintf(b, "and %d more\n", all-shownRows)
	}
	return nil
}

// fitted is a query whose columns fit into a page: the first digits of keys, instants without the year, short names.
func fitted(ctx context.Context, conn *sql.Conn, query string) (string, error) {
	found, err := conn.QueryContext(ctx, "select * from ("+query+") limit 0")
	if err != nil {
		return "", err
	}
	defer found.Close()
	types, err := found.ColumnTypes()
	if err != nil {
		return "", err
	}
	columns := make([]string, len(types))
	for i, c := range types {
		name, value := c.Name(), c.Name()
		switch c.DatabaseTypeName() {
		case "BLOB":
			value = "left(lower(hex(" + name + ")), 8)"
		case "UUID":
			value = "left(" + name + "::varchar, 8)"
		case "TIMESTAMP":
			value = "strftime(" + name + ", '%m-%d %H:%M:%S')"
		}
		switch name {
		case "numerator", "denominator":
			name = name[:3]
		}
		columns[i] = value + " as " + name
	}
	return "select " + strings.Join(columns, ", ") + " from (" + query + ")", nil
}

func rowsJSON(ctx context.Context, conn *sql.Conn, query string) (json.RawMessage, error) {
	var b bytes.Buffer
	err := tabular.Query(ctx, conn, limited(query), func(rows *tabular.Rows) error {
		_, err := tabular.WriteJSON(&b, rows)
		return err
	})
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read the rows", err)
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// limited is a query that ends with its order, and returns the first rows only.
func limited(query string) string {
	return fmt.Sprintf("select * from (%s) limit %d", query, shownRows)
}

// shownLines is how many lines of a list are shown.
const shownLines = 20

// writeGrid writes a list, of a long one its beginning.
func writeGrid(b *bytes.Buffer, g *grid) {
	all := len(g.rows)
	g.rows = g.rows[:min(all, shownLines)]
	b.Write(g.table())
	if all > shownLines {
		fmt.Fprintf(b, "and %d more: -o json has them\n", all-shownLines)
	}
}

func partitionGrid(partitions []explain.Partition) *grid {
	g := &grid{columns: []string{"table", "dt", "rows", "sha256", ""}}
	for _, p := range partitions {
		carried := ""
		if p.IsCarried {
			carried = "carried over"
		}
		g.add(p.Table, p.Dt.String(), orNil(p.Rows), p.SHA256[:12], carried)
	}
	return g
}

func originGrid(origins []explain.Origin) *grid {
	g := &grid{columns: []string{"file", "kept", "duplicate", "quarantined"}}
	for _, o := range origins {
		g.add(o.Name, orNil(o.Kept), orNil(o.Duplicate), orNil(o.Quarantined))
	}
	return g
}

func refusedGrid(refused []explain.Refused) *grid {
	g := &grid{columns: []string{"dt", "file", "reason", "lines", "possible"}}
	for _, r := range refused {
		g.add(r.Dt, r.File, r.Reason, orNil(r.Lines), orNil(r.Possible))
	}
	return g
}
