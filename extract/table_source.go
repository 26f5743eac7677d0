package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// TableSource is where rows of the service's tables come from.
type TableSource struct {
	Name   string
	Env    string                       // of all rows
	Path   string                       // absolute; holds {table} and {date} or {date:LAYOUT}, and may hold a glob
	Rename map[string]map[string]string // table: name of a column in the source: name of docs/sources.md

	// Of a live database, which is read instead of files:
	DSN              DSN
	Connections      int           // that read side by side
	StatementTimeout time.Duration // 0 is none
}

func (s TableSource) isLive() bool { return s.DSN != "" }

// TableNames are the names of the tables that a TableSource may have.
func TableNames() []string {
	var names []string
	for _, s := range table.Specs() {
		names = append(names, s.Name)
	}
	return names
}

const tablePlaceholder = "{table}"

// ValidatePath says what is wrong with the path's placeholders.
func (s TableSource) ValidatePath() error {
	plain := strings.ReplaceAll(s.Path, tablePlaceholder, "")
	switch err := s.files("table").Validate(); {
	case strings.Contains(plain, "{hour"):
		return fmt.Errorf("path of source %s: a table has no {hour}", s.Name)
	case err != nil:
		return err
	case plain == s.Path:
		return fmt.Errorf("path of source %s: %s is missing, and the tables could not be told apart", s.Name, tablePlaceholder)
	case !s.tellsDaysApart():
		return fmt.Errorf("path of source %s: {date} with year, month and day is missing, and nothing would say which day a dump is of", s.Name)
	}
	return nil
}

// ValidateRename says what is wrong with the names of rename.
func (s TableSource) ValidateRename() error {
	for _, name := range slices.Sorted(maps.Keys(s.Rename)) {
		spec := table.SpecOf(name)
		if spec == nil {
			return fmt.Errorf("rename of source %s: there is no table %q", s.Name, name)
		}
		taken := make(map[string]string)
		for _, from := range slices.Sorted(maps.Keys(s.Rename[name])) {
			to := s.Rename[name][from]
			if _, known := spec.ColumnOf(to); !known {
				return fmt.Errorf("rename of source %s: table %s has no column %q to which %q could be renamed", s.Name, name, to, from)
			}
			if other, is := taken[to]; is {
				return fmt.Errorf("rename of source %s: both %q and %q of table %s are renamed to %q", s.Name, other, from, name, to)
			}
			taken[to] = from
		}
	}
	return nil
}

// files is the source of one table's files, which are found as those of events are.
func (s TableSource) files(name string) Source {
	return Source{Name: s.Name, Path: strings.ReplaceAll(s.Path, tablePlaceholder, name)}
}

func (s TableSource) tellsDaysApart() bool {
	files := s.files("table")
	const days = 40 // more than any month has
	for d := bizday.Of(2026, 1, 1); d < bizday.Of(2026, 1, 1)+days; d++ {
		if slices.Equal(files.patterns(d), files.patterns(d+1)) {
			return false
		}
	}
	return true
}

// reader says how a table's files are read: `table/env/digest`, of everything but their bytes that decides what they
// give. A file that was read under another one counts as changed.
func (s TableSource) reader(spec *table.Spec) string {
	const version = 2 // of the meaning of a row; raise it when docs/sources.md changes what is kept
	hash := sha256.New()
	fmt.Fprintf(hash, "%d\x00%s\x00", version, spec.Name)
	rename := s.Rename[spec.Name]
	for _, from := range slices.Sorted(maps.Keys(rename)) {
		fmt.Fprintf(hash, "%s\x00%s\x00", from, rename[from])
	}
	return spec.Name + "/" + s.Env + "/" + hex.EncodeToString(hash.Sum(nil)[:8])
}

// tableOf returns what a remembered input says about itself, and whether it is one of a table.
func tableOf(in warehouse.Input) (name, env string, is bool) {
	parts := strings.Split(in.Reader, "/")
	if len(parts) != 3 || table.SpecOf(parts[0]) == nil || len(in.Days) != 1 {
		return "", "", false
	}
	return parts[0], parts[1], true
}
