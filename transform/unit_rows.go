package transform

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// query returns a block's rows as a query: all columns of the table are there, NULL where the block does not name them.
func (u *unit) query(of warehouse.Table, b block, selected string) (string, error) {
	for _, name := range b.columns {
		if _, err := columnOf(of, name, b); err != nil {
			return "", err
		}
	}
	rows := []string{of.Empty()}
	for _, row := range b.rows {
		var cells []string
		for _, column := range of.Columns {
			text := "NULL"
			if column.Name == "dt" {
				text = b.dt.String()
			}
			if i := slices.Index(b.columns, column.Name); i >= 0 {
				text = row[i]
			}
			literal, err := u.literal(column, text, b)
			if err != nil {
				return "", err
			}
			cells = append(cells, literal+" as "+column.Name)
		}
		rows = append(rows, "select "+strings.Join(cells, ", "))
	}
	return "select " + selected + " from (" + strings.Join(rows, " union all ") + ")", nil
}

func columnOf(of warehouse.Table, name string, b block) (warehouse.Column, error) {
	for _, column := range of.Columns {
		if column.Name == name {
			return column, nil
		}
	}
	return warehouse.Column{}, errs.New(errs.Usage, fmt.Sprintf("%s: table %s has no column %q", b.at, of.Name, name), "")
}

// literal returns a cell as SQL. A clock such as 10:00 is local time on the block's day; names stand for keys and ids.
func (u *unit) literal(column warehouse.Column, text string, b block) (string, error) {
	switch {
	case text == "NULL":
		return "null::" + column.Type, nil
	case (column.Type == "BLOB" || column.Type == "UUID") && len(text) > idBytes:
		return "", errs.New(errs.Usage, fmt.Sprintf("%s: the name %s in column %s is longer than %d bytes", b.at, text, column.Name, idBytes), "any short name stands for a key or an id")
	case column.Type == "BLOB":
		return "unhex('" + hex.EncodeToString(padded(text)) + "')", nil
	case column.Type == "UUID":
		return duck.Quote(hex.EncodeToString(padded(text))) + "::uuid", nil
	case column.Type == "TIMESTAMP" && strings.Count(text, "-") == 0:
		clock := b.dt.String() + " " + (text + ":00")[:max(len(text), len("10:00:00"))]
		location, err := time.LoadLocation(u.zone.Name())
		if err != nil {
			return "", u.wrong(err)
		}
		local, err := time.ParseInLocation("2006-01-02 15:04:05.999999", clock, location)
		if err != nil {
			return "", errs.New(errs.Usage, fmt.Sprintf("%s: %q in column %s is no time", b.at, text, column.Name), "10:00 and 10:00:00.5 are local time, 2026-01-02T01:00:00 is UTC")
		}
		return fmt.Sprintf("make_timestamp(%d)", local.UnixMicro()), nil
	default:
		return duck.Quote(text) + "::" + column.Type, nil
	}
}

// idBytes is the length of keys and ids.
const idBytes = 16

func padded(name string) []byte { return append([]byte(name), make([]byte, idBytes-len(name))...) }

// readable is a column as text; keys and ids come out as the names that they were made of.
func readable(column warehouse.Column) string {
	switch column.Type {
	case "BLOB":
		return `replace(` + column.Name + `::varchar, '\x00', '')`
	case "UUID":
		return `replace(unhex(replace(` + column.Name + `::varchar, '-', ''))::varchar, '\x00', '')`
	default:
		return column.Name + "::varchar"
	}
}

// texts returns the rows of a query of texts, NULL as "NULL".
func (u *unit) texts(ctx context.Context, query string) (found [][]string, err error) {
	rows, err := u.db.Conn().QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	cells, targets := make([]*string, len(columns)), make([]any, len(columns))
	for i := range cells {
		targets[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		row := make([]string, len(columns))
		for i, text := range cells {
			row[i] = "NULL"
			if text != nil {
				row[i] = *text
			}
		}
		found = append(found, row)
	}
	return found, rows.Err()
}

// layout writes rows in columns, as they stand in a block.
func layout(columns []string, rows [][]string) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 1, 2, ' ', 0)
	for _, row := range append([][]string{columns}, rows...) {
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
	}
	w.Flush()
	return b.String()
}
