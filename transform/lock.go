package transform

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// LockFile records the columns of tables under their versions, so that a contract cannot change them unnoticed: of all shipped
// tables in package sql, of those of a project in its folder. A table that it does not have is new.
const LockFile = "contracts.lock.yaml"

const lockHead = `# The columns of every table as readers know them. They change with the version of the contract only: sql/README.md, "Versions".
# Written by: %s
`

// lockedTable is a table in the lock: "NAME TYPE" each.
type lockedTable struct {
	Version string   `yaml:"version"`
	Columns []string `yaml:"columns"`
}

func (l lockedTable) shape() (shape, error) {
	v, ok := parseVersion(l.Version)
	if !ok {
		return shape{}, fmt.Errorf("version %q is no version", l.Version)
	}
	s := shape{version: v}
	for _, text := range l.Columns {
		name, typ, ok := strings.Cut(text, " ")
		if !ok {
			return shape{}, fmt.Errorf("column %q is not a name and a type", text)
		}
		s.columns = append(s.columns, warehouse.Column{Name: name, Type: typ})
	}
	return s, nil
}

func (c *contract) shape() shape { return shape{c.version, c.table.Columns} }

// checkLocks compares the contracts with the lock, and with that of a project. Without one no promise was made yet. Errors are of
// class Usage and name file and line.
func (p *Project) checkLocks(fsys fs.FS) error {
	return errors.Join(p.checkLock(fsys, LockFile), p.checkLock(fsys, path.Join(addedDir, LockFile)))
}

func (p *Project) checkLock(fsys fs.FS, file string) error {
	text, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errs.Wrap(errs.Usage, "read "+LockFile, err)
	}
	var locked map[string]lockedTable
	if err := yaml.Unmarshal(text, &locked); err != nil {
		return errs.Wrap(errs.Usage, LockFile, err)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(locked)) {
		before, err := locked[name].shape()
		c := p.contract(name)
		switch {
		case err != nil:
			faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s: %s: %v", LockFile, name, err), "write the file anew, as its head says"))
		case c == nil || c.View:
			faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s: table %s has no contract", LockFile, name), "if it is meant to go, and its readers know, take it out of "+LockFile))
		default:
			for _, b := range c.shape().breaches(before) {
				faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s:%d: %s", c.file, c.lineOfBreach(b), b.what), b.wayOut))
			}
		}
	}
	return errors.Join(faults...)
}

func (c *contract) lineOfBreach(b breach) int {
	if b.column != "" && c.Like == "" {
		return c.lineOf("columns", b.column)
	}
	return c.lineOf("version", "")
}

// Lock returns a lock of the chosen tables as they are. writer says how the file is written, for whoever opens it.
func (p *Project) Lock(writer string, isChosen func(table string) bool) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, lockHead, writer)
	for _, c := range p.contracts {
		if c.View || !isChosen(c.table.Name) {
			continue
		}
		fmt.Fprintf(&b, "%s:\n  version: %s\n  columns:\n", c.table.Name, c.version)
		for _, column := range c.table.Columns {
			fmt.Fprintf(&b, "    - %s %s\n", column.Name, column.Type)
		}
	}
	return []byte(b.String())
}
