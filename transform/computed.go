package transform

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Computed says what a file of a table that no model fills is made from: its rows come from Go.
type Computed struct {
	Table  string
	Dt     bizday.Day
	Digest string           // SHA-256 of what decides the rows besides the inputs
	Inputs []warehouse.File // that were read
	Extra  []string         // what else decides the rows, such as that an input is not there
}

// Writer writes computed files in the form of those that models fill, and holds them to their contracts.
type Writer struct {
	runner *runner
	added  map[string][]warehouse.File // and not checked yet, by table
}

// NewWriter returns a Writer. Errors are those of Run.
func NewWriter(ctx context.Context, store Store, p *Project, o Options) (*Writer, error) {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return nil, err
	}
	return &Writer{r, map[string][]warehouse.File{}}, nil
}

// Key is equal for two files exactly when they are made from the same.
func (w *Writer) Key(c Computed) string { return w.Keys(c).Key(c.Extra...) }

// Keys are the keys of files that differ in their last inputs and in Extra.
type Keys struct{ hash *keyHash }

// Keys begins with a file, its Extra apart.
func (w *Writer) Keys(c Computed) Keys {
	contract := w.runner.project.contract(c.Table)
	k := Keys{newKeyHash()}
	k.hash.write("rules", rulesVersion, w.runner.engine)
	k.hash.write("computed", c.Table, fmt.Sprint(contract.Version), c.Digest, w.runner.options.Zone.Name(), c.Dt.String())
	k.Add(c.Inputs...)
	return k
}

// Add adds inputs to all keys that follow.
func (k Keys) Add(inputs ...warehouse.File) {
	for _, f := range inputs {
		k.hash.write("input", f.Table, f.Dt.String(), f.SHA256)
	}
}

// Key returns the key of the file with all inputs so far.
func (k Keys) Key(extra ...string) string {
	whole := k.hash.clone()
	whole.write(append([]string{"extra"}, extra...)...)
	return whole.sum()
}

// Write makes the file and adds it to the store. A row has the contract's columns in their order: an int64 for BIGINT, a
// float64 for DOUBLE, a text for all other types, nil for NULL. The order of the rows does not matter.
func (w *Writer) Write(ctx context.Context, c Computed, rows [][]any) (warehouse.File, error) {
	contract := w.runner.project.contract(c.Table)
	path, err := w.runner.store.StagePath(contract.table, c.Dt)
	if err != nil {
		return warehouse.File{}, err
	}
	form := fileForm(c.Table, c.Digest, contract.Version, c.Dt, w.runner.options.Zone, c.Inputs)
	if err := w.runner.first().writeRows(ctx, contract, rows, path, form); err != nil {
		return warehouse.File{}, errs.Wrap(errs.Unexpected, fmt.Sprintf("write %s of %s", c.Table, c.Dt), err)
	}
	f, err := w.runner.store.Add(contract.table, c.Dt, int64(len(rows)), w.Key(c))
	if err == nil {
		w.added[c.Table] = append(w.added[c.Table], f)
	}
	return f, err
}

// computedTable holds rows until they are written. It is a temporary table in memory.
const computedTable = "computed_rows"

// writeRows writes rows in the order of the key.
func (s session) writeRows(ctx context.Context, c *contract, rows [][]any, path, form string) error {
	stored, cast := make([]string, len(c.table.Columns)), make([]string, len(c.table.Columns))
	for i, column := range c.table.Columns {
		holds := "VARCHAR"
		if column.Type == "BIGINT" || column.Type == "DOUBLE" {
			holds = column.Type
		}
		stored[i] = column.Name + " " + holds
		cast[i] = fmt.Sprintf("cast(%s as %s) as %s", column.Name, column.Type, column.Name)
	}
	if err := s.exec(ctx, fmt.Sprintf("create or replace temp table %s (%s)", computedTable, strings.Join(stored, ", "))); err != nil {
		return err
	}
	if err := duck.Append(s.conn, computedTable, rows); err != nil {
		return err
	}
	return s.exec(ctx, fmt.Sprintf("copy (select %s from %s order by %s) to %s %s",
		strings.Join(cast, ", "), computedTable, strings.Join(c.Key, ", "), duck.Quote(path), form))
}

// Check compares what was written since the last Check with the contracts. A difference is of class Gate.
func (w *Writer) Check(ctx context.Context) error {
	s := w.runner.first()
	var all []warehouse.File
	for _, files := range w.added {
		all = append(all, files...)
	}
	wrong, err := s.wrongColumns(ctx, all)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "check columns", err)
	}
	for _, table := range slices.Sorted(maps.Keys(w.added)) {
		if err := s.checkRows(ctx, w.runner.project.contract(table), w.added[table], len(wrong) == 0, "what writes it"); err != nil {
			return err
		}
	}
	clear(w.added)
	return nil
}
