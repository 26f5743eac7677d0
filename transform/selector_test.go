package transform

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"vaultreport/internal/errs"
)

// someEntries are a <- b <- c <- d, a <- e; b reads itself of the day before.
func someEntries() []Entry {
	return []Entry{
		{Name: "a", Tags: []string{"raw"}, ReadBy: []string{"b", "e"}},
		{Name: "b", Tags: []string{"core"}, Inputs: []InputEntry{{Table: "a"}, {Table: "b"}}, ReadBy: []string{"b", "c"}},
		{Name: "c", Tags: []string{"core", "late"}, Inputs: []InputEntry{{Table: "b"}}, ReadBy: []string{"d"}},
		{Name: "d", Inputs: []InputEntry{{Table: "c"}}},
		{Name: "e", Inputs: []InputEntry{{Table: "a"}}},
	}
}

func TestSelectors(t *testing.T) {
	modified := func() (map[string]bool, error) { return map[string]bool{"c": true}, nil }
	for _, c := range []struct{ selectors, want string }{
		{"", "a b c d e"},
		{"c", "c"},
		{"+c", "a b c"},
		{"c+", "c d"},
		{"+c+", "a b c d"},
		{"a+", "a b c d e"},
		{"b+", "b c d"},
		{"d e", "d e"},
		{"e d", "d e"},
		{"+e d", "a d e"},
		{"tag:core", "b c"},
		{"+tag:late", "a b c"},
		{"tag:core+", "b c d"},
		{"state:modified", "c"},
		{"state:modified+", "c d"},
		{"+state:modified e", "a b c e"},
	} {
		got, err := Select(someEntries(), strings.Fields(c.selectors), modified)
		if names := strings.Join(namesOf(got), " "); err != nil || names != c.want {
			t.Errorf("%q: got %s, %v, want %s", c.selectors, names, err, c.want)
		}
	}
}

func TestSelectorsThatNameNothing(t *testing.T) {
	never := func() (map[string]bool, error) { t.Error("modified was asked"); return nil, nil }
	for _, c := range []struct{ selector, want, hint string }{
		{"f", `no table, view or tag is named by "f"`, ""},
		{"tag:cor", `named by "tag:cor"`, "nearest: tag:core"},
		{"state:new", `unknown selector "state:new"`, "state:modified"},
		{"owner:me", `unknown selector "owner:me"`, "state:modified"},
		{"+", `named by ""`, ""},
		{"", `named by ""`, ""},
		{"++c", `named by "+c"`, "nearest: c"},
	} {
		_, err := Select(someEntries(), []string{c.selector}, never)
		if err == nil || errs.ClassOf(err) != errs.Usage || !strings.Contains(err.Error(), c.want) || !strings.Contains(errs.HintOf(err), c.hint) {
			t.Errorf("%q: got %v (hint %s)", c.selector, err, errs.HintOf(err))
		}
	}
	broken := errors.New("broken")
	if _, err := Select(someEntries(), []string{"state:modified"}, func() (map[string]bool, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

func TestEntriesKnowBothDirections(t *testing.T) {
	entries := project(t).Entries()
	byName := map[string]Entry{}
	for _, e := range entries {
		byName[e.Name] = e
	}
	if got := byName["vault_quarter"]; got.Kind != Model || got.File != "models/vault_quarter.sql" || got.Owner == "" || got.Digest == "" || fmt.Sprint(got.ReadBy) != "[metrics_vault_rates vault_quarter]" {
		t.Errorf("got %+v", got)
	}
	if got := byName["events"]; got.Kind != Lake || got.File != "lake/events.yaml" || got.Digest != "" || len(got.Inputs) > 0 || len(got.ReadBy) < 5 {
		t.Errorf("got %+v", got)
	}
	if got := byName["alarm"]; got.Kind != Alarms || fmt.Sprint(got.Inputs) != "[{alarm_evaluation  alarm_evaluation} {alarm_span  alarm_span}]" {
		t.Errorf("got %+v", got)
	}
	if got := byName["metrics_vault_rates"]; got.Kind != View || fmt.Sprint(got.ReadBy) != "[metric_measure]" || len(got.Columns) == 0 {
		t.Errorf("got %+v", got)
	}
	if got := byName["vault_daily"]; fmt.Sprint(got.Columns[2].Tests) != "[not null one of GOLD, PLATINUM, DIAMOND, ALL]" || len(got.TestedBy) == 0 {
		t.Errorf("got %+v", got)
	}
	for _, e := range entries {
		for _, in := range e.Inputs {
			if source, known := byName[in.Table]; !known || !strings.Contains(" "+strings.Join(source.ReadBy, " ")+" ", " "+e.Name+" ") {
				t.Errorf("%s reads %s, which does not know it", e.Name, in.Table)
			}
		}
	}
}

// Whoever finds a table finds whom to ask, and what it is about.
func TestEveryTableHasAnOwnerAndATag(t *testing.T) {
	for _, e := range project(t).Entries() {
		if e.Kind != View && (e.Owner == "" || len(e.Tags) == 0) {
			t.Errorf("%s: owner %q, tags %v: write them into its contract, sql/%s", e.Name, e.Owner, e.Tags, e.File)
		}
	}
}
