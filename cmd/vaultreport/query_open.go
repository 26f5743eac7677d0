package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// openedSnapshot is an engine that can open the objects of a warehouse and nothing besides, and a snapshot. Its tables are
// shown as views over exactly their files.
type openedSnapshot struct {
	*duck.DB
	warehouse *warehouse.Warehouse
	manifest  *warehouse.Manifest
	config    config // whose models fill the tables
}

// open opens a snapshot of the configured warehouse, the newest one without an id, that shows no table yet. The caller calls done.
func (a *app) open(ctx context.Context, c config, id string) (s *openedSnapshot, done func(), err error) {
	root, err := a.warehouse(c)
	if err != nil {
		return nil, nil, err
	}
	limits, remove, err := c.engine()
	if err != nil {
		return nil, nil, err
	}
	if s, err = openSnapshot(ctx, c, root, id, limits); err != nil {
		remove()
		return nil, nil, err
	}
	return s, func() {
		s.Close()
		remove()
	}, nil
}

// openSnapshot opens a snapshot that shows no table yet. The caller closes it.
func openSnapshot(ctx context.Context, c config, root, id string, limits duck.Options) (*openedSnapshot, error) {
	w, err := warehouse.Open(warehouse.Options{Root: root})
	if err != nil {
		return nil, err
	}
	limits.ReadOnlyDirs = []string{filepath.Join(root, "_objects")}
	// The engine starts while the manifest is read: either takes half of the time to the first query.
	s := &openedSnapshot{warehouse: w, config: c}
	var group errgroup.Group
	group.Go(func() (err error) {
		s.DB, err = duck.Open(ctx, limits)
		return err
	})
	s.manifest, err = readManifest(w, id)
	if err := cmp.Or(err, group.Wait()); err != nil {
		if s.DB != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

// showAll shows every table.
func (s *openedSnapshot) showAll(ctx context.Context) error {
	project, err := s.config.project()
	if err != nil {
		return err
	}
	return s.show(ctx, project.Tables())
}

// showFor shows the tables that a statement reads, and all of them unless it is sure that the others make no difference to
// its answer: the views of half a year are lists of thousands of files.
func (s *openedSnapshot) showFor(ctx context.Context, selected selection) error {
	names, areAll := tablesOf(selected.tree)
	if !areAll {
		return s.showAll(ctx)
	}
	files, err := s.config.models()
	if err != nil {
		return err
	}
	tables, err := transform.LoadTables(files, names)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.ContainsFunc(tables, func(t warehouse.Table) bool { return t.Name == name }) {
			return s.showAll(ctx) // a name of the engine's own, or an error that proposes a near one
		}
	}
	return s.show(ctx, tables)
}

func (s *openedSnapshot) show(ctx context.Context, tables []warehouse.Table) error {
	for _, statement := range viewsOf(s.warehouse, s.manifest, tables) {
		if _, err := s.Conn().ExecContext(ctx, statement); err != nil {
			return errs.Wrap(errs.Unexpected, "query: open snapshot "+s.manifest.ID, err)
		}
	}
	return nil
}

func readManifest(w *warehouse.Warehouse, id string) (*warehouse.Manifest, error) {
	nothing := errs.New(errs.Usage, "nothing is published in "+w.Root(), `run "vaultreport run" first, or name another folder with --warehouse`)
	if _, err := os.Stat(w.Root()); err != nil {
		if os.IsNotExist(err) {
			return nil, nothing
		}
		return nil, &errs.Error{Class: errs.Unreachable, What: "query: open " + w.Root(), Err: reasonOf(err)}
	}
	if id != "" {
		return w.Snapshot(id)
	}
	manifest, err := w.Latest()
	if err == nil && manifest.ID == "" {
		err = nothing
	}
	return manifest, err
}

// viewsOf returns one CREATE VIEW a table; a table of which nothing is published has its columns and no rows.
func viewsOf(w *warehouse.Warehouse, manifest *warehouse.Manifest, tables []warehouse.Table) []string {
	paths := map[string][]string{}
	for _, f := range manifest.Files {
		paths[f.Table] = append(paths[f.Table], duck.Quote(w.ObjectPath(f)))
	}
	statements := make([]string, len(tables))
	for i, t := range tables {
		rows := t.Empty()
		if files := paths[t.Name]; len(files) > 0 {
			rows = "select * from read_parquet([" + strings.Join(files, ", ") + "])"
		}
		statements[i] = fmt.Sprintf("create view %s as %s", t.Name, rows)
	}
	return statements
}

// scratchFolder makes a private folder into which the engine may spill, and returns what removes it.
// engine returns the limits of an engine of this configuration, with a temporary folder that remove takes away.
func (c config) engine() (limits duck.Options, remove func(), err error) {
	if limits, err = c.engineLimits(); err != nil {
		return limits, nil, err
	}
	limits.TempDir, remove, err = scratchFolder()
	return limits, remove, err
}

func scratchFolder() (string, func(), error) {
	dir, err := os.MkdirTemp("", "vaultreport-query-")
	if err != nil {
		return "", nil, &errs.Error{Class: errs.Unexpected, What: "query: make a temporary folder", Err: reasonOf(err), Hint: "set TMPDIR to a folder that can be written"}
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}
