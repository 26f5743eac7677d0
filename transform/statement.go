package transform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// statement is one query of SQL.
type statement struct {
	text   string   // as its author wrote it, from the first token on
	tokens []string // without comments and blank space
}

// parseStatement reads a query far enough to tell code from comments. An error names the line.
func parseStatement(source string) (statement, error) {
	var s statement
	for at := 0; at < len(source); {
		end, isToken, err := nextLexeme(source, at)
		if err != nil {
			return statement{}, fmt.Errorf("line %d: %w", 1+strings.Count(source[:at], "\n"), err)
		}
		if isToken {
			if s.text == "" {
				s.text = source[at:]
			}
			s.tokens = append(s.tokens, source[at:end])
		}
		at = end
	}
	switch {
	case len(s.tokens) == 0:
		return statement{}, fmt.Errorf("no query")
	case s.tokens[0] != "select" && s.tokens[0] != "with" || len(s.tokens) > 1 && s.tokens[1] == "recursive":
		return statement{}, fmt.Errorf("the query begins with neither select nor with")
	}
	for _, token := range s.tokens {
		if token == ";" {
			return statement{}, fmt.Errorf("a file holds one query, without a semicolon")
		}
	}
	return s, nil
}

// nextLexeme returns where the lexeme at an offset ends, and whether it is code.
func nextLexeme(source string, at int) (end int, isToken bool, err error) {
	rest := source[at:]
	upTo := func(open, stop string, isToken bool) (int, bool, error) {
		i := strings.Index(rest[len(open):], stop)
		if i < 0 {
			return 0, false, fmt.Errorf("%s has no end", open)
		}
		return at + len(open) + i + len(stop), isToken, nil
	}
	switch c := rest[0]; {
	case strings.HasPrefix(rest, "--"):
		if i := strings.IndexByte(rest, '\n'); i >= 0 {
			return at + i, false, nil
		}
		return len(source), false, nil
	case strings.HasPrefix(rest, "/*"):
		return upTo("/*", "*/", false)
	case c == '\'' || c == '"':
		// A doubled quote ends one lexeme and begins the next: together they are the same text either way.
		return upTo(string(c), string(c), true)
	case strings.IndexByte(" \t\r\n", c) >= 0:
		return at + 1, false, nil
	case isWordByte(c):
		n := 1
		for n < len(rest) && isWordByte(rest[n]) {
			n++
		}
		return at + n, true, nil
	default:
		return at + 1, true, nil
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// endsWithOrder says whether the query's last clause orders by exactly these columns.
func (s statement) endsWithOrder(columns []string) bool {
	want := "order by " + strings.Join(columns, " , ")
	got := strings.Join(s.tokens, " ")
	return got == want || strings.HasSuffix(got, " "+want)
}

// bind returns the query with relations put before its own: "name as (...)" each.
func (s statement) bind(relations []string) string {
	if len(relations) == 0 {
		return s.text
	}
	head := "with " + strings.Join(relations, ",\n")
	if s.tokens[0] == "with" {
		return head + ",\n" + strings.TrimPrefix(s.text, "with")
	}
	return head + "\n" + s.text
}

// digest is equal for queries that differ in comments and blank space only.
func (s statement) digest() string {
	hash := sha256.New()
	for _, token := range s.tokens {
		fmt.Fprintf(hash, "%d:%s", len(token), token)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
