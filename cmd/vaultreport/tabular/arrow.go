package tabular

import (
	"database/sql/driver"
	"fmt"
	"io"
	"math/big"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/decimal256"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/duckdb/duckdb-go/v2"
)

// batchRows are the rows of one Arrow record batch.
const batchRows = 8192

// WriteArrow writes an Arrow IPC stream and returns the number of rows. Types without an Arrow twin (UUID, BIT, ENUM, UNION,
// BIGNUM, JSON) are text.
func WriteArrow(w io.Writer, rows *Rows) (int64, error) {
	fields := make([]arrow.Field, len(rows.Columns))
	for i, c := range rows.Columns {
		fields[i] = arrow.Field{Name: c.Name, Type: arrowType(c.Type), Nullable: true}
	}
	schema := arrow.NewSchema(fields, nil)
	out := ipc.NewWriter(w, ipc.WithSchema(schema))
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	held := 0
	flush := func() error {
		batch := builder.NewRecordBatch()
		defer batch.Release()
		held = 0
		return out.Write(batch)
	}
	n, err := rows.each(func(row []driver.Value) error {
		for i, v := range row {
			if err := appendArrow(builder.Field(i), v, rows.Columns[i].Type); err != nil {
				return fmt.Errorf("column %q: %w", rows.Columns[i].Name, err)
			}
		}
		if held++; held == batchRows {
			return flush()
		}
		return nil
	})
	if err != nil {
		return n, err
	}
	if held > 0 {
		if err := flush(); err != nil {
			return n, err
		}
	}
	return n, out.Close()
}

func arrowType(t duckdb.TypeInfo) arrow.DataType {
	switch t.InternalType() {
	case duckdb.TYPE_BOOLEAN:
		return arrow.FixedWidthTypes.Boolean
	case duckdb.TYPE_TINYINT:
		return arrow.PrimitiveTypes.Int8
	case duckdb.TYPE_SMALLINT:
		return arrow.PrimitiveTypes.Int16
	case duckdb.TYPE_INTEGER:
		return arrow.PrimitiveTypes.Int32
	case duckdb.TYPE_BIGINT:
		return arrow.PrimitiveTypes.Int64
	case duckdb.TYPE_UTINYINT:
		return arrow.PrimitiveTypes.Uint8
	case duckdb.TYPE_USMALLINT:
		return arrow.PrimitiveTypes.Uint16
	case duckdb.TYPE_UINTEGER:
		return arrow.PrimitiveTypes.Uint32
	case duckdb.TYPE_UBIGINT:
		return arrow.PrimitiveTypes.Uint64
	case duckdb.TYPE_HUGEINT, duckdb.TYPE_UHUGEINT:
		return &arrow.Decimal256Type{Precision: 39} // 2^128 has 39 digits
	case duckdb.TYPE_FLOAT:
		return arrow.PrimitiveTypes.Float32
	case duckdb.TYPE_DOUBLE:
		return arrow.PrimitiveTypes.Float64
	case duckdb.TYPE_DATE:
		return arrow.FixedWidthTypes.Date32
	case duckdb.TYPE_TIME:
		return arrow.FixedWidthTypes.Time64us
	case duckdb.TYPE_TIMESTAMP:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case duckdb.TYPE_TIMESTAMP_S:
		return &arrow.TimestampType{Unit: arrow.Second}
	case duckdb.TYPE_TIMESTAMP_MS:
		return &arrow.TimestampType{Unit: arrow.Millisecond}
	case duckdb.TYPE_TIMESTAMP_NS:
		return &arrow.TimestampType{Unit: arrow.Nanosecond}
	case duckdb.TYPE_TIMESTAMP_TZ:
		return arrow.FixedWidthTypes.Timestamp_us
	case duckdb.TYPE_INTERVAL:
		return arrow.FixedWidthTypes.MonthDayNanoInterval
	case duckdb.TYPE_BLOB, duckdb.TYPE_GEOMETRY:
		return arrow.BinaryTypes.Binary
	case duckdb.TYPE_SQLNULL:
		return arrow.Null
	}
	return arrowNestedType(t)
}

func arrowNestedType(t duckdb.TypeInfo) arrow.DataType {
	switch details := t.Details().(type) {
	case *duckdb.DecimalDetails:
		return &arrow.Decimal128Type{Precision: int32(details.Width), Scale: int32(details.Scale)}
	case *duckdb.ListDetails:
		return arrow.ListOf(arrowType(details.Child))
	case *duckdb.ArrayDetails:
		return arrow.FixedSizeListOf(int32(details.Size), arrowType(details.Child))
	case *duckdb.StructDetails:
		fields := make([]arrow.Field, len(details.Entries))
		for i, entry := range details.Entries {
			fields[i] = arrow.Field{Name: entry.Name(), Type: arrowType(entry.Info()), Nullable: true}
		}
		return arrow.StructOf(fields...)
	case *duckdb.MapDetails:
		return arrow.MapOf(arrowType(details.Key), arrowType(details.Value))
	}
	return arrow.BinaryTypes.String
}

