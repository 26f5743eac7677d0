package scheduler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/reports"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/transform/alarm"
	"vaultreport/warehouse"
)

// Progress is told how far a run is: the stages, in order, with what they count (bytes, days, models, files). It is safe
// for concurrent use.
type Progress = extract.Progress

// Options of Run. Paths are absolute.
type Options struct {
	Warehouse      string
	Base           string // folder of the configuration file: files are named relative to it
	Zone           bizday.Zone
	Sources        []extract.Source
	Tables         []extract.TableSource
	Stdin          io.Reader
	Key            *pii.Key
	Canaries       *pii.Literals // texts that may never be published
	K              int           // privacy.k: fewer users than this are suppressed
	RetireAfter    int           // days, metrics.retire_after
	DiamondTarget  int64         // KRW, metrics.diamond_target
	Models         fs.FS         // as package sql has them; nil: the shipped ones
	Rules          []alarm.Rule  // nil: the shipped ones
	Title          string
	Language       string
	Start, End     bizday.Day // inclusive
	CatchUp        bool       // days that were missed before Start are asked for, too, once their sources are ready
	AllowSuperuser bool       // as the role that reads live tables
	RetakeSnapshot bool       // reads live tables again of which the day has a snapshot
	Threads        int
	MemoryBytes    int64
	MaxQuarantine  Limit
	ToolVersion    string
	Log            *slog.Logger
	Progress       Progress
	Now            func() time.Time
	FS             vfs.FS // nil: that of the machine

	again []extract.RefusedLine // that Replay reads again
}

// Published and Unchanged are the values of Result.Status.
const (
	Published = "published"
	Unchanged = "unchanged"
)

// Result is what `run -o json` prints (docs/contract.md section 1, "Forms").
type Result struct {
	RunID        string         `json:"run_id"`
	Snapshot     string         `json:"snapshot"`
	Status       string         `json:"status"`
	Days         []bizday.Day   `json:"days"`
	Report       string         `json:"report"`
	Ledger       extract.Totals `json:"ledger"`
	Alarms       []Alarm        `json:"alarms"`
	Restated     int64          `json:"restated"`
	WallMS       int64          `json:"wall_ms"`
	PeakRSSBytes int64          `json:"peak_rss_bytes"`
}

// Firing and Resolved are the values of Alarm.State, at the end of the newest day of the run.
const (
	Firing   = "firing"
	Resolved = "resolved"
)

// Alarm is an alarm that fires, or fired on a day of the run. Dt is the day on which it started.
type Alarm struct {
	Rule      string     `json:"rule"`
	Level     string     `json:"level"`
	Env       string     `json:"env"`
	VaultType string     `json:"vault_type"`
	State     string     `json:"state"`
	Dt        bizday.Day `json:"dt"`
}

// Run extracts, transforms, checks, publishes and reports the days from Start to End. After an error nothing is published,
// unless the error says so: the commit point was passed, and the next run finishes what is left.
// Its error classes are those of the rooms: errs.Leased, errs.NotReady, errs.Unreachable, errs.Gate, errs.Usage.
func Run(ctx context.Context, o Options) (Result, error) {
	if err := o.needSource("run"); err != nil {
		return Result{}, err
	}
	return recorded(ctx, o, night)
}

// recorded does a job in a transaction and writes the record of it.
func recorded(ctx context.Context, o Options, job func(context.Context, *warehouse.Tx, *transform.Project, Options) (Result, error)) (Result, error) {
	began := o.Now()
	return inTransaction(ctx, o, func(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (Result, error) {
		result, err := job(ctx, tx, project, o)
		if err != nil {
			keepFailing(ctx, tx, project, o, err)
			return Result{}, err
		}
		result.RunID = tx.RunID()
		result.WallMS = o.Now().Sub(began).Milliseconds()
		result.PeakRSSBytes = peakRSSBytes()
		if err = record(tx, result); err != nil {
			err = fmt.Errorf("snapshot %s is live, and the record of the run is not written: %w", result.Snapshot, err)
		}
		return result, err
	})
}

// inTransaction does a job under the lease, in a staging that is dropped at the end.
func inTransaction[R any](ctx context.Context, o Options, job func(context.Context, *warehouse.Tx, *transform.Project, Options) (R, error)) (result R, err error) {
	if o.FS == nil {
		o.FS = vfs.OS()
	}
	if o.Rules, err = rulesOf(o); err != nil {
		return result, err
	}
	project, err := o.project()
	if err != nil {
		return result, err
	}
	tx, err := begin(ctx, o, project)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, tx.Close()) }()
	if err := project.CheckPublished(tx); err != nil {
		return result, err
	}
	if result, err = job(ctx, tx, project, o); err != nil {
		err = tx.OrLost(ctx, err)
	}
	return result, err
}

