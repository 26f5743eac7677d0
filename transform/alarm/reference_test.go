package alarm

import (
	"fmt"
	"slices"

	"vaultreport/internal/bizday"
)

// expectedAlarms is the reference: the definition of an episode over all days at once. It knows that in these tests a rate
// fires exactly when it has 1000 units and lies at or below 20 %, and that baselines are 30 %.
func expectedAlarms(r Rule, days []bizday.Day, rates map[bizday.Day]cells) []string {
	var lines []string
	newest := days[len(days)-1]
	for _, vaultType := range r.Types {
		fires := func(d bizday.Day) bool {
			s := rates[d][cellKey{"prod", r.Metric, "qtd", vaultType}]
			return s.denominator == 1000 && s.numerator <= 200
		}
		for _, start := range days {
			if !fires(start) || fires(start-1) {
				continue
			}
			end, peakDay, least := start, start, int64(1000)
			for ; fires(end); end++ {
				if n := rates[end][cellKey{"prod", r.Metric, "qtd", vaultType}].numerator; n < least {
					least, peakDay = n, end
				}
			}
			ended := end.String()
			if end > newest {
				ended = "NULL"
			}
			peak := map[int64]string{100: "-0.6666666666666666", 150: "-0.5", 200: "-0.3333333333333333"}[least]
			lines = append(lines, fmt.Sprintf("prod %s %s %s %s %s", vaultType, start, ended, peak, peakDay))
		}
	}
	slices.Sort(lines)
	return lines
}
