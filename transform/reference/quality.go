package reference

import (
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
)

// vaultQuality are the transitions that are not allowed and the states that differ from the snapshot.
func (w *World) vaultQuality(dt bizday.Day, m *movement, env string) (rows []measure) {
	for _, vaultType := range append(lifeTypes[:], "ALL") {
		f := w.flows(dt, m, env, vaultType)
		drift := int64(0)
		if f.Drift != nil {
			drift = *f.Drift
		}
		rows = append(rows,
			dayOf("vault_invalid_transition_count", "count", "count").ofType(vaultType).count(f.InvalidTransitions, nil),
			dayOf("vault_state_drift_count", "count", "count").ofType(vaultType).count(drift, nil))
	}
	return rows
}

// dataQuality are the metrics of env ALL, judged.
func (w *World) dataQuality(dt bizday.Day) (rows []Metric) {
	d := w.Days[dt]
	add := func(lack string, m measure) {
		m.Env = "ALL"
		rows = append(rows, m.judge(lack))
	}
	lack := ""
	if !slices.ContainsFunc(d.Catalogue, func(c Entry) bool { return c.Kind == "event" }) {
		lack = "events"
	}
	lines := map[string]int64{"kept": 0, "duplicate": 0, "blank": 0, "quarantined": 0}
	for _, l := range d.Ledger {
		if l.Origin != "events" || lack != "" {
			continue
		}
		switch l.Reason {
		case "kept", "duplicate", "blank":
			lines[l.Reason] += l.Rows
		default:
			lines["quarantined"] += l.Rows
			lines["quarantined:"+l.Reason] += l.Rows
		}
	}
	for segment, n := range lines {
		add(lack, dayOf("dq_lines", "count", "count").ofSegment(segment).count(n, nil))
	}
	if lack != "" {
		add(lack, dayOf("dq_unknown_field", "count", "count"))
	} else {
		for field, n := range d.UnknownFields {
			add("", dayOf("dq_unknown_field", "count", "count").ofSegment(field).count(n, nil))
		}
	}
	for _, c := range d.Catalogue {
		if c.Kind == "source" {
			add(w.ageOf(dt, c))
		}
	}
	return rows
}

// ageOf is source_age of a source, or what is missing for it.
func (w *World) ageOf(dt bizday.Day, source Entry) (lack string, m measure) {
	newest := int64(0)
	for _, d := range w.sorted() {
		for _, l := range w.Days[d].Ledger {
			isLines := source.Name == "events" && l.Origin == "events" && d <= dt
			isTable := source.Name == "tables" && l.Origin != "events" && d == dt
			if l.Source == source.Source && (isLines || isTable) {
				newest = max(newest, l.NewestAt)
			}
		}
	}
	hasTables := slices.ContainsFunc(w.Days[dt].Catalogue, func(c Entry) bool { return c.Kind == "table" && c.Source == source.Source })
	if source.Name == "tables" && !hasTables {
		lack = "no_snapshot"
	}
	var age *big.Rat
	if newest > 0 {
		_, end := w.Zone.Bounds(dt)
		age = big.NewRat(end-newest, 1_000_000)
	}
	m = dayOf("source_age", "max", "s").ofSegment(source.Source).number(age, 0, nil)
	m.SampleSize, m.hasNoSample = nil, true
	return lack, m
}
