package transform

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Published is where the files of a snapshot are found.
type Published interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	Days(table string) []bizday.Day
	ReadPath(f warehouse.File) string
}

// Snapshot is the models over the files that are published, and over no others.
type Snapshot struct{ runner *runner }

// Over returns a snapshot. Zone and parameters are those with which it was built.
func (p *Project) Over(published Published, zone bizday.Zone, params Params) Snapshot {
	return Snapshot{&runner{
		store: readOnly{published}, project: p, options: Options{Zone: zone, Params: params}, extracted: published.Days(eventsTable),
	}}
}

// readOnly is a store that takes nothing.
type readOnly struct{ Published }

func (readOnly) StagePath(table warehouse.Table, _ bizday.Day) (string, error) {
	return "", fmt.Errorf("%s is only read", table.Name)
}

func (readOnly) Add(table warehouse.Table, _ bizday.Day, _ int64, _ string) (warehouse.File, error) {
	return warehouse.File{}, fmt.Errorf("%s is only read", table.Name)
}

// Question is a query of explain/NAME.sql, which fills no table: it asks about what is published. Its contract names its
// inputs as that of a model does.
type Question struct {
	File  string // NAME.sql with its folder
	query *query
}

const questionDir = "explain"

// LoadQuestion reads explain/NAME.yaml and its SQL. Errors are those of Load.
func (p *Project) LoadQuestion(name string) (*Question, error) {
	c, err := loadContract(p.files, questionDir+"/"+name+".yaml")
	if err != nil {
		return nil, err
	}
	if c.View || c.Suppress || c.WrittenBy != "" || c.Version != "" {
		return nil, errs.New(errs.Usage, c.file+": a query that explains fills no table", "remove view, suppress, written_by and version")
	}
	q, err := p.loadQuery(p.files, c)
	if err != nil {
		return nil, err
	}
	return &Question{sqlFile(c.file), q}, nil
}

// Asked is a question about one day as text without parameters.
type Asked struct {
	SQL     string           // over the files by their paths
	Tables  string           // the same over the tables of the warehouse, for people to run
	Files   []warehouse.File // that are read
	Through bizday.Day       // the last day that the question knows
}

// Ask returns a question about a day. values are parameters besides those of a model, which are texts.
func (s Snapshot) Ask(q *Question, dt bizday.Day, values map[string]string) Asked {
	b := s.runner.bind(q.query, dt)
	args := b.arguments(s.runner.options.Params)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		args = append(args, sql.Named(name, values[name]))
	}
	return Asked{
		SQL:     literal(b.over(s.paths), args),
		Tables:  literal(b.over(days), args),
		Files:   b.files(),
		Through: b.knownUntil,
	}
}

// paths is an input as a query of its files.
func (s Snapshot) paths(in boundInput) string {
	quoted := make([]string, len(in.files))
	for i, f := range in.files {
		quoted[i] = duck.Quote(s.runner.store.ReadPath(f))
	}
	return fmt.Sprintf("select * from read_parquet([%s], hive_partitioning = false)", strings.Join(quoted, ", "))
}

// days is an input as a query of the table of its files. The schema stands there because the relation may have the same name.
func days(in boundInput) string {
	dates := make([]string, len(in.files))
	for i, f := range in.files {
		dates[i] = "date " + duck.Quote(f.Dt.String())
	}
	return fmt.Sprintf("select * from main.%s where dt in (%s)", in.table.Name, strings.Join(dates, ", "))
}

// over returns the query with its inputs as relations in front, each as source writes it.
func (b binding) over(source func(boundInput) string) string {
	relations := make([]string, len(b.inputs))
	for i, in := range b.inputs {
		text := in.table.Empty()
		switch {
		case in.view != nil:
			text = in.view.over(source)
		case len(in.files) > 0:
			text = source(in)
		}
		relations[i] = fmt.Sprintf("%s as (%s)", in.name, text)
	}
	return b.query.statement.bind(relations)
}

// literal replaces the parameters of a query by their values.
func literal(text string, args []any) string {
	values := map[string]string{}
	for _, arg := range args {
		named := arg.(sql.NamedArg)
		switch value := named.Value.(type) {
		case string:
			values["$"+named.Name] = duck.Quote(value)
		default:
			values["$"+named.Name] = fmt.Sprint(value)
		}
	}
	var b strings.Builder
	for at := 0; at < len(text); {
		end, isToken, err := nextLexeme(text, at)
		if err != nil {
			return text // parseStatement has read it before
		}
		lexeme := text[at:end]
		if value, isParameter := values[lexeme]; isToken && isParameter {
			lexeme = value
		}
		b.WriteString(lexeme)
		at = end
	}
	return b.String()
}

// ModelSQL returns the text of a model or view, and the file in which it stands.
func (p *Project) ModelSQL(name string) (text, file string) {
	q := p.query(name)
	if q == nil {
		return "", ""
	}
	return q.statement.text, sqlFile(q.file)
}
