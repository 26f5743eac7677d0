package warehouse

import (
	"fmt"
	"regexp"
	"strings"

	"vaultreport/internal/bizday"
)

// Folders of the glob tree.
const (
	lakeDir    = "lake"
	martsDir   = "marts"
	reportsDir = "reports"
)

// ReportTable is the table name under which reports stand in a manifest. It has no columns and no view.
const ReportTable = "report"

const latestReportPath = reportsDir + "/latest/index.html"

// Table describes one table of the warehouse. Dir is "lake" or "marts".
type Table struct {
	Name, Dir string
	Columns   []Column // in file order
}

// Column is a column with its DuckDB type name.
type Column struct{ Name, Type string }

var reports = Table{Name: ReportTable, Dir: reportsDir}

var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Path returns where the file of a day lies in the glob tree: slashes, relative to the root.
func (t Table) Path(dt bizday.Day) string {
	if t.Dir == reportsDir {
		return fmt.Sprintf("%s/dt=%s/index.html", reportsDir, dt)
	}
	return fmt.Sprintf("%s/%s/dt=%s/data.parquet", t.Dir, t.Name, dt)
}

// Empty returns the DuckDB query for the table with zero rows.
func (t Table) Empty() string {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = fmt.Sprintf("null::%s as %s", c.Type, quoteName(c.Name))
	}
	return "select " + strings.Join(columns, ", ") + " where false"
}

// check refuses what could not be a folder, a view or a file name.
func (t Table) check() error {
	switch {
	case !plainName.MatchString(t.Name):
		return fmt.Errorf("table %q: a name is lower-case letters, digits and _, and starts with a letter", t.Name)
	case t.Dir == reportsDir && t.Name == ReportTable:
		return nil
	case t.Dir != lakeDir && t.Dir != martsDir:
		return fmt.Errorf("table %q: folder %q is neither %s nor %s", t.Name, t.Dir, lakeDir, martsDir)
	case len(t.Columns) == 0:
		return fmt.Errorf("table %q: no columns", t.Name)
	}
	return nil
}

func quoteName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

func quoteText(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
