package reports

import (
	"maps"
	"slices"
	"strings"
)

// absentView is a kind of events that no source of an env emits, with the metrics that cannot be computed without it.
type absentView struct {
	Why     string
	Metrics []string
}

// absentViews is nil where every metric has its events.
func absentViews(p *page, m *marts, env string) any {
	metricsOf := map[string][]string{}
	for k, c := range m.cells {
		if k.env == env && c.state == "not_computable" && isEvent(c.reason.V) && !slices.Contains(metricsOf[c.reason.V], k.metric) {
			metricsOf[c.reason.V] = append(metricsOf[c.reason.V], k.metric)
		}
	}
	if len(metricsOf) == 0 {
		return nil
	}
	var views []absentView
	for _, kind := range slices.Sorted(maps.Keys(metricsOf)) {
		slices.Sort(metricsOf[kind])
		views = append(views, absentView{p.say("absent_event", "name", kind), metricsOf[kind]})
	}
	return views
}

// isEvent says whether a reason of not_computable names a kind of events; tables and columns are in lower case.
func isEvent(reason string) bool { return reason != "" && strings.ToUpper(reason) == reason }
