package alarm

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"vaultreport/internal/yamlschema"
	"vaultreport/sql"
)

// Comparisons of a rule.
const (
	dayOverDay         = "dod" // the day with the day before
	quarterOverQuarter = "qoq" // the quarter to date with the aligned previous quarter
)

// Rule is one entry of a file of rules.
type Rule struct {
	Name           string   `json:"name"`
	Kind           string   `json:"kind"`
	Metric         string   `json:"metric"`
	Comparison     string   `json:"comparison"`
	Op             string   `json:"op"`
	Threshold      Ratio    `json:"threshold"`
	Severity       string   `json:"severity"`
	Types          []string `json:"types"`
	MinDenominator int64    `json:"min_denominator"`
	Significance   Ratio    `json:"significance"`
	Owner          string   `json:"owner"`
	Runbook        string   `json:"runbook"`
	Summary        string   `json:"summary"`
}

// UnmarshalJSON reads a rule over its defaults.
func (r *Rule) UnmarshalJSON(data []byte) error {
	type plain Rule
	rule := plain{
		Types:          []string{all, "DIAMOND", "GOLD", "PLATINUM"},
		MinDenominator: 30,
		Significance:   Ratio{big.NewRat(5, 100)},
	}
	err := json.Unmarshal(data, &rule)
	slices.Sort(rule.Types)
	*r = Rule(rule)
	return err
}

// Digest returns the SHA-256 of everything that the rule says.
func (r Rule) Digest() string {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts, numbers and a list of texts
	}
	return digestOf(text)
}

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
// of its lines; with a problem there are no rules. Rules are in the order of their names.
func ParseRules(text []byte) ([]Rule, []yamlschema.Problem, error) {
	schema, err := sql.FS.ReadFile("alarms.schema.json")
	if err != nil {
		return nil, nil, err
	}
	doc, problems, err := yamlschema.Read(text, yamlschema.Schema{
		Name: "alarms.schema.json", Text: schema,
		Formats: []*jsonschema.Format{yamlschema.Format("ratio", ParseRatio), yamlschema.Format("probability", parseProbability)},
	}, nil)
	if err != nil || len(problems) > 0 {
		return nil, problems, err
	}
	encoded, err := json.Marshal(doc.Value)
	if err != nil {
		return nil, nil, err
	}
	var file struct {
		Rules []Rule `json:"rules"`
	}
	if err := json.Unmarshal(encoded, &file); err != nil {
		return nil, nil, err
	}
	if problems := sameNames(file.Rules, doc); len(problems) > 0 {
		return nil, problems, nil
	}
	slices.SortFunc(file.Rules, func(a, b Rule) int { return cmp.Compare(a.Name, b.Name) })
	return file.Rules, nil, nil
}

// sameNames finds rules that share a name: their rows could not be told apart.
func sameNames(rules []Rule, doc yamlschema.Document) (problems []yamlschema.Problem) {
	lines := map[string]int{}
	for i, r := range rules {
		line := doc.LineOf("rules", fmt.Sprint(i), "name")
		if first, taken := lines[r.Name]; taken {
			problems = append(problems, yamlschema.Problem{
				Line: line, What: fmt.Sprintf("rules[%d].name is taken by the rule of line %d", i, first), Hint: "give each rule a name of its own",
			})
			continue
		}
		lines[r.Name] = line
	}
	return problems
}

// digestOfRules covers everything that decides an evaluation besides its inputs.
func digestOfRules(rules []Rule) string {
	text, err := json.Marshal(rules)
	if err != nil {
		panic(err) // as in Digest
	}
	return digestOf(append([]byte(codeVersion+"\n"), text...))
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
