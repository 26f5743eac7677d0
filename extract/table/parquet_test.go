package table

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	arrowparquet "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// asCSV is the table that every writer below writes.
const asCSV = `user_id,nickname,gold_status,platinum_status,diamond_status,expires_at,expires_initial_at,platinum_attendance_days,platinum_deposit_done,diamond_deposit_current
1,"a, b",LOCKED,UNLOCKED,CLAIMED,2026-01-31 15:00:00+00,2026-01-31 15:00:00.123+00,3,t,70000
2,c,ACTIVE,,EXPIRED,,,,f,
3,,BROKEN,LOCKED,LOCKED,1969-12-31 23:59:59.999+00,,-1,,0
`

func judgeCSV(t *testing.T, table, text string) string {
	t.Helper()
	reader, err := csvOf(t, text)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	return judge(t, SpecOf(table), reader, nil)
}

func judgeFile(t *testing.T, table, path string) string {
	t.Helper()
	reader, err := Open(vfs.OS(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	return judge(t, SpecOf(table), reader, nil)
}

func pointer[T any](v T) *T { return &v }

func TestParquetByParquetGo(t *testing.T) {
	type row struct {
		UserID   int32      `parquet:"user_id"`
		Nickname *string    `parquet:"nickname,optional"`
		Gold     string     `parquet:"gold_status,enum"`
		Platinum *string    `parquet:"platinum_status,optional,dict"`
		Diamond  []byte     `parquet:"diamond_status"`
		Expires  *int64     `parquet:"expires_at,optional,timestamp(millisecond:utc)"`
		Initial  *time.Time `parquet:"expires_initial_at,optional,timestamp(nanosecond:local)"`
		Days     *int64     `parquet:"platinum_attendance_days,optional"`
		Done     *bool      `parquet:"platinum_deposit_done,optional"`
		Deposit  *int64     `parquet:"diamond_deposit_current,optional"`
		Tags     []string   `parquet:"tags,list"`
	}
	rows := []row{
		{1, pointer("a, b"), "LOCKED", pointer("UNLOCKED"), []byte("CLAIMED"), pointer(int64(1769871600_000)), pointer(time.Date(2026, 1, 31, 15, 0, 0, 123e6, time.UTC)), pointer(int64(3)), pointer(true), pointer(int64(70000)), []string{"x", "y"}},
		{2, pointer("c"), "ACTIVE", nil, []byte("EXPIRED"), nil, nil, nil, pointer(false), nil, nil},
		{3, nil, "BROKEN", pointer("LOCKED"), []byte("LOCKED"), pointer(int64(-1)), nil, pointer(int64(-1)), nil, pointer(int64(0)), nil},
	}
	for name, options := range map[string][]parquet.WriterOption{
		"in one group":     nil,
		"in several":       {parquet.MaxRowsPerRowGroup(2), parquet.Compression(&parquet.Snappy)},
		"in several pages": {parquet.PageBufferSize(16), parquet.DataPageVersion(1), parquet.Compression(&parquet.Gzip)},
	} {
		path := filepath.Join(t.TempDir(), "dump")
		if err := parquet.WriteFile(path, rows, options...); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(judgeCSV(t, "vault_status", asCSV), judgeFile(t, "vault_status", path)); diff != "" {
			t.Errorf("%s (-CSV +Parquet):\n%s", name, diff)
		}
	}
}

func TestParquetByArrow(t *testing.T) {
	word := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "user_id", Type: arrow.PrimitiveTypes.Uint32},
		{Name: "nickname", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "gold_status", Type: word},
		{Name: "platinum_status", Type: arrow.BinaryTypes.LargeString, Nullable: true},
		{Name: "diamond_status", Type: arrow.BinaryTypes.Binary},
		{Name: "expires_at", Type: &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "Asia/Seoul"}, Nullable: true},
		{Name: "expires_initial_at", Type: &arrow.TimestampType{Unit: arrow.Nanosecond}, Nullable: true},
		{Name: "platinum_attendance_days", Type: arrow.PrimitiveTypes.Int16, Nullable: true},
		{Name: "platinum_deposit_done", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "diamond_deposit_current", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	b.Field(0).(*array.Uint32Builder).AppendValues([]uint32{1, 2, 3}, nil)
	b.Field(1).(*array.StringBuilder).AppendValues([]string{"a, b", "c", ""}, []bool{true, true, false})
	for _, status := range []string{"LOCKED", "ACTIVE", "BROKEN"} {
		if err := b.Field(2).(*array.BinaryDictionaryBuilder).AppendString(status); err != nil {
			t.Fatal(err)
		}
	}
	b.Field(3).(*array.LargeStringBuilder).AppendValues([]string{"UNLOCKED", "", "LOCKED"}, []bool{true, false, true})
	b.Field(4).(*array.BinaryBuilder).AppendValues([][]byte{[]byte("CLAIMED"), []byte("EXPIRED"), []byte("LOCKED")}, nil)
	b.Field(5).(*array.TimestampBuilder).AppendValues([]arrow.Timestamp{1769871600_000000, 0, -1000}, []bool{true, false, true})
	b.Field(6).(*array.TimestampBuilder).AppendValues([]arrow.Timestamp{1769871600_123000000, 0, 0}, []bool{true, false, false})
	b.Field(7).(*array.Int16Builder).AppendValues([]int16{3, 0, -1}, []bool{true, false, true})
	b.Field(8).(*array.BooleanBuilder).AppendValues([]bool{true, false, false}, []bool{true, true, false})
	b.Field(9).(*array.Int64Builder).AppendValues([]int64{70000, 0, 0}, []bool{true, false, true})
	record := b.NewRecordBatch()
	for name, properties := range map[string]*arrowparquet.WriterProperties{
		"as it writes by default": arrowparquet.NewWriterProperties(),
		"version 2.6, data pages version 2, no dictionary": arrowparquet.NewWriterProperties(
			arrowparquet.WithVersion(arrowparquet.V2_LATEST), arrowparquet.WithDataPageVersion(arrowparquet.DataPageV2), arrowparquet.WithDictionaryDefault(false)),
	} {
		path := filepath.Join(t.TempDir(), "dump")
		writeArrow(t, path, record, properties)
		if diff := cmp.Diff(judgeCSV(t, "vault_status", asCSV), judgeFile(t, "vault_status", path)); diff != "" {
			t.Errorf("%s (-CSV +Parquet):\n%s", name, diff)
		}
	}
}

func writeArrow(t *testing.T, path string, record arrow.RecordBatch, properties *arrowparquet.WriterProperties) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	writer, err := pqarrow.NewFileWriter(record.Schema(), file, properties, pqarrow.DefaultWriterProps())
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Write(record); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
}

