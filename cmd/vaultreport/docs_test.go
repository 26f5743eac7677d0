package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Who follows docs/analysts.md has the project that the script runs.
func TestTheProjectOfTheDocumentsIsTheOneThatRuns(t *testing.T) {
	page, err := os.ReadFile("../../docs/analysts.md")
	if err != nil {
		t.Fatal(err)
	}
	script, err := txtar.ParseFile("../../testdata/script/project.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"metrics.yaml", "models/metrics_deposits.yaml", "models/metrics_deposits.sql", "models/metrics_deposits.test"} {
		i := slices.IndexFunc(script.Files, func(f txtar.File) bool { return f.Name == "analytics/"+name })
		if i < 0 || !strings.Contains(string(page), "\n"+string(script.Files[i].Data)+"```\n") {
			t.Errorf("docs/analysts.md does not show %s as the script has it", name)
		}
	}
}
