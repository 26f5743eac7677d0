package table

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// errParquet says that a file that begins as Parquet is none that can be read.
var errParquet = errors.New("the Parquet file is damaged")

// parquetReader reads the selected columns of a Parquet file of any writer, and no byte of the others.
type parquetReader struct {
	file       *parquet.File
	closer     io.Closer
	attributes []Attribute
	columns    []*parquet.Column // of each attribute
	convert    []func(parquet.Value) Value
}

func newParquet(from io.ReaderAt, size int64, closer io.Closer) (r *parquetReader, err error) {
	defer damage(&err)
	file, err := parquet.OpenFile(from, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errParquet, err)
	}
	r = &parquetReader{file: file, closer: closer}
	for _, column := range file.Root().Columns() {
		t, convert := typeOf(column)
		r.columns = append(r.columns, column)
		r.convert = append(r.convert, convert)
		r.attributes = append(r.attributes, Attribute{Name: column.Name(), Type: t, TypeName: typeName(column)})
	}
	return r, nil
}

// damage turns a panic of the library, which trusts a file's own numbers, into an error.
func damage(err *error) {
	if cause := recover(); cause != nil {
		*err = fmt.Errorf("%w: %v", errParquet, cause)
	}
}

func (r *parquetReader) Attributes() []Attribute { return r.attributes }

func (r *parquetReader) Close() error { return r.closer.Close() }

