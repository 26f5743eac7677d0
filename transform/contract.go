package transform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// contract is what sql/*/NAME.yaml says about the table NAME.
type contract struct {
	Description string   `yaml:"description"`
	Grain       string   `yaml:"grain"`
	Version     int      `yaml:"version"`    // of the columns, for readers of the files
	WrittenBy   string   `yaml:"written_by"` // only without SQL
	Key         []string `yaml:"key"`
	Inputs      []input  `yaml:"inputs"`
	Calendar    string   `yaml:"calendar"`
	Window      string   `yaml:"window"` // length of the longest window that begins on dt, such as 24h
	Parameters  []string `yaml:"parameters"`
	Suppress    bool     `yaml:"suppress"`
	View        bool     `yaml:"view"` // in no file: models that read it hold its query in theirs
	Like        string   `yaml:"like"` // table whose grain, key and columns are this one's too
	Columns     []column `yaml:"columns"`

	file  string
	table warehouse.Table
}

type column struct {
	Name     string   `yaml:"name"`
	Type     string   `yaml:"type"`
	Unit     string   `yaml:"unit"`
	Meaning  string   `yaml:"meaning"`
	NotNull  bool     `yaml:"not_null"` // columns of the key need not say so
	Accepted []string `yaml:"accepted"` // the only values besides NULL
}

type input struct {
	Table string `yaml:"table"`
	Days  string `yaml:"days"`
	As    string `yaml:"as"` // the table's name if empty
}

func (in input) name() string {
	if in.As != "" {
		return in.As
	}
	return in.Table
}

// Keys of the three kinds of mapping in a contract.
var (
	contractKeys = []string{"description", "grain", "version", "written_by", "key", "inputs", "calendar", "window", "parameters", "suppress", "view", "like", "columns"}
	columnKeys   = []string{"name", "type", "unit", "meaning", "not_null", "accepted"}
	inputKeys    = []string{"table", "days", "as"}
)

var (
	columnTypes = []string{"DATE", "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "BLOB", "UUID"}
	parameters  = []string{"k", "retire_after", "diamond_target"}
	writers     = []string{"extraction", "alarms", "restatement"}
	plainName   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// loadContract reads one contract. All that is wrong with it is reported at once, with file and line.
func loadContract(fsys fs.FS, file string) (*contract, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, errs.Wrap(errs.Usage, "read contract", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, errs.Wrap(errs.Usage, "contract "+file, err)
	}
	if len(document.Content) == 0 {
		return nil, errs.New(errs.Usage, "contract "+file+" is empty", "")
	}
	root := document.Content[0]
	unknown := unknownKeys(file, root, contractKeys)
	for _, list := range []struct {
		key  string
		keys []string
	}{{"columns", columnKeys}, {"inputs", inputKeys}} {
		if sequence := child(root, list.key); sequence != nil {
			for _, item := range sequence.Content {
				unknown = append(unknown, unknownKeys(file, item, list.keys)...)
			}
		}
	}
	c := &contract{file: file}
	if len(unknown) == 0 {
		if err := root.Decode(c); err != nil {
			return nil, errs.Wrap(errs.Usage, "contract "+file, err)
		}
		c.table = warehouse.Table{Name: tableName(file), Dir: tableDir(file)}
		c.setColumns(c.Columns)
		unknown = c.faults()
	}
	if err := errors.Join(unknown...); err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "contract", Hint: "sql/README.md lists the keys of a contract", Err: err}
	}
	return c, nil
}

func (c *contract) setColumns(columns []column) {
	c.Columns, c.table.Columns = columns, nil
	for _, column := range columns {
		c.table.Columns = append(c.table.Columns, warehouse.Column{Name: column.Name, Type: column.Type})
	}
}

func tableDir(file string) string {
	if path.Dir(file) == "lake" {
		return "lake"
	}
	return "marts"
}

func child(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func unknownKeys(file string, mapping *yaml.Node, known []string) (faults []error) {
	if mapping.Kind != yaml.MappingNode {
		return []error{fmt.Errorf("%s:%d: not a mapping of keys to values", file, mapping.Line)}
	}
	for i := 0; i < len(mapping.Content); i += 2 {
		if key := mapping.Content[i]; !slices.Contains(known, key.Value) {
			faults = append(faults, fmt.Errorf("%s:%d: unknown key %q", file, key.Line, key.Value))
		}
	}
	return faults
}

// faults checks what one contract can say wrong by itself.
func (c *contract) faults() (faults []error) {
	wrong := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf(c.file+": "+format, args...))
	}
	if !plainName.MatchString(c.table.Name) {
		wrong("name %q is not made of lower-case letters, digits and _", c.table.Name)
	}
	if c.Description == "" {
		wrong("description is missing")
	}
	if c.WrittenBy != "" && !slices.Contains(writers, c.WrittenBy) {
		wrong("written_by %q is none of %v", c.WrittenBy, writers)
	}
	if c.View && (c.Window != "" || c.Suppress || c.Version != 0) {
		wrong("a view has no window, no version, and nothing of it is suppressed: it is in no file")
	}
	if c.Like != "" && len(c.Columns)+len(c.Key) > 0 {
		wrong("key and columns are those of %s", c.Like)
	}
	seen := map[string]bool{}
	for _, column := range c.Columns {
		if !plainName.MatchString(column.Name) || seen[column.Name] {
			wrong("column %q is not a plain name, or there twice", column.Name)
		}
		seen[column.Name] = true
		if !slices.Contains(columnTypes, column.Type) {
			wrong("column %s: type %q is none of %v", column.Name, column.Type, columnTypes)
		}
		if column.Meaning == "" {
			wrong("column %s: meaning is missing", column.Name)
		}
	}
	for _, name := range c.Key {
		if !seen[name] {
			wrong("key column %q is not a column", name)
		}
	}
	bound := map[string]bool{calendarName: c.Calendar != ""}
	for _, in := range c.Inputs {
		if !plainName.MatchString(in.name()) || bound[in.name()] {
			wrong("input %q is not a plain name, or there twice", in.name())
		}
		bound[in.name()] = true
		if _, err := parseDays(in.Days); err != nil {
			wrong("input %s: %v", in.name(), err)
		}
		if in.Days == windowDays && c.Window == "" {
			wrong("input %s: days are those of a window, and there is no window", in.name())
		}
	}
	if c.Calendar != "" {
		if _, err := parseSpan(c.Calendar); err != nil {
			wrong("%v", err)
		}
	}
	if _, err := parseWindow(c.Window); err != nil {
		wrong("%v", err)
	}
	for _, name := range c.Parameters {
		if !slices.Contains(parameters, name) {
			wrong("parameter %q is none of %v", name, parameters)
		}
	}
	return faults
}
