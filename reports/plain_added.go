package reports

import (
	"maps"
	"slices"
)

// ownSections are of the metrics that have a section to themselves.
var ownSections = []string{"vault_claim_rate_by_type", "vault_expire_rate_by_type", "platinum_attendance_progress", "diamond_deposit_progress"}

// addedMetrics is the section of the metrics that no other section shows, which are those of an analyst's project: a table each,
// under the metric's name.
func addedMetrics(p *page, m *marts, env string) any {
	added := map[string][]cellKey{}
	for of, keys := range m.keys {
		if of.env == env && !isShipped(of.metric) {
			added[of.metric] = keys
		}
	}
	s := plainSection{name: "added"}
	for _, metric := range slices.Sorted(maps.Keys(added)) {
		s.tables = append(s.tables, addedTable(metric, added[metric]))
	}
	return p.plainSection(s, m, env)
}

func isShipped(metric string) bool {
	return slices.Contains(ownSections, metric) || slices.ContainsFunc(plainSections, func(s plainSection) bool {
		return slices.ContainsFunc(s.tables, func(t plainTable) bool {
			return slices.ContainsFunc(t.columns, func(c plainColumn) bool { return c.metric == metric })
		})
	})
}

// addedTable has the first split of which the day has several values as its rows, and a column for each statistic.
func addedTable(metric string, keys []cellKey) plainTable {
	t := plainTable{name: metric, title: metric, rows: byType}
	values := map[split]map[string]bool{byType: {}, byVariant: {}, bySegment: {}}
	var names []string
	for _, k := range keys {
		values[byType][k.vaultType], values[byVariant][k.variant], values[bySegment][k.segment] = true, true, true
		names = append(names, k.statistic)
	}
	for _, by := range []split{byType, byVariant, bySegment} {
		if len(values[by]) > 1 {
			t.rows = by
			break
		}
	}
	slices.Sort(names)
	t.columns = statistics(metric, slices.Compact(names)...)
	return t
}
