// Package parquetfile writes the Parquet files whose rows come from Go, in the form of docs/contract.md section 2. Those that
// come from a query are written by DuckDB.
//
// Promise: what is written depends on the rows, their order and the metadata, not on the number of processors.
package parquetfile

import (
	"fmt"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"vaultreport/internal/vfs"
)

const rowGroupRows = 122_880

// Writer writes files. It is safe for concurrent use.
type Writer struct {
	fs    vfs.FS
	codec compress.Codec
}

// NewWriter returns a Writer on a file system.
func NewWriter(fs vfs.FS) (*Writer, error) {
	codec, err := newCodec()
	return &Writer{fs, codec}, err
}

// Form is what a file has besides its rows.
type Form struct {
	Room     string // "lake" or "marts"
	Schema   *parquet.Schema
	Metadata []Pair // key and value, in their order in the file
}

// Pair is an entry of the metadata.
type Pair struct{ Key, Value string }

// SchemaOf returns the columns of a table: the fields of T, by their parquet tags.
func SchemaOf[T any](table string) *parquet.Schema {
	return parquet.NewSchema(table, parquet.SchemaOf(new(T)))
}

// Write writes to a new file what rows writes, which returns how many they are. It then
// opens the file to see that it holds them.
func Write[T any](w *Writer, path string, form Form, rows func(*parquet.GenericWriter[T]) (int64, error)) (int64, error) {
	file, err := w.fs.Create(path, true)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	options := []parquet.WriterOption{
		form.Schema,
		parquet.Compression(w.codec),
		parquet.MaxRowsPerRowGroup(rowGroupRows),
		parquet.DataPageStatistics(true),
		parquet.CreatedBy("vaultreport", form.Room, "1"),
	}
	for _, p := range form.Metadata {
		options = append(options, parquet.KeyValueMetadata(p.Key, p.Value))
	}
	writer := parquet.NewGenericWriter[T](file, options...)
	n, err := rows(writer)
	if err != nil {
		return 0, err
	}
	if err := writer.Close(); err != nil {
		return 0, err
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	written, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return 0, err
	}
	if written.NumRows() != n {
		return 0, fmt.Errorf("the file holds %d rows, and %d were written", written.NumRows(), n)
	}
	return n, nil
}

// All is what Write asks for, of rows that are all there.
func All[T any](rows []T) func(*parquet.GenericWriter[T]) (int64, error) {
	return func(writer *parquet.GenericWriter[T]) (int64, error) {
		n, err := writer.Write(rows)
		return int64(n), err
	}
}