// byDuckDB writes a query's rows with DuckDB.
func byDuckDB(t *testing.T, query, options string) string {
	t.Helper()
	ctx := context.Background()
	db, err := duck.Open(ctx, duck.Options{Threads: 1, MemoryBytes: 1 << 29, TempDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(t.TempDir(), "dump")
	if _, err := db.Conn().ExecContext(ctx, "copy ("+query+") to "+duck.Quote(path)+" (format parquet"+options+")"); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestParquetByDuckDB(t *testing.T) {
	const query = `select user_id::bigint as user_id, nickname, gold::enum('LOCKED', 'ACTIVE', 'BROKEN') as gold_status, platinum_status, diamond_status,
			expires_at::timestamptz as expires_at, initial::timestamp_ms as expires_initial_at, days::tinyint as platinum_attendance_days,
			done as platinum_deposit_done, deposit::ubigint as diamond_deposit_current
		from (values
			(1, 'a, b', 'LOCKED', 'UNLOCKED', 'CLAIMED', '2026-01-31 15:00:00', '2026-01-31 15:00:00.123', 3, true, 70000),
			(2, 'c', 'ACTIVE', null, 'EXPIRED', null, null, null, false, null),
			(3, null, 'BROKEN', 'LOCKED', 'LOCKED', '1969-12-31 23:59:59.999', null, -1, null, 0)
		) as t(user_id, nickname, gold, platinum_status, diamond_status, expires_at, initial, days, done, deposit)`
	for _, options := range []string{"", ", parquet_version 'v2'", ", compression zstd, row_group_size 2"} {
		if diff := cmp.Diff(judgeCSV(t, "vault_status", asCSV), judgeFile(t, "vault_status", byDuckDB(t, query, options))); diff != "" {
			t.Errorf("options %q (-CSV +Parquet):\n%s", options, diff)
		}
	}
}

func TestTypesInParquet(t *testing.T) {
	const others = "'LOCKED' as platinum_status, 'LOCKED' as diamond_status"
	const kept = "user_key=user(7) gold_status=LOCKED platinum_status=LOCKED diamond_status=LOCKED expires_at="
	for _, c := range []struct{ name, query, want string }{
		{"a user id of text is another type", "select '7' as user_id, 'LOCKED' as gold_status, null::timestamp as expires_at",
			"error: read table vault_status: required column user_id is of type STRING, which is not integer\n"},
		{"so is one of doubles", "select 7::double as user_id, 'LOCKED' as gold_status, null::timestamp as expires_at",
			"error: read table vault_status: required column user_id is of type DOUBLE, which is not integer\n"},
		{"and a decimal", "select 7::decimal(18, 0) as user_id, 'LOCKED' as gold_status, null::timestamp as expires_at",
			"error: read table vault_status: required column user_id is of type DECIMAL(18,0), which is not integer\n"},
		{"a status of numbers is another type", "select 7 as user_id, 1 as gold_status, null::timestamp as expires_at",
			"error: read table vault_status: required column gold_status is of type INT(32,true), which is not text\n"},
		{"a date is no timestamp", "select 7 as user_id, 'LOCKED' as gold_status, date '2026-01-02' as expires_at",
			"error: read table vault_status: required column expires_at is of type DATE, which is not timestamp\n"},
		{"a list is nothing of ours", "select 7 as user_id, ['LOCKED'] as gold_status, null::timestamp as expires_at",
			"error: read table vault_status: required column gold_status is of type a nested one, which is not text\n"},
		{"nanoseconds are cut", "select 7 as user_id, 'LOCKED' as gold_status, timestamp_ns '2026-01-02 03:04:05.123456789' as expires_at",
			kept + "2026-01-02T03:04:05.123456Z\n"},
		{"seconds", "select 7 as user_id, 'LOCKED' as gold_status, timestamp_s '2026-01-02 03:04:05' as expires_at",
			kept + "2026-01-02T03:04:05Z\n"},
		{"infinity is NULL", "select 7 as user_id, 'LOCKED' as gold_status, 'infinity'::timestamptz as expires_at", kept + "NULL\n"},
		{"the year 294000 is refused", "select 7 as user_id, 'LOCKED' as gold_status, timestamp '294000-01-02 00:00:00' as expires_at",
			`bad_field expires_at {"user_id":<number:1>,"gold_status":"LOCKED","platinum_status":"LOCKED","diamond_status":"LOCKED","expires_at":<string:0>}` + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := judgeFile(t, "vault_status", byDuckDB(t, c.query+", "+others, ""))
			if rest, found := strings.CutPrefix(got, "missing: "); found {
				_, got, _ = strings.Cut(rest, "\n")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAUUIDIsHashedAsEventsWriteIt(t *testing.T) {
	path := byDuckDB(t, "select 1 as id, 7 as user_id, '6FA459EA-EE8A-3CA4-894E-DB77E160355E'::uuid as request_id, 1.5 as retry_count", "")
	const want = "missing: vault_type, external_service, status, retry_count, next_retry_at, created_at\nid=1 user_key=user(7) compensation_id=request(6fa459ea-ee8a-3ca4-894e-db77e160355e)\n"
	if diff := cmp.Diff(want, judgeFile(t, "compensation_queue", path)); diff != "" {
		t.Error(diff)
	}
}

func TestInstantsOfSpark(t *testing.T) {
	const julianEpoch = 2_440_588
	of := func(day int32, nanos int64) Value {
		return ofInt96(parquet.Int96Value(deprecated.Int96{uint32(nanos), uint32(nanos >> 32), uint32(day)}))
	}
	for _, c := range []struct {
		name  string
		day   int32
		nanos int64
		want  Value
	}{
		{"the epoch", julianEpoch, 0, Value{Kind: Instant}},
		{"an afternoon before it", julianEpoch - 1, 86_399_999_999_999, Value{Kind: Instant, Int: -1}},
		{"a day of 24 hours and more", julianEpoch, 86_400_000_000_000, Value{Kind: Unreadable}},
		{"a year beyond all", math.MaxInt32, 0, Value{Kind: Unreadable}},
	} {
		if got := of(c.day, c.nanos); got.Kind != c.want.Kind || got.Int != c.want.Int {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

// columnsRead remembers where a file is read.
type columnsRead struct {
	*os.File
	touched []bool
}

func (r *columnsRead) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		if at := int(off) + i; at < len(r.touched) {
			r.touched[at] = true
		}
	}
	return r.File.ReadAt(p, off)
}

func TestAColumnThatIsNotListedIsNeverRead(t *testing.T) {
	path := byDuckDB(t, "select i as user_id, 'LOCKED' as gold_status, 'LOCKED' as platinum_status, 'LOCKED' as diamond_status, null::timestamp as expires_at, 'memo ' || hash(i) as memo from range(1, 5000) as t(i)", ", compression uncompressed")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	watched := &columnsRead{file, make([]bool, info.Size())}
	reader, err := newParquet(watched, info.Size(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if got := judge(t, SpecOf("vault_status"), reader, nil); strings.Contains(got, "memo") || strings.Count(got, "LOCKED") < 3*4999 {
		t.Errorf("got %.200s", got)
	}
	chunk := reader.file.Metadata().RowGroups[0].Columns[5].MetaData
	for at := chunk.DataPageOffset; at < chunk.DataPageOffset+chunk.TotalCompressedSize; at++ {
		if watched.touched[at] {
			t.Fatalf("byte %d of the column memo was read", at-chunk.DataPageOffset)
		}
	}
}

func TestADamagedParquetFileIsNotReady(t *testing.T) {
	path := byDuckDB(t, "select i as user_id, 'LOCKED' as gold_status, 'LOCKED' as platinum_status, 'LOCKED' as diamond_status, null::timestamp as expires_at from range(1, 500) as t(i)", "")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read := func(content []byte) error {
		path := filepath.Join(t.TempDir(), "dump")
		if err := os.WriteFile(path, content, 0o640); err != nil {
			t.Fatal(err)
		}
		reader, err := Open(vfs.OS(), path)
		if err != nil {
			return ReadError("vault_status", "dump", err)
		}
		defer reader.Close()
		names := []string{"user_id", "gold_status", "platinum_status", "diamond_status", "expires_at"}
		if err := reader.Rows(context.Background(), names, func([]Value) error { return nil }); err != nil {
			return ReadError("vault_status", "dump", err)
		}
		return nil
	}
	for _, size := range []int{4, 5, 100, len(whole) - 1} {
		if err := read(whole[:size]); errs.ClassOf(err) != errs.NotReady || errs.HintOf(err) == "" {
			t.Errorf("%d bytes of %d: got %v of class %d, want class NotReady and a way out", size, len(whole), err, errs.ClassOf(err))
		}
	}
	for at := 4; at < len(whole); at += 3 {
		spoiled := append([]byte(nil), whole...)
		spoiled[at] ^= 0xff
		read(spoiled) // any error, and no panic
	}
}