func (o Options) project() (*transform.Project, error) {
	if o.Models == nil {
		return transform.Load(sql.FS)
	}
	return transform.Load(o.Models)
}

// record writes the record of a run; of one that was asked to do nothing there is none.
func record(tx *warehouse.Tx, r Result) error {
	if r.Status == DryRun || len(r.Days) == 0 {
		return nil
	}
	return tx.Record(r)
}

func begin(ctx context.Context, o Options, project *transform.Project) (*warehouse.Tx, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("read host name: %w", err)
	}
	w, err := warehouse.Open(warehouse.Options{Root: o.Warehouse, FS: o.FS, Now: o.Now, Host: host, PID: os.Getpid(), Log: o.Log})
	if err != nil {
		return nil, err
	}
	return w.Begin(ctx, o.identity(), project.Tables())
}

func (o Options) identity() warehouse.Identity {
	return warehouse.Identity{ToolVersion: o.ToolVersion, KeyID: o.Key.ID(), Zone: o.Zone.Name()}
}

func night(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (Result, error) {
	computed, err := compute(ctx, tx, project, o)
	if err != nil {
		return Result{}, err
	}
	return publishComputed(ctx, tx, computed, o)
}

func publishComputed(ctx context.Context, tx *warehouse.Tx, computed Result, o Options) (Result, error) {
	result, err := passGates(ctx, tx, o)
	result.Days, result.Ledger, result.Alarms, result.Restated = computed.Days, computed.Ledger, computed.Alarms, computed.Restated
	return result, err
}

// compute stages what the days asked for need, and all that follows from it.
func compute(ctx context.Context, tx *warehouse.Tx, project *transform.Project, o Options) (computed Result, err error) {
	extracted, err := intoLake(ctx, tx, project, o)
	if err != nil {
		return Result{}, err
	}
	return fromLake(ctx, tx, project, extracted, o)
}

// fromLake stages all that follows from what was extracted.
func fromLake(ctx context.Context, tx *warehouse.Tx, project *transform.Project, extracted extract.Summary, o Options) (computed Result, err error) {
	computed.Days, computed.Ledger = extracted.Asked, extracted.Totals
	computed.Alarms, computed.Restated, err = model(ctx, tx, project, computed.Days, o)
	return computed, err
}

// passGates publishes what passes the gates.
func passGates(ctx context.Context, tx *warehouse.Tx, o Options) (Result, error) {
	if err := scan(ctx, tx, o); err != nil {
		return Result{}, err
	}
	manifest, err := publish(ctx, tx, o)
	if err != nil {
		return Result{}, err
	}
	result := Result{Snapshot: manifest.ID, Status: Published, Report: newestReport(manifest, o)}
	if manifest.ID == tx.Parent().ID {
		result.Status = Unchanged
	}
	return result, nil
}

// The share of the budget, in percent, at which Go's memory is collected eagerly: alone, and beside DuckDB, which takes
// its own share. The rest is for what neither counts.
const (
	goShareAlone   = 80
	goShareBesides = 25
)

// maxConns is how many models run side by side at most: those of one day do not keep more of them busy, and each takes memory.
const maxConns = 8

// model runs the models over the staged lake, compares the results with those that are published, evaluates the alarm rules
// and renders the reports. It returns the alarms that fire on a day asked for, and the number of published cells that changed.
func model(ctx context.Context, tx *warehouse.Tx, project *transform.Project, asked []bizday.Day, o Options) (alarms []Alarm, restated int64, err error) {
	db, with, err := engine(ctx, tx, o)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if restated, err = runModels(ctx, tx, project, with, asked, o); err != nil {
		return nil, 0, err
	}
	if alarms, err = evaluate(ctx, tx, project, with, asked, o); err != nil {
		return nil, 0, err
	}
	return alarms, restated, render(ctx, tx, db, o)
}

// runModels brings the models up to date, and returns the number of published cells that changed.
func runModels(ctx context.Context, tx *warehouse.Tx, project *transform.Project, with transform.Options, asked []bizday.Day, o Options) (restated int64, err error) {
	o.Progress.Stage("transform", int64(len(tx.Days("events"))*project.NumModels()))
	_, err = transform.Run(ctx, tx, project, with)
	o.Progress.Done()
	if err != nil {
		return 0, err
	}
	return transform.Restate(ctx, tx, project, with, asked[len(asked)-1])
}

// render brings the pages up to date.
func render(ctx context.Context, tx *warehouse.Tx, db *duck.DB, o Options) error {
	// Days that were extracted alone have no marts yet, and no page.
	return reports.Build(ctx, tx, tx.Days("metric_daily"), reports.Options{
		DB: db, Title: o.Title, Language: o.Language, K: o.K, Zone: o.Zone.Name(), Rules: rulesOfPage(o.Rules), Log: o.Log,
	})
}

// engine opens what models run in, with how they run. The caller closes it.
func engine(ctx context.Context, tx *warehouse.Tx, o Options) (*duck.DB, transform.Options, error) {
	debug.SetMemoryLimit(o.MemoryBytes * goShareBesides / 100)
	db, err := duck.Open(ctx, duck.Options{Threads: o.Threads, Conns: min(o.Threads, maxConns), MemoryBytes: o.MemoryBytes, TempDir: tx.Scratch()})
	return db, o.transformOptions(db), err
}

func (o Options) transformOptions(db *duck.DB) transform.Options {
	return transform.Options{
		DB: db, Zone: o.Zone, Params: transform.Params{K: o.K, RetireAfter: o.RetireAfter, DiamondTarget: o.DiamondTarget}, Log: o.Log,
		Progress: func(bizday.Day, string) { o.Progress.Add(1) },
	}
}

// evaluate brings the alarms up to date.
func evaluate(ctx context.Context, tx *warehouse.Tx, project *transform.Project, with transform.Options, asked []bizday.Day, o Options) ([]Alarm, error) {
	o.Progress.Stage("alarms", int64(alarm.Passes*len(tx.Days("metric_daily"))))
	defer o.Progress.Done()
	summary, err := alarm.Run(ctx, tx, project, alarm.Options{Options: with, Rules: o.Rules, Days: asked})
	if err != nil {
		return nil, err
	}
	alarms := make([]Alarm, len(summary.Fired))
	for i, f := range summary.Fired {
		alarms[i] = Alarm{Rule: f.Rule, Level: f.Level, Env: f.Env, VaultType: f.VaultType, State: Resolved, Dt: f.Dt}
		if f.Firing {
			alarms[i].State = Firing
		}
	}
	return alarms, nil
}

func publish(ctx context.Context, tx *warehouse.Tx, o Options) (*warehouse.Manifest, error) {
	changed := int64(len(tx.Changed()))
	o.Progress.Stage("publish", changed)
	defer o.Progress.Done()
	manifest, err := tx.Publish(ctx)
	if err != nil && manifest != nil {
		return nil, &errs.Error{
			Class: errs.Unexpected, What: "snapshot " + manifest.ID + " is published, and the folders do not show all of it yet", Err: err,
			Hint: "run again: the next run finishes the switch",
		}
	}
	if err != nil {
		return nil, err
	}
	o.Progress.Add(changed)
	return manifest, nil
}

func daysBetween(start, end bizday.Day) []bizday.Day {
	var days []bizday.Day
	for d := start; d <= end; d++ {
		days = append(days, d)
	}
	return days
}

// peakRSSBytes returns the greatest resident memory that the process had.
func peakRSSBytes() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return usage.Maxrss << 10
}
