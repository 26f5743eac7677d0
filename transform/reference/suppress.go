package reference

import "strings"

// suppress hides the cells of few users, and what would give them away, as docs/security.md says. The rows are of one day.
func (w *World) suppress(rows []Metric) []Metric {
	hide := func(i int, reason string) { rows[i] = rows[i].without("suppressed", reason) }
	for i, m := range rows {
		if m.State != "not_computable" && m.Users != nil && 0 < *m.Users && *m.Users < int64(w.K) {
			hide(i, "k")
		}
	}
	for changed := true; changed; {
		changed = false
		for dimension := range 3 {
			for _, family := range families(rows, dimension) {
				if i, is := complement(rows, family, dimension); is {
					hide(i, "complementary")
					changed = true
				}
			}
		}
	}
	return rows
}

// family is a total and its parts.
type family struct {
	total int
	parts []int
}

func families(rows []Metric, dimension int) (found []family) {
	groups := map[string][]int{} // only rows of one group can be a total and its parts
	for i, m := range rows {
		group := strings.Join([]string{m.Env, m.Metric, m.Period, m.Statistic}, " ")
		groups[group] = append(groups[group], i)
	}
	for total, m := range rows {
		f := family{total: total}
		for _, part := range groups[strings.Join([]string{m.Env, m.Metric, m.Period, m.Statistic}, " ")] {
			if isPartOf(m, rows[part], dimension) {
				f.parts = append(f.parts, part)
			}
		}
		if len(f.parts) > 0 {
			found = append(found, f)
		}
	}
	return found
}

// complement returns the row that has to go so that the only hidden part cannot be worked out.
func complement(rows []Metric, f family, dimension int) (index int, is bool) {
	hidden, fewest := 0, -1
	for _, part := range f.parts {
		users := rows[part].Users
		switch {
		case rows[part].State == "suppressed":
			hidden++
		case users == nil || *users == 0:
		case fewest < 0 || *users < *rows[fewest].Users || *users == *rows[fewest].Users && name(rows[part], dimension) < name(rows[fewest], dimension):
			fewest = part
		}
	}
	total := rows[f.total]
	switch {
	case hidden != 1:
		return 0, false
	case fewest >= 0:
		return fewest, true
	default:
		return f.total, total.State != "suppressed" && total.State != "not_computable"
	}
}

func name(m Metric, dimension int) string {
	return [3]string{m.VaultType, m.Variant, m.Segment}[dimension]
}

// isPartOf says whether two rows of one group differ in that dimension only, of which the first holds the total and the second a part.
func isPartOf(total, part Metric, dimension int) bool {
	for d := range 3 {
		if d != dimension && name(total, d) != name(part, d) {
			return false
		}
	}
	of, p := name(total, dimension), name(part, dimension)
	if total.Metric == "extend_expiry_applied_count" && dimension == 2 && (of == "shadow" || of == "actual") {
		return strings.HasPrefix(p, of+":")
	}
	return of == "ALL" && p != "ALL"
}
