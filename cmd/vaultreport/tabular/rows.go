package tabular

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/duckdb/duckdb-go/v2"
)

// Column is a column of a result.
type Column struct {
	Name string
	Type duckdb.TypeInfo
}

// Rows is a result that is being read. It is valid inside the function given to Query only.
type Rows struct {
	Columns []Column

	ctx  context.Context
	rows driver.Rows
	row  []driver.Value
}

// Query runs a statement and calls use once with its rows. The statement must be the only one in text.
// The driver's own values are read, not those of database/sql: these have lost the types inside of nested values.
func Query(ctx context.Context, conn *sql.Conn, text string, use func(*Rows) error) error {
	return conn.Raw(func(driverConn any) error {
		raw, ok := driverConn.(*duckdb.Conn)
		if !ok {
			return errors.New("query: the connection is none of DuckDB")
		}
		statement, columns, err := prepare(ctx, raw, text)
		if err != nil {
			return err
		}
		defer statement.Close()
		rows, err := statement.QueryContext(ctx, nil)
		if err != nil {
			return err
		}
		defer rows.Close()
		return use(&Rows{Columns: columns, ctx: ctx, rows: rows, row: make([]driver.Value, len(columns))})
	})
}

// prepare also casts columns to text of which the driver would give something else than the text: it parses JSON, which
// loses the order of keys and the digits of large numbers.
func prepare(ctx context.Context, raw *duckdb.Conn, text string) (*duckdb.Stmt, []Column, error) {
	statement, err := prepareOne(ctx, raw, text)
	if err != nil {
		return nil, nil, err
	}
	columns, err := columnsOf(statement)
	if err != nil {
		statement.Close()
		return nil, nil, err
	}
	list, isCast := make([]string, len(columns)), false
	for i, c := range columns {
		list[i] = fmt.Sprintf("#%d", i+1)
		if isJSON(c.Type) || c.Type.InternalType() == duckdb.TYPE_VARIANT {
			list[i], isCast = fmt.Sprintf("cast(#%d as varchar)", i+1), true
		}
	}
	if !isCast {
		return statement, columns, nil
	}
	if err := statement.Close(); err != nil {
		return nil, nil, err
	}
	// A view and not a subquery: the text may end in a semicolon and a comment.
	if _, err := raw.ExecContext(ctx, "create or replace temp view vr_result as "+text, nil); err != nil {
		return nil, nil, err
	}
	statement, err = prepareOne(ctx, raw, "select "+strings.Join(list, ", ")+" from vr_result")
	return statement, columns, err
}

func prepareOne(ctx context.Context, raw *duckdb.Conn, text string) (*duckdb.Stmt, error) {
	prepared, err := raw.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	statement, ok := prepared.(*duckdb.Stmt)
	if !ok {
		prepared.Close()
		return nil, errors.New("query: the statement is none of DuckDB")
	}
	if n := statement.NumInput(); n > 0 {
		statement.Close()
		return nil, errors.New("query: parameters such as $1 have no value here")
	}
	return statement, nil
}

func columnsOf(statement *duckdb.Stmt) ([]Column, error) {
	n, err := statement.ColumnCount()
	if err != nil {
		return nil, err
	}
	columns := make([]Column, n)
	for i := range columns {
		if columns[i].Name, err = statement.ColumnName(i); err != nil {
			return nil, err
		}
		if columns[i].Type, err = statement.ColumnTypeInfo(i); err != nil {
			return nil, fmt.Errorf("query: column %q has a type that cannot be written, cast it to varchar: %w", columns[i].Name, err)
		}
	}
	return columns, nil
}

// Next returns the next row, which is valid until the next call, or io.EOF.
func (r *Rows) Next() ([]driver.Value, error) {
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	if err := r.rows.Next(r.row); err != nil {
		return nil, err
	}
	return r.row, nil
}

// each calls use for every row and counts them.
func (r *Rows) each(use func(row []driver.Value) error) (n int64, err error) {
	for {
		row, err := r.Next()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		if err := use(row); err != nil {
			return n, err
		}
		n++
	}
}

func isJSON(t duckdb.TypeInfo) bool { return t.Alias() == "JSON" }
