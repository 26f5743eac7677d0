package scheduler

import (
	"context"
	"runtime/debug"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Extracted is what `extract -o json` prints: the keys of `run -o json`, without alarms, and the ledger by file.
type Extracted struct {
	Result
	Files []extract.FileTotals `json:"files"`
}

// Extract reads what is new, as Run does, and publishes the lake and its ledger. No model is computed and no page built:
// those that are published stay, and the next Run brings them up to date. Its error classes are those of Run.
func Extract(ctx context.Context, o Options) (Extracted, error) {
	if err := o.needSource("extract"); err != nil {
		return Extracted{}, err
	}
	files := []extract.FileTotals{} // an array in JSON, too, if nothing was read
	result, err := recorded(ctx, o, func(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (Result, error) {
		summary, err := intoLake(ctx, tx, project, o)
		if err != nil {
			return Result{}, err
		}
		files = append(files, summary.Files...)
		result, err := passGates(ctx, tx, o)
		result.Days, result.Ledger, result.Alarms = summary.Asked, summary.Totals, []Alarm{}
		return result, err
	})
	return Extracted{Result: result, Files: files}, err
}

// intoLake extracts the days asked for, and those that new lines belong to, into staging.
func intoLake(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (extract.Summary, error) {
	// What extraction holds are large buffers without pointers: to collect them early costs little.
	const eagerly, enough = 50, 152 << 20
	debug.SetMemoryLimit(min(o.MemoryBytes*goShareAlone/100, enough))
	defer debug.SetGCPercent(debug.SetGCPercent(eagerly))
	defer debug.FreeOSMemory() // DuckDB's share comes next
	summary, err := extract.Run(ctx, tx, extractOptions(project, o.asked(), o))
	if err != nil {
		return extract.Summary{}, err
	}
	o.Log.Info("extracted", "days", len(summary.Days), "read", summary.Totals.Read, "kept", summary.Totals.Kept,
		"duplicate", summary.Totals.Duplicate, "blank", summary.Totals.Blank, "quarantined", summary.Totals.Quarantined, "out_of_range", summary.Totals.OutOfRange)
	return summary, o.MaxQuarantine.check(summary.Totals)
}

func extractOptions(project *transform.Project, asked []bizday.Day, o Options) extract.Options {
	table := func(name string) warehouse.Table {
		t, _ := project.Table(name)
		return t
	}
	lake := make(map[string]warehouse.Table)
	for _, name := range extract.TableNames() {
		lake[name] = table(name)
	}
	return extract.Options{
		FS:      o.FS,
		Sources: o.Sources, Tables: o.Tables, Base: o.Base, Stdin: o.Stdin, Zone: o.Zone, Key: o.Key, Asked: asked, CatchUp: o.CatchUp, Threads: o.Threads,
		Now: o.Now(), AllowSuperuser: o.AllowSuperuser, RetakeSnapshot: o.RetakeSnapshot, Again: o.again,
		Events: table("events"), Refused: table("quarantine"), Ledger: table("row_ledger"), SourceLedger: table("source_ledger"), Unknown: table("unknown_field"),
		Catalogue: table("source_catalogue"), Lake: lake, Log: o.Log, Progress: o.Progress,
	}
}

func (o Options) needSource(verb string) error {
	if len(o.Sources)+len(o.Tables) == 0 {
		return errs.New(errs.Usage, verb+": no source is configured", `name one under "events" or "tables"`)
	}
	return nil
}
