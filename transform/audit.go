package transform

import (
	"cmp"
	"context"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// TestResult is what one test found on the days that were tested. Its state is that of its worst day.
type TestResult struct {
	Table     string // or the invariant's name
	Test      string
	Severity  string
	Tolerance int64 // rows of a day that may offend
	State     string
	Rows      int64     // that offend, of all days, also where a day's are within the tolerance
	Days      []DayRows // on which rows offend, ascending
	Query     string    // that returns them for FirstDay; "" if it passed, or no row stands for it
}

// DayRows is a number of rows of a day.
type DayRows struct {
	Dt   bizday.Day
	Rows int64
}

// Test runs the tests of contracts and the invariants over published files of these days, of the tables that are chosen and the
// invariants that read one of them. It returns a result for every test of a table that has a file of such a day, by table in
// the order of names, then the invariants. It writes nothing.
func Test(ctx context.Context, files PublishedFiles, p *Project, o Options, days []bizday.Day, isChosen func(table string) bool) ([]TestResult, error) {
	r, err := newRunner(ctx, filesOnly{files}, p, o)
	if err != nil {
		return nil, err
	}
	var results []TestResult
	for _, c := range p.contracts {
		if !c.View && isChosen(c.table.Name) {
			ofTable, err := r.testTable(ctx, c, days)
			if err != nil {
				return nil, err
			}
			results = append(results, ofTable...)
		}
	}
	slices.SortStableFunc(results, func(a, b TestResult) int { return cmp.Compare(a.Table, b.Table) })
	for _, q := range p.invariants {
		if slices.ContainsFunc(q.reads(), isChosen) {
			result, err := r.testInvariant(ctx, q, days)
			if err != nil {
				return nil, err
			}
			results = append(results, result)
		}
	}
	return results, nil
}

func (r *runner) testTable(ctx context.Context, c *contract, days []bizday.Day) ([]TestResult, error) {
	var files []warehouse.File
	for _, dt := range days {
		if f, ok := r.store.File(c.table.Name, dt); ok {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	tests := append([]dataTest{columnsTest, rowsTest}, c.tests()...)
	if unique, ok := c.uniqueTest(); ok {
		tests = append(tests, unique)
	}
	if c.Volume != nil {
		tests = append(tests, c.Volume.test())
	}
	for _, rel := range c.relations() {
		tests = append(tests, rel.dataTest)
	}
	results := make([]TestResult, len(tests))
	for i, test := range tests {
		results[i] = newTestResult(c.table.Name, test)
	}
	note := func(found []finding) error {
		for _, f := range found {
			i := slices.IndexFunc(tests, func(t dataTest) bool { return t.name == f.test.name })
			if err := results[i].add(f); err != nil {
				return err
			}
		}
		return nil
	}
	if err := note(r.volumes(c, days)); err != nil {
		return nil, err
	}
	for _, rel := range c.relations() {
		for _, some := range r.daysOfOneTest(days) {
			found, err := r.first().relationFindings(ctx, c, rel, some)
			if err != nil {
				return nil, err
			}
			if err := note(found); err != nil {
				return nil, err
			}
		}
	}
	for len(files) > 0 {
		n := 1
		for n < min(len(files), maxFilesOfCheck) && sumOfRows(files[:n+1]) < maxRowsOfCheck {
			n++
		}
		found, err := r.first().findings(ctx, c, files[:n])
		if err == nil {
			err = note(found)
		}
		if err != nil {
			return nil, errs.Wrap(errs.Unexpected, "test "+c.table.Name, err)
		}
		files = files[n:]
	}
	for i := range results {
		if results[i].sortDays(); results[i].State != TestPassed {
			results[i].Query = tests[i].query(c.table.Name, results[i].FirstDay())
		}
	}
	return results, nil
}

func (r *runner) testInvariant(ctx context.Context, q *query, days []bizday.Day) (TestResult, error) {
	result := newTestResult(q.table.Name, dataTest{severity: q.severity, name: sqlFile(q.file)})
	for _, some := range r.daysOfOneTest(days) {
		found, err := r.first().offending(ctx, q, some)
		if err != nil {
			return result, err
		}
		for _, f := range found {
			if err := result.add(f); err != nil {
				return result, err
			}
		}
	}
	result.sortDays()
	return result, nil
}

// FirstDay returns the first day on which more rows offend than are tolerated; there is one unless the test passed.
func (t TestResult) FirstDay() bizday.Day {
	i := slices.IndexFunc(t.Days, func(d DayRows) bool { return d.Rows > t.Tolerance })
	return t.Days[i].Dt
}

func newTestResult(table string, test dataTest) TestResult {
	return TestResult{Table: table, Test: test.name, Severity: test.level(), Tolerance: test.Tolerance, State: TestPassed}
}

func (t *TestResult) add(f finding) error {
	dt, err := bizday.Parse(f.dt)
	if err != nil {
		return errs.Wrap(errs.Unexpected, "test "+t.Table, err)
	}
	t.Rows += f.rows
	t.Days = append(t.Days, DayRows{dt, f.rows})
	if state := f.state(); state != TestPassed {
		t.State = state
	}
	return nil
}

func (t *TestResult) sortDays() {
	slices.SortFunc(t.Days, func(a, b DayRows) int { return cmp.Compare(a.Dt, b.Dt) })
}

// filesOnly is a store that takes nothing.
type filesOnly struct{ PublishedFiles }

func (filesOnly) StagePath(table warehouse.Table, _ bizday.Day) (string, error) {
	return "", errs.New(errs.Unexpected, table.Name+" is only read", "")
}

func (filesOnly) Add(table warehouse.Table, _ bizday.Day, _ int64, _ string) (warehouse.File, error) {
	return warehouse.File{}, errs.New(errs.Unexpected, table.Name+" is only read", "")
}
