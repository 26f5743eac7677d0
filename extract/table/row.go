package table

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/parquet-go/parquet-go"
)

// Row is a row of the lake but for env and dt, in a form of which the order of bytes is the order of the table: the columns in
// lake order, NULL first, false before true, text and keys by bytes, numbers by value. A column is one byte, 0 for
// NULL, and behind a 1: a text with a 0 at its end, which no domain allows in a text; a number in 8 bytes with the sign turned; a key of
// 16 bytes; a truth value in 1.
type Row []byte

const (
	nullMark  = 0
	valueMark = 1
)

func appendNumber(b Row, n int64) Row {
	return binary.BigEndian.AppendUint64(append(b, valueMark), uint64(n)^1<<63)
}

func appendText(b Row, text []byte) Row { return append(append(append(b, valueMark), text...), 0) }
func appendKey(b Row, key [16]byte) Row { return append(append(b, valueMark), key[:]...) }
func appendNull(b Row) Row              { return append(b, nullMark) }
func appendTruth(b Row, truth int64) Row {
	return append(b, valueMark, byte(truth))
}

// SameKey says whether two rows of one env have the same id, or user where that is the key. A row without an id is the same as
// no other but one that is equal in every column.
func (s *Spec) SameKey(a, b Row) bool {
	if len(a) == 0 || a[0] == nullMark {
		return false
	}
	n := 1 + s.Columns[0].width(a[1:])
	return len(b) >= n && bytes.Equal(a[:n], b[:n])
}

// width returns the length of the column's value that b begins with.
func (c *Column) width(b []byte) int {
	switch {
	case c.privacy != asIs:
		return 16
	case c.Type == TextType:
		return bytes.IndexByte(b, 0) + 1
	case c.Type == BooleanType:
		return 1
	default:
		return 8
	}
}

// cells calls each for every column of a row with the bytes of its value, nil for NULL.
func (s *Spec) cells(r Row, each func(i int, c Column, cell []byte)) {
	for i, c := range s.Columns {
		if r[0] == nullMark {
			each(i, c, nil)
			r = r[1:]
			continue
		}
		n := c.width(r[1:])
		each(i, c, r[1:1+n])
		r = r[1+n:]
	}
}

// TouchedBefore returns the latest instant before end at which a row says that it was created or updated, and whether there is
// one; in microseconds since 1970-01-01T00:00:00Z.
func (s *Spec) TouchedBefore(r Row, end int64) (micros int64, there bool) {
	for i := range s.Columns {
		c := &s.Columns[i]
		if r[0] == nullMark {
			r = r[1:]
			continue
		}
		n := 1 + c.width(r[1:])
		if c.Name == createdAt || c.Name == updatedAt {
			if at := number(r[1:n]); at < end && (!there || at > micros) {
				micros, there = at, true
			}
		}
		r = r[n:]
	}
	return micros, there
}

func number(cell []byte) int64 { return int64(binary.BigEndian.Uint64(cell) ^ 1<<63) }

// Schema returns the schema of lake/<table>, of which a Writer writes rows.
func (s *Spec) Schema() *parquet.Schema {
	group := parquet.Group{"env": dictionary(parquet.String()), "dt": parquet.Date()}
	order := []string{"env"}
	for _, c := range s.Columns {
		node := c.node()
		if !c.NotNull {
			node = parquet.Optional(node)
		}
		group[c.Name] = node
		order = append(order, c.Name)
	}
	return parquet.NewSchema(s.Name, ordered{group, append(order, "dt")})
}

func (c Column) node() parquet.Node {
	switch {
	case c.privacy != asIs:
		return parquet.Leaf(parquet.FixedLenByteArrayType(16))
	case c.Type == TextType:
		return dictionary(parquet.String())
	case c.Type == BooleanType:
		return parquet.Leaf(parquet.BooleanType)
	case c.Type == InstantType:
		return parquet.Encoded(parquet.TimestampAdjusted(parquet.Microsecond, false), &parquet.DeltaBinaryPacked)
	default:
		return parquet.Encoded(parquet.Int(64), &parquet.DeltaBinaryPacked)
	}
}

func dictionary(n parquet.Node) parquet.Node { return parquet.Encoded(n, &parquet.RLEDictionary) }

// ordered is a group whose fields stand in an order of their own; those of a parquet.Group are sorted by name.
type ordered struct {
	parquet.Group
	names []string
}

func (o ordered) Fields() []parquet.Field {
	fields := o.Group.Fields()
	slices.SortFunc(fields, func(a, b parquet.Field) int {
		return slices.Index(o.names, a.Name()) - slices.Index(o.names, b.Name())
	})
	return fields
}

func (c *Column) parquetValue(cell []byte) parquet.Value {
	switch {
	case cell == nil:
		return parquet.NullValue()
	case c.privacy != asIs:
		return parquet.FixedLenByteArrayValue(cell)
	case c.Type == TextType:
		return parquet.ByteArrayValue(cell[:len(cell)-1])
	case c.Type == BooleanType:
		return parquet.BooleanValue(cell[0] == 1)
	default:
		return parquet.Int64Value(number(cell))
	}
}

// FromParquet is the inverse of a Writer: it returns the env of a row of the lake and appends the Row to r.
func (s *Spec) FromParquet(r Row, row parquet.Row) (env string, _ Row) {
	for i, c := range s.Columns {
		v := row[i+1]
		switch {
		case v.IsNull():
			r = appendNull(r)
		case c.privacy != asIs:
			r = appendKey(r, [16]byte(v.ByteArray()))
		case c.Type == TextType:
			r = appendText(r, v.ByteArray())
		case c.Type == BooleanType:
			r = append(r, valueMark, byte(bool2int(v.Boolean())))
		default:
			r = appendNumber(r, v.Int64())
		}
	}
	return string(row[0].ByteArray()), r
}

func bool2int(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
