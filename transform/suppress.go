package transform

import (
	"slices"
	"strings"
)

// Why a cell has no numbers (docs/security.md). The zero value is a cell that is shown.
const (
	shown         = ""
	fewUsers      = "k"
	complementary = "complementary"
)

// total is the value of a dimension that stands for all of its parts.
const total = "ALL"

// The metric whose segments shadow and actual are the totals of their reasons.
const extensionMetric = "extend_expiry_applied_count"

// cell is a row of metric_daily as far as suppression looks at it.
type cell struct {
	Scope      scope
	Dimensions [3]string // vault_type, variant_id, segment
	Users      int64     // 0 where there are none, or the metric is not about users
	Computable bool
}

// scope is what cells of one total and its parts have in common besides two dimensions.
type scope struct{ Env, Metric, Period, Statistic string }

const segmentDimension = 2

// family is a total and its parts, as indexes of cells; parts by name.
type family struct {
	total int
	parts []int
}

// suppressed returns for each cell of one day why it is suppressed, or shown. A cell is suppressed when 0 < users < k.
// Within a family of which exactly one part is suppressed, the shown part with the fewest users, more than 0, goes too (of
// several the first by name), else the total; repeated until nothing changes, vault_type, variant_id and segment in turn.
func suppressed(cells []cell, k int64) []string {
	reasons := make([]string, len(cells))
	for i, c := range cells {
		if c.Computable && c.Users > 0 && c.Users < k {
			reasons[i] = fewUsers
		}
	}
	families := familiesOf(cells)
	for changed := true; changed; {
		changed = false
		for _, f := range families {
			if i, ok := f.complement(cells, reasons); ok {
				reasons[i] = complementary
				changed = true
			}
		}
	}
	return reasons
}

// complement returns the cell that has to go so that the only suppressed part cannot be worked out.
func (f family) complement(cells []cell, reasons []string) (index int, ok bool) {
	hidden, fewest := 0, -1
	for _, i := range f.parts {
		switch {
		case reasons[i] != shown:
			hidden++
		case cells[i].Computable && cells[i].Users > 0 && (fewest < 0 || cells[i].Users < cells[fewest].Users):
			fewest = i
		}
	}
	switch {
	case hidden != 1:
		return 0, false
	case fewest >= 0:
		return fewest, true
	default:
		return f.total, reasons[f.total] == shown && cells[f.total].Computable
	}
}

// familiesOf returns every total with its parts, in the order of the dimensions.
func familiesOf(cells []cell) []family {
	var families []family
	for dimension := range segmentDimension + 1 {
		type line struct {
			scope  scope
			others [3]string // the cell's dimensions without this one
		}
		lines := map[line][]int{}
		var inOrder []line
		for i, c := range cells {
			l := line{c.Scope, c.Dimensions}
			l.others[dimension] = ""
			if lines[l] == nil {
				inOrder = append(inOrder, l)
			}
			lines[l] = append(lines[l], i)
		}
		for _, l := range inOrder {
			members := lines[l]
			slices.SortFunc(members, func(a, b int) int {
				return strings.Compare(cells[a].Dimensions[dimension], cells[b].Dimensions[dimension])
			})
			for _, i := range members {
				f := family{total: i}
				for _, j := range members {
					if isPart(l.scope.Metric, dimension, cells[i].Dimensions[dimension], cells[j].Dimensions[dimension]) {
						f.parts = append(f.parts, j)
					}
				}
				if len(f.parts) > 0 {
					families = append(families, f)
				}
			}
		}
	}
	return families
}

// isPart says whether a value of a dimension is a part of another one.
func isPart(metric string, dimension int, whole, part string) bool {
	switch {
	case whole == total:
		return part != total
	case dimension == segmentDimension && metric == extensionMetric && (whole == "shadow" || whole == "actual"):
		return strings.HasPrefix(part, whole+":")
	default:
		return false
	}
}
