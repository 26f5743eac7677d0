package reference

import (
	"slices"

	"vaultreport/internal/bizday"
)

// Results are the tables of one day, each in the order of its key.
type Results struct {
	State   []StateRow
	Daily   []DailyRow
	Metrics []Metric
	Changes []Change
	Shadow  []ShadowRow
	Open    []OpenRow
}

// Results computes every extracted day.
func (w *World) Results() map[bizday.Day]*Results {
	all := map[bizday.Day]*Results{}
	metrics := map[bizday.Day][]Metric{}
	moves, compensations := w.movements(), w.compensationDays()
	for _, dt := range w.sorted() {
		r := &Results{State: moves[dt].state(), Open: compensations[dt].openAtEnd()}
		for _, env := range w.envs(dt) {
			for _, vaultType := range []string{"ALL", "DIAMOND", "GOLD", "PLATINUM"} {
				r.Daily = append(r.Daily, w.flows(dt, moves[dt], env, vaultType))
			}
			r.Shadow = append(r.Shadow, w.shadowVersusActual(dt, env)...)
			r.Metrics = append(r.Metrics, w.judged(dt, env, slices.Concat(
				w.vaultRates(dt, moves, env), w.progress(dt, env), w.alerts(dt, env), w.experiments(dt, env), w.extensionCounts(dt, env),
				w.operations(dt, env), w.queues(dt, env), w.compensations(dt, compensations[dt], env), w.atTheEnd(dt, moves[dt], env),
				w.conversion(dt, env), w.vaultQuality(dt, moves[dt], env)))...)
		}
		r.Metrics = append(r.Metrics, w.dataQuality(dt)...)
		slices.SortFunc(r.Metrics, compareMetrics)
		r.Metrics = w.suppress(r.Metrics)
		all[dt], metrics[dt] = r, r.Metrics
	}
	for dt, r := range all {
		r.Changes = w.changes(dt, metrics)
	}
	return all
}
