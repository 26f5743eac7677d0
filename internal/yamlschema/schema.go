package yamlschema

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// Schema is a JSON Schema with the formats that it names. The description of a key becomes the hint of a problem with it,
// and $comment the words for a condition that no keyword names.
type Schema struct {
	Name    string
	Text    []byte
	Formats []*jsonschema.Format
}

// Format returns the format of a name: texts, and numbers as text, that read without an error. The error says what a good
// value looks like.
func Format[T any](name string, read func(string) (T, error)) *jsonschema.Format {
	return &jsonschema.Format{Name: name, Validate: func(v any) error {
		var err error
		switch v := v.(type) {
		case string:
			_, err = read(v)
		case int64:
			_, err = read(strconv.FormatInt(v, 10))
		case float64:
			_, err = read(strconv.FormatFloat(v, 'f', -1, 64))
		}
		return err // another type is the error of the keyword "type"
	}}
}

// Read turns text into a document and finds what is wrong with it. ${VAR} and ${VAR:-default} are replaced by what lookup
// gives; without lookup they are plain text. The error is one of the schema, never of the text.
func Read(text []byte, s Schema, lookup func(string) (string, bool)) (Document, []Problem, error) {
	doc, problems := parse(text, lookup)
	if len(doc.lines) == 0 && len(problems) > 0 {
		return doc, problems, nil // no YAML: there is nothing that could lack a key
	}
	found, err := s.check(doc)
	if err != nil {
		return doc, nil, err
	}
	// What could not be read is bad for the schema, too, and need not be said twice.
	problems = append(problems, slices.DeleteFunc(found, func(p Problem) bool {
		return slices.ContainsFunc(problems, func(q Problem) bool { return q.Line == p.Line })
	})...)
	Sort(problems)
	return doc, problems, nil
}

// Sort puts problems in the order of their lines.
func Sort(problems []Problem) {
	slices.SortStableFunc(problems, func(a, b Problem) int { return a.Line - b.Line })
}

// check returns what the schema has against the document.
func (s Schema) check(doc Document) ([]Problem, error) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(s.Text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, format := range s.Formats {
		compiler.RegisterFormat(format)
	}
	if err := compiler.AddResource(s.Name, schema); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(s.Name)
	if err != nil {
		return nil, err
	}
	err = compiled.Validate(doc.Value)
	var invalid *jsonschema.ValidationError
	if err == nil || !errors.As(err, &invalid) {
		return nil, err
	}
	c := complaints{doc: doc, schema: schema}
	c.add(invalid)
	return c.problems, nil
}

// complaints turns the library's tree of errors into lines for people.
type complaints struct {
	doc      Document
	schema   any
	problems []Problem
}

func (c *complaints) add(e *jsonschema.ValidationError) {
	what, hint := "", ""
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			c.addAt(step(e.InstanceLocation, key), fmt.Sprintf("unknown key %q", key), Nearest("nearest key: ", key, c.keysOf(e.SchemaURL)))
		}
		return
	case *kind.OneOf, *kind.Not:
		what = c.commentOf(e.SchemaURL)
	case *kind.Required:
		what = "lacks the key " + quotedList(k.Missing)
	case *kind.Type:
		what = "must be " + typeWords(k.Want) + ", not " + typeWord(k.Got)
		if k.Got == "number" && slices.Equal(k.Want, []string{"integer"}) {
			what = "must be a whole number"
		}
	case *kind.Enum:
		what = "must be one of " + joinValues(k.Want)
	case *kind.Pattern:
		what = "must match " + k.Want
	case *kind.Minimum:
		what = "must be at least " + k.Want.RatString()
	case *kind.Maximum:
		what = "must be at most " + k.Want.RatString()
	case *kind.MinLength:
		what = "must not be empty"
	case *kind.MaxLength:
		what = fmt.Sprintf("must have at most %d characters", k.Want)
	case *kind.Format:
		what = "has a bad value: " + k.Err.Error()
		if c.doc.fromEnv[pointer(e.InstanceLocation)] {
			what = "has a bad value, which comes from the environment"
		}
	case *kind.MinItems:
		what = "must not be empty"
	case *kind.UniqueItems:
		what = "holds a value twice"
	default:
		for _, cause := range e.Causes {
			c.add(cause)
		}
		if len(e.Causes) > 0 {
			return
		}
		what = "is not what the schema allows" // by a keyword that this list lacks
	}
	if description, _ := c.schemaAt(e.SchemaURL)["description"].(string); description != "" && len(e.InstanceLocation) > 0 {
		hint = "what it is: " + description
	}
	c.addAt(e.InstanceLocation, strings.TrimSpace(KeyName(e.InstanceLocation)+" "+what), hint)
}

func (c *complaints) addAt(path []string, what, hint string) {
	c.problems = append(c.problems, Problem{Line: c.doc.LineOf(path...), What: what, Hint: hint})
}

// schemaAt returns the part of the schema that a URL with a JSON pointer names.
func (c *complaints) schemaAt(url string) map[string]any {
	_, fragment, _ := strings.Cut(url, "#")
	at := c.schema
	for _, name := range strings.Split(strings.TrimPrefix(fragment, "/"), "/") {
		switch node := at.(type) {
		case map[string]any:
			if name != "" {
				at = node[name]
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(node) {
				return nil
			}
			at = node[i]
		}
	}
	found, _ := at.(map[string]any)
	return found
}

func (c *complaints) keysOf(url string) []string {
	properties, _ := c.schemaAt(url)["properties"].(map[string]any)
	keys := make([]string, 0, len(properties))
	for key := range properties {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func (c *complaints) commentOf(url string) string {
	comment, _ := c.schemaAt(url)["$comment"].(string)
	return comment
}

// Nearest proposes the name that a mistyped one may mean; with none near it lists them all.
func Nearest(before, name string, known []string) string {
	best, bestDistance := "", len(name)/2+1
	for _, candidate := range known {
		if d := levenshtein.ComputeDistance(name, candidate); d < bestDistance {
			best, bestDistance = candidate, d
		}
	}
	if best == "" {
		return "known are: " + strings.Join(known, ", ")
	}
	return before + best
}

func typeWord(name string) string {
	switch name {
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	case "string":
		return "a text"
	case "integer":
		return "a whole number"
	case "number":
		return "a number"
	case "boolean":
		return "true or false"
	default:
		return "empty"
	}
}

func typeWords(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = typeWord(name)
	}
	return strings.Join(words, " or ")
}

func quotedList(names []string) string {
	words := make([]string, len(names))
	for i, name := range names {
		words[i] = strconv.Quote(name)
	}
	return strings.Join(words, ", ")
}

func joinValues(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
