package transform

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// CheckAdded has the engine plan the queries that an analyst's folder adds, over tables without rows, before anything is built.
// What it does not understand, a view that lacks a column of its contract, and a query that explains and adds up to nothing, are
// of class Gate and named with file and line, all of them at once. A table's columns are those of its files, which every run checks.
func (p *Project) CheckAdded(ctx context.Context, db *duck.DB) error {
	zone, err := bizday.LoadZone("UTC")
	if err != nil {
		return err
	}
	over := p.Over(noFiles{}, zone, Params{K: 1, RetireAfter: 1, DiamondTarget: 1})
	over.runner.options.DB = db
	s := over.runner.first()
	added, err := p.addedQueries(over)
	faults := []error{err}
	for _, a := range added {
		columns, err := s.plan(ctx, a.text)
		switch {
		case err != nil && !duck.IsRefusal(err):
			return errs.Wrap(errs.Unexpected, "plan "+sqlFile(a.file), err)
		case err != nil:
			faults = append(faults, p.inFile(a, err))
		case path.Dir(a.file) == questionDir && !isExplaining(columns):
			faults = append(faults, errs.New(errs.Gate, sqlFile(a.file)+": the query has neither a column value nor numerator and denominator", `their sums are the value (sql/README.md, "Query that explains")`))
		case a.View:
			faults = append(faults, a.lacks(columns))
		}
	}
	return errors.Join(append(faults, p.missingQuestions())...)
}

// addedQuery is a query of an analyst's folder, with relations in front that have no rows.
type addedQuery struct {
	*query
	text string
}

// addedQueries returns those that can be read.
func (p *Project) addedQueries(over Snapshot) (added []addedQuery, err error) {
	var faults []error
	params := over.runner.options.Params
	for _, c := range p.contracts {
		if q := p.query(c.table.Name); q != nil && p.isAdded(sqlFile(c.file)) {
			b := over.runner.bind(q, 0)
			added = append(added, addedQuery{q, literal(b.over(nil), b.arguments(params))})
		}
	}
	for _, q := range p.invariants {
		if p.isAdded(sqlFile(q.file)) {
			args := params.named(q.Parameters)
			text := q.statement.bind(over.runner.first().relations(q, []bizday.Day{0}, &args))
			added = append(added, addedQuery{q, literal(text, args)})
		}
	}
	for _, file := range glob(p.files, questionDir+"/*.yaml") {
		if !p.isAdded(file) {
			continue
		}
		question, err := p.LoadQuestion(tableName(file))
		if err != nil {
			faults = append(faults, err)
			continue
		}
		added = append(added, addedQuery{question.query, over.Ask(question, 0, anyCell).Tables})
	}
	return added, errors.Join(faults...)
}

// lacks says which columns of its contract a view does not have.
func (a addedQuery) lacks(columns []string) error {
	var faults []error
	for _, c := range a.Columns {
		if !slices.Contains(columns, c.Name) {
			faults = append(faults, errs.New(errs.Gate, fmt.Sprintf("%s: the view has no column %q", sqlFile(a.file), c.Name), "make "+a.file+" and its SQL agree"))
		}
	}
	return errors.Join(faults...)
}

// anyCell has the parameters of a query that explains.
var anyCell = map[string]string{"env": "", "metric": "", "period": "", "vault_type": "", "variant_id": "", "segment": "", "statistic": ""}

func isExplaining(columns []string) bool {
	return slices.Contains(columns, "value") || slices.Contains(columns, "numerator") && slices.Contains(columns, "denominator")
}

// missingQuestions names the metrics of the folder whose query that explains is not there.
func (p *Project) missingQuestions() error {
	var faults []error
	for _, m := range p.added {
		for _, shape := range m.Shapes {
			file := questionDir + "/" + shape.Explain + ".yaml"
			if _, err := fs.Stat(p.files, file); err != nil {
				faults = append(faults, errs.New(errs.Gate, fmt.Sprintf("%s: metric %s: explain: there is no %s", metricsFile, m.Name, file), "write it, or leave explain out"))
			}
		}
	}
	return errors.Join(faults...)
}

type noFiles struct{}

func (noFiles) File(string, bizday.Day) (warehouse.File, bool) { return warehouse.File{}, false }
func (noFiles) Days(string) []bizday.Day                       { return nil }
func (noFiles) ReadPath(warehouse.File) string                 { return "" }

// isAdded says whether an analyst's folder has a file.
func (p *Project) isAdded(file string) bool {
	l, isLayered := p.files.(layers)
	if !isLayered {
		return false
	}
	_, err := fs.Stat(l.added, file)
	return err == nil
}

// SQLFile is where the SQL of a model or view stands: in the repository, or in the analyst's folder.
func (p *Project) SQLFile(model string) string {
	file := "models/" + model + ".sql"
	if p.isAdded(file) {
		return file
	}
	return "sql/" + file
}

// plan returns the names of a query's columns.
func (s session) plan(ctx context.Context, text string) ([]string, error) {
	rows, err := s.conn.QueryContext(ctx, "select * from ("+text+"\n) limit 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	return columns, errors.Join(err, rows.Err())
}

var engineLine = regexp.MustCompile(`(?s)\s*\n\s*LINE (\d+):.*`)

// inFile returns an error of the engine with the place in the query's own file.
func (p *Project) inFile(a addedQuery, err error) error {
	file, text := sqlFile(a.file), err.Error()
	if at := engineLine.FindStringSubmatch(text); at != nil {
		text = strings.TrimSuffix(text, at[0])
		line, _ := strconv.Atoi(at[1])
		source, err := p.source(p.files, a.contract)
		// The last line of the query is the last line of the file, whatever stands in front of either.
		line += strings.Count(source, "\n") - strings.Count(a.text, "\n")
		if isOwn := line > strings.Count(source, "\n")-strings.Count(a.statement.text, "\n"); err == nil && isOwn {
			file = fmt.Sprintf("%s:%d", file, line)
		}
	}
	return errs.New(errs.Gate, file+": "+text, "repair the query; the names that it may read are the inputs of "+a.file)
}
