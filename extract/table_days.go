package extract

import (
	"cmp"
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

// Reasons of source_gap.
const (
	missingColumn = "missing_column"
	missingTable  = "missing_table"
	noSnapshot    = "no_snapshot"
)

// tableDay is the tables' part of a day that is due.
type tableDay struct {
	dumps   []*dump
	key     string // sourcesKey
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
}

// planTables finds which of the days are due: those whose sources or dumps are others than when they were published.
func (x *run) planTables(ctx context.Context, known memoryOfTables, list []bizday.Day) (*tables, error) {
	t := &tables{run: x, known: known, days: make(map[bizday.Day]*tableDay)}
	var err error
	if t.dumps, err = listDumps(ctx, x.FS, x.Tables, x.Base, list, known); err != nil {
		return nil, err
	}
	for _, day := range list {
		key := sourcesKey(t.dumps[day])
		if file, there := x.store.Parent().File(x.Gaps.Name, day); !there || file.Key != key {
			t.days[day] = &tableDay{dumps: t.dumps[day], key: key, replaced: make(map[[2]string]bool)}
		}
	}
	return t, nil
}

// read writes every file of lake/<table> that is to be written anew.
func (t *tables) read(ctx context.Context) error {
	var jobs []*tableJob
	total := int64(0)
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
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
	reader := &tableReader{fs: t.FS, zone: t.Zone, key: t.Key, scratch: t.store.Scratch(), published: t.published, progress: t.Progress.Add}
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
	file, there := t.store.Parent().File(spec.Name, day)
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
		day.replaced[[2]string{d.source.Name, d.spec.Name}] = true
		if missing := r.missing[d]; len(missing) > 0 {
			t.Log.Warn("columns of a table are missing and NULL in the lake", "source", d.source.Name, "table", d.spec.Name, "dt", r.job.day.String(), "columns", strings.Join(missing, ", "))
		}
	}
	for key, inputs := range t.known {
		for _, in := range inputs {
			if _, env, _ := tableOf(in); key.day == r.job.day && key.table == r.job.spec.Name && slices.Contains(r.job.envs, env) {
				day.replaced[[2]string{key.source, key.table}] = true
			}
		}
	}
}

// accounts returns the tables' part of a day's accounts.
func (t *tables) accounts(day bizday.Day) (accounts, error) {
	due := t.days[day]
	a, err := publishedAccounts(t.store, t.Refused, t.Ledger, day, func(source, file string) bool {
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
	for key := range t.known {
		if key.source == source {
			return true
		}
	}
	return false
}

// gaps returns what the sources did not have on a day that is due.
func (t *tables) gaps(day bizday.Day) ([]gapRow, error) {
	due := t.days[day]
	before, err := publishedRows[gapRow](t.store, t.Gaps, day)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(before, func(r gapRow) bool {
		return r.Reason != missingColumn || due.replaced[[2]string{r.Source, r.TableName}]
	})
	for _, r := range due.results {
		for d, columns := range r.missing {
			for _, column := range columns {
				rows = append(rows, d.gap(&column, missingColumn))
			}
		}
	}
	for _, d := range due.dumps {
		if !d.there() {
			rows = append(rows, d.gap(nil, t.reasonOfGap(d, due.dumps)))
		}
	}
	slices.SortFunc(rows, func(a, b gapRow) int {
		return cmp.Or(cmp.Compare(a.Env, b.Env), cmp.Compare(a.Source, b.Source), cmp.Compare(a.TableName, b.TableName), compareTexts(a.ColumnName, b.ColumnName))
	})
	return rows, nil
}

// reasonOfGap tells a table that a source lacks from a day of which it has nothing.
func (t *tables) reasonOfGap(d *dump, dumps []*dump) string {
	if slices.ContainsFunc(dumps, func(other *dump) bool { return other.source.Name == d.source.Name && other.there() }) {
		t.Log.Warn("a table is missing among the dumps of the day", "source", d.source.Name, "table", d.spec.Name, "dt", d.day.String())
		return missingTable
	}
	t.Log.Debug("no dump of the day", "source", d.source.Name, "table", d.spec.Name, "dt", d.day.String())
	return noSnapshot
}

func (d *dump) gap(column *string, reason string) gapRow {
	return gapRow{Dt: int32(d.day), Env: d.source.Env, Source: d.source.Name, TableName: d.spec.Name, ColumnName: column, Reason: reason}
}

// balance adds up what this run read.
func (t *tables) balance(totals *Totals) error {
	for _, day := range slices.Sorted(maps.Keys(t.days)) {
		for _, r := range t.days[day].results {
			if err := r.balance(totals); err != nil {
				return err
			}
		}
	}
	return nil
}

// inputs is the memory of dumps after this run.
func (t *tables) inputs() []warehouse.Input {
	var list []warehouse.Input
	current := make(map[dumpKey]bool)
	for _, dumps := range t.dumps {
		for _, d := range dumps {
			if len(d.files) > 0 {
				list = append(list, d.inputs...)
				current[dumpKey{d.source.Name, d.spec.Name, d.day}] = true
			}
		}
	}
	for key, inputs := range t.known {
		due := t.days[key.day]
		if !current[key] && (due == nil || !due.replaced[[2]string{key.source, key.table}]) {
			list = append(list, inputs...)
		}
	}
	return list
}
