package tabular

import (
	"bufio"
	"database/sql/driver"
	"io"
	"strings"
	"unicode"

	"github.com/duckdb/duckdb-go/v2"
	"golang.org/x/text/width"
)

// sampleRows are the rows that decide how wide the columns of a table are; a wider cell further down sticks out.
const sampleRows = 1000

// narrowest is the width below which no column is cut to make a table fit.
const narrowest = 12

// WriteTable writes aligned columns under a header and returns the number of rows. With limit above 0 long cells are cut so
// that a line has at most that many columns of a terminal, as far as that is possible.
func WriteTable(w io.Writer, rows *Rows, limit int) (int64, error) {
	t := table{out: bufio.NewWriterSize(w, 1<<16), limit: limit}
	header := make([]string, len(rows.Columns))
	for i, c := range rows.Columns {
		header[i] = printable(c.Name)
		t.right = append(t.right, isNumber(c.Type))
		t.widths = append(t.widths, columns(header[i]))
	}
	var held [][]string
	flush := func() {
		t.fit()
		t.line(header)
		t.rule()
		for _, cells := range held {
			t.line(cells)
		}
		held = nil
	}
	n, isOpen := int64(0), false
	_, err := rows.each(func(row []driver.Value) error {
		n++
		cells := cellsOf(row, rows.Columns)
		if isOpen {
			return t.line(cells)
		}
		held = append(held, cells)
		for i, cell := range cells {
			t.widths[i] = max(t.widths[i], columns(cell))
		}
		if len(held) == sampleRows {
			flush()
			isOpen = true
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	if !isOpen {
		flush()
	}
	return n, t.out.Flush()
}

// WriteLines writes the last column as text of several lines, such as a plan, and returns the number of rows.
func WriteLines(w io.Writer, rows *Rows) (int64, error) {
	out := bufio.NewWriter(w)
	last := len(rows.Columns) - 1
	n, err := rows.each(func(row []driver.Value) error {
		for line := range strings.Lines(text(row[last], rows.Columns[last].Type)) {
			if _, err := out.WriteString(printable(strings.TrimSuffix(line, "\n")) + "\n"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	return n, out.Flush()
}

func cellsOf(row []driver.Value, columns []Column) []string {
	cells := make([]string, len(row))
	for i, v := range row {
		cells[i] = "NULL"
		if v != nil {
			cells[i] = printable(text(v, columns[i].Type))
		}
	}
	return cells
}

type table struct {
	out    *bufio.Writer
	limit  int
	widths []int
	right  []bool // numbers stand at the right
}

const gap = "  "

// fit takes width from the widest column of text, one by one, until a line fits or none can give any more. Numbers stay whole.
func (t *table) fit() {
	if t.limit <= 0 {
		return
	}
	total := len(gap) * (len(t.widths) - 1)
	for _, w := range t.widths {
		total += w
	}
	for ; total > t.limit; total-- {
		widest := -1
		for i, w := range t.widths {
			if !t.right[i] && (widest < 0 || w > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 || t.widths[widest] <= narrowest {
			return
		}
		t.widths[widest]--
	}
}

func (t *table) line(cells []string) error {
	var b strings.Builder
	for i, cell := range cells {
		if i > 0 {
			b.WriteString(gap)
		}
		if t.limit > 0 {
			cell = cut(cell, t.widths[i])
		}
		padding := strings.Repeat(" ", max(0, t.widths[i]-columns(cell)))
		if t.right[i] {
			b.WriteString(padding + cell)
		} else {
			b.WriteString(cell + padding)
		}
	}
	_, err := t.out.WriteString(strings.TrimRight(b.String(), " ") + "\n")
	return err
}

func (t *table) rule() error {
	dashes := make([]string, len(t.widths))
	for i, w := range t.widths {
		dashes[i] = strings.Repeat("-", w)
	}
	_, err := t.out.WriteString(strings.Join(dashes, gap) + "\n")
	return err
}

// printable escapes what would break a line or speak to the terminal.
func printable(s string) string {
	if strings.IndexFunc(s, isControl) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if isControl(r) {
			b.WriteString(escape(r))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func isControl(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }

func escape(r rune) string {
	quoted := string(appendString(nil, string(r)))
	if plain := quoted[1 : len(quoted)-1]; plain != string(r) {
		return plain
	}
	const digits = "0123456789abcdef"
	b := []byte("\\u0000")
	for i := range 4 {
		b[5-i] = digits[r>>(4*i)&15]
	}
	return string(b)
}

// columns is how many columns of a terminal a text takes.
func columns(s string) (n int) {
	for _, r := range s {
		n += runeColumns(r)
	}
	return n
}

func runeColumns(r rune) int {
	if unicode.Is(unicode.Mn, r) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func cut(s string, limit int) string {
	if columns(s) <= limit {
		return s
	}
	n := 0
	for i, r := range s {
		if n += runeColumns(r); n > limit-1 {
			return s[:i] + "…"
		}
	}
	return s
}

func isNumber(t duckdb.TypeInfo) bool {
	switch t.InternalType() {
	case duckdb.TYPE_TINYINT, duckdb.TYPE_SMALLINT, duckdb.TYPE_INTEGER, duckdb.TYPE_BIGINT, duckdb.TYPE_HUGEINT,
		duckdb.TYPE_UTINYINT, duckdb.TYPE_USMALLINT, duckdb.TYPE_UINTEGER, duckdb.TYPE_UBIGINT, duckdb.TYPE_UHUGEINT,
		duckdb.TYPE_BIGNUM, duckdb.TYPE_FLOAT, duckdb.TYPE_DOUBLE, duckdb.TYPE_DECIMAL:
		return true
	}
	return false
}
