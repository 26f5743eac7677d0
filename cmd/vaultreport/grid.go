package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// grid is a small result of rows: a table or CSV. A nil is a value that there is none of.
type grid struct {
	columns []string
	rows    [][]any
}

func (g *grid) add(row ...any) { g.rows = append(g.rows, row) }

// table returns aligned columns under a header; numbers stand at the right.
func (g *grid) table() []byte {
	widths, right := make([]int, len(g.columns)), make([]bool, len(g.columns))
	rules := make([]any, len(g.columns))
	header := make([]any, len(g.columns))
	for i, name := range g.columns {
		header[i], widths[i] = name, len(name)
		right[i] = len(g.rows) > 0
		for _, row := range g.rows {
			widths[i] = max(widths[i], len(shortText(row[i])))
			_, isText := row[i].(string)
			right[i] = right[i] && !isText
		}
		rules[i] = strings.Repeat("-", widths[i])
	}
	var b bytes.Buffer
	for _, row := range append([][]any{header, rules}, g.rows...) {
		var line strings.Builder
		for i, value := range row {
			width := widths[i]
			if !right[i] {
				width = -width
			}
			fmt.Fprintf(&line, "%*s  ", width, shortText(value))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.Bytes()
}

// csv returns a header and the rows as RFC 4180 has them.
func (g *grid) csv() []byte {
	var b bytes.Buffer
	line := func(fields []string) { b.WriteString(strings.Join(fields, ",") + "\r\n") }
	line(g.columns)
	for _, row := range g.rows {
		fields := make([]string, len(row))
		for i, value := range row {
			if value != nil {
				fields[i] = csvField(fmt.Sprint(value))
			}
		}
		line(fields)
	}
	return b.Bytes()
}

// shortText is a value as people read it: of a number four digits after the point, at most.
func shortText(value any) string {
	if x, isDouble := value.(float64); isDouble {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', 4, 64), "0"), ".")
	}
	if value == nil {
		return "-"
	}
	return fmt.Sprint(value)
}
