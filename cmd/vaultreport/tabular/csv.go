package tabular

import (
	"bufio"
	"database/sql/driver"
	"io"
	"strings"
)

// WriteCSV writes RFC 4180 with a header and CRLF and returns the number of rows. NULL is empty, an empty text is "".
func WriteCSV(w io.Writer, rows *Rows) (int64, error) {
	out := bufio.NewWriterSize(w, 1<<16)
	var line []byte
	for i, c := range rows.Columns {
		line = appendField(line, i, c.Name)
	}
	if _, err := out.Write(append(line, "\r\n"...)); err != nil {
		return 0, err
	}
	n, err := rows.each(func(row []driver.Value) error {
		line = line[:0]
		for i, v := range row {
			switch {
			case v != nil:
				line = appendField(line, i, text(v, rows.Columns[i].Type))
			case len(row) == 1:
				line = append(line, `""`...) // most readers skip an empty line, and the row with it
			case i > 0:
				line = append(line, ',')
			}
		}
		_, err := out.Write(append(line, "\r\n"...))
		return err
	})
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}

func appendField(line []byte, i int, field string) []byte {
	if i > 0 {
		line = append(line, ',')
	}
	if field != "" && !strings.ContainsAny(field, "\",\r\n") && field[0] != ' ' && field[len(field)-1] != ' ' {
		return append(line, field...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(field, `"`, `""`)...)
	return append(line, '"')
}
