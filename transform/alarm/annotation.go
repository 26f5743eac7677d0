package alarm

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"

	"vaultreport/internal/yamlschema"
)

// Facts are what an annotation may say of an alarm: the fields of its template. Value and ValueAt are the peak and its
// instant; instants are in the form of docs/contract.md section 1.
type Facts struct {
	Rule, Level, Env, VaultType, State, Dt, StartedAt, EndedAt, ValueAt string
	Value, Threshold                                                    any // numbers, or NotTold
}

// NotTold stands for a value that an alarm may not tell.
const NotTold = "not shown"

// fieldsOfFacts are the names of the fields.
var fieldsOfFacts = []string{"Dt", "EndedAt", "Env", "Level", "Rule", "StartedAt", "State", "Threshold", "Value", "ValueAt", "VaultType"}

// functionsOfTemplates are what a template may call. Of the built-in ones those that can neither fail on a value nor write
// more than the template holds.
var functionsOfTemplates = []string{"and", "eq", "ne", "not", "or", "percent"}

// percentOf writes a ratio as a percentage.
func percentOf(value any) string {
	ratio, isNumber := value.(float64)
	if !isNumber {
		return fmt.Sprint(value)
	}
	exact := new(big.Rat)
	exact.SetFloat64(ratio)
	return hundredfold(exact) + "%"
}

func parseTemplate(text string) (*template.Template, error) {
	read, err := template.New("annotation").Funcs(template.FuncMap{"percent": percentOf}).Parse(text)
	if err != nil {
		return nil, errors.New(regexp.MustCompile(`^template: annotation:[0-9]+: `).ReplaceAllString(err.Error(), ""))
	}
	return read, allowed(read.Root)
}

// Annotate returns the annotations of an alarm of the rule, by name.
func (r Rule) Annotate(about Facts) (map[string]string, error) {
	filled := map[string]string{}
	for name, text := range r.Annotations {
		read, err := parseTemplate(text)
		var b strings.Builder
		if err == nil {
			err = read.Execute(&b, about)
		}
		if err != nil {
			return nil, fmt.Errorf("annotation %s of %s: %w", name, r.Name, err)
		}
		filled[name] = b.String()
	}
	return filled, nil
}

// allowed says whether a template asks for nothing but facts: no field besides them, no loop, variable or other template.
func allowed(node parse.Node) error {
	all := func(nodes ...parse.Node) error {
		for _, n := range nodes {
			if err := allowed(n); err != nil {
				return err
			}
		}
		return nil
	}
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil { // no else
			return nil
		}
		return all(n.Nodes...)
	case *parse.IfNode:
		return all(n.Pipe, n.List, n.ElseList)
	case *parse.ActionNode:
		return all(n.Pipe)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			return fmt.Errorf("%s: variables are not known here", n)
		}
		for _, c := range n.Cmds {
			if err := all(c.Args...); err != nil {
				return err
			}
		}
		return nil
	case *parse.FieldNode:
		if len(n.Ident) != 1 || !slices.Contains(fieldsOfFacts, n.Ident[0]) {
			return unknownName("field", strings.Join(n.Ident, "."), fieldsOfFacts)
		}
		return nil
	case *parse.IdentifierNode:
		if !slices.Contains(functionsOfTemplates, n.Ident) {
			return unknownName("function", n.Ident, functionsOfTemplates)
		}
		return nil
	case *parse.TextNode, *parse.CommentNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode:
		return nil
	}
	return fmt.Errorf("{{%s}} is not known here: a template has text, fields, if, and functions", strings.Trim(node.String(), "{}"))
}

// nameError is a name that a template may not use; the hint is the way out.
type nameError struct{ text, hint string }

func (e nameError) Error() string { return e.text }

func unknownName(what, name string, known []string) error {
	return nameError{fmt.Sprintf("unknown %s %q", what, name), yamlschema.Nearest("nearest "+what+": ", name, known)}
}

// namesOfAll are the labels that every alarm has.
var namesOfAll = []string{"alertname", "env", "level", "rule", "severity", "vault_type"}

var nameOfText = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// badTexts finds labels and annotations of bad names, and templates that cannot be filled.
func badTexts(entries []entry, doc yamlschema.Document) (problems []yamlschema.Problem) {
	for i, e := range entries {
		add := func(key, name, what, hint string) {
			path := []string{"rules", fmt.Sprint(i), key, name}
			problems = append(problems, yamlschema.Problem{Line: doc.LineOf(path...), What: yamlschema.KeyName(path) + what, Hint: hint})
		}
		const formOfName = "a name has lower-case letters, digits and _, and begins with a letter"
		for _, name := range slices.Sorted(maps.Keys(e.Labels)) {
			switch {
			case !nameOfText.MatchString(name):
				add("labels", name, " is no name of a label", formOfName)
			case slices.Contains(namesOfAll, name):
				add("labels", name, " is a label that every alarm has", "give it another name")
			}
		}
		for _, name := range slices.Sorted(maps.Keys(e.Annotations)) {
			if !nameOfText.MatchString(name) {
				add("annotations", name, " is no name of an annotation", formOfName)
			}
			if err := check(e.Annotations[name]); err != nil {
				hint := "fields are ." + strings.Join(fieldsOfFacts, ", .") + "; functions " + strings.Join(functionsOfTemplates, ", ")
				if unknown, is := err.(nameError); is {
					hint = unknown.hint
				}
				add("annotations", name, ": "+err.Error(), hint)
			}
		}
	}
	return problems
}

// check says what is wrong with a template. It has to cope with a value that is a number, and with one that may not be told.
func check(text string) error {
	read, err := parseTemplate(text)
	for _, value := range []any{0.25, NotTold} {
		if err == nil {
			err = read.Execute(io.Discard, Facts{Value: value, Threshold: 0.2})
		}
	}
	var failed template.ExecError
	if errors.As(err, &failed) {
		_, what, _ := strings.Cut(err.Error(), " at ")
		return fmt.Errorf("%s (a value may be %q)", what, NotTold)
	}
	return err
}