// appendArrow appends a value to the builder of its type.
func appendArrow(builder array.Builder, v any, t duckdb.TypeInfo) error {
	if v == nil {
		builder.AppendNull()
		return nil
	}
	switch b := builder.(type) {
	case *array.BooleanBuilder:
		return add(b.Append, v)
	case *array.Int8Builder:
		return add(b.Append, v)
	case *array.Int16Builder:
		return add(b.Append, v)
	case *array.Int32Builder:
		return add(b.Append, v)
	case *array.Int64Builder:
		return add(b.Append, v)
	case *array.Uint8Builder:
		return add(b.Append, v)
	case *array.Uint16Builder:
		return add(b.Append, v)
	case *array.Uint32Builder:
		return add(b.Append, v)
	case *array.Uint64Builder:
		return add(b.Append, v)
	case *array.Float32Builder:
		return add(b.Append, v)
	case *array.Float64Builder:
		return add(b.Append, v)
	case *array.BinaryBuilder:
		return add(b.Append, v)
	case *array.Decimal256Builder:
		return add(func(x *big.Int) { b.Append(decimal256.FromBigInt(x)) }, v)
	case *array.Decimal128Builder:
		return add(func(x duckdb.Decimal) { b.Append(decimal128.FromBigInt(x.Value)) }, v)
	case *array.Date32Builder:
		return add(func(x time.Time) { b.Append(arrow.Date32FromTime(x)) }, v)
	case *array.Time64Builder:
		return add(func(x time.Time) { b.Append(arrow.Time64(x.Sub(x.Truncate(24 * time.Hour)).Microseconds())) }, v)
	case *array.TimestampBuilder:
		return add(func(x time.Time) { b.Append(arrowTimestamp(x, b.Type())) }, v)
	case *array.MonthDayNanoIntervalBuilder:
		return add(func(x duckdb.Interval) {
			b.Append(arrow.MonthDayNanoInterval{Months: x.Months, Days: x.Days, Nanoseconds: x.Micros * 1000})
		}, v)
	case *array.StringBuilder:
		b.Append(text(v, t))
		return nil
	}
	return appendArrowNested(builder, v, t)
}

// arrowTimestamp counts in the column's own unit: years that microseconds hold are too far for nanoseconds.
func arrowTimestamp(x time.Time, t arrow.DataType) arrow.Timestamp {
	switch t.(*arrow.TimestampType).Unit {
	case arrow.Second:
		return arrow.Timestamp(x.Unix())
	case arrow.Millisecond:
		return arrow.Timestamp(x.UnixMilli())
	case arrow.Nanosecond:
		return arrow.Timestamp(x.UnixNano())
	}
	return arrow.Timestamp(x.UnixMicro())
}

func appendArrowNested(builder array.Builder, v any, t duckdb.TypeInfo) error {
	switch b := builder.(type) {
	case *array.MapBuilder:
		return appendArrowMap(b, v, t)
	case *array.ListBuilder:
		b.Append(true)
		return appendArrowItems(b.ValueBuilder(), v, t)
	case *array.FixedSizeListBuilder:
		b.Append(true)
		return appendArrowItems(b.ValueBuilder(), v, t)
	case *array.StructBuilder:
		values, isStruct := v.(map[string]any)
		details, isKnown := t.Details().(*duckdb.StructDetails)
		if !isStruct || !isKnown {
			return unfit(v)
		}
		b.Append(true)
		for i, entry := range details.Entries {
			if err := appendArrow(b.FieldBuilder(i), values[entry.Name()], entry.Info()); err != nil {
				return err
			}
		}
		return nil
	}
	return unfit(v)
}

func appendArrowItems(builder array.Builder, v any, t duckdb.TypeInfo) error {
	items, isList := v.([]any)
	if !isList {
		return unfit(v)
	}
	child := childOf(t)
	for _, item := range items {
		if err := appendArrow(builder, item, child); err != nil {
			return err
		}
	}
	return nil
}

func appendArrowMap(b *array.MapBuilder, v any, t duckdb.TypeInfo) error {
	m, isMap := v.(duckdb.OrderedMap)
	details, isKnown := t.Details().(*duckdb.MapDetails)
	if !isMap || !isKnown {
		return unfit(v)
	}
	b.Append(true)
	values := m.Values()
	for i, key := range m.Keys() {
		if err := appendArrow(b.KeyBuilder(), key, details.Key); err != nil {
			return err
		}
		if err := appendArrow(b.ItemBuilder(), values[i], details.Value); err != nil {
			return err
		}
	}
	return nil
}

// add appends a value of the Go type that the builder's DuckDB type has.
func add[T any](appendTo func(T), v any) error {
	x, ok := v.(T)
	if !ok {
		return unfit(v)
	}
	appendTo(x)
	return nil
}

func unfit(v any) error {
	return fmt.Errorf("a value of Go type %T has no place in its Arrow column", v)
}
