// Package reference computes every table of docs/definitions.md from a whole world of events and snapshots, by brute force: one
// sentence of that page at a time, over all events there are, without regard to cost. It is for tests. The models of sql/
// are held against it over random worlds; it was written from the page and not from them.
//
// Begin with World, then World.Results and World.Alarms. Each file is one part of the page:
//
//   - state, flows: sections 3 and 4
//   - rates, progress, countdown, conversion: vaults
//   - alerts, experiments, extensions, operations, queues, quality: events and tables
//   - gap, measure, suppress: states, reasons and what is hidden
//   - change: metric_change
//   - alarms: the rules of section 6; alarm_values and alarm_spans: those on event time; alarm_daily, alarm_gap and
//     alarm_explain: those on days; alarm_rows: what is recorded
package reference
