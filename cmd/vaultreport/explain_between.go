package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/transform/catalogue"
	"vaultreport/transform/explain"
)

// sideJSON is one side of a comparison as JSON.
type sideJSON struct {
	Snapshot string          `json:"snapshot"`
	Cell     *explain.Cell   `json:"cell"`
	Parts    *explain.Parts  `json:"parts"`
	OnlyRows *int64          `json:"only_rows"`
	Only     json.RawMessage `json:"only"` // up to ten of them; null where they may not be told
}

func (a *app) printComparison(ctx context.Context, r explain.Reading, m *catalogue.Metric, picked explain.Cell, dt bizday.Day, c *explain.Comparison) error {
	if a.global.Output == formJSON {
		before, err := sideOf(ctx, r, c.Before)
		if err != nil {
			return err
		}
		after, err := sideOf(ctx, r, c.After)
		if err != nil {
			return err
		}
		return json.NewEncoder(a.out).Encode(struct {
			Dt         string                     `json:"dt"`
			Metric     string                     `json:"metric"`
			Before     sideJSON                   `json:"before"`
			After      sideJSON                   `json:"after"`
			Origins    []explain.ChangedOrigin    `json:"files"`
			Partitions []explain.ChangedPartition `json:"partitions"`
		}{dt.String(), m.Name, before, after, orNone(c.Origins), orNone(c.Partitions)})
	}
	origins := &grid{columns: []string{"change", "source", "file", "rows before", "rows after", "of days"}}
	for _, o := range c.Origins {
		origins.add(o.Change, o.Source, o.Name, orNil(o.Before), orNil(o.After), dayList(o.Days))
	}
	if a.global.Output == formCSV {
		return a.write(origins.csv())
	}
	var b bytes.Buffer
	writeParagraph(&b, "metric", m.Name)
	writeParagraph(&b, "of", dt.String()+", "+cellName(picked))
	writeParagraph(&b, "before", sideText(c.Before))
	writeParagraph(&b, "after", sideText(c.After))
	if models := causedBy(c.Partitions, "code"); models != "" {
		writeParagraph(&b, "code", "these models changed: "+models)
	}
	if models := causedBy(c.Partitions, "parameters"); models != "" {
		writeParagraph(&b, "parameters", "parameters, zone or engine of these models changed: "+models)
	}
	switch {
	case len(c.Partitions) == 0:
		b.WriteString("\nNothing that the value is made from changed.\n")
	case len(origins.rows) == 0:
		b.WriteString("\nNo source file that the value is made from changed.\n")
	default:
		b.WriteString("\nSource files that are new or changed, with their rows of the days that changed\n\n")
		writeGrid(&b, origins)
	}
	for _, s := range []explain.Side{c.Before, c.After} {
		if s.OnlyRows == nil {
			continue
		}
		fmt.Fprintf(&b, "\nRows of snapshot %s only: %d\n", strings.TrimLeft(s.Snapshot, "0"), *s.OnlyRows)
		if err := writeRows(ctx, &b, r.Conn, s.Only, *s.OnlyRows, "\n"); err != nil {
			return err
		}
	}
	return a.write(b.Bytes())
}

func sideOf(ctx context.Context, r explain.Reading, s explain.Side) (sideJSON, error) {
	side := sideJSON{s.Snapshot, s.Cell, s.Parts, s.OnlyRows, nil}
	if s.Only == "" {
		return side, nil
	}
	rows, err := rowsJSON(ctx, r.Conn, s.Only)
	side.Only = rows
	return side, err
}

func sideText(s explain.Side) string {
	text := "snapshot " + strings.TrimLeft(s.Snapshot, "0") + ": "
	if s.Cell == nil {
		return text + "no such row"
	}
	return text + valueText(*s.Cell)
}

func causedBy(partitions []explain.ChangedPartition, cause string) string {
	var tables []string
	for _, p := range partitions {
		if p.Cause == cause && !slices.Contains(tables, p.Table) {
			tables = append(tables, p.Table)
		}
	}
	return strings.Join(tables, ", ")
}

// dayList is a few days as text.
func dayList(days []bizday.Day) string {
	if len(days) > 2 {
		return fmt.Sprintf("%s .. %s", days[0], days[len(days)-1])
	}
	words := make([]string, len(days))
	for i, d := range days {
		words[i] = d.String()
	}
	return strings.Join(words, " ")
}
