package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
	"vaultreport/transform/alarm"
)

func newAlarmsTestCommand(a *app) *cobra.Command {
	var rules string
	cmd := &cobra.Command{
		Use:   "test FILE...",
		Short: "Test rules: given numbers and events, expect states and alarms",
		Long: `Run the cases of files that test rules, without a warehouse. Rules are those of --rules, else those that the file names,
else the configured ones. docs/operators.md, "Tests of rules", describes the format:

  case exactly 20 % below the quarter before does not fire
  given rate vault_claim_rate_by_type qtd       80/100x2 790/1000
  given rate vault_claim_rate_by_type prev_qtd  100/100x3
  expect states claim_rate_drop  ok ok firing` +
			exitCodesHelp("0  every case is as expected", "1  unexpected failure", "2  wrong usage, an error in a file of cases or of rules", "3  a case is not as expected", "130, 143  interrupted"),
		Example: `  vaultreport alarms test alarms.test
  vaultreport alarms test --rules alarms.yaml tests/*.test -o json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("alarms test takes files of cases, and there is none", "sql/alarms.test tests the shipped rules")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runAlarmsTest(args, rules) },
	}
	cmd.Flags().StringVar(&rules, "rules", "", "`file` of rules (default: those that a file of cases names, else the configured ones)")
	return cmd
}

// testedCase is the outcome of a case as JSON.
type testedCase struct {
	File       string         `json:"file"`
	Line       int            `json:"line"`
	Case       string         `json:"case"`
	Passed     bool           `json:"passed"`
	Mismatches []mismatchText `json:"mismatches"`
}

type mismatchText struct {
	Line     int    `json:"line"`
	About    string `json:"about"`
	Expected string `json:"expected"`
	Found    string `json:"found"`
	Note     string `json:"note"`
}

func (a *app) runAlarmsTest(files []string, rulesFile string) error {
	var tested []testedCase
	var wrong joined
	for _, file := range files {
		found, err := a.testRules(file, rulesFile)
		if several, isList := err.(joined); isList {
			wrong = append(wrong, several...)
		} else if err != nil {
			wrong = append(wrong, err)
		}
		tested = append(tested, found...)
	}
	if len(wrong) > 0 {
		return wrong
	}
	if err := a.printTested(files, tested); err != nil {
		return err
	}
	failed := 0
	for _, c := range tested {
		if !c.Passed {
			failed++
		}
	}
	if failed > 0 {
		return errs.New(errs.Gate, fmt.Sprintf("%d of %d cases of rules are not as expected", failed, len(tested)), "correct the rules, or what the cases expect")
	}
	return nil
}

// testRules runs the cases of a file. The error holds every error of the file.
func (a *app) testRules(file, rulesFile string) ([]testedCase, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, &errs.Error{Class: errs.Usage, What: "cases of rules " + file, Err: reasonOf(err), Hint: "name a file of cases"}
	}
	read, problems := alarm.ParseRehearsal(string(text))
	if len(problems) > 0 {
		return nil, problemsOfCases(file, problems)
	}
	rules, err := a.rulesOfCases(file, read.Rules, rulesFile)
	if err != nil {
		return nil, err
	}
	if problems := read.Check(rules); len(problems) > 0 {
		return nil, problemsOfCases(file, problems)
	}
	tested := make([]testedCase, len(read.Cases))
	for i, c := range read.Cases {
		mismatches, err := c.Run(rules)
		if err != nil {
			return nil, err
		}
		tested[i] = testedCase{file, c.Line, c.Name, len(mismatches) == 0, []mismatchText{}}
		for _, m := range mismatches {
			tested[i].Mismatches = append(tested[i].Mismatches, mismatchText(m))
		}
	}
	return tested, nil
}

func (a *app) rulesOfCases(file, named, rulesFile string) ([]alarm.Rule, error) {
	switch {
	case rulesFile != "":
		return readRules(rulesFile)
	case filepath.IsAbs(named):
		return readRules(named)
	case named != "":
		return readRules(filepath.Join(filepath.Dir(file), named))
	}
	c, err := a.loadConfig()
	if err != nil {
		return nil, err
	}
	return c.rules()
}

func problemsOfCases(file string, problems []yamlschema.Problem) error {
	all := make(joined, len(problems))
	for i, p := range problems {
		all[i] = errs.New(errs.Usage, fmt.Sprintf("cases of rules %s:%d: %s", file, p.Line, p.What), p.Hint)
	}
	return all
}

func (a *app) printTested(files []string, tested []testedCase) error {
	switch a.global.Output {
	case formJSON:
		return writeObject(a.out, []fact{{"cases", append([]testedCase{}, tested...)}})
	case formCSV:
		list := grid{columns: []string{"file", "line", "case", "passed", "about", "expected", "found"}}
		for _, c := range tested {
			for _, m := range c.Mismatches {
				list.add(c.File, m.Line, c.Case, c.Passed, m.About, m.Expected, m.Found)
			}
			if c.Passed {
				list.add(c.File, c.Line, c.Case, c.Passed, nil, nil, nil)
			}
		}
		return a.write(list.csv())
	}
	var b bytes.Buffer
	for _, file := range files {
		word, cases, failed := "ok", 0, 0
		for _, c := range tested {
			if c.File != file {
				continue
			}
			cases++
			if !c.Passed {
				failed++
				c.explain(&b)
			}
		}
		if failed > 0 {
			word = "FAIL"
		}
		fmt.Fprintf(&b, "%-4s  %s: %d of %d cases as expected\n", word, file, cases-failed, cases)
	}
	return a.write(b.Bytes())
}

// explain writes what is not as expected.
func (c testedCase) explain(b *bytes.Buffer) {
	fmt.Fprintf(b, "%s:%d: case %s\n", c.File, c.Line, c.Case)
	for _, m := range c.Mismatches {
		fmt.Fprintf(b, "  line %d: %s\n    expected  %s\n    found     %s\n", m.Line, m.About, m.Expected, m.Found)
		for note := range strings.Lines(m.Note) {
			fmt.Fprintf(b, "    %s\n", strings.TrimSuffix(note, "\n"))
		}
	}
	b.WriteByte('\n')
}
