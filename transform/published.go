package transform

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// FileFacts is what a file of a table says about itself.
type FileFacts struct {
	Columns []warehouse.Column
	Version string // schema_version
	Digest  string // model_digest, "" in a file that no model filled
}

// ReadFileFacts reads the foot of a Parquet file, without DuckDB.
func ReadFileFacts(file io.ReaderAt, size int64) (FileFacts, error) {
	opened, err := parquet.OpenFile(file, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return FileFacts{}, err
	}
	var p FileFacts
	p.Version, _ = opened.Lookup("schema_version")
	p.Digest, _ = opened.Lookup("model_digest")
	for _, field := range opened.Schema().Fields() {
		if !field.Leaf() {
			return FileFacts{}, fmt.Errorf("column %s holds columns", field.Name())
		}
		p.Columns = append(p.Columns, warehouse.Column{Name: field.Name(), Type: typeName(field.Type())})
	}
	return p, nil
}

// typeName is DuckDB's name of a column's type, of those that a contract may have.
func typeName(t parquet.Type) string {
	if logical := t.LogicalType(); logical != nil {
		switch value := logical.Value.(type) {
		case *format.StringType:
			return "VARCHAR"
		case *format.DateType:
			return "DATE"
		case *format.UUIDType:
			return "UUID"
		case *format.TimestampType:
			if !value.IsAdjustedToUTC {
				return "TIMESTAMP"
			}
		case *format.IntType:
			if value.BitWidth == 64 && value.IsSigned {
				return "BIGINT"
			}
		}
		return strings.ToUpper(logical.String())
	}
	switch t.Kind() {
	case parquet.Boolean:
		return "BOOLEAN"
	case parquet.Int64:
		return "BIGINT"
	case parquet.Double:
		return "DOUBLE"
	case parquet.ByteArray, parquet.FixedLenByteArray:
		return "BLOB"
	}
	return t.String()
}

// PublishedFiles is where published files are found; a *warehouse.Tx in which nothing is staged yet is one.
type PublishedFiles interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	Days(table string) []bizday.Day
	ReadPath(f warehouse.File) string
}

// newest returns what the newest file of a table says; exists is false without one.
func newest(s PublishedFiles, table string) (p FileFacts, exists bool, err error) {
	days := s.Days(table)
	if len(days) == 0 {
		return p, false, nil
	}
	dt := days[len(days)-1]
	f, _ := s.File(table, dt)
	file, err := os.Open(s.ReadPath(f))
	if err == nil {
		defer file.Close()
		p, err = ReadFileFacts(file, f.Bytes)
	}
	if err != nil {
		return p, false, errs.Wrap(errs.Unexpected, fmt.Sprintf("read what %s of %s says of itself", table, dt), err)
	}
	return p, true, nil
}

// CheckPublished compares the contract of every table with its newest published file: whoever reads that may be given what
// the contract says, or the version says otherwise. A breach is of class Gate.
func (p *Project) CheckPublished(s PublishedFiles) error {
	for _, c := range p.contracts {
		published, exists, err := newest(s, c.table.Name)
		if err != nil {
			return err
		}
		before, known := parseVersion(published.Version)
		if !exists || !known {
			continue
		}
		if found := c.shape().breaches(shape{before, published.Columns}); len(found) > 0 {
			b := found[0]
			return errs.New(errs.Gate, fmt.Sprintf("%s:%d: %s is published otherwise: %s", c.file, c.lineOfBreach(b), c.table.Name, b.what), b.wayOut+"; nothing of this run is published")
		}
	}
	return nil
}

// Modified returns the models whose digest differs from that in their newest published file, and those of which nothing is
// published. A comment changes no digest; a changed view changes that of each model that reads it.
func (p *Project) Modified(s PublishedFiles) (map[string]bool, error) {
	modified := map[string]bool{}
	for _, m := range p.models {
		published, _, err := newest(s, m.table.Name)
		if err != nil {
			return nil, err
		}
		modified[m.table.Name] = published.Digest != m.digest
	}
	return modified, nil
}
