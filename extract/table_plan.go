package extract

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"

	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// dump is what a table source has of one table for one day.
type dump struct {
	source  TableSource
	spec    *table.Spec
	day     bizday.Day
	files   []found           // as they are now, by name
	inputs  []warehouse.Input // of these files; without rows until they are read
	before  []warehouse.Input // of the files that were read before, by name
	changed bool
}

// there says whether the lake holds the dump's rows after this run. Rows of a dump that was taken away stay.
func (d *dump) there() bool { return len(d.files) > 0 || len(d.before) > 0 }

// memoryOfTables finds what earlier runs remember of dumps.
type memoryOfTables map[dumpKey][]warehouse.Input

type dumpKey struct {
	source, table string
	day           bizday.Day
}

func rememberTables(inputs []warehouse.Input) (tables memoryOfTables, others []warehouse.Input) {
	tables = make(memoryOfTables)
	for _, in := range inputs {
		if name, _, is := tableOf(in); is {
			key := dumpKey{in.Source, name, in.Days[0].Dt}
			tables[key] = append(tables[key], in)
		} else {
			others = append(others, in)
		}
	}
	return tables, others
}

// listDumps looks for the files of every source, table and day, and digests those that are new or touched.
func listDumps(ctx context.Context, fsys vfs.FS, sources []TableSource, base string, list []bizday.Day, known memoryOfTables) (map[bizday.Day][]*dump, error) {
	sources = slices.SortedFunc(slices.Values(sources), func(a, b TableSource) int { return cmp.Compare(a.Name, b.Name) })
	dumps := make(map[bizday.Day][]*dump)
	for _, day := range list {
		for _, s := range sources {
			for _, spec := range table.Specs() {
				d := &dump{source: s, spec: spec, day: day, before: known[dumpKey{s.Name, spec.Name, day}]}
				if err := d.list(ctx, fsys, base); err != nil {
					return nil, err
				}
				dumps[day] = append(dumps[day], d)
			}
		}
	}
	return dumps, nil
}

func (d *dump) list(ctx context.Context, fsys vfs.FS, base string) (err error) {
	if d.files, err = glob(fsys, d.source.files(d.spec.Name), base, d.day); err != nil {
		return err
	}
	slices.SortFunc(d.files, byName)
	reader := d.source.reader(d.spec)
	for _, f := range d.files {
		i := slices.IndexFunc(d.before, func(in warehouse.Input) bool { return in.Name == f.name })
		if i >= 0 && d.before[i].Size == f.size && d.before[i].MTime.Equal(f.modTime) && d.before[i].Reader == reader {
			d.inputs = append(d.inputs, d.before[i])
			continue
		}
		digest, err := digestOf(ctx, fsys, f)
		if err != nil {
			return err
		}
		in := warehouse.Input{Source: d.source.Name, Name: f.name, Size: f.size, MTime: f.modTime, SHA256: digest, Reader: reader}
		if i >= 0 && d.before[i].SHA256 == digest {
			in.Lines, in.Days = d.before[i].Lines, d.before[i].Days
		}
		d.inputs = append(d.inputs, in)
	}
	d.changed = len(d.files) > 0 && !slices.EqualFunc(d.inputs, d.before, func(a, b warehouse.Input) bool {
		return a.Name == b.Name && a.SHA256 == b.SHA256 && a.Reader == b.Reader
	})
	return nil
}

func digestOf(ctx context.Context, fsys vfs.FS, f found) (string, error) {
	file, err := fsys.Open(f.path)
	if err != nil {
		return "", readError(f, err)
	}
	defer file.Close()
	digested := &digester{r: file, hash: sha256.New(), progress: func(int64) {}, ctx: ctx}
	n, err := io.Copy(io.Discard, digested)
	if err != nil {
		return "", readError(f, err)
	}
	if n != f.size {
		return "", stillWritten(f)
	}
	return hex.EncodeToString(digested.hash.Sum(nil)), nil
}

func stillWritten(f found) error {
	return errs.New(errs.NotReady, fmt.Sprintf("read %s: it changed while it was read", f.name), "run again when it is written")
}

// sourcesKey is the digest of everything that the tables' part of a day is built from: the sources and the content of
// their dumps. It stands with the day's source_gap; a day with another one is due.
func sourcesKey(dumps []*dump) string {
	const version = 1
	hash := sha256.New()
	fmt.Fprintln(hash, version)
	for _, d := range dumps {
		fmt.Fprintf(hash, "%q %q %q\n", d.source.Name, d.source.Env, d.spec.Name)
		inputs := d.inputs
		if len(d.files) == 0 {
			inputs = d.before
		}
		for _, in := range inputs {
			fmt.Fprintf(hash, "%q %s %q\n", in.Name, in.SHA256, in.Reader)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// tableJob is one file of lake/<table> that is to be written anew: the rows of envs from their dumps, those of other
// envs as they are published.
type tableJob struct {
	spec  *table.Spec
	day   bizday.Day
	envs  []string // ascending
	dumps []*dump  // of these envs
}

// planTables says which files of the lake one day's dumps make anew.
func planTables(day bizday.Day, dumps []*dump) ([]*tableJob, error) {
	var jobs []*tableJob
	for _, spec := range table.Specs() {
		job := &tableJob{spec: spec, day: day}
		for _, d := range dumps {
			if d.spec == spec && d.changed {
				job.envs = append(job.envs, d.source.Env)
				for _, in := range d.before {
					_, env, _ := tableOf(in)
					job.envs = append(job.envs, env)
				}
			}
		}
		slices.Sort(job.envs)
		if job.envs = slices.Compact(job.envs); len(job.envs) == 0 {
			continue
		}
		for _, d := range dumps {
			switch {
			case d.spec != spec || !slices.Contains(job.envs, d.source.Env) || !d.there():
			case len(d.files) == 0:
				// The lake's rows say which env they are of, and not which source.
				return nil, errs.New(errs.NotReady, fmt.Sprintf("extract %s: the dump of table %s that source %s had for this day is not there any more, and another source of env %s changed",
					day, spec.Name, d.source.Name, d.source.Env), "restore the dump; or rebuild into a new warehouse from the dumps that exist")
			default:
				job.dumps = append(job.dumps, d)
			}
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}
