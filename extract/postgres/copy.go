package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"vaultreport/extract/table"
)

// errStream says that what came is no binary COPY of the columns that were asked for.
var errStream = errors.New("the server's COPY is damaged")

var copySignature = []byte("PGCOPY\n\xff\r\n\x00")

// decoder is an io.Writer of a binary COPY, cut anywhere, that calls each for every row. Whole rows are decoded where they lie.
type decoder struct {
	ctx    context.Context // rows that come after its end are dropped
	forms  []form
	values []table.Value
	each   func([]table.Value) error

	held         []byte // the begin of what did not come whole
	begun, ended bool
	rows         int64
	err          error // of each
}

func newDecoder(ctx context.Context, forms []form, each func([]table.Value) error) *decoder {
	return &decoder{ctx: ctx, forms: forms, values: make([]table.Value, len(forms)), each: each}
}

// Write takes the next bytes of the stream.
func (d *decoder) Write(p []byte) (int, error) {
	if d.ctx.Err() != nil {
		return len(p), nil // the server was asked to stop, and is heard to the end so that the connection ends in order
	}
	b := p
	if len(d.held) > 0 {
		d.held = append(d.held, p...)
		b = d.held
	}
	for len(b) > 0 {
		n, err := d.next(b)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			break
		}
		b = b[n:]
	}
	if len(b) > maxMessage {
		return 0, fmt.Errorf("%w: a row is longer than %d MiB", errStream, maxMessage>>20)
	}
	d.held = append(d.held[:0], b...)
	return len(p), nil
}

// next takes the header or a row from the begin of b, and returns its length, 0 if it is not all there.
func (d *decoder) next(b []byte) (int, error) {
	switch {
	case d.ended:
		return 0, fmt.Errorf("%w: it goes on behind its end", errStream)
	case !d.begun:
		return d.header(b)
	default:
		return d.row(b)
	}
}

// header takes the signature, the flags and an extension of any length.
func (d *decoder) header(b []byte) (int, error) {
	fixed := len(copySignature) + 8
	if len(b) < fixed {
		return 0, nil
	}
	if string(b[:len(copySignature)]) != string(copySignature) {
		return 0, fmt.Errorf("%w: it does not begin as one", errStream)
	}
	extension := binary.BigEndian.Uint32(b[fixed-4:])
	switch {
	case extension > maxMessage:
		return 0, fmt.Errorf("%w: its header is of %d bytes", errStream, extension)
	case len(b)-fixed < int(extension):
		return 0, nil
	}
	d.begun = true
	return fixed + int(extension), nil
}

const (
	endMark  = 0xffff     // stands for the number of columns behind the last row
	nullMark = 0xffffffff // stands for the length of NULL
)

func (d *decoder) row(b []byte) (int, error) {
	if len(b) < 2 {
		return 0, nil
	}
	columns := binary.BigEndian.Uint16(b)
	if columns == endMark {
		d.ended = true
		return 2, nil
	}
	if int(columns) != len(d.forms) {
		return 0, fmt.Errorf("%w: a row of %d columns came, not of %d", errStream, columns, len(d.forms))
	}
	at := 2
	for i, f := range d.forms {
		if len(b)-at < 4 {
			return 0, nil
		}
		length := binary.BigEndian.Uint32(b[at:])
		at += 4
		if length == nullMark {
			d.values[i] = table.Value{}
			continue
		}
		switch {
		case length > maxMessage:
			return 0, fmt.Errorf("%w: a value of %d bytes came", errStream, length)
		case len(b)-at < int(length):
			return 0, nil
		}
		if !f.read(&d.values[i], b[at:at+int(length)]) {
			return 0, fmt.Errorf("%w: a value of %d bytes came for a column of type %s", errStream, length, typeOfForm[f])
		}
		at += int(length)
	}
	d.rows++
	if d.err = d.each(d.values); d.err != nil {
		return 0, d.err
	}
	return at, nil
}

// finish says whether the stream came to its end, with as many rows as the server counted.
func (d *decoder) finish(rows int64) error {
	switch {
	case !d.ended || len(d.held) > 0:
		return fmt.Errorf("%w: it ends early", errStream)
	case rows != d.rows:
		return fmt.Errorf("%w: %d rows came, the server counted %d", errStream, d.rows, rows)
	}
	return nil
}
