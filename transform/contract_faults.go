package transform

import (
	"fmt"
	"path"
	"slices"
)

// faults checks what one contract can say wrong by itself. Each fault begins with file and line.
func (c *contract) faults() (faults []error) {
	wrong := func(line int, format string, args ...any) {
		faults = append(faults, fmt.Errorf("%s:%d: %s", c.file, line, fmt.Sprintf(format, args...)))
	}
	at := func(key string) int { return c.lineOf(key, "") }
	if !plainName.MatchString(c.table.Name) {
		wrong(1, "name %q is not made of lower-case letters, digits and _", c.table.Name)
	}
	if c.Description == "" {
		wrong(at("description"), "description is missing")
	}
	if c.WrittenBy != "" && !slices.Contains(writers, c.WrittenBy) {
		wrong(at("written_by"), "written_by %q is none of %v", c.WrittenBy, writers)
	}
	if c.View && (c.Window != "" || c.Suppress || c.Version != "" || c.Promise != nil || c.Volume != nil) {
		wrong(at("view"), "a view has no window, no version, no freshness, no volume, and nothing of it is suppressed: it is in no file")
	}
	if c.Gathers != "" && (!c.View || c.Gathers != gathersNeeds && c.Gathers != gathersMetrics) {
		wrong(at("gathers"), "gathers %q: a view gathers %s or %s", c.Gathers, gathersNeeds, gathersMetrics)
	}
	if err := c.severity.fault(); err != nil {
		wrong(at("severity"), "%v", err)
	}
	if path.Dir(c.file) != "tests" && c.severity != (severity{}) {
		wrong(at("severity"), "severity and tolerance are those of an invariant, or of a column")
	}
	if c.Volume != nil {
		if err := c.Volume.fault(); err != nil {
			wrong(at("volume"), "volume: %v", err)
		}
	}
	c.versionFaults(wrong)
	c.proseFaults(wrong)
	c.columnFaults(wrong)
	c.inputFaults(wrong)
	return faults
}

func (c *contract) versionFaults(wrong func(line int, format string, args ...any)) {
	isTable := !c.View && slices.Contains([]string{"lake", "models"}, path.Dir(c.file))
	switch _, ok := parseVersion(c.Version); {
	case isTable && c.Version == "":
		wrong(c.root.Line, "version is missing: a new table begins with 1")
	case c.Version != "" && !ok:
		wrong(c.lineOf("version", ""), "version %q is neither a whole number from 1 on, such as 2, nor one with a minor part from 1 on, such as 2.1", c.Version)
	}
}

// proseFaults checks what readers are told and no query depends on.
func (c *contract) proseFaults(wrong func(line int, format string, args ...any)) {
	for i, tag := range c.Tags {
		if !plainName.MatchString(tag) || slices.Contains(c.Tags[:i], tag) {
			wrong(c.lineOf("tags", tag), "tag %q is not made of lower-case letters, digits and _, or there twice", tag)
		}
	}
	for i, reader := range c.Readers {
		if reader == "" || slices.Contains(c.Readers[:i], reader) {
			wrong(c.lineOf("readers", reader), "reader %q is empty, or there twice", reader)
		}
	}
	if c.Promise != nil {
		if err := c.Promise.check(); err != nil {
			wrong(c.lineOf("freshness", ""), "freshness: %v", err)
		}
	}
}

func (c *contract) columnFaults(wrong func(line int, format string, args ...any)) {
	if c.Like != "" && len(c.Columns)+len(c.Key) > 0 {
		wrong(c.lineOf("like", ""), "key and columns are those of %s", c.Like)
	}
	seen := map[string]bool{}
	for _, column := range c.Columns {
		line := c.lineOf("columns", column.Name)
		if !plainName.MatchString(column.Name) || seen[column.Name] {
			wrong(line, "column %q is not a plain name, or there twice", column.Name)
		}
		seen[column.Name] = true
		if !slices.Contains(columnTypes, column.Type) {
			wrong(line, "column %s: type %q is none of %v", column.Name, column.Type, columnTypes)
		}
		if column.Meaning == "" {
			wrong(line, "column %s: meaning is missing", column.Name)
		}
		if err := column.testFault(); err != nil {
			wrong(line, "column %s: %v", column.Name, err)
		}
	}
	for _, name := range c.Key {
		if !seen[name] {
			wrong(c.lineOf("key", name), "key column %q is not a column", name)
		}
	}
}

func (c *contract) inputFaults(wrong func(line int, format string, args ...any)) {
	bound := map[string]bool{calendarName: c.Calendar != ""}
	for _, in := range c.Inputs {
		line := c.lineOf("inputs", in.name())
		if !plainName.MatchString(in.name()) || bound[in.name()] {
			wrong(line, "input %q is not a plain name, or there twice", in.name())
		}
		bound[in.name()] = true
		if _, err := parseDays(in.Days); err != nil {
			wrong(line, "input %s: %v", in.name(), err)
		}
		if in.Days == windowDays && c.Window == "" {
			wrong(line, "input %s: days are those of a window, and there is no window", in.name())
		}
	}
	if c.Calendar != "" {
		if _, err := parseSpan(c.Calendar); err != nil {
			wrong(c.lineOf("calendar", ""), "%v", err)
		}
	}
	if _, err := parseWindow(c.Window); err != nil {
		wrong(c.lineOf("window", ""), "%v", err)
	}
	for _, name := range c.Parameters {
		if !slices.Contains(parameters, name) {
			wrong(c.lineOf("parameters", name), "parameter %q is none of %v", name, parameters)
		}
	}
}

func (c column) testFault() error {
	isNumber := c.Type == "BIGINT" || c.Type == "DOUBLE"
	for _, bound := range []string{c.Min, c.Max} {
		if bound != "" && (!isNumber || !numberForm.MatchString(bound)) {
			return fmt.Errorf("min and max %q are for numbers, and are numbers without an exponent", bound)
		}
	}
	return c.severity.fault()
}
