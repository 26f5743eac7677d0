package scheduler

import (
	"context"
	"errors"

	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Evaluate brings the alarms of all stored days up to date with the rules, and the pages that tell of them, and publishes
// them. It reads no source and runs no model. Start and End say of which days the result names the alarms: one may begin on
// any day and end on another, so none is evaluated alone. Its error classes are those of Run.
func Evaluate(ctx context.Context, o Options) (Result, error) {
	return recorded(ctx, o, evaluateStored)
}

func evaluateStored(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (result Result, err error) {
	if len(tx.Days("metric_daily")) == 0 {
		return Result{}, errs.New(errs.Usage, "evaluate alarms: nothing is published in "+o.Warehouse, `run "vaultreport run" first`)
	}
	asked := daysBetween(o.Start, o.End)
	alarms, err := evaluateAndRender(ctx, tx, project, o)
	if err != nil {
		return Result{}, err
	}
	result, err = passGates(ctx, tx, o)
	result.Days, result.Alarms = asked, alarms
	return result, err
}

func evaluateAndRender(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (alarms []Alarm, err error) {
	db, with, err := engine(ctx, tx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if alarms, err = evaluate(ctx, tx, project, with, daysBetween(o.Start, o.End), o); err != nil {
		return nil, err
	}
	return alarms, render(ctx, tx, db, o)
}
