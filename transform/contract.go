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
	Description string           `yaml:"description"`
	Grain       string           `yaml:"grain"`
	Version     string           `yaml:"version"`    // of the columns, for readers of the files: MAJOR or MAJOR.MINOR
	WrittenBy   string           `yaml:"written_by"` // only without SQL
	MadeOf      []string         `yaml:"made_of"`    // tables that whoever writes it reads; only without SQL
	Owner       string           `yaml:"owner"`      // whom to ask
	Tags        []string         `yaml:"tags"`
	Readers     []string         `yaml:"readers"`   // who reads it besides models, in words
	Promise     *Promise         `yaml:"freshness"` // nil: nobody waits for it
	Key         []string         `yaml:"key"`
	Inputs      []input          `yaml:"inputs"`
	Calendar    string           `yaml:"calendar"`
	Window      string           `yaml:"window"` // length of the longest window that begins on dt, such as 24h
	Parameters  []string         `yaml:"parameters"`
	Suppress    bool             `yaml:"suppress"`
	View        bool             `yaml:"view"`    // in no file: models that read it hold its query in theirs
	Gathers     string           `yaml:"gathers"` // of a view, instead of SQL: what it is made of from the metric catalogue
	Like        string           `yaml:"like"`    // table whose grain, key and columns are this one's too
	Columns     []column         `yaml:"columns"`
	Volume      *volume          `yaml:"volume"` // nil: any number of rows is right
	severity    `yaml:",inline"` // of an invariant

	file    string
	root    *yaml.Node
	version version
	table   warehouse.Table
}

type column struct {
	Name       string           `yaml:"name"`
	Type       string           `yaml:"type"`
	Unit       string           `yaml:"unit"`
	Meaning    string           `yaml:"meaning"`
	NotNull    bool             `yaml:"not_null"`   // columns of the key need not say so
	Accepted   []string         `yaml:"accepted"`   // the only values besides NULL
	Min        string           `yaml:"min"`        // no value but NULL is less
	Max        string           `yaml:"max"`        // no value but NULL is greater
	References *reference       `yaml:"references"` // nil: none
	severity   `yaml:",inline"` // of these tests
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

// Keys of the kinds of mapping in a contract.
var (
	contractKeys  = []string{"description", "grain", "version", "written_by", "made_of", "owner", "tags", "readers", "freshness", "key", "inputs", "calendar", "window", "parameters", "suppress", "view", "gathers", "like", "columns", "volume", "severity", "tolerance"}
	columnKeys    = []string{"name", "type", "unit", "meaning", "not_null", "accepted", "min", "max", "references", "severity", "tolerance"}
	referenceKeys = []string{"table", "column"}
	inputKeys     = []string{"table", "days", "as"}
	promiseKeys   = []string{"by", "days_after"}
	volumeKeys    = []string{"days", "least", "most", "severity", "tolerance"}
)

var (
	columnTypes = []string{"DATE", "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP", "BLOB", "UUID"}
	parameters  = []string{"k", "retire_after", "diamond_target"}
	writers     = []string{"extraction", "alarms", "restatement"}
	plainName   = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	numberForm  = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
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
				if reference := child(item, "references"); reference != nil {
					unknown = append(unknown, unknownKeys(file, reference, referenceKeys)...)
				}
			}
		}
	}
	for _, mapping := range []struct {
		key  string
		keys []string
	}{{"freshness", promiseKeys}, {"volume", volumeKeys}} {
		if value := child(root, mapping.key); value != nil {
			unknown = append(unknown, unknownKeys(file, value, mapping.keys)...)
		}
	}
	c := &contract{file: file, root: root}
	if len(unknown) == 0 {
		if err := root.Decode(c); err != nil {
			return nil, errs.Wrap(errs.Usage, "contract "+file, err)
		}
		c.table = warehouse.Table{Name: tableName(file), Dir: tableDir(file)}
		c.setColumns(c.Columns)
		c.version, _ = parseVersion(c.Version)
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

// lineOf returns the line of the last item of a name in the list under a key, else that of the key's value, else that of the
// contract.
func (c *contract) lineOf(key, name string) int {
	value := child(c.root, key)
	if value == nil {
		return c.root.Line
	}
	line := value.Line
	for _, item := range value.Content {
		for _, key := range []string{"as", "table", "name"} {
			if named := child(item, key); named != nil {
				item = named
				break
			}
		}
		if item.Value == name {
			line = item.Line
		}
	}
	return line
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
