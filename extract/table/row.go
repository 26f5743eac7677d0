package table

import (
	"bytes"
	"slices"

	"github.com/parquet-go/parquet-go"

	"vaultreport/extract/rows"
)

// SameKey says whether two rows of one env have the same id, or user where that is the key. A row without an id is the same as
// no other but one that is equal in every column.
func (s *Spec) SameKey(a, b rows.Row) bool {
	if len(a) == 0 || rows.IsNull(a) {
		return false
	}
	n := s.Columns[0].form().Width(a)
	return len(b) >= n && bytes.Equal(a[:n], b[:n])
}

// form says how the column's value stands in a rows.Row, which holds the columns in lake order but env and dt.
func (c *Column) form() rows.Form {
	switch {
	case c.privacy != asIs:
		return rows.Key
	case c.Type == TextType:
		return rows.Text
	case c.Type == BooleanType:
		return rows.Truth
	default:
		return rows.Number
	}
}

// Layout returns the columns of a file of the lake: env, then those of a Row.
func (s *Spec) Layout() []rows.Column {
	layout := []rows.Column{{Form: rows.Text, Required: true}}
	for i := range s.Columns {
		c := &s.Columns[i]
		layout = append(layout, rows.Column{Form: c.form(), Leaf: i + 1, Required: c.NotNull})
	}
	return layout
}

// cells calls each for every column of a row with its cell.
func (s *Spec) cells(r rows.Row, each func(i int, c *Column, cell []byte)) {
	for i := range s.Columns {
		c := &s.Columns[i]
		n := c.form().Width(r)
		each(i, c, r[:n])
		r = r[n:]
	}
}

// TouchedBefore returns the latest instant before end at which a row says that it was created or updated, and whether there is
// one; in microseconds since 1970-01-01T00:00:00Z.
func (s *Spec) TouchedBefore(r rows.Row, end int64) (micros int64, there bool) {
	for i := range s.Columns {
		c := &s.Columns[i]
		n := c.form().Width(r)
		if (c.Name == createdAt || c.Name == updatedAt) && !rows.IsNull(r) {
			if at := rows.NumberOf(r[:n]); at < end && (!there || at > micros) {
				micros, there = at, true
			}
		}
		r = r[n:]
	}
	return micros, there
}

// Schema returns the schema of lake/<table>, of which a rows.Writer writes the rows.
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

// FromParquet is the inverse of a rows.Writer: it returns the env of a row of the lake and appends the Row to r.
func (s *Spec) FromParquet(r rows.Row, row parquet.Row) (env string, _ rows.Row) {
	for i := range s.Columns {
		v, form := row[i+1], s.Columns[i].form()
		switch {
		case v.IsNull():
			r = rows.AppendNull(r)
		case form == rows.Key:
			r = rows.AppendKey(r, (*[16]byte)(v.ByteArray()))
		case form == rows.Text:
			r = rows.AppendText(r, v.ByteArray())
		case form == rows.Truth:
			r = rows.AppendTruth(r, v.Boolean())
		default:
			r = rows.AppendNumber(r, v.Int64())
		}
	}
	return string(row[0].ByteArray()), r
}
