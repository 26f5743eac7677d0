package yamlschema

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Document is a YAML file as JSON values (map[string]any, []any, string, float64, int64, bool).
type Document struct {
	Value any

	lines   map[string]int  // line of every key and item, by pointer
	fromEnv map[string]bool // pointers of values that hold a variable: problems never show these
}

// Problem is one error of a file. Hint is the way out and may be empty.
type Problem struct {
	Line       int
	What, Hint string
}

// LineOf returns the line of a place, or of the nearest one around it.
func (d Document) LineOf(path ...string) int {
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

// pointer is the name of a place in a document: keys and indices with a slash before each.
func pointer(path []string) string {
	var b strings.Builder
	for _, step := range path {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(step, "~", "~0"), "/", "~1"))
	}
	return b.String()
}

// KeyName is a place for people: events[0].path.
func KeyName(path []string) string {
	var b strings.Builder
	for _, step := range path {
		switch _, err := strconv.Atoi(step); {
		case err == nil:
			b.WriteString("[" + step + "]")
		case b.Len() == 0:
			b.WriteString(step)
		default:
			b.WriteString("." + step)
		}
	}
	return b.String()
}

// parse reads YAML and puts variables in.
func parse(text []byte, lookup func(string) (string, bool)) (Document, []Problem) {
	r := reader{
		lookup: lookup,
		Document: Document{
			Value:   map[string]any{},
			lines:   map[string]int{},
			fromEnv: map[string]bool{},
		},
		open: map[*yaml.Node]bool{},
	}
	var root yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(text)))
	if err := decoder.Decode(&root); err != nil {
		if strings.TrimSpace(withoutComments(text)) == "" {
			return r.Document, nil
		}
		return r.Document, []Problem{syntaxProblem(err)}
	}
	var second yaml.Node
	if decoder.Decode(&second) == nil {
		r.fail(&second, "a second document starts here", "keep one document in the file")
	}
	if value := r.read(root.Content[0], nil); value != nil {
		r.Document.Value = value
	}
	return r.Document, r.problems
}

func withoutComments(text []byte) string {
	return regexp.MustCompile(`(?m)^\s*(#.*|---\s*|\.\.\.\s*)$`).ReplaceAllString(string(text), "")
}

// syntaxProblem takes the line out of the library's message.
func syntaxProblem(err error) Problem {
	parts := regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`).FindStringSubmatch(err.Error())
	if parts == nil {
		return Problem{Line: 1, What: "no YAML: " + err.Error()}
	}
	line, _ := strconv.Atoi(parts[1])
	return Problem{Line: max(line, 1), What: "no YAML: " + parts[2]}
}

// reader walks the nodes of a file.
type reader struct {
	Document
	lookup   func(string) (string, bool)
	problems []Problem
	open     map[*yaml.Node]bool // aliases being followed: one that holds itself has no end
}

func (r *reader) fail(node *yaml.Node, what, hint string) {
	r.problems = append(r.problems, Problem{Line: node.Line, What: what, Hint: hint})
}

func (r *reader) read(node *yaml.Node, path []string) any {
	if _, known := r.lines[pointer(path)]; !known {
		r.lines[pointer(path)] = node.Line
	}
	switch node.Kind {
	case yaml.MappingNode:
		return r.readMapping(node, path)
	case yaml.SequenceNode:
		items := make([]any, 0, len(node.Content))
		for i, child := range node.Content {
			items = append(items, r.read(child, step(path, strconv.Itoa(i))))
		}
		return items
	case yaml.AliasNode:
		if r.open[node.Alias] {
			r.fail(node, "alias *"+node.Value+" holds itself", "")
			return nil
		}
		r.open[node.Alias] = true
		defer delete(r.open, node.Alias)
		return r.read(node.Alias, path)
	default:
		return r.readScalar(node, path)
	}
}

func (r *reader) readMapping(node *yaml.Node, path []string) any {
	values := map[string]any{}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, child := node.Content[i], node.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.fail(key, "a key must be a plain word", "")
			continue
		}
		at := step(path, key.Value)
		if line, again := first[key.Value]; again {
			r.fail(key, fmt.Sprintf("duplicate key %q", key.Value), fmt.Sprintf("it stands in line %d already: remove one", line))
			continue
		}
		first[key.Value] = key.Line
		r.lines[pointer(at)] = key.Line
		if value := r.read(child, at); value != nil {
			values[key.Value] = value
		}
	}
	return values
}

// readScalar puts variables in. A plain scalar takes its type from the result, a quoted one stays a text.
func (r *reader) readScalar(node *yaml.Node, path []string) any {
	if r.lookup != nil && strings.Contains(node.Value, "${") {
		r.fromEnv[pointer(path)] = true
		text, what, hint := expand(node.Value, r.lookup)
		if what != "" {
			r.fail(node, KeyName(path)+": "+what, hint)
			return "" // not absent: that would be an error of its own
		}
		plain := *node
		plain.Value = text
		if plain.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			plain.Tag = ""
		}
		node = &plain
	}
	switch node.ShortTag() {
	case "!!null":
		return nil
	case "!!bool", "!!int", "!!float":
		var value any
		if node.Decode(&value) != nil {
			return node.Value
		}
		switch v := value.(type) {
		case int:
			return int64(v)
		case uint64:
			return float64(v)
		case float64:
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return node.Value
			}
		}
		return value
	default:
		return node.Value
	}
}

// expand replaces ${VAR} and ${VAR:-default}. As in a shell, the default stands for an unset and for an empty variable.
// what is not empty if that is impossible; it never holds a value.
func expand(text string, lookup func(string) (string, bool)) (result, what, hint string) {
	name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "${")
		b.WriteString(before)
		if !found {
			return b.String(), "", ""
		}
		inside, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", "a variable is not closed", "write ${NAME} or ${NAME:-default}"
		}
		variable, fallback, hasFallback := strings.Cut(inside, ":-")
		if !name.MatchString(variable) {
			return "", "no name of a variable stands in ${}", "write ${NAME} or ${NAME:-default}"
		}
		value, set := lookup(variable)
		switch {
		case hasFallback && value == "":
			value = fallback
		case !set:
			return "", "environment variable " + variable + " is not set", "set it, or write ${" + variable + ":-default}"
		}
		b.WriteString(value)
		text = after
	}
}

// step returns path with one more name, sharing no memory with its other extensions.
func step(path []string, name string) []string {
	return append(path[:len(path):len(path)], name)
}
