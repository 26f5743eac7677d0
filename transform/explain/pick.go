package explain

import (
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/errs"
	"vaultreport/internal/yamlschema"
	"vaultreport/transform/catalogue"
)

// Wanted says which cell of a metric is meant. What is empty is chosen.
type Wanted struct {
	Env, Period, VaultType, Variant, Segment, Statistic string
}

// split is one of the things that tell cells of a metric and day apart.
type split struct {
	flag, column, wanted string
	first                []string // what is taken of several, the best first; empty: nothing
	of                   func(Cell) string
}

// Pick returns the one cell that is wanted. Where nothing is said it is that of the day, of the metric's first statistic, and
// of ALL, or of the only value that there is; an env must be named where there are several. An error is errs.Usage and says
// which flag tells the cells apart.
func Pick(m *catalogue.Metric, cells []Cell, w Wanted) (Cell, error) {
	if len(cells) == 0 {
		return Cell{}, errs.New(errs.Usage, m.Name+" has no row on this day", "it has rows for what occurred only: try another day")
	}
	all := []string{catalogue.All}
	splits := []split{
		{"--env", "env", w.Env, nil, func(c Cell) string { return c.Env }},
		{"--period", "period", w.Period, []string{"day"}, func(c Cell) string { return c.Period }},
		{"--statistic", "statistic", w.Statistic, m.Statistics(), func(c Cell) string { return c.Statistic }},
		{"--vault-type", "vault_type", w.VaultType, all, func(c Cell) string { return c.VaultType }},
		{"--variant", "variant_id", w.Variant, all, func(c Cell) string { return c.Variant }},
		{"--segment", "segment", w.Segment, all, func(c Cell) string { return c.Segment }},
	}
	left := cells
	for _, s := range splits { // what is said narrows down first: the rest is chosen among what it leaves
		if s.wanted == "" {
			continue
		}
		values := s.values(left)
		if !slices.Contains(values, s.wanted) {
			return Cell{}, errs.New(errs.Usage, fmt.Sprintf("%s has no row with %s %q", m.Name, s.column, s.wanted), yamlschema.Nearest("nearest: "+s.flag+" ", s.wanted, values))
		}
		left = s.keep(left, s.wanted)
	}
	for _, s := range splits {
		values := s.values(left)
		if len(values) == 1 {
			continue
		}
		i := slices.IndexFunc(s.first, func(value string) bool { return slices.Contains(values, value) })
		if i < 0 {
			return Cell{}, errs.New(errs.Usage, fmt.Sprintf("%s has rows of several values of %s: name one with %s", m.Name, s.column, s.flag), strings.Join(values, ", "))
		}
		left = s.keep(left, s.first[i])
	}
	return left[0], nil
}

// values returns the values of the split, each once, in the order of the cells.
func (s split) values(cells []Cell) (values []string) {
	for _, c := range cells {
		if value := s.of(c); !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	return values
}

func (s split) keep(cells []Cell, value string) (kept []Cell) {
	for _, c := range cells {
		if s.of(c) == value {
			kept = append(kept, c)
		}
	}
	return kept
}
