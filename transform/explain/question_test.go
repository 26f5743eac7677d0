package explain

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
)

// A query that no metric names is dead, and one without an order shows other rows each time.
func TestEveryQueryThatExplainsIsNamedByAMetricAndHasAnOrder(t *testing.T) {
	metrics, _, err := catalogue.Load(sql.FS, "added")
	if err != nil {
		t.Fatal(err)
	}
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	named := []string{catalogue.Measured, catalogue.MeasuredRate} // of metrics of a project
	for _, m := range metrics {
		for _, s := range m.Shapes {
			named = append(named, s.Explain)
			if _, err := project.LoadQuestion(s.Explain); err != nil {
				t.Errorf("%s: %v", m.Name, err)
			}
		}
	}
	files, err := fs.Glob(sql.FS, "explain/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !slices.Contains(named, strings.TrimSuffix(path.Base(file), ".sql")) {
			t.Errorf("%s: no metric of metrics.yaml names it", file)
		}
		text, err := sql.FS.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		end := strings.Join(lines[max(0, len(lines)-2):], "\n")
		if !strings.Contains(end, "order by ") {
			t.Errorf("%s does not end with its order", file)
		}
		if !strings.Contains(string(text), "adds up: ") || !strings.Contains(string(text), "-- source: docs/definitions.md") {
			t.Errorf("%s does not say in its header what adds up, or where its definition stands", file)
		}
	}
}
