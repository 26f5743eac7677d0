package alarm

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vaultreport/internal/yamlschema"
	"vaultreport/sql"
)

// Shipped returns the rules that hold where no file of rules is configured.
func Shipped() ([]Rule, error) {
	text, err := sql.FS.ReadFile("alarms.yaml")
	if err != nil {
		return nil, err
	}
	rules, problems, err := ParseRules(text)
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("alarms.yaml:%d: %s", problems[0].Line, problems[0].What)
	}
	return rules, err
}

// ParseRules reads a file of rules, which sql/alarms.schema.json describes. Problems are all errors of the text, in the order
// of its lines; with a problem there are no rules. Rules are in the order of their names and levels.
func ParseRules(text []byte) ([]Rule, []yamlschema.Problem, error) {
	schema, err := sql.FS.ReadFile("alarms.schema.json")
	if err != nil {
		return nil, nil, err
	}
	doc, problems, err := yamlschema.Read(text, yamlschema.Schema{
		Name: "alarms.schema.json", Text: schema,
		Formats: []*jsonschema.Format{
			yamlschema.Format("ratio", ParseRatio), yamlschema.Format("probability", parseProbability), yamlschema.Format("share", parseShare),
			yamlschema.Format("length", ParseDuration), yamlschema.Format("width", parseWindow),
		},
	}, nil)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	encoded, err := json.Marshal(doc.Value)
	if err != nil {
		return nil, nil, err
	}
	var file struct {
		Rules []entry `json:"rules"`
	}
	if err := json.Unmarshal(encoded, &file); err != nil {
		return nil, nil, err
	}
	if problems := slices.Concat(sameNames(file.Rules, doc), badLevels(file.Rules, doc), badTexts(file.Rules, doc)); len(problems) > 0 {
		yamlschema.Sort(problems)
		return nil, problems, nil
	}
	rules := []Rule{} // a file without rules is not the shipped ones
	for _, e := range file.Rules {
		rules = append(rules, e.rules()...)
	}
	slices.SortFunc(rules, func(a, b Rule) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Severity, b.Severity)) })
	return rules, nil, nil
}

// sameNames finds entries that share a name: their rows could not be told apart.
func sameNames(entries []entry, doc yamlschema.Document) []yamlschema.Problem {
	names := yamlschema.Names{List: "rules"}
	for _, e := range entries {
		names.Items = append(names.Items, e.Name)
	}
	return doc.Taken("rule", names)
}

// badLevels finds levels of one severity, and clear thresholds that would end a condition before it begins.
func badLevels(entries []entry, doc yamlschema.Document) (problems []yamlschema.Problem) {
	for i, e := range entries {
		seen := map[string]bool{}
		for j, r := range e.rules() {
			at := []string{"rules", fmt.Sprint(i)}
			if len(e.Levels) > 0 {
				at = append(at, "levels", fmt.Sprint(j))
			}
			problem := func(key, what, hint string) {
				path := append(slices.Clone(at), key)
				problems = append(problems, yamlschema.Problem{Line: doc.LineOf(path...), What: yamlschema.KeyName(path) + " " + what, Hint: hint})
			}
			if seen[r.Severity] {
				problem("severity", "is that of another level", "a rule has one level of each severity")
			}
			seen[r.Severity] = true
			if r.Clear != nil && r.beyond(r.Clear.rat, r.Threshold.rat) {
				problem("clear", "lies beyond the threshold", "a condition goes on while the value is "+r.Op+" clear: let it be as easy to meet as the threshold, or easier")
			}
		}
	}
	return problems
}

// level is what may differ between the levels of an entry.
type level struct {
	Threshold     Ratio    `json:"threshold"`
	Clear         *Ratio   `json:"clear"`
	For           Duration `json:"for"`
	KeepFiringFor Duration `json:"keep_firing_for"`
	Severity      string   `json:"severity"`
}

// entry is one entry of a file of rules.
type entry struct {
	Rule
	Levels []level `json:"levels"`
}

// UnmarshalJSON reads an entry over the defaults of its kind.
func (e *entry) UnmarshalJSON(data []byte) error {
	var about struct {
		Kind string `json:"kind"`
	}
	if err := json.Unmarshal(data, &about); err != nil {
		return err
	}
	type plain entry
	read := plain{}
	switch about.Kind {
	case rateChange:
		read.Types = []string{all, "DIAMOND", "GOLD", "PLATINUM"}
	case ofMetric:
		read.Types = []string{all}
		read.Cell = Cell{Period: "day", Variant: all, Segment: all, Change: "relative", Weeks: 4}
	}
	if about.Kind == rateChange || about.Kind == rateGap || about.Kind == ofMetric {
		read.MinDenominator, read.Significance = 30, &Ratio{big.NewRat(5, 100)}
	}
	err := json.Unmarshal(data, &read)
	slices.Sort(read.Types)
	*e = entry(read)
	return err
}

// rules returns the rules of the entry.
func (e entry) rules() []Rule {
	if len(e.Levels) == 0 {
		return []Rule{e.Rule}
	}
	var found []Rule
	for _, l := range e.Levels {
		r := e.Rule
		r.Threshold, r.Clear, r.For, r.KeepFiringFor, r.Severity = l.Threshold, l.Clear, l.For, l.KeepFiringFor, l.Severity
		found = append(found, r)
	}
	return found
}
