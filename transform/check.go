package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// A check is of many files of a model, since a query costs more than a file, and of few enough rows that it fits in memory.
const (
	maxFilesOfCheck = 60
	maxRowsOfCheck  = 1_000_000
)

// note takes a file that was built, and returns those of its model that it is time to check.
func (r *runner) note(m *model, f warehouse.File) []warehouse.File {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.built[m] = append(r.built[m], f)
	files := append(r.unchecked[m], f)
	if len(files) < maxFilesOfCheck && sumOfRows(files) < maxRowsOfCheck {
		r.unchecked[m] = files
		return nil
	}
	delete(r.unchecked, m)
	return files
}

func sumOfRows(files []warehouse.File) (rows int64) {
	for _, f := range files {
		rows += f.Rows
	}
	return rows
}

// checkBuilt checks what is left of the files of this run, models side by side. Of several faults it returns that of the
// first model.
func (r *runner) checkBuilt(ctx context.Context) error {
	models := make(chan int, len(r.project.models))
	for i := range r.project.models {
		models <- i
	}
	close(models)
	faults := make([]error, len(r.project.models))
	err := r.onEveryConnection(ctx, func(ctx context.Context, s session) error {
		for i := range models {
			m := r.project.models[i]
			faults[i] = s.checkFiles(ctx, m, r.unchecked[m])
		}
		return nil
	})
	clear(r.unchecked)
	return cmp.Or(cmp.Or(faults...), err)
}

// checkFiles opens files of a model and compares them with the contract: columns and types, rows, the key, NULL, accepted
// values. A difference is of class Gate and names model, day, test and number of rows.
func (s session) checkFiles(ctx context.Context, m *model, files []warehouse.File) error {
	if len(files) == 0 {
		return nil
	}
	what := "check " + m.table.Name
	faults, err := s.faults(ctx, m.contract, files)
	if err != nil {
		return errs.Wrap(errs.Unexpected, what, err)
	}
	if len(faults) > 0 {
		return errs.New(errs.Gate, what+" of "+strings.Join(faults, "; "), "make "+m.file+" and its SQL agree; nothing of this run is published")
	}
	return nil
}

// faults returns what is wrong with files of one table: "DAY: TEST: N rows".
func (s session) faults(ctx context.Context, c *contract, files []warehouse.File) (faults []string, err error) {
	paths := make([]string, len(files))
	dayOf := map[string]bizday.Day{}
	for i, f := range files {
		path := s.store.ReadPath(f)
		dayOf[path] = f.Dt
		paths[i] = duck.Quote(path)
	}
	list := "[" + strings.Join(paths, ", ") + "]"
	// Columns first: files of different columns cannot be read together.
	want := c.schema()
	err = s.each(ctx, `
		select file_name, coalesce(string_agg(name || ' ' || duckdb_type, ', ' order by column_id), '')
		from parquet_schema(`+list+`) where column_id > 0 group by file_name`, func(rows *sql.Rows) error {
		var path, got string
		if err := rows.Scan(&path, &got); err != nil {
			return err
		}
		if got != want {
			faults = append(faults, fmt.Sprintf("%s: columns are %s, the contract says %s", dayOf[path], got, want))
		}
		return nil
	})
	if err != nil || len(faults) > 0 {
		return sorted(faults), err
	}
	tests := c.tests()
	selected := "dt::varchar, count(*)"
	for _, test := range tests {
		selected += ", " + test.count
	}
	source := "read_parquet(" + list + ", hive_partitioning = false)"
	counts := make([]int64, len(tests)+1)
	inFile := map[string]int64{}
	err = s.each(ctx, "select "+selected+" from "+source+" group by dt", func(rows *sql.Rows) error {
		var dt string
		targets := []any{&dt}
		for i := range counts {
			targets = append(targets, &counts[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		inFile[dt] = counts[0]
		for i, test := range tests {
			if counts[i+1] > 0 {
				faults = append(faults, fmt.Sprintf("%s: %s: %d rows", dt, test.name, counts[i+1]))
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		dt := f.Dt.String()
		if inFile[dt] != f.Rows {
			faults = append(faults, fmt.Sprintf("%s: rows of the day: %d rows instead of %d", dt, inFile[dt], f.Rows))
		}
		delete(inFile, dt)
	}
	for dt, n := range inFile {
		faults = append(faults, fmt.Sprintf("%s: rows of a day that was not built: %d rows", dt, n))
	}
	if len(c.Key) == 0 {
		return sorted(faults), nil
	}
	key := strings.Join(c.Key, ", ")
	err = s.each(ctx, `
		select dt::varchar, sum(copies)::bigint
		from (select dt, count(*) as copies from `+source+` group by `+key+` having count(*) > 1)
		group by dt`, func(rows *sql.Rows) error {
		var dt string
		var n int64
		if err := rows.Scan(&dt, &n); err != nil {
			return err
		}
		faults = append(faults, fmt.Sprintf("%s: unique (%s): %d rows", dt, key, n))
		return nil
	})
	return sorted(faults), err
}

func sorted(texts []string) []string {
	slices.Sort(texts)
	return texts
}

// schema is the columns and types as faults reads them from a file.
func (c *contract) schema() string {
	columns := make([]string, len(c.table.Columns))
	for i, column := range c.table.Columns {
		columns[i] = column.Name + " " + column.Type
	}
	return strings.Join(columns, ", ")
}

// columnTest counts the rows that offend.
type columnTest struct{ name, count string }

func (c *contract) tests() []columnTest {
	var tests []columnTest
	for _, column := range c.Columns {
		if column.NotNull || slices.Contains(c.Key, column.Name) {
			tests = append(tests, columnTest{"not null " + column.Name, "count(*) - count(" + column.Name + ")"})
		}
		if len(column.Accepted) > 0 {
			quoted := make([]string, len(column.Accepted))
			for i, value := range column.Accepted {
				quoted[i] = duck.Quote(value)
			}
			tests = append(tests, columnTest{
				name:  "accepted values of " + column.Name,
				count: "count(case when " + column.Name + " not in (" + strings.Join(quoted, ", ") + ") then 1 end)",
			})
		}
	}
	return tests
}
