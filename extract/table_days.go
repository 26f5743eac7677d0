package extract

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/warehouse"
)

// tableDay is the tables' part of a day that is due.
type tableDay struct {
	dumps   []*dump
	results []*tableResult
	// replaced are the dumps, as source and table, of which no published row stays: read again now, or of an env that was
	// read again from another source.
	replaced map[[2]string]bool
}

// tables are the sources of tables in one run.
type tables struct {
	*run
	known memoryOfTables
	days  map[bizday.Day]*tableDay // that are due
	dumps map[bizday.Day][]*dump   // of all days
	live  map[string][]*dump       // of the live sources that are due, by name
}

// planTables finds which of the days are due: those whose sources or dumps are others than when they were published, or whose
// dumps are read again all the same.
func (x *run) planTables(ctx context.Context) (*tables, error) {
	t := &tables{run: x, known: x.dumpsBefore, days: make(map[bizday.Day]*tableDay)}
	list := x.allDays().sorted()
	var err error
	if t.dumps, err = listDumps(ctx, x.FS, x.Tables, x.Base, list, t.known, x.replay.isOfDump); err != nil {
		return nil, err
	}
	if err := x.replay.findDumps(t.dumps, x.Log); err != nil {
		return nil, err
	}
	t.live = t.dueLive()
	for _, own := range t.live {
		t.days[own[0].day] = t.newDay(own[0].day)
	}
	for _, day := range list {
		if file, there := x.parent.File(x.Catalogue.Name, day); !there || file.Key != catalogueKey(x.Sources, x.Tables, t.inputsOf(day)) || x.replay.isOfDumpsOf(day) {
			t.days[day] = t.newDay(day)
		}
	}
	return t, nil
}

func (t *tables) newDay(day bizday.Day) *tableDay {
	return &tableDay{dumps: t.dumps[day], replaced: make(map[[2]string]bool)}
}

// close gives back what live tables hold.
func (t *tables) close() {
	for _, own := range t.live {
		closeTaken(own)
	}
}

// read reads the live tables, and writes every file of lake/<table> that is to be written anew.
func (t *tables) read(ctx context.Context) error {
	if err := t.takeLive(ctx); err != nil {
		return err
	}
	var jobs []*tableJob
	total := int64(0)
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
		t.tellWhatIsMissing(day)
		list, err := planTables(day, t.days[day].dumps)
		if err != nil {
			return err
		}
		for _, job := range list {
			for _, d := range job.dumps {
				for _, f := range d.files {
					total += f.size
				}
			}
		}
		jobs = append(jobs, list...)
	}
	if len(jobs) == 0 {
		return nil
	}
	t.Progress.Stage(ReadStage, total)
	defer t.Progress.Done()
	reader := &tableReader{fs: t.FS, zone: t.Zone, key: t.Key, scratch: t.store.Scratch(), lake: t.lake, published: t.published, progress: t.Progress.Add, rows: t.Progress.Rows}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, t.Threads))
	for _, job := range jobs {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			result, err := t.write(ctx, reader, job)
			if err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			t.take(result)
			return nil
		})
	}
	return group.Wait()
}

func (t *tables) write(ctx context.Context, reader *tableReader, job *tableJob) (*tableResult, error) {
	to := t.Lake[job.spec.Name]
	path, err := t.store.StagePath(to, job.day)
	if err != nil {
		return nil, err
	}
	result, err := reader.run(ctx, job, path)
	if err != nil {
		return nil, err
	}
	_, err = t.store.Add(to, job.day, result.rows, "")
	return result, err
}

func (t *tables) published(spec *table.Spec, day bizday.Day) (path string, there bool) {
	file, there := t.parent.File(spec.Name, day)
	if !there {
		return "", false
	}
	return t.store.ReadPath(file), true
}

// take files a result under its day.
func (t *tables) take(r *tableResult) {
	day := t.days[r.job.day]
	day.results = append(day.results, r)
	for _, d := range r.job.dumps {
		if d.taken != nil {
			d.remember(r.digests[d].Sum(nil))
		}
		day.replaced[[2]string{d.source.Name, d.spec.Name}] = true
		t.replay.take(d, r)
		if missing := r.missing[d]; len(missing) > 0 {
			t.Log.Warn("columns of a table are missing and NULL in the lake", "source", d.source.Name, "table", d.spec.Name, "dt", r.job.day.String(), "columns", strings.Join(missing, ", "))
		}
	}
	for _, key := range t.known.ofDay[r.job.day] {
		for _, in := range t.known.inputs[key] {
			if _, env, _ := tableOf(in); key.table == r.job.spec.Name && slices.Contains(r.job.envs, env) {
				day.replaced[[2]string{key.source, key.table}] = true
			}
		}
	}
}

// accounts returns the tables' part of a day's accounts.
func (t *tables) accounts(day bizday.Day) (accounts, error) {
	due := t.days[day]
	a, err := t.publishedAccounts(day, func(source, file string) bool {
		return t.isTable(source, file) && (due == nil || !due.replaced[[2]string{source, file}])
	})
	if err != nil || due == nil {
		return a, err
	}
	for _, r := range due.results {
		a.add(r)
	}
	return a, nil
}

// isTable says whether a row of the accounts is of a table and not of a file of event lines.
func (t *tables) isTable(source, file string) bool {
	if table.SpecOf(file) == nil {
		return false
	}
	if slices.ContainsFunc(t.Tables, func(s TableSource) bool { return s.Name == source }) {
		return true
	}
	return t.known.sources[source]
}

// tellWhatIsMissing logs the tables that the sources do not have on a day that is due.
func (t *tables) tellWhatIsMissing(day bizday.Day) {
	for _, d := range t.dumps[day] {
		isOfDay := func(other *dump) bool { return other.source.Name == d.source.Name && other.there() }
		switch {
		case d.there():
		case d.taken != nil, slices.ContainsFunc(t.dumps[day], isOfDay):
			t.Log.Warn("a table is missing among those of the day", "source", d.source.Name, "table", d.spec.Name, "dt", day.String())
		default:
			t.Log.Debug("no snapshot of the day", "source", d.source.Name, "table", d.spec.Name, "dt", day.String())
		}
	}
}

// balance adds up what this run read.
func (t *tables) balance(totals *Totals) error {
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
		for _, r := range t.days[day].results {
			own, err := r.balance()
			if err != nil {
				return err
			}
			for _, d := range own {
				totals.Sum(d.Totals)
			}
			t.accounted = append(t.accounted, own...)
		}
	}
	return nil
}

// inputsOf is what the lake's rows of a day came from, as far as it is known by now.
func (t *tables) inputsOf(day bizday.Day) []warehouse.Input {
	var list []warehouse.Input
	current := make(map[dumpKey]bool)
	for _, d := range t.dumps[day] {
		if d.isCurrent() {
			list = append(list, d.inputs...)
			current[dumpKey{d.source.Name, d.spec.Name, day}] = true
		}
	}
	due := t.days[day]
	for _, key := range t.known.ofDay[day] {
		if !current[key] && (due == nil || !due.replaced[[2]string{key.source, key.table}]) {
			list = append(list, t.known.inputs[key]...)
		}
	}
	return list
}

// inputs is the memory of dumps after this run.
func (t *tables) inputs() []warehouse.Input {
	all := make(days)
	for day := range t.dumps {
		all[day] = true
	}
	for day := range t.known.ofDay {
		all[day] = true
	}
	var list []warehouse.Input
	for day := range all {
		list = append(list, t.inputsOf(day)...)
	}
	return list
}
