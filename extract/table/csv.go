package table

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
)

// ErrTorn says that a dump ends within a row: it is still being written, or damaged.
var ErrTorn = errors.New("it ends within a row")

// errShape says that a file is no CSV of the form that COPY writes.
var errShape = errors.New("it is not the CSV that COPY ... CSV HEADER writes")

const (
	readSize   = 64 << 10
	maxCell    = 1 << 20 // bytes of a value that are held; a longer one is Unreadable
	maxColumns = 4096
)

// csvReader reads what PostgreSQL's COPY ... CSV HEADER writes, and nothing else: a header, commas, line ends \n or
// \r\n, values in double quotes where they hold a comma, a quote (twice) or a line end. An empty value is NULL, one of two quotes
// is the empty text; encoding/csv does not tell them apart.
type csvReader struct {
	from   *bufio.Reader
	closer io.Closer
	header []Attribute
	line   int64 // on which the row under way began
	next   int64 // line that is read now

	cell   []byte
	length int64 // of the cell, which may be more than is held
}

// newCSV reads the header.
func newCSV(from io.Reader, closer io.Closer) (*csvReader, error) {
	r := &csvReader{from: bufio.NewReaderSize(from, readSize), closer: closer, next: 1}
	if bom, err := r.from.Peek(3); err == nil && string(bom) == "\ufeff" {
		r.from.Discard(len(bom))
	}
	names := make(map[int]string)
	columns, err := r.row(maxColumns, func(int) bool { return true }, func(i int, v Value) { names[i] = string(v.Bytes) })
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%w: it has no header", errShape)
	case err != nil:
		return nil, err
	}
	for i := range columns {
		r.header = append(r.header, Attribute{Name: names[i], Type: UntypedType, TypeName: "text"})
	}
	return r, nil
}

func (r *csvReader) Attributes() []Attribute { return r.header }

func (r *csvReader) Close() error { return r.closer.Close() }

func (r *csvReader) Rows(ctx context.Context, names []string, each func([]Value) error) error {
	places := make([]int, len(r.header)) // of each column of the file among values, -1 if it is not selected
	for i, a := range r.header {
		places[i] = -1
		for j, name := range names {
			if a.Name == name {
				places[i] = j
			}
		}
	}
	values := make([]Value, len(names))
	cells := make([][]byte, len(names))
	selected := func(i int) bool { return places[i] >= 0 }
	for n := 0; ; n++ {
		const rowsBetweenLooks = 1024
		if n%rowsBetweenLooks == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		columns, err := r.row(len(r.header), selected, func(i int, v Value) {
			at := places[i]
			cells[at] = append(cells[at][:0], v.Bytes...)
			values[at] = Value{Kind: v.Kind, Bytes: cells[at]}
		})
		if err == io.EOF {
			return nil
		}
		if err == nil && columns != len(r.header) {
			err = fmt.Errorf("%w: line %d has %d columns, the header %d", errShape, r.line, columns, len(r.header))
		}
		if err != nil {
			return err
		}
		if err := each(values); err != nil {
			return err
		}
	}
}

// row reads one row of at most the given columns and calls put with the selected ones. io.EOF says that there is none.
func (r *csvReader) row(most int, selected func(i int) bool, put func(i int, v Value)) (columns int, err error) {
	r.line = r.next
	if _, err := r.from.Peek(1); err != nil {
		return 0, err
	}
	for i := 0; ; i++ {
		if i == most {
			return 0, fmt.Errorf("%w: line %d has more than %d columns", errShape, r.line, most)
		}
		keep := selected(i)
		end, quoted, err := r.value(keep)
		if err != nil {
			return 0, err
		}
		if keep {
			put(i, r.cellValue(quoted))
		}
		switch {
		case end == '\n':
			return i + 1, nil
		case end == fileEnd && i+1 < len(r.header):
			return 0, ErrTorn
		case end == fileEnd:
			return i + 1, nil
		}
	}
}

func (r *csvReader) cellValue(quoted bool) Value {
	switch {
	case r.length > int64(len(r.cell)):
		return Value{Kind: Unreadable, Bytes: r.cell}
	case r.length == 0 && !quoted:
		return Value{}
	default:
		return Value{Kind: Text, Bytes: r.cell}
	}
}

// fileEnd ends a last row without a line end.
const fileEnd = 0

// value reads one value and what ends it: a comma, a line end or fileEnd.
func (r *csvReader) value(keep bool) (end byte, quoted bool, err error) {
	r.cell, r.length = r.cell[:0], 0
	c, err := r.byte()
	if err == nil && c == '"' {
		if err := r.quoted(keep); err != nil {
			return 0, false, err
		}
		quoted = true
		c, err = r.byte()
	}
	for ; ; c, err = r.byte() {
		switch {
		case err == io.EOF:
			return fileEnd, quoted, nil
		case err != nil:
			return 0, false, err
		case c == ',' || c == '\n':
			return c, quoted, nil
		case c == '\r':
			if c, err = r.byte(); err != nil || c != '\n' {
				return 0, false, fmt.Errorf("%w: line %d has a carriage return outside quotes", errShape, r.line)
			}
			return c, quoted, nil
		case quoted:
			return 0, false, fmt.Errorf("%w: line %d has text behind a closing quote", errShape, r.line)
		case c == '"':
			return 0, false, fmt.Errorf("%w: line %d has a quote within a value without quotes", errShape, r.line)
		}
		r.keep(keep, c)
	}
}

// quoted reads what stands between the quote that was read and its closing one.
func (r *csvReader) quoted(keep bool) error {
	for {
		part, err := r.from.ReadSlice('"')
		r.next += int64(bytes.Count(part, []byte{'\n'}))
		switch {
		case err == bufio.ErrBufferFull:
			r.keep(keep, part...)
			continue
		case err == io.EOF:
			return ErrTorn
		case err != nil:
			return err
		}
		r.keep(keep, part[:len(part)-1]...)
		next, err := r.from.Peek(1)
		if err != nil && err != io.EOF {
			return err
		}
		if len(next) == 0 || next[0] != '"' {
			return nil
		}
		r.from.Discard(1)
		r.keep(keep, '"')
	}
}

func (r *csvReader) byte() (byte, error) {
	c, err := r.from.ReadByte()
	if c == '\n' {
		r.next++
	}
	return c, err
}

func (r *csvReader) keep(keep bool, text ...byte) {
	r.length += int64(len(text))
	if keep {
		r.cell = append(r.cell, text[:min(len(text), maxCell-len(r.cell))]...)
	}
}
