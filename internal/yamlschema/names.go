package yamlschema

import (
	"fmt"
	"strconv"
)

// Names are the names of the items of a list of the document, in its order.
type Names struct {
	List  string
	Items []string
}

// Taken finds items of lists whose name another one has, in these lists together; what is what an item is called.
func (d Document) Taken(what string, lists ...Names) (problems []Problem) {
	lines := map[string]int{}
	for _, list := range lists {
		for i, name := range list.Items {
			line := d.LineOf(list.List, strconv.Itoa(i), "name")
			if first, taken := lines[name]; taken {
				problems = append(problems, Problem{
					Line: line, What: fmt.Sprintf("%s[%d].name is taken by the %s of line %d", list.List, i, what, first), Hint: "give each " + what + " a name of its own",
				})
				continue
			}
			lines[name] = line
		}
	}
	return problems
}
