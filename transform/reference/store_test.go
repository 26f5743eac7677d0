package reference

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// folder is a transform.Store in one folder.
type folder struct{ *warehouse.Folder }

func newFolder(dir string) *folder { return &folder{warehouse.NewFolder(dir)} }

// digests are the SHA-256 of every file by its path.
func (s *folder) digests() map[string]string {
	all := map[string]string{}
	for _, files := range s.Files() {
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
