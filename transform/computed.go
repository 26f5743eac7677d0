package transform

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/parquetfile"
	"vaultreport/internal/vfs"
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

// Writer writes computed files, of a few rows each, and holds them to their contracts. For so few the engine would take
// longer to be asked than to write.
type Writer struct {
	runner *runner
	files  *parquetfile.Writer
	added  map[string][]warehouse.File // and not checked yet, by table
}

// NewWriter returns a Writer. Errors are those of Run.
func NewWriter(ctx context.Context, store Store, p *Project, o Options) (*Writer, error) {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return nil, err
	}
	files, err := parquetfile.NewWriter(vfs.OS())
	return &Writer{r, files, map[string][]warehouse.File{}}, err
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

// Write makes the file and adds it to the store. T has the contract's columns in their order, and the rows are in the order of
// the key.
func Write[T any](w *Writer, c Computed, rows []T) (warehouse.File, error) {
	contract := w.runner.project.contract(c.Table)
	path, err := w.runner.store.StagePath(contract.table, c.Dt)
	if err != nil {
		return warehouse.File{}, err
	}
	form := parquetfile.Form{
		Room: "marts", Schema: parquetfile.SchemaOf[T](c.Table),
		Metadata: metadata(c.Table, c.Digest, contract.Version, c.Dt, w.runner.options.Zone, c.Inputs),
	}
	if _, err := parquetfile.Write(w.files, path, form, parquetfile.All(rows)); err != nil {
		return warehouse.File{}, errs.Wrap(errs.Unexpected, fmt.Sprintf("write %s of %s", c.Table, c.Dt), err)
	}
	f, err := w.runner.store.Add(contract.table, c.Dt, int64(len(rows)), w.Key(c))
	if err == nil {
		w.added[c.Table] = append(w.added[c.Table], f)
	}
	return f, err
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
