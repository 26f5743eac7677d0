package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// openSnapshot starts an engine that shows a snapshot's tables as views over exactly its files, and can open nothing
// besides the objects of the warehouse. The caller closes it.
func openSnapshot(ctx context.Context, root, id string, limits duck.Options) (*duck.DB, error) {
	w, err := warehouse.Open(warehouse.Options{Root: root})
	if err != nil {
		return nil, err
	}
	manifest, err := readManifest(w, id)
	if err != nil {
		return nil, err
	}
	project, err := transform.Load(sql.FS)
	if err != nil {
		return nil, err
	}
	limits.ReadOnlyDirs = []string{filepath.Join(root, "_objects")}
	db, err := duck.Open(ctx, limits)
	if err != nil {
		return nil, err
	}
	for _, statement := range viewsOf(w, manifest, project.Tables()) {
		if _, err := db.Conn().ExecContext(ctx, statement); err != nil {
			db.Close()
			return nil, errs.Wrap(errs.Unexpected, "query: open snapshot "+manifest.ID, err)
		}
	}
	return db, nil
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
func scratchFolder() (string, func(), error) {
	dir, err := os.MkdirTemp("", "vaultreport-query-")
	if err != nil {
		return "", nil, &errs.Error{Class: errs.Unexpected, What: "query: make a temporary folder", Err: reasonOf(err), Hint: "set TMPDIR to a folder that can be written"}
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}
