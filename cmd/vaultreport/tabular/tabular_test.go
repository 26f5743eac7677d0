package tabular

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/duck"
)

type writer func(io.Writer, *Rows) (int64, error)

func tableWriter(limit int) writer {
	return func(w io.Writer, rows *Rows) (int64, error) { return WriteTable(w, rows, limit) }
}

func open(t testing.TB) *duck.DB {
	t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func write(t testing.TB, db *duck.DB, w writer, text string) string {
	t.Helper()
	var b bytes.Buffer
	err := Query(context.Background(), db.Conn(), text, func(rows *Rows) error {
		_, err := w(&b, rows)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b.String()
}

// The forms of every type: the value in JSON, and in CSV where that is not the JSON without quotes.
func TestForms(t *testing.T) {
	db := open(t)
	for _, c := range []struct{ name, sql, json, csv string }{
		{"NULL is null, and empty", "null", `null`, ``},
		{"a NULL with a type", "null::double", `null`, ``},
		{"booleans", "true", `true`, `true`},
		{"the least TINYINT", "(-128)::tinyint", `-128`, `-128`},
		{"the largest UBIGINT", "18446744073709551615::ubigint", `18446744073709551615`, `18446744073709551615`},
		{"the largest BIGINT", "9223372036854775807", `9223372036854775807`, `9223372036854775807`},
		{"the largest HUGEINT", "170141183460469231731687303715884105727::hugeint", `170141183460469231731687303715884105727`, `170141183460469231731687303715884105727`},
		{"a negative HUGEINT", "'-170141183460469231731687303715884105728'::hugeint", `-170141183460469231731687303715884105728`, `-170141183460469231731687303715884105728`},
		{"the largest UHUGEINT", "340282366920938463463374607431768211455::uhugeint", `340282366920938463463374607431768211455`, `340282366920938463463374607431768211455`},
		{"a sum of BIGINT is exact", "(select sum(x) from (values (9223372036854775807), (1)) v(x))", `9223372036854775808`, `9223372036854775808`},
		{"a decimal keeps its zeros", "1.50::decimal(10,2)", `1.50`, `1.50`},
		{"a decimal below one", "-0.05::decimal(10,2)", `-0.05`, `-0.05`},
		{"a decimal without fraction", "7::decimal(38,0)", `7`, `7`},
		{"the widest decimal", "'12345678901234567890.123456789012345678'::decimal(38,18)", `12345678901234567890.123456789012345678`, `12345678901234567890.123456789012345678`},
		{"a double in shortest form", "0.1::double", `0.1`, `0.1`},
		{"a double that is whole", "3::double", `3`, `3`},
		{"a third", "1::double/3", `0.3333333333333333`, `0.3333333333333333`},
		{"a large double", "1e300::double", `1e+300`, `1e+300`},
		{"a small double", "1e-7::double", `1e-07`, `1e-07`},
		{"negative zero", "-0.0::double", `-0`, `-0`},
		{"a float has its own shortest form", "0.1::float", `0.1`, `0.1`},
		{"NaN", "'nan'::double", `null`, `NaN`},
		{"infinity", "'-inf'::double", `null`, `-Infinity`},
		{"text", "'it''s <b> & \"q\"'", `"it's <b> & \"q\""`, `"it's <b> & ""q"""`},
		{"text with a line end", "'a' || chr(13) || chr(10) || 'b'", `"a\r\nb"`, "\"a\r\nb\""},
		{"text that looks like a quoted text", "'\"a\"'", `"\"a\""`, `"""a"""`},
		{"empty text differs from NULL", "''", `""`, `""`},
		{"Korean text", "'금고'", `"금고"`, `금고`},
		{"a date", "date '2026-01-02'", `"2026-01-02"`, `2026-01-02`},
		{"a date before the year 1", "date '0044-03-15 (BC)'", `"-0043-03-15"`, `-0043-03-15`},
		{"an infinite date", "'infinity'::date", `"infinity"`, `infinity`},
		{"a timestamp has six digits", "timestamp '2026-01-02 03:04:05'", `"2026-01-02T03:04:05.000000Z"`, `2026-01-02T03:04:05.000000Z`},
		{"a timestamp with microseconds", "timestamp '2026-01-02 03:04:05.600001'", `"2026-01-02T03:04:05.600001Z"`, `2026-01-02T03:04:05.600001Z`},
		{"an infinite timestamp", "'-infinity'::timestamp", `"-infinity"`, `-infinity`},
		{"a timestamp with time zone", "timestamptz '2026-01-02 03:04:05+09'", `"2026-01-01T18:04:05.000000Z"`, `2026-01-01T18:04:05.000000Z`},
		{"a timestamp of seconds", "'2026-01-02 03:04:05'::timestamp_s", `"2026-01-02T03:04:05.000000Z"`, `2026-01-02T03:04:05.000000Z`},
		{"a timestamp of nanoseconds keeps them", "'2026-01-02 03:04:05.000000001'::timestamp_ns", `"2026-01-02T03:04:05.000000001Z"`, `2026-01-02T03:04:05.000000001Z`},
		{"a time", "time '23:59:59.5'", `"23:59:59.500000"`, `23:59:59.500000`},
		{"an interval", "interval '14 months 3 days 90 seconds'", `"P14M3DT90.000000S"`, `P14M3DT90.000000S`},
		{"a blob is lower-case hex", `'\xAB\x00'::blob`, `"ab00"`, `ab00`},
		{"a uuid is text", "uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", `"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"`, `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11`},
		{"a bit string", "'0101'::bit", `"0101"`, `0101`},
		{"an enum", "'b'::enum('a', 'b')", `"b"`, `b`},
		{"a list", "[1, null, 3]", `[1,null,3]`, `"[1,null,3]"`},
		{"a list of blobs", `['\xFF'::blob]`, `["ff"]`, `"[""ff""]"`},
		{"an array", "[1, 2]::integer[2]", `[1,2]`, `"[1,2]"`},
		{"a struct keeps the order of its fields", "{'z': 1, 'a': date '2026-01-02', 'm': [uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']}", `{"z":1,"a":"2026-01-02","m":["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]}`, ``},
		{"a map keeps its order, keys are text", "map {2: 'b', 1: 'a'}", `{"2":"b","1":"a"}`, ``},
		{"a map of dates", "map {date '2026-01-02': 1.5::decimal(3,1)}", `{"2026-01-02":1.5}`, ``},
		{"a union names its member", "union_value(num := 2)", `{"num":2}`, ``},
		{"JSON is itself", `'{"b": 12345678901234567890, "a": [1.0]}'::json`, `{"b": 12345678901234567890, "a": [1.0]}`, ``},
		{"JSON null is not NULL", `'null'::json`, `null`, `null`},
		{"JSON inside of a struct", `{'j': '{"a": 1}'::json}`, `{"j":{"a":1}}`, ``},
		{"a variant", "[1, 2]::variant", `"[1, 2]"`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			query := "select " + c.sql + " as v, 1 as n"
			got := write(t, db, WriteJSON, query)
			if want := "[\n{\"v\":" + c.json + ",\"n\":1}\n]\n"; got != want {
				t.Errorf("JSON: got %s, want %s", got, want)
			}
			if !json.Valid([]byte(got)) {
				t.Errorf("no JSON: %s", got)
			}
			got = write(t, db, WriteCSV, query)
			if want := "v,n\r\n" + c.csv + ",1\r\n"; got != want && (c.csv != "" || strings.HasPrefix(c.name, "NULL")) {
				t.Errorf("CSV: got %q, want %q", got, want)
			}
			if records, err := csv.NewReader(strings.NewReader(got)).ReadAll(); err != nil || len(records) != 2 || len(records[1]) != 2 {
				t.Errorf("no CSV: %q: %v", got, err)
			}
			write(t, db, WriteArrow, query)
			if table := write(t, db, tableWriter(0), query); strings.Count(table, "\n") != 3 {
				t.Errorf("table: got %q, want 3 lines", table)
			}
		})
	}
}

func TestNoRows(t *testing.T) {
	db := open(t)
	for _, c := range []struct {
		name string
		w    writer
		want string
	}{
		{"JSON", WriteJSON, "[]\n"},
		{"CSV", WriteCSV, "a,b\r\n"},
		{"table", tableWriter(0), "a  b\n-  -\n"},
	} {
		if got := write(t, db, c.w, "select 1 as a, 2 as b where false"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func TestCSVOfOneColumnHasNoEmptyLine(t *testing.T) {
	got := write(t, open(t), WriteCSV, "select * from (values ('a'), (null), ('b')) v(x)")
	if want := "x\r\na\r\n\"\"\r\nb\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTwoColumnsOfOneName(t *testing.T) {
	got := write(t, open(t), WriteJSON, "select 1 as a, 2 as a, '1'::json as j, '2'::json as j")
	if want := "[\n{\"a\":1,\"a\":2,\"j\":1,\"j\":2}\n]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTable(t *testing.T) {
	db := open(t)
	for _, c := range []struct {
		name, sql string
		limit     int
		want      string
	}{
		{"numbers stand at the right", "select * from (values ('a', 1, null), ('bcd', 1000, 2.5)) v(name, n, x)", 0, "name     n     x\n----  ----  ----\na        1  NULL\nbcd   1000   2.5\n"},
		{"wide characters take two columns", "select '금고' as v, 'x' as w", 0, "v     w\n----  -\n금고  x\n"},
		{"control characters are shown, not sent", "select 'a' || chr(27) || '[31m' || chr(10) || chr(9) as v", 0, "v\n---------------\na\\u001b[31m\\n\\t\n"},
		{"direction marks are shown, too", "select 'a' || chr(8238) as v", 0, "v\n-------\na\\u202e\n"},
		{"long text is cut for a terminal", "select repeat('x', 40) as long, 1234567 as n", 24, "long                   n\n---------------  -------\nxxxxxxxxxxxxxx…  1234567\n"},
		{"nothing is cut without a terminal", "select repeat('x', 40) as long", 0, "long\n" + strings.Repeat("-", 40) + "\n" + strings.Repeat("x", 40) + "\n"},
		{"wide characters are cut at a whole one", "select repeat('금', 40) as v", 13, "v\n-------------\n금금금금금금…\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, write(t, db, tableWriter(c.limit), c.sql)); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

func TestATableOfManyRowsHasEveryRow(t *testing.T) {
	got := write(t, open(t), tableWriter(0), "select i from range(12345) t(i) order by i")
	if lines := strings.Count(got, "\n"); lines != 12345+2 {
		t.Errorf("%d lines", lines)
	}
	if !strings.HasSuffix(got, "\n12344\n") {
		t.Errorf("ends with %q", got[len(got)-20:])
	}
}

func TestArrow(t *testing.T) {
	got := write(t, open(t), WriteArrow, `select i, i::double / 2 as half, case when i % 2 = 0 then 'even' end as word, date '2026-01-01' + i::integer as dt,
		timestamp '2026-01-01' as ts, uuid 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' as id, [i, null] as list, {'b': 'x', 'a': i} as s, map {'k': i} as m,
		i::decimal(9,2) as d, i::hugeint as h, '\xAB'::blob as blob, time '01:02:03' as t, 'nan'::double as nan from range(10000) t(i) order by i`)
	reader, err := ipc.NewReader(strings.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Release()
	types := ""
	for _, f := range reader.Schema().Fields() {
		types += f.Name + " " + f.Type.String() + "\n"
	}
	want := `i int64
half float64
word utf8
dt date32
ts timestamp[us]
id utf8
list list<item: int64, nullable>
s struct<b: utf8 nullable, a: int64 nullable>
m map<utf8, int64, items_nullable>
d decimal(9, 2)
h decimal256(39, 0)
blob binary
t time64[us]
nan float64
`
	if d := cmp.Diff(want, types); d != "" {
		t.Errorf("types (-want +got)\n%s", d)
	}
	rows, last := int64(0), ""
	for reader.Next() {
		batch := reader.RecordBatch()
		rows += batch.NumRows()
		last = ""
		for _, column := range batch.Columns() {
			last += column.ValueStr(column.Len()-1) + "|"
		}
	}
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	if want := `9999|4999.5|(null)|2053-05-18|2026-01-01T00:00:00|a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11|[9999,null]|{"a":9999,"b":"x"}|[{"key":"k","value":9999}]|9999|9999|qw==|01:02:03.000000|NaN|`; rows != 10000 || last != want {
		t.Errorf("%d rows, the last is\n%s, want\n%s", rows, last, want)
	}
}

func TestErrorsOfTheQueryAndOfTheWriter(t *testing.T) {
	db := open(t)
	use := func(rows *Rows) error { _, err := WriteJSON(io.Discard, rows); return err }
	for _, text := range []string{"select $1", "select no_such_column", "select error('late') from range(10000)"} {
		if err := Query(context.Background(), db.Conn(), text, use); err == nil {
			t.Errorf("%s: accepted", text)
		}
	}
	full := errors.New("disk full")
	for name, w := range map[string]writer{"JSON": WriteJSON, "CSV": WriteCSV, "table": tableWriter(0), "Arrow": WriteArrow} {
		err := Query(context.Background(), db.Conn(), "select i from range(100000) t(i)", func(rows *Rows) error {
			_, err := w(failing{full}, rows)
			return err
		})
		if !errors.Is(err, full) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if got := write(t, db, WriteJSON, "select 1 as a"); got != "[\n{\"a\":1}\n]\n" {
		t.Errorf("after errors: got %q", got)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// Whatever the number, JSON and CSV read back the same.
func TestDoublesReadBackTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64().Draw(t, "x")
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return
		}
		var back float64
		if err := json.Unmarshal(appendFloat(nil, x, 64), &back); err != nil || back != x {
			t.Errorf("%v became %s", x, appendFloat(nil, x, 64))
		}
		if _, err := fmt.Sscan(shortest(x, 64), &back); err != nil || back != x {
			t.Errorf("%v became %s", x, shortest(x, 64))
		}
	})
}

// Whatever the text, CSV reads back the same, and a table's cell has no control characters.
func TestTextSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.SliceOfN(rapid.String(), 2, 4).Draw(t, "fields")
		var line []byte
		for i, f := range fields {
			fields[i] = strings.ReplaceAll(f, "\r\n", "\n") // the reader of encoding/csv does that
			line = appendField(line, i, fields[i])
		}
		got, err := csv.NewReader(bytes.NewReader(append(line, "\r\n"...))).Read()
		if err != nil || !cmp.Equal(got, fields) {
			t.Errorf("%q became %q (%v)", fields, got, err)
		}
		for _, f := range fields {
			if strings.IndexFunc(printable(f), isControl) >= 0 {
				t.Errorf("%q is shown as %q", f, printable(f))
			}
			if n := columns(cut(printable(f), 5)); n > 5 {
				t.Errorf("%q cut to 5 takes %d columns", f, n)
			}
		}
	})
}
