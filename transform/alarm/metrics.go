package alarm

import (
	"context"
	"maps"
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
	if m.today, err = v.cellsOf(ctx, dt, nightly); err != nil {
		return m, err
	}
	oldest := dt
	for _, back := range v.baselines(isRateChange) {
		oldest = min(oldest, dt-back)
		if m.earlier[dt-back], err = v.cellsOf(ctx, dt-back, 1); err != nil {
			return m, err
		}
	}
	maps.DeleteFunc(v.recent, func(d bizday.Day, _ cells) bool { return d < oldest })
	if m.quantities, err = v.quantitiesOf(ctx, dt); err != nil {
		return m, err
	}
	for _, r := range v.rules {
		if r.Kind != rateGap || m.variants[r.Metric] != nil {
			continue
		}
		if m.variants[r.Metric], err = v.variantsOf(ctx, r.Metric, dt); err != nil {
			return m, err
		}
	}
	return m, nil
}

// variantsOf returns the variants of a metric on a day by env.
func (v *evaluator) variantsOf(ctx context.Context, metric string, dt bizday.Day) (map[string][]variant, error) {
	if v.variants[metric] == nil {
		v.variants[metric] = map[bizday.Day]map[string][]variant{}
	}
	err := readUnknown(ctx, v.store, alertTable, v.from(dt, nightly), v.variants[metric],
		func(ctx context.Context, files []warehouse.File) (map[bizday.Day]map[string][]variant, error) {
			return v.readVariants(ctx, metric, files)
		})
	return v.variants[metric][dt], err
}

// quantitiesOf reads what rules on any metric look at: of the day, and of the days that they compare it with.
func (v *evaluator) quantitiesOf(ctx context.Context, dt bizday.Day) (map[bizday.Day]quantities, error) {
	metrics := v.metricsWhere(isOnMetric)
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

// metricsWhere returns the metrics of rules.
func (v *evaluator) metricsWhere(isOne func(Rule) bool) (metrics []string) {
	for _, r := range v.rules {
		if isOne(r) {
			metrics = append(metrics, r.Metric)
		}
	}
	return metrics
}

// cellsOf returns the rates of a day, for which it reads those of so many days; a day that is not extracted has none.
func (v *evaluator) cellsOf(ctx context.Context, dt bizday.Day, ahead int) (cells, error) {
	if _, extracted := slices.BinarySearch(v.days, dt); !extracted {
		return nil, nil
	}
	metrics := v.metricsWhere(func(r Rule) bool { return isRateChange(r) || r.Kind == rateGap })
	if len(metrics) == 0 {
		return nil, nil
	}
	err := readUnknown(ctx, v.store, metricTable, v.from(dt, ahead), v.recent,
		func(ctx context.Context, files []warehouse.File) (map[bizday.Day]cells, error) {
			return v.readCells(ctx, metrics, files)
		})
	return v.recent[dt], err
}
