package pages

import (
	"fmt"
	"strings"

	"vaultreport/transform"
)

// table returns the page of one table.
func table(e transform.Entry, all []transform.Entry) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n\n", e.Name, e.Description)
	b.WriteString("| | |\n|---|---|\n")
	fact := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", name, escaped(value))
		}
	}
	fact("grain", e.Grain)
	fact("key", strings.Join(e.Key, ", "))
	fact("schema_version", e.Version)
	fact("owner", e.Owner)
	fact("tags", strings.Join(e.Tags, ", "))
	fact("published", promised(e))
	fact("filled by", filledBy(e))
	fact("metrics", strings.Join(e.Measures, ", "))
	fact("rows of a day", e.Volume)
	fact("small groups", map[bool]string{true: "hidden"}[e.Suppressed])
	fact("read by", strings.Join(append(links(e.ReadBy, all), e.Readers...), ", "))
	fact("tested by", testedBy(e))
	b.WriteString("\n## Columns\n\n| column | type | unit | meaning | tests |\n|---|---|---|---|---|\n")
	for _, c := range e.Columns {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", c.Name, c.Type, c.Unit, escaped(c.Meaning), escaped(strings.Join(c.Tests, "; ")))
	}
	if len(e.Inputs) == 0 {
		return b.String()
	}
	b.WriteString("\n## Inputs\n\n`days` are told in `sql/README.md`: `same` is the day itself.\n\n| table | days | called |\n|---|---|---|\n")
	for _, in := range e.Inputs {
		called := ""
		if in.Name != in.Table {
			called = "`" + in.Name + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", link(in.Table, all), in.Days, called)
	}
	return b.String()
}

func promised(e transform.Entry) string {
	if e.Promise == nil {
		return ""
	}
	return e.Promise.String()
}

func filledBy(e transform.Entry) string {
	switch e.Kind {
	case transform.Lake:
		return "extraction"
	case transform.Alarms:
		return "the evaluation of the alarm rules"
	case transform.Restatement:
		return "the comparison of a run with what was published"
	}
	return "`" + e.File + "`"
}

func testedBy(e transform.Entry) string {
	files := make([]string, len(e.TestedBy))
	for i, name := range e.TestedBy {
		files[i] = "`tests/" + name + ".sql`"
	}
	if len(e.Key) > 0 && e.Kind != transform.Lake {
		files = append([]string{"unique key"}, files...)
	}
	return strings.Join(files, ", ")
}

func links(names []string, all []transform.Entry) []string {
	linked := make([]string, len(names))
	for i, name := range names {
		linked[i] = link(name, all)
	}
	return linked
}

// link leads to the page of a table, and of a view to where the index tells about it.
func link(name string, all []transform.Entry) string {
	for _, e := range all {
		if e.Name == name && e.Kind == transform.View {
			return "[" + name + "](README.md#views)"
		}
	}
	return "[" + name + "](" + name + ".md)"
}

// escaped is a text as it may stand in a cell.
func escaped(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(text)
}
