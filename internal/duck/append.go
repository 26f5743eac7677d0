package duck

import (
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/duckdb/duckdb-go/v2"
)

// Append puts rows into a temporary table of the connection: values of Go's int64, float64, string and nil for its BIGINT,
// DOUBLE and VARCHAR. It is for many rows, which cost far more as parameters of a statement.
func Append(conn *sql.Conn, table string, rows [][]any) error {
	return conn.Raw(func(raw any) (err error) {
		appender, err := duckdb.NewAppender(raw.(driver.Conn), "temp", "main", table)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, appender.Close()) }()
		values := []driver.Value{}
		for _, row := range rows {
			values = values[:0]
			for _, value := range row {
				values = append(values, value)
			}
			if err := appender.AppendRow(values...); err != nil {
				return err
			}
		}
		return nil
	})
}
