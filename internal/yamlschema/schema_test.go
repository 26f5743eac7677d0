package yamlschema

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schema = `{
  "type": "object", "additionalProperties": false, "required": ["name", "size"],
  "properties": {
    "name": {"description": "What it is called.", "type": "string"},
    "size": {"type": ["string", "number"], "format": "even"},
    "list": {"type": "array", "minItems": 1, "uniqueItems": true, "maxItems": 2}
  }
}`

func read(t *testing.T, text string, lookup func(string) (string, bool)) (Document, []Problem) {
	t.Helper()
	even := func(text string) (string, error) {
		if text[len(text)-1]%2 != 0 {
			return "", errors.New(text + " is not even")
		}
		return text, nil
	}
	doc, problems, err := Read([]byte(text), Schema{Name: "test.json", Text: []byte(schema), Formats: []*jsonschema.Format{Format("even", even)}}, lookup)
	if err != nil {
		t.Fatal(err)
	}
	return doc, problems
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []Problem
	}{
		{"a good file", "name: a\nsize: 2\nlist: [1]", nil},
		{"all at once, in the order of the lines", "list: [1, 1]\nnames: a\nsize: 3", []Problem{
			{1, `lacks the key "name"`, ""}, {1, "list holds a value twice", ""}, {2, `unknown key "names"`, "nearest key: name"}, {3, "size has a bad value: 3 is not even", ""},
		}},
		{"several keys are missing", "list: [1]", []Problem{{1, `lacks the key "name", "size"`, ""}}},
		{"an empty list", "name: a\nsize: 2\nlist: []", []Problem{{3, "list must not be empty", ""}}},
		{"a keyword that has no words of its own is still an error", "name: a\nsize: 2\nlist: [1, 2, 3]", []Problem{{3, "list is not what the schema allows", ""}}},
		{"a wrong type, with what the key is", "name: [a]\nsize: 2", []Problem{{1, "name must be a text, not a list", "what it is: What it is called."}}},
		{"no YAML is the only problem", "name: [a", []Problem{{1, "no YAML: did not find expected ',' or ']'", ""}}},
		{"a small number is read by its digits", "name: a\nsize: 0.0000002", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, got := read(t, c.text, nil); !cmp.Equal(c.want, got) {
				t.Error(cmp.Diff(c.want, got))
			}
		})
	}
}

func TestVariablesAreReplacedOnlyWhereThereIsALookup(t *testing.T) {
	const text = "name: ${X}\nsize: 2"
	doc, problems := read(t, text, nil)
	if got := doc.Value.(map[string]any)["name"]; got != "${X}" || problems != nil {
		t.Errorf("without a lookup: got %v, %v", got, problems)
	}
	doc, problems = read(t, text, func(name string) (string, bool) { return "value of " + name, true })
	if got := doc.Value.(map[string]any)["name"]; got != "value of X" || problems != nil {
		t.Errorf("with a lookup: got %v, %v", got, problems)
	}
}

func TestLinesOfPlaces(t *testing.T) {
	doc, _ := read(t, "name: a\nlist:\n  - 1\n  - {b: 2}", nil)
	for _, c := range []struct {
		path []string
		want int
	}{{nil, 1}, {[]string{"list"}, 2}, {[]string{"list", "1", "b"}, 4}, {[]string{"list", "1", "missing"}, 4}, {[]string{"other"}, 1}} {
		if got := doc.LineOf(c.path...); got != c.want {
			t.Errorf("%v: got line %d, want %d", c.path, got, c.want)
		}
	}
	if got := KeyName([]string{"list", "1", "b"}); got != "list[1].b" {
		t.Errorf("got %s", got)
	}
}
