package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaultreport/extract"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
)

// coverageResult is what `doctor --coverage -o json` prints.
type coverageResult struct {
	Files    int             `json:"files"`
	Lines    int64           `json:"lines"`
	Accepted int64           `json:"accepted"`
	Blank    int64           `json:"blank"`
	Envs     []string        `json:"envs"`
	Events   []coveredEvent  `json:"events"`
	Refused  []coveredReason `json:"refused"`
	Unknown  []coveredName   `json:"unknown"`
	Metrics  []coveredMetric `json:"metrics"`
}

// coveredEvent counts the accepted lines of an event, and those that have a field that it may carry.
type coveredEvent struct {
	Event  string           `json:"event"`
	Lines  int64            `json:"lines"`
	Fields map[string]int64 `json:"fields"`
}

type coveredReason struct {
	Reason string `json:"reason"`
	Field  string `json:"field"`
	Event  string `json:"event"`
	Lines  int64  `json:"lines"`
	Fix    string `json:"fix"`
}

type coveredName struct {
	Field string `json:"field"`
	Lines int64  `json:"lines"`
}

func (a *app) runCoverage(ctx context.Context, f doctorFlags) error {
	source, err := a.sourceOfCoverage(f.Source)
	if err != nil {
		return err
	}
	project, err := a.project()
	if err != nil {
		return err
	}
	metrics := project.Metrics()
	progress, _ := a.newProgress()
	progress.Stage(extract.ReadStage, -1)
	seen, err := extract.Cover(ctx, vfs.OS(), source, f.Coverage, progress.Add)
	if err == nil {
		progress.Rows(seen.Lines)
	}
	progress.Done()
	if err != nil {
		return err
	}
	r := newCoverageResult(seen)
	r.Metrics = coverMetrics(metrics, seen)
	switch a.global.Output {
	case formJSON:
		return json.NewEncoder(a.out).Encode(r)
	case formCSV:
		return a.write(r.rows().csv())
	}
	return a.write([]byte(r.text()))
}

// sourceOfCoverage is the source of the configuration whose names and wrapping the lines have; without a configuration, lines are as they should be.
func (a *app) sourceOfCoverage(name string) (extract.Source, error) {
	c, err := a.loadConfig()
	if err != nil {
		return extract.Source{}, err
	}
	var names []string
	for _, s := range c.sources() {
		if s.Name == name || name == "" && len(c.Events) == 1 {
			return s, nil
		}
		names = append(names, s.Name)
	}
	switch {
	case name != "":
		return extract.Source{}, usage(fmt.Sprintf("doctor: there is no source %q of events", name), "known are: "+strings.Join(names, ", "))
	case len(names) > 1:
		return extract.Source{}, usage("doctor: the configuration has several sources of events", "say with --source how the lines are read: "+strings.Join(names, ", "))
	}
	const usualLine = 1 << 20
	return extract.Source{Name: "coverage", MaxLine: usualLine}, nil
}

func newCoverageResult(seen *extract.Coverage) coverageResult {
	r := coverageResult{
		Files: seen.Files, Lines: seen.Lines, Accepted: seen.Accepted, Blank: seen.Blank, Envs: append([]string{}, seen.Envs...),
		Events: []coveredEvent{}, Refused: []coveredReason{}, Unknown: []coveredName{},
	}
	for _, kind := range event.Kinds() {
		held := seen.Kinds[kind]
		if held == nil {
			continue
		}
		e := coveredEvent{Event: kind.String(), Lines: held.Lines, Fields: make(map[string]int64)}
		for c := range event.Column(event.NumColumns) {
			if isOptional := kind.Lists().Has(c) && !kind.Needs().Has(c) && c != event.Env; isOptional {
				e.Fields[c.Field()] = held.With[c]
			}
		}
		r.Events = append(r.Events, e)
	}
	for _, why := range seen.Refusals() {
		r.Refused = append(r.Refused, coveredReason{why.Reason.String(), why.Field, why.Kind.String(), seen.Refused[why], fixOf(why, seen)})
	}
	for _, name := range slices.SortedFunc(maps.Keys(seen.Unknown), func(a, b string) int {
		return cmp.Or(cmp.Compare(seen.Unknown[b], seen.Unknown[a]), cmp.Compare(a, b))
	}) {
		r.Unknown = append(r.Unknown, coveredName{name, seen.Unknown[name]})
	}
	return r
}

