package main

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/transform/diff"
	"vaultreport/warehouse"
)

// snapshotDiffFlags are the flags of diff.
type snapshotDiffFlags struct {
	dayFilter
	Table      string
	Samples    int
	FailIfDiff bool
}

func newDiffCommand(a *app) *cobra.Command {
	f := snapshotDiffFlags{Samples: 5}
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two snapshots or warehouses, row by row",
		Long: `Compare the tables of two snapshots, and count the rows that are in A only, in B only, or in both with other values; of
these, which columns are equal, and a few rows as samples. A and B are each the number of a snapshot, a folder of a warehouse
(its newest snapshot), or FOLDER@NUMBER.

Days of which both have the same bytes are equal and are not opened. In the others rows are paired by the table's key
(docs/analysts.md); of a table without one, such as events, equal rows are counted. Pages are not compared.` +
			exitCodesHelp("0  compared, whatever was found", "1  unexpected failure", "2  wrong usage, no such snapshot or table, nothing published",
				"3  there are differences, with --fail-if-diff", "7  a warehouse cannot be opened", "130, 143  interrupted"),
		Example: `  vaultreport diff 41 42
  vaultreport diff 41 42 --table metric_daily --date 2026-04-30 --samples 20
  vaultreport diff /data/warehouse /data/rebuilt --fail-if-diff -o json
  vaultreport diff /data/warehouse@41 /data/rebuilt`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usage(fmt.Sprintf("diff takes two snapshots or warehouses, not %d", len(args)), "each is a number of a snapshot, a folder, or FOLDER@NUMBER")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return a.runDiff(cmd.Context(), args[0], args[1], f) },
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&f.Table, "table", "", "only this `table`")
	f.addFilter(flags)
	flags.IntVar(&f.Samples, "samples", f.Samples, "show no more than `N` rows of a table")
	flags.BoolVar(&f.FailIfDiff, "fail-if-diff", false, "end with 3 if a row differs")
	return cmd
}

func (f snapshotDiffFlags) options() (diff.Options, error) {
	if f.Samples < 0 {
		return diff.Options{}, usage(fmt.Sprintf("--samples %d is negative", f.Samples), "")
	}
	first, last, err := f.span()
	return diff.Options{Table: f.Table, First: first, Last: last, Samples: f.Samples}, err
}

// diffSide is one of the two snapshots.
type diffSide struct {
	warehouse *warehouse.Warehouse
	manifest  *warehouse.Manifest
}

func (s diffSide) side() diff.Side {
	return diff.Side{Files: s.manifest.Files, Path: s.warehouse.ObjectPath}
}

func (s diffSide) objects() string { return filepath.Join(s.warehouse.Root(), "_objects") }

var (
	snapshotNumber = regexp.MustCompile(`^\d{1,10}$`)
	folderAt       = regexp.MustCompile(`^(.+)@(\d{1,10})$`)
)

// openSide reads the manifest that a word names; root is the configured warehouse.
func openSide(word, root string) (s diffSide, err error) {
	id := ""
	if snapshotNumber.MatchString(word) {
		id = word
	} else {
		if at := folderAt.FindStringSubmatch(word); at != nil {
			word, id = at[1], at[2]
		}
		if isURL(word) {
			return s, usage("diff: a warehouse in an object store is not in this version", "give a folder on a local disk")
		}
		if root, err = filepath.Abs(word); err != nil {
			return s, err
		}
	}
	if s.warehouse, err = warehouse.Open(warehouse.Options{Root: root}); err != nil {
		return s, err
	}
	s.manifest, err = readManifest(s.warehouse, id)
	return s, err
}

func (a *app) runDiff(ctx context.Context, wordA, wordB string, f snapshotDiffFlags) error {
	o, err := f.options()
	if err != nil {
		return err
	}
	c, err := a.loadConfig()
	if err != nil {
		return err
	}
	project, err := c.project()
	if err != nil {
		return err
	}
	root, err := a.warehouse(c)
	if err != nil {
		return err
	}
	sideA, err := openSide(wordA, root)
	if err != nil {
		return err
	}
	sideB, err := openSide(wordB, root)
	if err != nil {
		return err
	}
	if err := knownTable(project, f.Table); err != nil {
		return err
	}
	tables, err := compareSides(ctx, c, project, sideA, sideB, o)
	if err != nil {
		return sideA.warehouse.IfGone(sideA.manifest, sideB.warehouse.IfGone(sideB.manifest, err))
	}
	found := snapshotDiff{sideA, sideB, tables}
	if err := a.printSnapshotDiff(found); err != nil {
		return err
	}
	if n := found.numDifferent(); f.FailIfDiff && n > 0 {
		return errs.New(errs.Gate, fmt.Sprintf("%s and %s differ in %d tables", wordA, wordB, n), "")
	}
	return nil
}

func knownTable(project *transform.Project, name string) error {
	if _, known := project.Table(name); known || name == "" {
		return nil
	}
	var names []string
	for _, t := range project.Tables() {
		names = append(names, t.Name)
	}
	return usage(fmt.Sprintf("diff: there is no table %q", name), "known are: "+strings.Join(names, ", "))
}

// compareSides opens an engine that can read the content of both sides and nothing besides.
func compareSides(ctx context.Context, c config, project *transform.Project, a, b diffSide, o diff.Options) ([]diff.Table, error) {
	limits, remove, err := c.engine()
	if err != nil {
		return nil, err
	}
	defer remove()
	limits.ReadOnlyDirs = []string{a.objects(), b.objects()}
	db, err := duck.Open(ctx, limits)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	return diff.Compare(ctx, db.Conn(), project.Key, a.side(), b.side(), o)
}
