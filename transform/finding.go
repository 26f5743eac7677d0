package transform

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
)

// Severities of a test.
const (
	SeverityError = "error" // a run that finds rows publishes nothing
	SeverityWarn  = "warn"  // it says so and goes on
)

// States of a test.
const (
	TestPassed = "ok"
	TestWarned = "warn"
	TestFailed = "fail"
)

// severity is how much a test matters, as a contract says it.
type severity struct {
	Severity  string `yaml:"severity"`  // "" is error
	Tolerance int64  `yaml:"tolerance"` // rows of a day that may offend
}

func (s severity) level() string {
	if s.Severity == "" {
		return SeverityError
	}
	return s.Severity
}

func (s severity) fault() error {
	switch {
	case !slices.Contains([]string{"", SeverityError, SeverityWarn}, s.Severity):
		return fmt.Errorf("severity %q is neither error nor warn", s.Severity)
	case s.Tolerance < 0:
		return fmt.Errorf("tolerance %d is negative", s.Tolerance)
	}
	return nil
}

// dataTest is one test of a table.
type dataTest struct {
	severity
	name    string
	offends string // SQL: whether a row does
	key     string // of a test that rows are unique: its columns
}

// query returns the rows of a day that offend, over the tables of the warehouse, "" where no row stands for the test.
func (t dataTest) query(table string, dt bizday.Day) string {
	switch {
	case t.key != "":
		return fmt.Sprintf("select * from %s where dt = date '%s' qualify count(*) over (partition by %s) > 1", table, dt, t.key)
	case t.offends != "":
		return fmt.Sprintf("select * from %s where dt = date '%s' and (%s)", table, dt, t.offends)
	}
	return ""
}

// Tests that every table with files has. No row stands for them.
var (
	columnsTest = dataTest{name: "columns"}
	rowsTest    = dataTest{name: "rows of the day"}
)

// finding is that rows of a day offend a test.
type finding struct {
	dt   string
	test dataTest
	rows int64
	text string // instead of test and number
}

func (f finding) state() string {
	switch {
	case f.rows <= f.test.Tolerance:
		return TestPassed
	case f.test.level() == SeverityWarn:
		return TestWarned
	}
	return TestFailed
}

func (f finding) String() string {
	if f.text != "" {
		return f.dt + ": " + f.text
	}
	return fmt.Sprintf("%s: %s: %d rows", f.dt, f.test.name, f.rows)
}

func (f finding) warn(log *slog.Logger, table string) {
	log.Warn("a test of data warns", "table", table, "dt", f.dt, "test", f.test.name, "rows", f.rows)
}

// tests returns the tests of single rows.
func (c *contract) tests() []dataTest {
	var tests []dataTest
	add := func(column column, name, offends string) {
		if offends != "" {
			tests = append(tests, dataTest{severity: column.severity, name: name + column.Name, offends: offends})
		}
	}
	for _, column := range c.Columns {
		if column.NotNull || slices.Contains(c.Key, column.Name) {
			add(column, "not null ", column.Name+" is null")
		}
		add(column, "accepted values of ", column.notAccepted())
		add(column, "range of ", column.outOfRange())
	}
	return tests
}

func (c column) notAccepted() string {
	if len(c.Accepted) == 0 {
		return ""
	}
	quoted := make([]string, len(c.Accepted))
	for i, value := range c.Accepted {
		quoted[i] = duck.Quote(value)
	}
	return c.Name + " not in (" + strings.Join(quoted, ", ") + ")"
}

func (c column) outOfRange() string {
	var sides []string
	if c.Min != "" {
		sides = append(sides, c.Name+" < "+c.Min)
	}
	if c.Max != "" {
		sides = append(sides, c.Name+" > "+c.Max)
	}
	return strings.Join(sides, " or ")
}

// uniqueTest is about the key; a table without one has none.
func (c *contract) uniqueTest() (dataTest, bool) {
	key := strings.Join(c.Key, ", ")
	return dataTest{name: "unique (" + key + ")", key: key}, key != ""
}
