package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"vaultreport/internal/bizday"
)

// schemaName is the name under which init writes the schema beside a configuration.
const schemaName = "vaultreport.schema.json"

//go:embed vaultreport.schema.json
var schemaText []byte

// checkSchema returns what the schema has against the document.
func checkSchema(doc document) ([]problem, error) {
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	for _, format := range formats() {
		compiler.RegisterFormat(format)
	}
	if err := compiler.AddResource(schemaName, schema); err != nil {
		return nil, err
	}
	compiled, err := compiler.Compile(schemaName)
	if err != nil {
		return nil, err
	}
	err = compiled.Validate(doc.value)
	var invalid *jsonschema.ValidationError
	if err == nil || !errors.As(err, &invalid) {
		return nil, err
	}
	c := complaints{doc: doc, schema: schema}
	c.add(invalid)
	return c.problems, nil
}

// formats are the texts that a pattern cannot describe; their errors say what a good value looks like.
func formats() []*jsonschema.Format {
	return []*jsonschema.Format{
		format("time-zone", bizday.LoadZone),
		format("byte-size", parseByteSize),
		format("line-size", parseLineSize),
		format("memory", parseMemory),
		format("rows-or-share", parseQuarantineLimit),
		format("time-span", parseTimeSpan),
	}
}

func format[T any](name string, parse func(string) (T, error)) *jsonschema.Format {
	return &jsonschema.Format{Name: name, Validate: func(v any) error {
		switch v.(type) {
		case string, int64, float64:
			_, err := parse(fmt.Sprint(v))
			return err
		}
		return nil // another type is the error of the keyword "type"
	}}
}

// complaints turns the library's tree of errors into lines for people.
type complaints struct {
	doc      document
	schema   any
	problems []problem
}

func (c *complaints) add(e *jsonschema.ValidationError) {
	what, hint := "", ""
	switch k := e.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		for _, key := range k.Properties {
			c.addAt(step(e.InstanceLocation, key), fmt.Sprintf("unknown key %q", key), nearestHint("nearest key: ", key, c.keysOf(e.SchemaURL)))
		}
		return
	case *kind.OneOf, *kind.Not:
		what = c.commentOf(e.SchemaURL)
	case *kind.Required:
		what = fmt.Sprintf("lacks the key %q", strings.Join(k.Missing, `", "`))
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
	default:
		for _, cause := range e.Causes {
			c.add(cause)
		}
		return
	}
	if description, _ := c.schemaAt(e.SchemaURL)["description"].(string); description != "" && len(e.InstanceLocation) > 0 {
		hint = "what it is: " + description
	}
	c.addAt(e.InstanceLocation, strings.TrimSpace(keyName(e.InstanceLocation)+" "+what), hint)
}

func (c *complaints) addAt(path []string, what, hint string) {
	c.problems = append(c.problems, problem{line: c.doc.lineOf(path), what: what, hint: hint})
}

// lineOf returns the line of a place, or of the nearest one around it.
func (d document) lineOf(path []string) int {
	for {
		if line, known := d.lines[pointer(path)]; known {
			return line
		}
		if len(path) == 0 {
			return 1
		}
		path = path[:len(path)-1]
	}
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

// nearestHint proposes the name that a mistyped one may mean; with none near it lists them all.
func nearestHint(before, name string, known []string) string {
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

func joinValues(values []any) string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}