func (r *parquetReader) Rows(ctx context.Context, names []string, each func([]Value) error) error {
	for _, group := range r.file.RowGroups() {
		cursors, err := r.cursors(group, names)
		if err != nil {
			return err
		}
		err = r.group(ctx, group.NumRows(), cursors, each)
		for _, c := range cursors {
			err = errors.Join(err, c.close())
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *parquetReader) cursors(group parquet.RowGroup, names []string) (list []*cursor, err error) {
	defer damage(&err)
	chunks := group.ColumnChunks()
	for _, name := range names {
		for i, a := range r.attributes {
			if a.Name == name {
				list = append(list, &cursor{pages: chunks[r.columns[i].Index()].Pages(), convert: r.convert[i]})
			}
		}
	}
	return list, nil
}

func (r *parquetReader) group(ctx context.Context, rows int64, cursors []*cursor, each func([]Value) error) error {
	values := make([]Value, len(cursors))
	for n := range rows {
		const rowsBetweenLooks = 1024
		if n%rowsBetweenLooks == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		for i, c := range cursors {
			var err error
			if values[i], err = c.next(); err != nil {
				return err
			}
		}
		if err := each(values); err != nil {
			return err
		}
	}
	return nil
}

// cursor gives the values of one column chunk one by one.
type cursor struct {
	pages   parquet.Pages
	convert func(parquet.Value) Value
	page    parquet.Page
	values  parquet.ValueReader
	buffer  [256]parquet.Value
	held    []parquet.Value // of buffer, not given out yet; they refer to the page
}

func (c *cursor) next() (v Value, err error) {
	for len(c.held) == 0 {
		if err := c.fill(); err != nil {
			return Value{}, err
		}
	}
	first := c.held[0]
	c.held = c.held[1:]
	if first.IsNull() {
		return Value{}, nil
	}
	return c.convert(first), nil
}

func (c *cursor) fill() (err error) {
	defer damage(&err)
	if c.values == nil {
		page, err := c.pages.ReadPage()
		if err != nil {
			return fmt.Errorf("%w: %w", errParquet, err)
		}
		c.page, c.values = page, page.Values()
	}
	n, err := c.values.ReadValues(c.buffer[:])
	c.held = c.buffer[:n]
	switch {
	case err == io.EOF && n == 0:
		parquet.Release(c.page)
		c.page, c.values = nil, nil
	case err != nil && err != io.EOF:
		return fmt.Errorf("%w: %w", errParquet, err)
	}
	return nil
}

func (c *cursor) close() error {
	if c.page != nil {
		parquet.Release(c.page)
	}
	return c.pages.Close()
}

func typeName(c *parquet.Column) string {
	if !c.Leaf() || c.Repeated() {
		return "a nested one"
	}
	return c.Type().String()
}

// typeOf says what a column holds and how its values become Values. A logical type that is none of ours makes the
// column another one, whatever it is made of.
func typeOf(c *parquet.Column) (Type, func(parquet.Value) Value) {
	if !c.Leaf() || c.Repeated() {
		return OtherType, nil
	}
	var logical format.LogicalTypeValue
	if t := c.Type().LogicalType(); t != nil {
		logical = t.Value
	}
	kind := c.Type().Kind()
	switch l := logical.(type) {
	case nil:
		switch kind {
		case parquet.Boolean:
			return BooleanType, ofBoolean
		case parquet.Int32:
			return IntegerType, ofInt32
		case parquet.Int64:
			return IntegerType, ofInt64
		case parquet.ByteArray:
			return TextType, ofBytes
		case parquet.Int96:
			return InstantType, ofInt96
		}
	case *format.StringType, *format.EnumType:
		return TextType, ofBytes
	case *format.UUIDType:
		return TextType, ofUUID
	case *format.IntType:
		return IntegerType, ofInt(kind, l.IsSigned)
	case *format.TimestampType:
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			return InstantType, ofMilliseconds
		case *format.MicroSeconds:
			return InstantType, func(v parquet.Value) Value { return InstantOf(v.Int64()) }
		case *format.NanoSeconds:
			return InstantType, ofNanoseconds
		}
	}
	return OtherType, nil
}

func ofBoolean(v parquet.Value) Value {
	return Value{Kind: Boolean, Int: bool2int(v.Boolean())}
}

func ofInt32(v parquet.Value) Value { return Value{Kind: Integer, Int: int64(v.Int32())} }
func ofInt64(v parquet.Value) Value { return Value{Kind: Integer, Int: v.Int64()} }
func ofBytes(v parquet.Value) Value { return Value{Kind: Text, Bytes: v.ByteArray()} }

func ofInt(kind parquet.Kind, isSigned bool) func(parquet.Value) Value {
	switch {
	case isSigned && kind == parquet.Int32:
		return ofInt32
	case isSigned:
		return ofInt64
	case kind == parquet.Int32:
		return func(v parquet.Value) Value { return Value{Kind: Integer, Int: int64(uint32(v.Int32()))} }
	default:
		return func(v parquet.Value) Value {
			if v.Int64() < 0 {
				return Value{Kind: Unreadable}
			}
			return ofInt64(v)
		}
	}
}

// ofUUID gives the 36 characters that stand in events.
func ofUUID(v parquet.Value) Value {
	raw := v.ByteArray()
	if len(raw) != 16 {
		return Value{Kind: Unreadable}
	}
	text := make([]byte, 0, 36)
	for i, group := range [][]byte{raw[:4], raw[4:6], raw[6:8], raw[8:10], raw[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, group)
	}
	return Value{Kind: Text, Bytes: text}
}

func ofMilliseconds(v parquet.Value) Value {
	const most = math.MaxInt64 / 1000
	ms := v.Int64()
	switch {
	case ms == math.MaxInt64 || ms == -math.MaxInt64 || ms == math.MinInt64:
		return InstantOf(Forever)
	case ms > most || ms < -most:
		return Value{Kind: Unreadable}
	default:
		return InstantOf(ms * 1000)
	}
}

func ofNanoseconds(v parquet.Value) Value {
	ns := v.Int64()
	if ns == math.MaxInt64 || ns == -math.MaxInt64 || ns == math.MinInt64 {
		return InstantOf(Forever)
	}
	return InstantOf(floorDiv(ns, 1000))
}

// ofInt96 reads the form that Spark, Hive and Impala wrote for long: nanoseconds of a day, and the day counted as
// astronomers do.
func ofInt96(v parquet.Value) Value {
	const epoch, dayMicros = 2_440_588, 86_400_000_000
	raw := v.Int96()
	day := int64(int32(raw[2])) - epoch
	nanos := int64(uint64(raw[1])<<32 | uint64(raw[0]))
	if day > math.MaxInt64/dayMicros || day < math.MinInt64/dayMicros || nanos < 0 || nanos >= dayMicros*1000 {
		return Value{Kind: Unreadable}
	}
	return InstantOf(day*dayMicros + nanos/1000)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
