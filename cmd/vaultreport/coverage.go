package main

import (
	"fmt"
	"slices"
	"strings"

	"vaultreport/extract"
	"vaultreport/internal/event"
	"vaultreport/transform/catalogue"
)

// The values of coveredMetric.Status.
const (
	computable    = "computable"
	partly        = "partly"
	notComputable = "not_computable"
)

// coveredMetric says whether a metric can be computed from lines.
type coveredMetric struct {
	Metric  string   `json:"metric"`
	Status  string   `json:"status"`
	Missing []lack   `json:"missing"`
	Notes   []string `json:"notes"` // what it does not tell for want of fields that lines may lack
}

// lack is one thing that a metric, or a part of it, needs and the lines do not give: an event of which there is no line (reason no_line) or
// all are refused, or a table, which no log can give (reason no_log).
type lack struct {
	Part   string `json:"part"` // "" of the whole metric
	Needs  string `json:"needs"`
	Reason string `json:"reason"`
	Field  string `json:"field"`
	Lines  int64  `json:"lines"`
	Fix    string `json:"fix"`
}

const (
	noLine = "no_line"
	noLog  = "no_log"
)

// coverMetrics holds what the metrics need against what lines hold.
func coverMetrics(metrics catalogue.Catalogue, seen *extract.Coverage) []coveredMetric {
	list := make([]coveredMetric, len(metrics))
	for i, m := range metrics {
		list[i] = coverMetric(m, seen)
	}
	return list
}

func coverMetric(m catalogue.Metric, seen *extract.Coverage) coveredMetric {
	c := coveredMetric{Metric: m.Name, Status: computable, Missing: []lack{}, Notes: []string{}}
	var parts, lacking []string
	for _, n := range m.Needs {
		if n.VaultsBy == "snapshots" { // of envs without events
			continue
		}
		if !slices.Contains(parts, n.Part) {
			parts = append(parts, n.Part)
		}
		lacks := lacksOf(n, seen)
		if len(lacks) > 0 && !slices.Contains(lacking, n.Part) {
			lacking = append(lacking, n.Part)
		}
		c.Missing = append(c.Missing, lacks...)
	}
	switch {
	case len(lacking) > 0 && (len(lacking) == len(parts) || slices.Contains(lacking, "")):
		c.Status = notComputable
	case len(lacking) > 0:
		c.Status = partly
	}
	if c.Status != notComputable {
		c.Notes = append(c.Notes, notesOf(m, seen)...)
	}
	return c
}

// lacksOf returns why a need is not met, none if it is.
func lacksOf(n catalogue.Need, seen *extract.Coverage) []lack {
	switch {
	case n.Event != "":
		return lacksOfEvent(n, event.KindOf(n.Event), seen)
	case n.Events != "" && seen.Lines > 0:
		return nil
	case n.Events != "":
		return []lack{{Part: n.Part, Needs: n.Name(), Reason: noLine}}
	case n.Column != "": // its table is another need
		return nil
	}
	return []lack{{Part: n.Part, Needs: n.Name(), Reason: noLog, Fix: "configure a source under tables"}}
}

func lacksOfEvent(n catalogue.Need, kind event.Kind, seen *extract.Coverage) (lacks []lack) {
	if seen.Kinds[kind] != nil {
		return nil
	}
	for _, why := range seen.Refusals() {
		if why.Kind == kind {
			lacks = append(lacks, lack{n.Part, n.Event, why.Reason.String(), why.Field, seen.Refused[why], fixOf(why, seen)})
		}
	}
	if len(lacks) == 0 {
		lacks = append(lacks, lack{Part: n.Part, Needs: n.Event, Reason: noLine})
	}
	return lacks
}

// fixOf says what the source's configuration may do about lines that are refused.
func fixOf(why extract.Refusal, seen *extract.Coverage) string {
	switch why.Reason {
	case event.MissingField:
		if name := likelyName(why.Field, seen.UnknownIn(why)); name != "" {
			return fmt.Sprintf("if %s is that field: rename: {field: {%s: %s}}", name, name, why.Field)
		}
		return "log the field, or name it under rename"
	case event.MissingEnv:
		return "set env of the source"
	case event.NaiveTimestamp:
		return "log instants with their offset from UTC"
	case event.UnknownEvent:
		return "if it is an event under another name: rename: {event: {NAME: " + event.VaultClaimed.String() + "}}"
	case event.NotObject, event.NotJSON:
		return "if a collector wraps the lines: unwrap"
	case event.BadField, event.PIIRefused:
		return "docs/sources.md says what the field may hold"
	}
	return ""
}

// likelyName returns the first name that is spelled as the field is but for signs and case, else one that holds it or that it holds; "" if none does.
func likelyName(field string, names []string) string {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == '_' || r == '-' || r == '.' {
				return -1
			}
			return r
		}, strings.ToLower(s))
	}
	wanted, near := plain(field), ""
	const telling = 4 // letters
	for _, name := range names {
		has := plain(name)
		switch {
		case has == wanted:
			return name
		case near == "" && len(has) >= telling && (strings.Contains(wanted, has) || strings.Contains(has, wanted)):
			near = name
		}
	}
	return near
}

// notesOf says which of a metric's lines are refused although others are not, and what it does not tell for want of fields.
func notesOf(m catalogue.Metric, seen *extract.Coverage) (notes []string) {
	for _, name := range m.Events() {
		kind, refused := event.KindOf(name), int64(0)
		for why, lines := range seen.Refused {
			if why.Kind == kind {
				refused += lines
			}
		}
		if held := seen.Kinds[kind]; held != nil && refused > 0 {
			notes = append(notes, fmt.Sprintf("%d of %d lines of %s are refused", refused, refused+held.Lines, name))
		}
	}
	for _, o := range optionalFields {
		if !slices.Contains(o.metrics, m.Name) {
			continue
		}
		lines, with := int64(0), int64(0)
		var names []string
		for _, kind := range o.kinds {
			if held := seen.Kinds[kind]; held != nil {
				lines, with, names = lines+held.Lines, with+held.With[o.field], append(names, kind.String())
			}
		}
		if lines > 0 && with == 0 {
			notes = append(notes, fmt.Sprintf("%s: no line of %s has %s", o.without, few(names), o.field.Field()))
		}
	}
	return notes
}

func few(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%d events", len(names))
}
