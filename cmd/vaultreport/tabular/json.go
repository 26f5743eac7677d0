package tabular

import (
	"bufio"
	"database/sql/driver"
	"io"
)

// WriteJSON writes one array of objects, a row a line, the keys in column order, and returns the number of rows.
// Two columns of one name become two keys of one name: SQL allows that, and renaming one would be a guess.
func WriteJSON(w io.Writer, rows *Rows) (int64, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	keys := make([][]byte, len(rows.Columns))
	for i, c := range rows.Columns {
		keys[i] = append(appendString(nil, c.Name), ':')
	}
	var line []byte
	separator := "[\n"
	n, err := rows.each(func(row []driver.Value) error {
		line = append(append(line[:0], separator...), '{')
		separator = ",\n"
		for i, v := range row {
			if i > 0 {
				line = append(line, ',')
			}
			line = appendJSON(append(line, keys[i]...), v, rows.Columns[i].Type)
		}
		_, err := out.Write(append(line, '}'))
		return err
	})
	if err != nil {
		return n, err
	}
	end := "\n]\n"
	if n == 0 {
		end = "[]\n"
	}
	if _, err := out.WriteString(end); err != nil {
		return n, err
	}
	return n, out.Flush()
}
