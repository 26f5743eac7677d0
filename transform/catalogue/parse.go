package catalogue

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/yamlschema"
	"vaultreport/sql"
)

// The queries that explain metrics without a query of their own.
const (
	Measured     = "measured"
	MeasuredRate = "measured_rate"
)

// File is the catalogue among the files of package sql, and in a project of an analyst.
const File = "metrics.yaml"

const (
	schemaFile = "metrics.schema.json"
)

// Load returns the catalogue of the shipped models, and that of the folder of fsys in which the files of a project stand, if it is
// there. Errors are of class Usage, with all faults of a file; a name can be taken once.
func Load(fsys fs.FS, addedDir string) (shipped, added Catalogue, err error) {
	if shipped, err = load(fsys, File); err != nil {
		return nil, nil, err
	}
	added, err = load(fsys, path.Join(addedDir, File))
	if errors.Is(err, fs.ErrNotExist) {
		return shipped, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	for _, m := range added {
		if _, taken := shipped.Metric(m.Name); taken {
			return nil, nil, errs.New(errs.Usage, fmt.Sprintf("%s: metric %s: vaultreport has one of this name", File, m.Name), "take another name")
		}
	}
	return shipped, added, nil
}

func load(fsys fs.FS, file string) (Catalogue, error) {
	text, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	c, problems, err := Parse(text)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problemsOf(File, problems)
	}
	return c, nil
}

// problemsOf is an error of class Usage that names all problems of a file, each with its line.
func problemsOf(file string, problems []yamlschema.Problem) error {
	all := make([]error, len(problems))
	for i, p := range problems {
		all[i] = fmt.Errorf("%s:%d: %s", file, p.Line, p.What)
	}
	return &errs.Error{Class: errs.Usage, What: "metric catalogue", Err: errors.Join(all...), Hint: problems[0].Hint}
}

// Parse reads a catalogue, which sql/metrics.schema.json describes. Problems are all errors of the text, in the order of its
// lines; with a problem there is no catalogue.
func Parse(text []byte) (Catalogue, []yamlschema.Problem, error) {
	schema, err := sql.FS.ReadFile(schemaFile)
	if err != nil {
		return nil, nil, err
	}
	s := yamlschema.Schema{Name: schemaFile, Text: schema}
	s.Formats = append(s.Formats, yamlschema.Format("length", parseLength), yamlschema.Format("event", parseKind))
	doc, problems, err := yamlschema.Read(text, s, nil)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	encoded, err := json.Marshal(doc.Value)
	if err != nil {
		return nil, nil, err
	}
	var read struct {
		Metrics Catalogue `json:"metrics"`
	}
	if err := json.Unmarshal(encoded, &read); err != nil {
		return nil, nil, err
	}
	if problems := doc.Taken("metric", yamlschema.Names{List: "metrics", Items: read.Metrics.Names()}); len(problems) > 0 {
		return nil, problems, nil
	}
	for i := range read.Metrics {
		m := &read.Metrics[i]
		m.Sections = append([]int{}, m.Sections...)
		m.Choices = append([]string{}, m.Choices...)
		for j := range m.Shapes {
			m.Shapes[j].complete()
		}
	}
	return read.Metrics, nil, nil
}

// complete gives what a shape leaves out.
func (s *Shape) complete() {
	give := func(list *[]string, values ...string) {
		if len(*list) == 0 {
			*list = append([]string{}, values...)
		}
	}
	give(&s.Periods, "day")
	give(&s.VaultTypes, All)
	give(&s.VaultTypesIfAny)
	if s.VariantsIfAny == "" {
		give(&s.Variants, All)
	}
	give(&s.Variants)
	if s.SegmentsIfAny == "" {
		give(&s.Segments, All)
	}
	give(&s.Segments)
	switch {
	case s.Explain != "":
	case slices.Contains(s.Statistics, "rate"):
		s.Explain = MeasuredRate
	default:
		s.Explain = Measured
	}
}

func parseLength(text string) (time.Duration, error) {
	length, err := time.ParseDuration(text)
	if err != nil || length <= 0 {
		return 0, errors.New("a length is a number and a unit, such as 24h")
	}
	return length, nil
}

func parseKind(text string) (event.Kind, error) {
	kind := event.KindOf(text)
	if kind == 0 {
		return 0, errors.New("no kind of event has this name")
	}
	return kind, nil
}
