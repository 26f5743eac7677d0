package transform

import (
	"context"
	"fmt"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/parquetfile"
	"vaultreport/warehouse"
)

// build makes the model's file of dt, unless the one that is there has the same key.
func (s session) build(ctx context.Context, m *model, dt bizday.Day) (f warehouse.File, isNew bool, err error) {
	if s.options.Progress != nil {
		s.options.Progress(dt, m.table.Name)
	}
	b := s.bind(&m.query, dt)
	key := b.key(s.options, s.engine)
	if f, ok := s.store.File(m.table.Name, dt); ok && f.Key == key {
		return f, false, nil
	}
	path, err := s.store.StagePath(m.table, dt)
	if err != nil {
		return f, false, err
	}
	rows, err := s.write(ctx, m, b, path)
	if err != nil {
		return f, false, refused(m, dt, err)
	}
	f, err = s.store.Add(m.table, dt, rows, key)
	return f, err == nil, err
}

// fileOptions are those of docs/contract.md section 2. No Bloom filters: DuckDB 1.5.6 probes them for a BLOB by its escaped
// text, so that "user_key = x" and joins on few keys find nothing (duckdb/duckdb pull request 23829).
const fileOptions = "format parquet, compression zstd, compression_level 3, row_group_size 122880, write_bloom_filter false"

// write runs the model into a Parquet file and returns the number of its rows.
func (s session) write(ctx context.Context, m *model, b binding, path string) (rows int64, err error) {
	text, args := b.sql(s.store.ReadPath, s.options.Params)
	if m.Suppress {
		if text, err = s.stageSuppressed(ctx, m, text, args); err != nil {
			return 0, err
		}
		args = nil
	}
	result, err := s.conn.ExecContext(ctx, fmt.Sprintf(
		"copy (%s) to %s %s", text, duck.Quote(path), fileForm(m.table.Name, m.digest, m.Version, b.dt, s.options.Zone, b.files())), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// fileForm is how COPY writes a file of a mart.
func fileForm(table, digest, version string, dt bizday.Day, zone bizday.Zone, inputs []warehouse.File) string {
	var pairs []string
	for _, p := range metadata(table, digest, version, dt, zone, inputs) {
		pairs = append(pairs, p.Key+": "+duck.Quote(p.Value))
	}
	return fmt.Sprintf("(%s, kv_metadata {%s})", fileOptions, strings.Join(pairs, ", "))
}

// metadata of a file depends on content only (docs/contract.md section 2).
func metadata(table, digest, version string, dt bizday.Day, zone bizday.Zone, inputs []warehouse.File) []parquetfile.Pair {
	return []parquetfile.Pair{
		{Key: "model", Value: table}, {Key: "model_digest", Value: digest}, {Key: "schema_version", Value: version},
		{Key: "dt", Value: dt.String()}, {Key: "zone", Value: zone.Name()}, {Key: "input_digest", Value: inputDigest(inputs)},
	}
}
