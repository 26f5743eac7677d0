package reference

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// folder is a transform.Store in one folder, without leases, snapshots or syncing.
type folder struct {
	dir   string
	files map[string]map[bizday.Day]warehouse.File
	calls int
}

func newFolder(dir string) *folder {
	return &folder{dir: dir, files: map[string]map[bizday.Day]warehouse.File{}}
}

func (s *folder) File(table string, dt bizday.Day) (warehouse.File, bool) {
	f, ok := s.files[table][dt]
	return f, ok
}

func (s *folder) Days(table string) (days []bizday.Day) {
	for day := range s.files[table] {
		days = append(days, day)
	}
	slices.Sort(days)
	return days
}

func (s *folder) ReadPath(f warehouse.File) string { return f.Object }

func (s *folder) StagePath(table warehouse.Table, dt bizday.Day) (string, error) {
	s.calls++
	return filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.calls)), nil
}

func (s *folder) Add(table warehouse.Table, dt bizday.Day, rows int64, key string) (warehouse.File, error) {
	path := filepath.Join(s.dir, fmt.Sprintf("%s.%s.%d", table.Name, dt, s.calls))
	data, err := os.ReadFile(path)
	if err != nil {
		return warehouse.File{}, err
	}
	sum := sha256.Sum256(data)
	f := warehouse.File{Path: table.Path(dt), Object: path, Table: table.Name, Dt: dt, Rows: rows, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:]), Key: key}
	if s.files[table.Name] == nil {
		s.files[table.Name] = map[bizday.Day]warehouse.File{}
	}
	s.files[table.Name][dt] = f
	return f, nil
}

// digests are the SHA-256 of every file by its path.
func (s *folder) digests() map[string]string {
	all := map[string]string{}
	for _, files := range s.files {
		for _, f := range files {
			all[f.Path] = f.SHA256
		}
	}
	return all
}

// put writes rows of a table on a day: SQL literals, by the columns that are named.
func (s *folder) put(db *duck.DB, of warehouse.Table, dt bizday.Day, columns []string, rows [][]string) error {
	query := of.Empty()
	if len(rows) > 0 {
		lines := make([]string, len(rows))
		for i, row := range rows {
			lines[i] = "(" + strings.Join(row, ", ") + ")"
		}
		casts := make([]string, len(of.Columns))
		for i, c := range of.Columns {
			source := "null"
			if slices.Contains(columns, c.Name) {
				source = c.Name
			}
			if c.Name == "dt" {
				source = duck.Quote(dt.String())
			}
			casts[i] = fmt.Sprintf("cast(%s as %s) as %s", source, c.Type, c.Name)
		}
		query = fmt.Sprintf("select %s from (values %s) as given(%s)", strings.Join(casts, ", "), strings.Join(lines, ", "), strings.Join(columns, ", "))
	}
	path, err := s.StagePath(of, dt)
	if err != nil {
		return err
	}
	if _, err := db.Conn().ExecContext(context.Background(), fmt.Sprintf("copy (%s) to %s (format parquet, write_bloom_filter false)", query, duck.Quote(path))); err != nil {
		return fmt.Errorf("write %s of %s: %w", of.Name, dt, err)
	}
	_, err = s.Add(of, dt, int64(len(rows)), "given")
	return err
}
