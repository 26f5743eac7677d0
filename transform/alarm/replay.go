package alarm

import (
	"context"
	"slices"

	"vaultreport/internal/bizday"
)

// Replayed is what rules find on days: the rows that alarm_evaluation and alarm would have, by day and key.
type Replayed struct {
	Evaluations []Evaluation
	Alarms      []Alarm
}

// Replay evaluates rules over the extracted days from first to last, both included, and writes nothing. What was open before
// first is not known: an alarm that is older begins at the first instant of first. last counts as the newest day.
func Replay(ctx context.Context, store Stored, o Options, first, last bizday.Day) (Replayed, error) {
	v := newEvaluator(store, o)
	until, _ := slices.BinarySearch(v.days, last+1)
	v.days = v.days[:until]
	v.first, _ = slices.BinarySearch(v.days, first)
	var all Replayed
	for i := v.first; i < len(v.days); i++ {
		if o.Progress != nil {
			o.Progress(v.days[i], alarmTable)
		}
		if _, err := v.findMoments(ctx, i); err != nil {
			return Replayed{}, err
		}
		rows, err := v.evaluate(ctx, i)
		if err != nil {
			return Replayed{}, err
		}
		all.Evaluations = append(all.Evaluations, rows...)
	}
	for i := v.first; i < len(v.days); i++ {
		started, _, err := v.startedOn(ctx, i)
		if err != nil {
			return Replayed{}, err
		}
		for _, p := range started {
			all.Alarms = append(all.Alarms, p.alarm(v.zone))
		}
	}
	return all, nil
}
