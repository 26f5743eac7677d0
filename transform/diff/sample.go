package diff

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
)

// sample reads rows of: whether A has them, whether B has, how many more copies, the key as text, and of each column the
// text in A and in B.
func (c *comparison) sample(ctx context.Context, text string, key, columns []string) error {
	return c.each(ctx, text, func(rows *sql.Rows) error {
		var hasA, hasB bool
		s := Sample{Change: Changed, Key: map[string]*string{}, Columns: []Cell{}}
		texts, cells := make([]*string, len(key)), make([]Cell, len(columns))
		targets := []any{&hasA, &hasB, &s.Copies}
		for i := range key {
			targets = append(targets, &texts[i])
		}
		for i, name := range columns {
			cells[i].Column = name
			targets = append(targets, &cells[i].A, &cells[i].B)
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		switch {
		case !hasB:
			s.Change = OnlyA
		case !hasA:
			s.Change = OnlyB
		}
		for i, name := range key {
			s.Key[name] = texts[i]
		}
		for _, cell := range cells {
			switch s.Change {
			case OnlyA:
				cell.B = nil
			case OnlyB:
				cell.A = nil
			default:
				if same(cell.A, cell.B) {
					continue
				}
			}
			s.Columns = append(s.Columns, cell)
		}
		c.table.Samples = append(c.table.Samples, s)
		return nil
	})
}

func same(a, b *string) bool { return a == b || a != nil && b != nil && *a == *b }

// texts selects the key and the values of both sides as text.
func texts(columns []column, key []string) (list []string) {
	for _, col := range columns {
		a, b := textExpr("a."+ident(col.name), col.kind), textExpr("b."+ident(col.name), col.kind)
		if slices.Contains(key, col.name) {
			list = append(list, fmt.Sprintf("case when b.there is null then %s else %s end as %s", a, b, ident("text "+col.name)))
			continue
		}
		list = append(list, fmt.Sprintf("%s as %s, %s as %s", a, ident("text a "+col.name), b, ident("text b "+col.name)))
	}
	return list
}

func keyTexts(key []string) (list []string) {
	for _, name := range key {
		list = append(list, ident("text "+name))
	}
	return list
}

func valueTexts(columns []string) (list []string) {
	for _, name := range columns {
		list = append(list, ident("text a "+name), ident("text b "+name))
	}
	return list
}

// textExpr is a value as the forms of docs/contract.md section 1 show it.
func textExpr(value, kind string) string {
	switch kind {
	case "BLOB":
		return "lower(hex(" + value + "))"
	case "TIMESTAMP":
		return "strftime(" + value + ", '%Y-%m-%dT%H:%M:%S.%fZ')"
	}
	return "cast(" + value + " as varchar)"
}

func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func idents(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = ident(name)
	}
	return strings.Join(quoted, ", ")
}

// listed continues a list of SQL.
func listed(parts []string) string {
	if len(parts) == 0 {
		return ""
	}
	return ", " + strings.Join(parts, ", ")
}

// each runs a query and calls use for each of its rows.
func (c *comparison) each(ctx context.Context, text string, use func(*sql.Rows) error) error {
	rows, err := c.conn.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := use(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
