package transform

import (
	"strings"
	"testing"
)

func mustParse(t *testing.T, source string) statement {
	t.Helper()
	s, err := parseStatement(source)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDigestOfAQuery(t *testing.T) {
	base := "select a, 'x  y' as b\nfrom t -- why\nwhere a>1"
	for _, c := range []struct {
		name, source string
		same         bool
	}{
		{"another comment", "-- head\nselect a, 'x  y' as b from t /* other */ where a>1", true},
		{"other blank space", "select   a ,'x  y' as b\n\n\tfrom t where a > 1\n", true},
		{"blank space within a text", "select a, 'x y' as b from t where a>1", false},
		{"two dashes within a text are no comment", "select a, '--x  y' as b from t where a>1", false},
		{"a word apart is not a word together", "select a, 'x  y' asb from t where a>1", false},
		{"another number", "select a, 'x  y' as b from t where a>2", false},
		{"capitals", "select A, 'x  y' as b from t where a>1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := mustParse(t, c.source).digest() == mustParse(t, base).digest(); got != c.same {
				t.Errorf("equal digests: got %t, want %t", got, c.same)
			}
		})
	}
}

func TestRefusedQueries(t *testing.T) {
	for source, want := range map[string]string{
		"":                         "no query",
		"-- nothing":               "no query",
		"insert into t select 1":   "neither select nor with",
		"with recursive t as (1)":  "neither select nor with",
		"select 1; select 2":       "without a semicolon",
		"select 1;":                "without a semicolon",
		"select 1\nfrom /* open":   "line 2: /* has no end",
		"select 1\n\n\n'open ; --": "line 4: ' has no end",
	} {
		if _, err := parseStatement(source); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", source, err, want)
		}
	}
}

func TestRelationsStandBeforeTheQuerysOwn(t *testing.T) {
	for source, want := range map[string]string{
		"-- c\nselect 1 from t":                   "with t as (x)\nselect 1 from t",
		"-- c\nwith u as (y) select 1 from t, u":  "with t as (x),\n u as (y) select 1 from t, u",
		"with within as (y) select 1 from within": "with t as (x),\n within as (y) select 1 from within",
	} {
		if got := mustParse(t, source).bind([]string{"t as (x)"}); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestOrderOfAQuery(t *testing.T) {
	for source, want := range map[string]bool{
		"select a, b from t order by a, b":          true,
		"select a, b from t order by a , b -- last": true,
		"select a, b from t order by b, a":          false,
		"select a, b from t order by a, b limit 1":  false,
		"select a, b from t order by a, b desc":     false,
		"select a, b from t order by c, a, b":       false,
		"select a, b from (select 1 order by a, b)": false,
	} {
		if got := mustParse(t, source).endsWithOrder([]string{"a", "b"}); got != want {
			t.Errorf("%s: got %t, want %t", source, got, want)
		}
	}
}
