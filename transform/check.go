package transform

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

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
	var all []warehouse.File
	for _, files := range r.unchecked {
		all = append(all, files...)
	}
	wrong, err := r.first().wrongColumns(ctx, all)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "check columns", err)
	}
	models := make(chan int, len(r.project.models))
	for i := range r.project.models {
		models <- i
	}
	close(models)
	faults := make([]error, len(r.project.models))
	err = r.onEveryConnection(ctx, func(ctx context.Context, s session) error {
		for i := range models {
			m := r.project.models[i]
			faults[i] = s.checkRows(ctx, m.contract, r.unchecked[m], len(wrong) == 0, "its SQL")
		}
		return nil
	})
	clear(r.unchecked)
	return cmp.Or(cmp.Or(faults...), err)
}

// checkFiles opens files of a model and compares them with the contract: columns and types, rows, the key, NULL, accepted
// values, ranges. A difference is of class Gate and names model, day, test and number of rows; one that only warns is logged.
func (s session) checkFiles(ctx context.Context, m *model, files []warehouse.File) error {
	wrong, err := s.wrongColumns(ctx, files)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "check "+m.table.Name, err)
	}
	return s.checkRows(ctx, m.contract, files, len(wrong) == 0, "its SQL")
}

// checkRows is checkFiles of files of one table, once it is known whether the columns are right. writer is what fills it.
func (s session) checkRows(ctx context.Context, c *contract, files []warehouse.File, areColumnsRight bool, writer string) error {
	what := "check " + c.table.Name
	if areColumnsRight {
		agree, err := s.agree(ctx, c, files)
		if err != nil {
			return errs.Wrap(errs.Unexpected, what, err)
		}
		if agree {
			return nil
		}
	}
	faults, err := s.faults(ctx, c, files)
	if err != nil {
		return errs.Wrap(errs.Unexpected, what, err)
	}
	if len(faults) > 0 {
		return errs.New(errs.Gate, what+" of "+strings.Join(faults, "; "), "make "+c.file+" and "+writer+" agree; nothing of this run is published")
	}
	return nil
}

// wrongColumns returns the files, of any tables, whose columns and types are not those of their contracts.
func (s session) wrongColumns(ctx context.Context, files []warehouse.File) (found []finding, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	paths := make([]string, len(files))
	of := map[string]warehouse.File{}
	for i, f := range files {
		paths[i] = s.store.ReadPath(f)
		of[paths[i]] = f
	}
	err = s.each(ctx, `
		select file_name, coalesce(string_agg(name || ' ' || duckdb_type, ', ' order by column_id), '')
		from parquet_schema($files) where column_id > 0 group by file_name`, func(rows *sql.Rows) error {
		var path, got string
		if err := rows.Scan(&path, &got); err != nil {
			return err
		}
		if want := s.project.contract(of[path].Table).schema(); got != want {
			found = append(found, finding{dt: of[path].Dt.String(), test: columnsTest, rows: 1, text: fmt.Sprintf("columns are %s, the contract says %s", got, want)})
		}
		return nil
	}, sql.Named("files", paths))
	return found, err
}

// agree says whether there is nothing wrong with files of one table whose columns are right: faults is for the others. It asks
// all at once, since a query of a small file is planned for longer than it runs.
func (s session) agree(ctx context.Context, c *contract, files []warehouse.File) (bool, error) {
	switch {
	case len(files) == 0:
		return true, nil
	case len(c.Key) == 0:
		return false, nil
	}
	paths := make([]string, len(files))
	rowsOf := map[string]int64{}
	for i, f := range files {
		paths[i] = s.store.ReadPath(f)
		if f.Rows > 0 {
			rowsOf[f.Dt.String()] = f.Rows
		}
	}
	offends := []string{"false"}
	for _, test := range c.tests() {
		offends = append(offends, test.offends)
	}
	isRight := true
	err := s.each(ctx, `
		select dt::varchar, sum(copies)::bigint, max(copies), sum(offending)::bigint
		from (
			select dt, count(*) as copies, count(case when `+strings.Join(offends, " or ")+` then 1 end) as offending
			from read_parquet($files, hive_partitioning = false)
			group by `+strings.Join(c.Key, ", ")+`
		)
		group by dt`, func(rows *sql.Rows) error {
		var dt sql.NullString
		var n, copies, offending int64
		err := rows.Scan(&dt, &n, &copies, &offending)
		isRight = isRight && n == rowsOf[dt.String] && copies == 1 && offending == 0
		delete(rowsOf, dt.String)
		return err
	}, sql.Named("files", paths))
	return isRight && len(rowsOf) == 0, err
}

// faults returns what is wrong with files of one table: "DAY: TEST: N rows". What only warns is logged.
func (s session) faults(ctx context.Context, c *contract, files []warehouse.File) ([]string, error) {
	found, err := s.findings(ctx, c, files)
	if err != nil {
		return nil, err
	}
	var faults []string
	for _, f := range found {
		switch f.state() {
		case TestFailed:
			faults = append(faults, f.String())
		case TestWarned:
			f.warn(s.options.Log, c.table.Name)
		}
	}
	slices.Sort(faults)
	return faults, nil
}

// findings returns what offends the tests of a table in its files, each once for a day.
func (s session) findings(ctx context.Context, c *contract, files []warehouse.File) (found []finding, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	// Columns first: files of different columns cannot be read together.
	if found, err = s.wrongColumns(ctx, files); err != nil || len(found) > 0 {
		return found, err
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = duck.Quote(s.store.ReadPath(f))
	}
	list := "[" + strings.Join(paths, ", ") + "]"
	tests := c.tests()
	selected := "dt::varchar, count(*)"
	for _, test := range tests {
		selected += ", count(case when " + test.offends + " then 1 end)"
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
				found = append(found, finding{dt: dt, test: test, rows: counts[i+1]})
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
			found = append(found, finding{dt: dt, test: rowsTest, rows: max(inFile[dt], 1), text: fmt.Sprintf("rows of the day: %d rows instead of %d", inFile[dt], f.Rows)})
		}
		delete(inFile, dt)
	}
	for dt, n := range inFile {
		found = append(found, finding{dt: dt, test: rowsTest, rows: n, text: fmt.Sprintf("rows of a day that was not built: %d rows", n)})
	}
	unique, hasKey := c.uniqueTest()
	if !hasKey {
		return found, nil
	}
	err = s.each(ctx, `
		select dt::varchar, sum(copies)::bigint
		from (select dt, count(*) as copies from `+source+` group by `+strings.Join(c.Key, ", ")+` having count(*) > 1)
		group by dt`, func(rows *sql.Rows) error {
		f := finding{test: unique}
		if err := rows.Scan(&f.dt, &f.rows); err != nil {
			return err
		}
		found = append(found, f)
		return nil
	})
	return found, err
}

// schema is the columns and types as findings reads them from a file.
func (c *contract) schema() string {
	columns := make([]string, len(c.table.Columns))
	for i, column := range c.table.Columns {
		columns[i] = column.Name + " " + column.Type
	}
	return strings.Join(columns, ", ")
}
