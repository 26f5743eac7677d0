package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
	"vaultreport/transform/pages"
)

func newModelsDocsCommand(a *app) *cobra.Command {
	dir := filepath.Join("docs", "tables")
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "Write a page about each table",
		Long: `Write a Markdown page about each table, with the meaning, type, unit and tests of each column, its inputs, readers, owner, freshness and
schema_version, and an index. Pages that are there are overwritten; what else is in the folder stays.` +
			exitCodesHelp("0  written, or all pages are as they would be", "1  unexpected failure", "2  wrong usage, the folder cannot be written", "130, 143  interrupted"),
		Example: "  vaultreport models docs\n  vaultreport models docs --dir site/tables",
		Args:    noWords,
		RunE:    func(*cobra.Command, []string) error { return a.runModelsDocs(dir) },
	}
	cmd.Flags().StringVar(&dir, "dir", dir, "`folder` of the pages")
	return cmd
}

func (a *app) runModelsDocs(dir string) error {
	entries, err := a.selectedEntries(nil)
	if err != nil {
		return err
	}
	rendered := pages.Render(entries)
	written := 0
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cannotWrite(dir, err)
	}
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		path, page := filepath.Join(dir, name), []byte(rendered[name])
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, page) {
			continue
		}
		if err := os.WriteFile(path, page, 0o644); err != nil {
			return cannotWrite(path, err)
		}
		written++
	}
	return writeFacts(a.out, a.global.Output, []fact{{"dir", dir}, {"pages", len(rendered)}, {"written", written}})
}

func cannotWrite(path string, err error) error {
	return &errs.Error{Class: errs.Usage, What: "models docs: write " + path, Err: reasonOf(err), Hint: "name another folder with --dir"}
}
