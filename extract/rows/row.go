package rows

import (
	"bytes"
	"encoding/binary"

	"github.com/parquet-go/parquet-go"
)

// Row is a row of the lake in a form of which the order of bytes is the order of its columns: NULL first, false before
// true, text and keys by bytes, numbers by value. A cell is one byte, 0 for NULL; behind a 1 follows the value by its Form.
type Row []byte

const (
	nullMark  = 0
	valueMark = 1
)

// Form says how a value is laid out in a Row.
type Form uint8

// The forms of values.
const (
	Number Form = iota // int64 in 8 bytes with the sign turned
	Text               // bytes with a 0 at their end, so none of them may be 0
	Key                // 16 bytes
	Truth              // 1 byte, 0 or 1
	Code               // 1 byte, the place of a text in the Column's Texts
)

// AppendNull appends the cell of NULL.
func AppendNull(b Row) Row { return append(b, nullMark) }

// AppendNumber appends a cell of the form Number.
func AppendNumber(b Row, n int64) Row {
	return binary.BigEndian.AppendUint64(append(b, valueMark), uint64(n)^1<<63)
}

// AppendText appends a cell of the form Text.
func AppendText[T []byte | string](b Row, text T) Row {
	return append(append(append(b, valueMark), text...), 0)
}

// AppendKey appends a cell of the form Key.
func AppendKey(b Row, key *[16]byte) Row { return append(append(b, valueMark), key[:]...) }

// AppendTruth appends a cell of the form Truth.
func AppendTruth(b Row, truth bool) Row {
	if truth {
		return append(b, valueMark, 1)
	}
	return append(b, valueMark, 0)
}

// AppendCode appends a cell of the form Code.
func AppendCode(b Row, code byte) Row { return append(b, valueMark, code) }

// Width returns the length of the cell that b begins with, its mark included.
func (f Form) Width(b []byte) int {
	if b[0] == nullMark {
		return 1
	}
	switch f {
	case Text:
		return 2 + bytes.IndexByte(b[1:], 0)
	case Key:
		return 1 + 16
	case Truth, Code:
		return 1 + 1
	default:
		return 1 + 8
	}
}

// IsNull says whether the cell that b begins with is NULL.
func IsNull(b []byte) bool { return b[0] == nullMark }

// NumberOf returns the value of a cell of the form Number that is not NULL.
func NumberOf(cell []byte) int64 { return int64(binary.BigEndian.Uint64(cell[1:]) ^ 1<<63) }

// KeyOf returns the value of a cell of the form Key that is not NULL.
func KeyOf(cell []byte) [16]byte { return [16]byte(cell[1:]) }

// TextOf returns the value of a cell of the form Text that is not NULL; it refers to the cell.
func TextOf(cell []byte) []byte { return cell[1 : len(cell)-1] }

// TruthOf returns the value of a cell of the form Truth that is not NULL.
func TruthOf(cell []byte) bool { return cell[1] == 1 }

// CodeOf returns the value of a cell of the form Code that is not NULL.
func CodeOf(cell []byte) byte { return cell[1] }

// Column is a column of Rows in the order of their cells.
type Column struct {
	Form     Form
	Leaf     int      // its place among the columns of the file
	Required bool     // in the file, where it has no NULL
	Texts    []string // of a Code
}

// column is a Column with what its cells become in a file.
type column struct {
	Column
	null  parquet.Value
	codes []parquet.Value
}

func newColumn(c Column) column {
	own := column{Column: c, null: parquet.NullValue().Level(0, 0, c.Leaf)}
	level := 1
	if c.Required {
		level = 0
	}
	for _, text := range c.Texts {
		own.codes = append(own.codes, parquet.ByteArrayValue([]byte(text)).Level(0, level, c.Leaf))
	}
	return own
}

// take makes values of the column's cells that stand at the places, and moves these on.
func (c *column) take(values []parquet.Value, rows []byte, places []int) {
	level := 1
	if c.Required {
		level = 0
	}
	for i, at := range places {
		if rows[at] == nullMark {
			values[i], places[i] = c.null, at+1
			continue
		}
		switch c.Form {
		case Code:
			values[i], places[i] = c.codes[rows[at+1]], at+2
		case Number:
			values[i], places[i] = parquet.Int64Value(NumberOf(rows[at:at+9])).Level(0, level, c.Leaf), at+9
		case Key:
			values[i], places[i] = parquet.FixedLenByteArrayValue(rows[at+1:at+17]).Level(0, level, c.Leaf), at+17
		case Truth:
			values[i], places[i] = parquet.BooleanValue(rows[at+1] == 1).Level(0, level, c.Leaf), at+2
		case Text:
			end := at + Text.Width(rows[at:])
			values[i], places[i] = parquet.ByteArrayValue(TextOf(rows[at:end])).Level(0, level, c.Leaf), end
		}
	}
}
