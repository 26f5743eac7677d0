package extract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/parquet-go/parquet-go"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
	"vaultreport/internal/parquetfile"
)

// eventRow gives the schema of lake/events; rows are written column by column from rows.Rows.
type eventRow struct {
	TS              int64    `parquet:"ts,delta,timestamp(microsecond:local)"`
	Event           string   `parquet:"event,dict"`
	UserKey         [16]byte `parquet:"user_key,optional,dict"`
	VaultType       string   `parquet:"vault_type,optional,dict"`
	ReqID           [16]byte `parquet:"req_id,optional,uuid"`
	TraceID         [16]byte `parquet:"trace_id,optional"`
	Env             string   `parquet:"env,dict"`
	StatusBefore    string   `parquet:"status_before,optional,dict"`
	StatusAfter     string   `parquet:"status_after,optional,dict"`
	ExpiresAt       int64    `parquet:"expires_at,optional,timestamp(microsecond:local)"`
	VariantID       string   `parquet:"variant_id,optional,dict"`
	NotifyType      string   `parquet:"notify_type,optional,dict"`
	AttendanceDay   int64    `parquet:"attendance_day,optional"`
	TxID            [16]byte `parquet:"tx_id,optional"`
	Amount          int64    `parquet:"amount,optional"`
	ExtensionReason string   `parquet:"extension_reason,optional,dict"`
	Shadow          bool     `parquet:"shadow,optional"`
	CompensationID  [16]byte `parquet:"compensation_id,optional"`
	LatencyMS       int64    `parquet:"latency_ms,optional"`
	Job             string   `parquet:"job,optional,dict"`
	Outcome         string   `parquet:"outcome,optional,dict"`
	Queue           string   `parquet:"queue,optional,dict"`
	Depth           int64    `parquet:"depth,optional"`
	Attempt         int64    `parquet:"attempt,optional"`
	Dt              int32    `parquet:"dt,date"`
}

type quarantineRow struct {
	Dt         int32   `parquet:"dt,date"`
	Source     string  `parquet:"source,dict"`
	File       string  `parquet:"file,dict"`
	Line       *int64  `parquet:"line,optional"`
	ByteOffset *int64  `parquet:"byte_offset,optional"`
	Reason     string  `parquet:"reason,dict"`
	Field      *string `parquet:"field,optional,dict"`
	MaskedText *string `parquet:"masked_text,optional"`
}

type ledgerRow struct {
	Dt     int32   `parquet:"dt,date"`
	Source string  `parquet:"source,dict"`
	File   string  `parquet:"file,dict"`
	Env    *string `parquet:"env,optional,dict"`
	Reason string  `parquet:"reason,dict"`
	Rows   int64   `parquet:"rows"`
}

// sourceRow is what the ledger's rows of all files, or of a table, come to. Origin is linesOrigin or the table's name.
type sourceRow struct {
	Dt       int32  `parquet:"dt,date"`
	Source   string `parquet:"source,dict"`
	Origin   string `parquet:"origin,dict"`
	Reason   string `parquet:"reason,dict"`
	Rows     int64  `parquet:"rows"`
	NewestAt *int64 `parquet:"newest_at,optional,timestamp(microsecond:local)"`
}

type unknownRow struct {
	Dt    int32  `parquet:"dt,date"`
	Field string `parquet:"field"`
	Rows  int64  `parquet:"rows"`
}

// lakeWriter writes the files of one day.
type lakeWriter struct {
	files *parquetfile.Writer
	day   bizday.Day
	zone  bizday.Zone
}

func (w lakeWriter) form(schema *parquet.Schema) parquetfile.Form {
	return parquetfile.Form{Room: "lake", Schema: schema, Metadata: []parquetfile.Pair{
		{Key: "schema_version", Value: "1"}, {Key: "dt", Value: w.day.String()}, {Key: "zone", Value: w.zone.Name()},
	}}
}

// writeParquet writes rows to a new file. Its error names table and day.
func writeParquet[T any](w lakeWriter, path string, schema *parquet.Schema, write func(*parquet.GenericWriter[T]) (rows int64, err error)) (int64, error) {
	n, err := parquetfile.Write(w.files, path, w.form(schema), write)
	if err != nil {
		err = fmt.Errorf("write %s of %s: %w", schema.Name(), w.day, err)
	}
	return n, err
}

// events writes the kept lines of a day.
func (w lakeWriter) events(ctx context.Context, path string, lines *dayLines) (int64, error) {
	return writeParquet(w, path, parquetfile.SchemaOf[eventRow]("events"), func(writer *parquet.GenericWriter[any]) (int64, error) {
		out := rows.NewWriter(eventLayouts, writer, w.day)
		err := lines.accepted(ctx, func(line []byte) error { return out.Write(int(kindOf(line)), line[:len(line)-placeBytes]) })
		return out.Rows(), errors.Join(err, out.Close())
	})
}

// quarantine writes refused lines and rows as they come.
func (w lakeWriter) quarantine(path, table string, all func(each func(quarantineRow) error) error) (int64, error) {
	return writeParquet(w, path, parquetfile.SchemaOf[quarantineRow](table), func(writer *parquet.GenericWriter[quarantineRow]) (n int64, err error) {
		const batch = 1024
		var rows []quarantineRow
		flush := func() error {
			written, err := writer.Write(rows)
			n, rows = n+int64(written), rows[:0]
			return err
		}
		err = all(func(r quarantineRow) error {
			if rows = append(rows, r); len(rows) < batch {
				return nil
			}
			return flush()
		})
		return n, errors.Join(err, flush())
	})
}

func unknownRows(day bizday.Day, unknown map[string]int64) []unknownRow {
	list := make([]unknownRow, 0, len(unknown))
	for _, name := range slices.Sorted(maps.Keys(unknown)) {
		list = append(list, unknownRow{int32(day), name, unknown[name]})
	}
	return list
}

func writeRows[T any](w lakeWriter, path, table string, rows []T) (int64, error) {
	return writeParquet(w, path, parquetfile.SchemaOf[T](table), parquetfile.All(rows))
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
