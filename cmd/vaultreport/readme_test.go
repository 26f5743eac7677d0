package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestDocumentsNameVerbsAndFlagsThatExist holds the command lines of the pages that tell people what to type against the
// command line itself.
func TestDocumentsNameVerbsAndFlagsThatExist(t *testing.T) {
	command := regexp.MustCompile(`(?m)^(?:\$ )?vaultreport ([a-z]+)(?: ([a-z]+))?(.*)$`)
	flag := regexp.MustCompile(`--([a-z-]+)`)
	for _, page := range []string{"README.md", "docs/analysts.md", "docs/operators.md"} {
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		lines := command.FindAllStringSubmatch(string(text), -1)
		if len(lines) == 0 {
			t.Errorf("%s shows no command line", page)
		}
		for _, line := range lines {
			root := newRoot(&app{})
			verb, _, err := root.Find(line[1:3])
			if err != nil || verb == root {
				t.Errorf("%s: there is no verb %q", page, line[1])
				continue
			}
			for _, f := range flag.FindAllStringSubmatch(line[3], -1) {
				if verb.Flags().Lookup(f[1]) == nil && root.PersistentFlags().Lookup(f[1]) == nil {
					t.Errorf("%s: %s has no flag --%s", page, line[1], f[1])
				}
			}
		}
	}
}

func TestTheReadmeNamesEveryVerbAndTheTwoCommands(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	root := newRoot(&app{})
	words := []string{"make demo", "make test"}
	for _, verb := range root.Commands() {
		if verb.Name() != "completion" && verb.Name() != "help" {
			words = append(words, "vaultreport "+verb.Name())
		}
	}
	for _, word := range words {
		if !strings.Contains(string(text), word) {
			t.Errorf("README.md does not show %q", word)
		}
	}
}
