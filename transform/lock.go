package transform

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// lockFile records the columns of every table under its version, so that a contract cannot change them unnoticed. A table that
// it does not have is new.
const lockFile = "contracts.lock.yaml"

const lockHead = `# The columns of every table as readers know them. They change with the version of the contract only: sql/README.md, "Versions".
# Written by: go test ./transform -run TestTheLock -update
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

// checkLock compares the contracts with the lock; a project without one has made no promise yet. Errors are of class Usage and
// name file and line.
func (p *Project) checkLock(fsys fs.FS) error {
	text, err := fs.ReadFile(fsys, lockFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return errs.Wrap(errs.Usage, "read "+lockFile, err)
	}
	var locked map[string]lockedTable
	if err := yaml.Unmarshal(text, &locked); err != nil {
		return errs.Wrap(errs.Usage, lockFile, err)
	}
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(locked)) {
		before, err := locked[name].shape()
		c := p.contract(name)
		switch {
		case err != nil:
			faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s: %s: %v", lockFile, name, err), "write the file anew, as its head says"))
		case c == nil || c.View:
			faults = append(faults, errs.New(errs.Usage, fmt.Sprintf("%s: table %s has no contract", lockFile, name), "if it is meant to go, and its readers know, take it out of "+lockFile))
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

// lock returns the lock of the contracts as they are.
func (p *Project) lock() []byte {
	var b strings.Builder
	b.WriteString(lockHead)
	for _, c := range p.contracts {
		if c.View {
			continue
		}
		fmt.Fprintf(&b, "%s:\n  version: %s\n  columns:\n", c.table.Name, c.version)
		for _, column := range c.table.Columns {
			fmt.Fprintf(&b, "    - %s %s\n", column.Name, column.Type)
		}
	}
	return []byte(b.String())
}
