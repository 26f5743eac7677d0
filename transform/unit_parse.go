package transform

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

// UnitCase is one case of a model's .test file: rows that are given, and rows that must come out (sql/README.md, "Cases").
type UnitCase struct {
	File  string
	Line  int
	Model string // after which the file is called
	Name  string // a sentence
	Rule  string // which sentence of the definitions it shows

	zone            string
	params          Params
	days            []bizday.Day
	given, expected []block
}

// block is rows of a table on a day; the first line names the columns.
type block struct {
	at      string // file:line
	table   string
	dt      bizday.Day
	where   []string // COLUMN=VALUE
	columns []string
	rows    [][]string
}

// UnitCases returns the cases of models/*.test, in order; names picks those of some models and views. Errors are of class Usage and
// name file and line.
func UnitCases(fsys fs.FS, names []string) (cases []UnitCase, err error) {
	files := glob(fsys, "models/*.test")
	for _, name := range names {
		if !slices.Contains(files, "models/"+name+".test") {
			return nil, errs.New(errs.Usage, fmt.Sprintf("there are no cases of %q", name), "cases of a model are in models/NAME.test; without a name all are run")
		}
	}
	for _, file := range files {
		model := strings.TrimSuffix(path.Base(file), ".test")
		if len(names) > 0 && !slices.Contains(names, model) {
			continue
		}
		text, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, errs.Wrap(errs.Usage, "read cases", err)
		}
		found, err := parseCases(file, model, string(text))
		if err != nil {
			return nil, errs.Wrap(errs.Usage, "cases", err)
		}
		cases = append(cases, found...)
	}
	return cases, nil
}

// parseCases reads the cases of a file. An error begins with file and line.
func parseCases(file, model, text string) ([]UnitCase, error) {
	var cases []UnitCase
	var rows *block
	for i, line := range strings.Split(text, "\n") {
		at := fmt.Sprintf("%s:%d", file, i+1)
		words := strings.Fields(line)
		switch {
		case len(words) == 0 || words[0] == "#":
			continue
		case line[0] == ' ' && rows != nil && rows.columns == nil:
			rows.columns = words
			continue
		case line[0] == ' ' && rows != nil && len(words) == len(rows.columns):
			rows.rows = append(rows.rows, words)
			continue
		case line[0] == ' ' && rows != nil:
			return nil, fmt.Errorf("%s: the row has %d cells, and its block %d columns", at, len(words), len(rows.columns))
		case line[0] == ' ':
			return nil, fmt.Errorf("%s: a row stands below given or expect", at)
		}
		rows = nil
		argument := strings.TrimSpace(strings.TrimPrefix(line, words[0]))
		if words[0] == "case" {
			c := newUnitCase()
			c.File, c.Line, c.Model, c.Name = file, i+1, model, argument
			cases = append(cases, c)
			continue
		}
		if len(cases) == 0 {
			return nil, fmt.Errorf("%s: the first word is case", at)
		}
		var err error
		if rows, err = cases[len(cases)-1].read(at, words, argument); err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
	}
	for _, c := range cases {
		if c.Rule == "" || len(c.expected) == 0 {
			return nil, fmt.Errorf("%s:%d: case %q says no rule or expects nothing", file, c.Line, c.Name)
		}
	}
	return cases, nil
}

// newUnitCase returns a case that says nothing yet.
func newUnitCase() UnitCase {
	return UnitCase{zone: "Asia/Seoul", params: Params{K: 1, RetireAfter: 90, DiamondTarget: 500_000}}
}

// read reads a line of a case that is no row. It returns the block that begins with it.
func (c *UnitCase) read(at string, words []string, argument string) (begun *block, err error) {
	switch words[0] {
	case "rule":
		c.Rule = argument
	case "zone":
		c.zone = argument
	case "k":
		c.params.K, err = strconv.Atoi(argument)
	case "retire_after":
		c.params.RetireAfter, err = strconv.Atoi(argument)
	case "diamond_target":
		c.params.DiamondTarget, err = strconv.ParseInt(argument, 10, 64)
	case "days":
		c.days, err = parseDayList(words[1:])
	case "given", "expect":
		var b block
		if b, err = parseBlock(at, words[1:]); err != nil {
			return nil, err
		}
		list := &c.given
		if words[0] == "expect" {
			list = &c.expected
		}
		*list = append(*list, b)
		return &(*list)[len(*list)-1], nil
	default:
		err = fmt.Errorf("unknown word %q: a line begins with case, rule, zone, k, retire_after, diamond_target, days, given or expect", words[0])
	}
	return nil, err
}

func parseBlock(at string, words []string) (block, error) {
	if len(words) < 2 || len(words) > 2 && words[2] != "where" {
		return block{}, fmt.Errorf("a block begins with TABLE DAY [where COLUMN=VALUE ...]")
	}
	dt, err := bizday.Parse(words[1])
	return block{at: at, table: words[0], dt: dt, where: words[min(3, len(words)):]}, err
}

func parseDayList(words []string) (days []bizday.Day, err error) {
	for _, word := range words {
		first, last, isSpan := strings.Cut(word, "..")
		if !isSpan {
			last = first
		}
		from, err := bizday.Parse(first)
		if err != nil {
			return nil, err
		}
		to, err := bizday.Parse(last)
		if err != nil {
			return nil, err
		}
		for day := from; day <= to; day++ {
			days = append(days, day)
		}
	}
	return days, nil
}