// rows are the metrics for machines, one for each thing that is missing.
func (r coverageResult) rows() *grid {
	g := &grid{columns: []string{"metric", "status", "part", "needs", "reason", "field", "lines", "fix", "notes"}}
	for _, m := range r.Metrics {
		notes := strings.Join(m.Notes, "; ")
		if len(m.Missing) == 0 {
			g.add(m.Metric, m.Status, nil, nil, nil, nil, nil, nil, notes)
		}
		for _, l := range m.Missing {
			g.add(m.Metric, m.Status, l.Part, l.Needs, l.Reason, l.Field, l.Lines, l.Fix, notes)
		}
	}
	return g
}

// text is the result for people.
func (r coverageResult) text() string {
	var b strings.Builder
	refused := r.Lines - r.Accepted - r.Blank
	fmt.Fprintf(&b, "%s of %s: %s accepted, %s refused, %s blank\n", counted(int(r.Lines), "line"), counted(r.Files, "file"), commas(r.Accepted), commas(refused), commas(r.Blank))
	if len(r.Envs) > 0 {
		fmt.Fprintf(&b, "envs: %s\n", strings.Join(r.Envs, ", "))
	}
	if len(r.Events) > 0 {
		g := &grid{columns: []string{"event", "lines", "that have"}}
		for _, e := range r.Events {
			g.add(e.Event, commas(e.Lines), e.shares())
		}
		b.WriteString("\n" + string(g.table()))
	}
	if len(r.Refused) > 0 {
		g := &grid{columns: []string{"refused", "field", "event", "lines", "fix"}}
		for _, why := range r.Refused {
			g.add(why.Reason, why.Field, why.Event, commas(why.Lines), why.Fix)
		}
		b.WriteString("\n" + string(g.table()))
	}
	if len(r.Unknown) > 0 {
		b.WriteString("\nfields that are dropped: " + firstNames(r.Unknown) + "\n")
	}
	for _, of := range []struct{ status, title string }{{computable, "computable"}, {partly, "computable in part"}, {notComputable, "not computable from these lines"}} {
		r.section(&b, of.status, of.title)
	}
	return b.String()
}

// shares are the fields that lines of the event may carry, those that none has left out.
func (e coveredEvent) shares() string {
	var list []string
	for _, field := range slices.Sorted(maps.Keys(e.Fields)) {
		switch n := e.Fields[field]; {
		case n == e.Lines:
			list = append(list, field)
		case n > 0:
			list = append(list, fmt.Sprintf("%s (%d)", field, n))
		}
	}
	return strings.Join(list, ", ")
}

func firstNames(unknown []coveredName) string {
	const most = 10
	var list []string
	for _, name := range unknown[:min(most, len(unknown))] {
		list = append(list, fmt.Sprintf("%s (%d)", name.Field, name.Lines))
	}
	if more := len(unknown) - most; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(list, ", ")
}

func (r coverageResult) section(b *strings.Builder, status, title string) {
	begun := false
	for _, m := range r.Metrics {
		if m.Status != status {
			continue
		}
		if !begun {
			fmt.Fprintf(b, "\n%s\n", title)
			begun = true
		}
		fmt.Fprintf(b, "  %s\n", m.Metric)
		for _, l := range m.Missing {
			fmt.Fprintf(b, "    %s\n", l.text())
		}
		for _, note := range m.Notes {
			fmt.Fprintf(b, "    %s\n", note)
		}
	}
}

func (l lack) text() string {
	text := "needs " + l.Needs
	if l.Part != "" {
		text = l.Part + " " + text
	}
	switch l.Reason {
	case noLine:
		text += ": there is no line of it"
	case noLog:
		text += ", which no log holds"
	default:
		text += ": " + strings.TrimSpace(fmt.Sprintf("%s refused, %s %s", counted(int(l.Lines), "line"), l.Reason, l.Field))
	}
	if l.Fix != "" {
		text += "; fix: " + l.Fix
	}
	return text
}
