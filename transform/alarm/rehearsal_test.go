package alarm

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

func TestTheShippedRulesFireBeyondTheirThresholdsOnly(t *testing.T) {
	text, err := os.ReadFile("../../sql/alarms.test")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	read, problems := ParseRehearsal(string(text))
	if problems = append(problems, read.Check(rules)...); len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	fires, doesNot := map[string]bool{}, map[string]bool{}
	for _, c := range read.Cases {
		t.Run(c.Name, func(t *testing.T) {
			mismatches, err := c.Run(rules)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range mismatches {
				t.Errorf("%+v", m)
			}
		})
		for _, e := range c.expected {
			for _, r := range rules {
				if !e.isOf(r, e.vaultType) {
					continue
				}
				fires[r.Name+":"+r.Severity] = fires[r.Name+":"+r.Severity] || len(e.alarms) > 0
				isQuiet := e.isOfStates && (slices.Contains(e.states, ok) || slices.Contains(e.states, resolved)) || !e.isOfStates && len(e.alarms) == 0
				doesNot[r.Name+":"+r.Severity] = doesNot[r.Name+":"+r.Severity] || isQuiet
			}
		}
	}
	for _, r := range rules {
		if name := r.Name + ":" + r.Severity; !fires[name] || !doesNot[name] {
			t.Errorf("no case shows when %s fires, or none when it does not", name)
		}
	}
}

func TestTheCasesOfTheDocumentsAreAsExpected(t *testing.T) {
	text, err := os.ReadFile("../../docs/operators.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "### Tests of rules\n")
	blocks := strings.Split(section, "```")
	if len(blocks) < 2 {
		t.Fatal("docs/operators.md shows no file of cases")
	}
	rules, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	read, problems := ParseRehearsal(blocks[1])
	if problems = append(problems, read.Check(rules)...); len(problems) > 0 {
		t.Fatalf("%+v", problems)
	}
	for _, c := range read.Cases {
		if mismatches, err := c.Run(rules); err != nil || len(mismatches) > 0 {
			t.Errorf("%s: %+v %v", c.Name, mismatches, err)
		}
	}
}

// TestRehearsals runs the files of testdata/rehearsals. Their commands:
//
//	rules    the rules of the file from here on; else the shipped ones
//	run      a file of cases; prints what is wrong with it, else what is not as expected
func TestRehearsals(t *testing.T) {
	datadriven.Walk(t, "testdata/rehearsals", func(t *testing.T, file string) {
		rules, err := Shipped()
		if err != nil {
			t.Fatal(err)
		}
		datadriven.RunTest(t, file, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "rules" {
				read, problems, err := ParseRules([]byte(d.Input))
				if err != nil || len(problems) > 0 {
					t.Fatal(problems, err)
				}
				rules = read
				return ""
			}
			read, problems := ParseRehearsal(d.Input)
			if len(problems) == 0 {
				problems = read.Check(rules)
			}
			var b strings.Builder
			for _, p := range problems {
				fmt.Fprintf(&b, "line %d: %s (%s)\n", p.Line, p.What, p.Hint)
			}
			if len(problems) > 0 {
				return b.String()
			}
			for _, c := range read.Cases {
				mismatches, err := c.Run(rules)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range mismatches {
					fmt.Fprintf(&b, "line %d: %s\n  expected %s\n  found    %s\n", m.Line, m.About, m.Expected, m.Found)
					for line := range strings.Lines(m.Note) {
						b.WriteString("  " + strings.TrimSpace(line) + "\n")
					}
				}
			}
			if b.Len() == 0 {
				return "as expected\n"
			}
			return b.String()
		})
	})
}
