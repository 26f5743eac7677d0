package pages

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/sql"
	"vaultreport/transform"
)

var update = flag.Bool("update", false, "rewrite docs/tables")

const published = "../../docs/tables"

func shipped(t *testing.T) []transform.Entry {
	t.Helper()
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	return project.Entries()
}

func TestThePublishedPagesAreThoseOfTheContracts(t *testing.T) {
	pages := Render(shipped(t))
	if *update {
		for name, page := range pages {
			if err := os.WriteFile(filepath.Join(published, name), []byte(page), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	files, err := os.ReadDir(published)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(published, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		got[file.Name()] = string(text)
	}
	if diff := cmp.Diff(got, pages); diff != "" {
		t.Errorf("docs/tables is not what the contracts say (-page +contract): go test ./transform/pages -update, and remove pages of tables that are gone\n%s", diff)
	}
}

// Columns of pages are those of contracts, which runs compare with the files that they write.
func TestAPageHasEveryColumnOfItsTable(t *testing.T) {
	entries := shipped(t)
	pages := Render(entries)
	for _, e := range entries {
		if e.Kind == transform.View {
			continue
		}
		_, columns, _ := strings.Cut(pages[e.Name+".md"], "## Columns\n")
		columns, _, _ = strings.Cut(columns, "## ")
		rows := strings.Split(strings.TrimSpace(columns), "\n")[2:]
		if len(rows) != len(e.Columns) {
			t.Errorf("%s: %d rows for %d columns", e.Name, len(rows), len(e.Columns))
			continue
		}
		for i, row := range rows {
			if want := "| `" + e.Columns[i].Name + "` | " + e.Columns[i].Type + " | "; !strings.HasPrefix(row, want) {
				t.Errorf("%s: row %d: got %s, want %s", e.Name, i, row, want)
			}
		}
	}
}

func TestLinksLeadToPages(t *testing.T) {
	pages := Render(shipped(t))
	for name, page := range pages {
		for _, part := range strings.Split(page, "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			target, _, _ = strings.Cut(target, "#")
			if pages[target] == "" {
				t.Errorf("%s: no page %s", name, target)
			}
		}
	}
}

func TestCellsHoldNoBars(t *testing.T) {
	e := transform.Entry{Name: "a", Kind: transform.Model, Columns: []transform.ColumnEntry{{Name: "x", Type: "BIGINT", Meaning: "a|b\nc"}}}
	if page := table(e, nil); !strings.Contains(page, `| a\|b c |`) {
		t.Errorf("got %s", page)
	}
}
