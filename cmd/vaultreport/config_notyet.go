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
		refuse(s.Ready.Marker != "", "waiting for a marker", "start the run when the source is complete", "events", at, "ready", "marker")
		refuse(s.Ready.Quiet != 0, "waiting for quiet", "start the run when the source is complete", "events", at, "ready", "quiet")
		refuse(s.Ready.MinEvents != 0, "waiting for a number of events", "start the run when the source is complete", "events", at, "ready", "min_events")
		refuse(s.Ready.AllowMissing, "a day without files", "put an empty file there", "events", at, "ready", "allow_missing")
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
