package main

import (
	"regexp"
	"strconv"

	"vaultreport/internal/yamlschema"
)

// notYet refuses what docs/contract.md describes and this version cannot do: a setting that is silently left out would
// change numbers.
func (c config) notYet(doc yamlschema.Document) (problems []yamlschema.Problem) {
	refuse := func(isSet bool, what, hint string, path ...string) {
		if isSet {
			problems = append(problems, yamlschema.Problem{
				Line: doc.LineOf(path...), What: yamlschema.KeyName(path) + ": " + what + " is not in this version", Hint: hint,
			})
		}
	}
	const local = "give a path on a local disk"
	refuse(isURL(c.Warehouse), "a warehouse in an object store", local, "warehouse")
	refuse(len(c.Deliver) > 0, "delivery", "leave it out and send the report with a tool of your own", "deliver")
	for i, s := range c.Events {
		at := strconv.Itoa(i)
		refuse(isURL(s.Path), "reading from an object store", local, "events", at, "path")
	}
	for i, s := range c.Tables {
		at := strconv.Itoa(i)
		refuse(isURL(s.Path), "reading from an object store", local, "tables", at, "path")
	}
	return problems
}

// isURL tells s3://bucket from a path.
func isURL(path string) bool {
	return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`).MatchString(path)
}
