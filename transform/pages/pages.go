package pages

import (
	"fmt"
	"strings"

	"vaultreport/transform"
)

// Index is the name of the page that leads to the others.
const Index = "README.md"

// Render returns the pages by file name: one for each table, and the index, which tells about views too.
func Render(all []transform.Entry) map[string]string {
	pages := map[string]string{Index: index(all)}
	for _, e := range all {
		if e.Kind != transform.View {
			pages[e.Name+".md"] = table(e, all)
		}
	}
	return pages
}

func index(all []transform.Entry) string {
	var b strings.Builder
	b.WriteString("# Tables\n\nWritten by `vaultreport models docs` from the contracts in `sql/` and in the folder of a project, where the files that it names are: changes here are lost.\n\n")
	b.WriteString("| table | one row is | tags | owner | published |\n|---|---|---|---|---|\n")
	for _, e := range all {
		if e.Kind != transform.View {
			fmt.Fprintf(&b, "| [%s](%s.md) | %s | %s | %s | %s |\n", e.Name, e.Name,
				escaped(strings.TrimPrefix(e.Grain, "one row per ")), strings.Join(e.Tags, ", "), escaped(e.Owner), promised(e))
		}
	}
	b.WriteString("\nA table with the tag `small_groups` does not hide small groups: it is for the data team.\n")
	b.WriteString("\n## Views\n\nQueries that stand in no file: a model that reads one holds it in its own.\n\n| view | about | metrics | reads | read by |\n|---|---|---|---|---|\n")
	for _, e := range all {
		if e.Kind == transform.View {
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", e.Name, escaped(e.Description), strings.Join(e.Measures, ", "), strings.Join(links(e.Reads(), all), ", "), strings.Join(links(e.ReadBy, all), ", "))
		}
	}
	return b.String()
}
