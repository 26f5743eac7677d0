package scheduler

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Transform brings the models of all stored days up to date with the published lake and publishes the marts. It reads no source;
// alarms and pages stay as they are until the next Run, or until Evaluate. End is the day that restatements name. Its error
// classes are those of Run.
func Transform(ctx context.Context, o Options) (Result, error) {
	return recorded(ctx, o, func(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (Result, error) {
		asked := daysBetween(o.Start, o.End)
		if len(tx.Days("events")) == 0 {
			return Result{}, errs.New(errs.Usage, "transform: nothing is extracted in "+o.Warehouse, `run "vaultreport extract" first`)
		}
		restated, err := modelsAlone(ctx, tx, project, o)
		if err != nil {
			return Result{}, err
		}
		result, err := passGates(ctx, tx, o)
		result.Days, result.Alarms, result.Restated = asked, []Alarm{}, restated
		return result, err
	})
}

func modelsAlone(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (restated int64, err error) {
	db, with, err := engine(ctx, tx, o)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return runModels(ctx, tx, project, with, daysBetween(o.Start, o.End), o)
}

// Report brings the pages of all stored days up to date with the published marts and publishes them. It computes nothing. A
// day whose alarms are not evaluated is of class errs.Usage; its other error classes are those of Run.
func Report(ctx context.Context, o Options) (Result, error) {
	return recorded(ctx, o, func(ctx context.Context, tx *warehouse.Tx, _ *transform.Project, o Options) (Result, error) {
		days := tx.Days("metric_daily")
		if len(days) == 0 {
			return Result{}, errs.New(errs.Usage, "report: nothing is published in "+o.Warehouse, `run "vaultreport run" first`)
		}
		for _, d := range days {
			if !slices.Contains(tx.Days("alarm_evaluation"), d) {
				return Result{}, errs.New(errs.Usage, fmt.Sprintf("report of %s: its alarms are not evaluated", d), `"vaultreport alarms evaluate" does that, and the pages`)
			}
		}
		if err := pagesAlone(ctx, tx, o); err != nil {
			return Result{}, err
		}
		result, err := passGates(ctx, tx, o)
		result.Days, result.Alarms = daysBetween(o.Start, o.End), []Alarm{}
		return result, err
	})
}

func pagesAlone(ctx context.Context, tx *warehouse.Tx, o Options) (err error) {
	db, _, err := engine(ctx, tx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return render(ctx, tx, db, o)
}
