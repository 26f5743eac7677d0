package catalogue

import (
	"slices"
	"strings"
)

// Catalogue is the metrics in the order of the file.
type Catalogue []Metric

// Metric is an entry of the catalogue.
type Metric struct {
	Name       string   `json:"name"`
	AskedForAs string   `json:"asked_for_as"` // the wording with which it was requested; may be empty
	Summary    string   `json:"summary"`
	Definition string   `json:"definition"`
	Sections   []int    `json:"sections"` // of docs/definitions.md
	Model      string   `json:"model"`    // model or view that computes it
	Window     string   `json:"window"`   // how far it looks ahead, such as 24h; empty for none
	AboutUsers bool     `json:"about_users"`
	Shapes     []Shape  `json:"rows"` // none: a mart of its own
	Needs      []Need   `json:"needs"`
	Choices    []string `json:"choices"`
}

// Shape is what rows of metric_daily have in common.
type Shape struct {
	Statistics      []string `json:"statistics"`
	Unit            string   `json:"unit"`
	Periods         []string `json:"periods"`
	VaultTypes      []string `json:"vault_types"`        // that always have a row
	VaultTypesIfAny []string `json:"vault_types_if_any"` // that have one where they occur
	Variants        []string `json:"variants"`
	VariantsIfAny   string   `json:"variants_if_any"` // what else has a row where it occurs, in words
	Segments        []string `json:"segments"`
	SegmentsIfAny   string   `json:"segments_if_any"`
	SegmentIs       string   `json:"segment_is"` // what a segment is, in words
	Explain         string   `json:"explain"`    // query of the rows behind a value
}

// Need is one thing that must be there: exactly one of Event, Events, Table and Column is given.
type Need struct {
	Event    string `json:"event,omitempty"`     // a kind of events
	Events   string `json:"events,omitempty"`    // "any": a source of event lines
	Table    string `json:"table,omitempty"`     // a source table with a snapshot of the day
	Column   string `json:"column,omitempty"`    // TABLE.COLUMN
	VaultsBy string `json:"vaults_by,omitempty"` // "events" or "snapshots": only in envs whose vaults follow these
	Part     string `json:"part,omitempty"`      // the statistic or segment that needs it; empty: the whole metric
}

// All is the value of a split that stands for all of its parts.
const All = "ALL"

// Cell is what tells a row of metric_daily from the others of its env and day.
type Cell struct {
	Metric    string `json:"metric"`
	Period    string `json:"period"`
	VaultType string `json:"vault_type"`
	Variant   string `json:"variant_id"`
	Segment   string `json:"segment"`
	Statistic string `json:"statistic"`
}

// Metric returns the metric of a name.
func (c Catalogue) Metric(name string) (*Metric, bool) {
	i := slices.IndexFunc(c, func(m Metric) bool { return m.Name == name })
	if i < 0 {
		return nil, false
	}
	return &c[i], true
}

// Names returns the names of all metrics, in the order of the file.
func (c Catalogue) Names() []string {
	names := make([]string, len(c))
	for i, m := range c {
		names[i] = m.Name
	}
	return names
}

// Shape returns the shape of the metric that a cell has.
func (m Metric) Shape(c Cell) (*Shape, bool) {
	i := slices.IndexFunc(m.Shapes, func(s Shape) bool { return s.Has(c) })
	if i < 0 {
		return nil, false
	}
	return &m.Shapes[i], true
}

// Has says whether a cell is of the shape.
func (s Shape) Has(c Cell) bool {
	return slices.Contains(s.Statistics, c.Statistic) && slices.Contains(s.Periods, c.Period) &&
		(slices.Contains(s.VaultTypes, c.VaultType) || slices.Contains(s.VaultTypesIfAny, c.VaultType)) &&
		(slices.Contains(s.Variants, c.Variant) || s.VariantsIfAny != "" && c.Variant != All) &&
		(slices.Contains(s.Segments, c.Segment) || s.SegmentsIfAny != "" && c.Segment != All)
}

// Units returns the units of the metric, each once.
func (m Metric) Units() []string {
	return m.collect(func(s Shape) []string { return []string{s.Unit} })
}

// Periods returns the periods of the metric, each once.
func (m Metric) Periods() []string { return m.collect(func(s Shape) []string { return s.Periods }) }

// Statistics returns the statistics of the metric, each once, the most important first.
func (m Metric) Statistics() []string {
	return m.collect(func(s Shape) []string { return s.Statistics })
}

func (m Metric) collect(of func(Shape) []string) []string {
	all := []string{}
	for _, s := range m.Shapes {
		for _, value := range of(s) {
			if !slices.Contains(all, value) {
				all = append(all, value)
			}
		}
	}
	return all
}

// Events returns the kinds of events that the metric needs, each once.
func (m Metric) Events() []string {
	kinds := []string{}
	for _, n := range m.Needs {
		if n.Event != "" && !slices.Contains(kinds, n.Event) {
			kinds = append(kinds, n.Event)
		}
	}
	return kinds
}

// Name is the need as metric_gap names its lack.
func (n Need) Name() string {
	switch {
	case n.Event != "":
		return n.Event
	case n.Table != "":
		return n.Table
	case n.Column != "":
		return n.Column
	default:
		return "events"
	}
}

// TableName is the source table of a table or column, else empty.
func (n Need) TableName() string {
	if n.Column != "" {
		table, _, _ := strings.Cut(n.Column, ".")
		return table
	}
	return n.Table
}
