package transform

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"vaultreport/warehouse"
)

// version is what a contract says of its columns, and a file as schema_version. Within a major version columns are only added,
// so that a query that was right stays right; an added column is a new minor version.
type version struct{ major, minor int }

var versionForm = regexp.MustCompile(`^([1-9][0-9]{0,5})(?:\.([1-9][0-9]{0,5}))?$`)

// parseVersion reads MAJOR, whose minor part is 0, or MAJOR.MINOR.
func parseVersion(text string) (version, bool) {
	parts := versionForm.FindStringSubmatch(text)
	if parts == nil {
		return version{}, false
	}
	// The form has digits only, and few of them.
	major, _ := strconv.Atoi(parts[1])
	minor, _ := strconv.Atoi(parts[2])
	return version{major, minor}, true
}

func (v version) String() string {
	if v.minor == 0 {
		return strconv.Itoa(v.major)
	}
	return fmt.Sprintf("%d.%d", v.major, v.minor)
}

func (v version) compare(other version) int {
	return cmp.Or(cmp.Compare(v.major, other.major), cmp.Compare(v.minor, other.minor))
}

// shape is the columns of a table under a version.
type shape struct {
	version version
	columns []warehouse.Column
}

// breach is how a shape breaks the promise of the one before it, and about which column, if it is about one.
type breach struct{ column, what, wayOut string }

// breaches returns why readers of an earlier shape may not be given this one; nothing if they may.
func (s shape) breaches(before shape) (found []breach) {
	switch {
	case s.version.compare(before.version) < 0:
		return []breach{{"", fmt.Sprintf("version %s is older than %s", s.version, before.version), "versions only rise"}}
	case s.version.major > before.version.major:
		return nil
	}
	nextMajor := fmt.Sprintf("make it what it was, or raise version to %d", s.version.major+1)
	for _, old := range before.columns {
		i := slices.IndexFunc(s.columns, func(c warehouse.Column) bool { return c.Name == old.Name })
		switch {
		case i < 0:
			found = append(found, breach{"", fmt.Sprintf("column %s is gone, which version %s has", old.Name, before.version), nextMajor})
		case s.columns[i].Type != old.Type:
			found = append(found, breach{old.Name, fmt.Sprintf("column %s is %s, and %s in version %s", old.Name, s.columns[i].Type, old.Type, before.version), nextMajor})
		}
	}
	if len(found) > 0 || s.version != before.version {
		return found
	}
	nextMinor := fmt.Sprintf("raise version to %s", version{s.version.major, s.version.minor + 1})
	for i, column := range s.columns {
		switch isOld := slices.ContainsFunc(before.columns, func(c warehouse.Column) bool { return c.Name == column.Name }); {
		case !isOld:
			found = append(found, breach{column.Name, fmt.Sprintf("column %s is new, and version is still %s", column.Name, s.version), nextMinor})
		case len(s.columns) == len(before.columns) && before.columns[i] != column:
			return []breach{{column.Name, fmt.Sprintf("column %s stands elsewhere, and version is still %s", column.Name, s.version), nextMinor}}
		}
	}
	return found
}
