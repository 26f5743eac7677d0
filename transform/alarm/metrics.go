package alarm

import (
	"context"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// metricInputs are the files of metrics that the rules of a day read: its own first.
func (v *evaluator) metricInputs(i int) []warehouse.File {
	dt := v.days[i]
	today, _ := v.store.File(metricTable, dt)
	files := []warehouse.File{today}
	days := v.baselines(func(Rule) bool { return true })
	for _, r := range v.rules {
		if r.looksAtData() && !slices.Contains(days, r.otherDay()) {
			days = append(days, r.otherDay())
		}
	}
	for _, back := range days {
		if f, ok := v.store.File(metricTable, dt-back); ok {
			files = append(files, f)
		}
	}
	if f, ok := v.store.File(catalogueTable, dt); ok && slices.ContainsFunc(v.rules, Rule.looksAtData) {
		files = append(files, f)
	}
	if slices.ContainsFunc(v.rules, func(r Rule) bool { return r.Kind == rateGap }) {
		if f, ok := v.store.File(alertTable, dt); ok {
			files = append(files, f)
		}
	}
	return files
}

// baselines says how many days back rules look, each once.
func (v *evaluator) baselines(isOne func(Rule) bool) []bizday.Day {
	var back []bizday.Day
	for _, r := range v.rules {
		if isOne(r) {
			back = append(back, r.baselineDays()...)
		}
	}
	slices.Sort(back)
	return slices.Compact(back)
}

func isRateChange(r Rule) bool { return r.Kind == rateChange }
func isOnMetric(r Rule) bool   { return r.Kind == ofMetric }

// metricsOf reads the rates that the rules of a day compare.
func (v *evaluator) metricsOf(ctx context.Context, i int) (metricsOfDay, error) {
	dt := v.days[i]
	m := metricsOfDay{dt: dt, zone: v.zone, follows: v.follows(i), earlier: map[bizday.Day]cells{}, variants: map[string]map[string][]variant{}}
	var err error
	if m.today, err = v.cellsOf(ctx, dt); err != nil {
		return m, err
	}
	kept := map[bizday.Day]cells{dt: m.today}
	for _, back := range v.baselines(isRateChange) {
		if m.earlier[dt-back], err = v.cellsOf(ctx, dt-back); err != nil {
			return m, err
		}
		for d := dt - back; d < dt; d++ {
			if c, known := v.recent[d]; known {
				kept[d] = c
			}
		}
	}
	v.recent = kept
	if m.quantities, err = v.quantitiesOf(ctx, dt); err != nil {
		return m, err
	}
	for _, r := range v.rules {
		if r.Kind != rateGap || m.variants[r.Metric] != nil {
			continue
		}
		alerts, ok := v.store.File(alertTable, dt)
		if !ok {
			continue
		}
		today, _ := v.store.File(metricTable, dt)
		if m.variants[r.Metric], err = v.readVariants(ctx, r.Metric, today, alerts); err != nil {
			return m, err
		}
	}
	return m, nil
}

// quantitiesOf reads what rules on any metric look at: of the day, and of the days that they compare it with.
func (v *evaluator) quantitiesOf(ctx context.Context, dt bizday.Day) (map[bizday.Day]quantities, error) {
	var metrics []string
	for _, r := range v.rules {
		if isOnMetric(r) {
			metrics = append(metrics, r.Metric)
		}
	}
	if len(metrics) == 0 {
		return nil, nil
	}
	days := map[bizday.Day]quantities{}
	for _, back := range append(v.baselines(isOnMetric), 0) {
		day := dt - back
		f, ok := v.store.File(metricTable, day)
		if !ok {
			continue
		}
		var err error
		if days[day], err = v.readQuantities(ctx, f, metrics); err != nil {
			return nil, err
		}
	}
	return days, nil
}

// cellsOf returns the rates of a day; a day that is not extracted has none.
func (v *evaluator) cellsOf(ctx context.Context, dt bizday.Day) (cells, error) {
	if c, known := v.recent[dt]; known {
		return c, nil
	}
	f, ok := v.store.File(metricTable, dt)
	if !ok {
		return nil, nil
	}
	c, err := v.readCells(ctx, f)
	v.recent[dt] = c
	return c, err
}
