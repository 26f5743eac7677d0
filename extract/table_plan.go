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

// dump is what a table source has of one table for one day, in files or in a database.
type dump struct {
	source  TableSource
	spec    *table.Spec
	day     bizday.Day
	number  int               // among the day's dumps
	files   []found           // as they are now, by name
	taken   *taken            // from the database by this run
	inputs  []warehouse.Input // of these; without rows until they are read
	before  []warehouse.Input // of what was read before, by name
	changed bool              // of files
}

// there says whether the lake holds the dump's rows after this run. Rows of a dump that was taken away stay; those of a
// table that the database has no more go with its next snapshot.
func (d *dump) there() bool {
	if d.taken != nil {
		return d.taken.there
	}
	return len(d.files) > 0 || len(d.before) > 0
}

// isCurrent says whether the dump is read from what there is now, and not remembered only.
func (d *dump) isCurrent() bool { return len(d.files) > 0 || d.taken != nil }

// isNew says whether the dump's rows must be written to the lake.
func (d *dump) isNew() bool {
	return d.changed || d.taken != nil && (d.taken.there || len(d.before) > 0)
}

// envs are those of the rows that the lake has of the dump, or will have.
func (d *dump) envs() []string {
	var envs []string
	if d.isCurrent() {
		envs = append(envs, d.source.Env)
	}
	for _, in := range d.before {
		_, env, _ := tableOf(in)
		envs = append(envs, env)
	}
	return envs
}

func (d *dump) key() dumpKey { return dumpKey{d.source.Name, d.spec.Name, d.day} }

// memoryOfTables finds what earlier runs remember of dumps.
type memoryOfTables struct {
	inputs  map[dumpKey][]warehouse.Input
	ofDay   map[bizday.Day][]dumpKey
	sources map[string]bool
}

type dumpKey struct {
	source, table string
	day           bizday.Day
}

func rememberTables(inputs []warehouse.Input) (tables memoryOfTables, others []warehouse.Input) {
	tables = memoryOfTables{make(map[dumpKey][]warehouse.Input), make(map[bizday.Day][]dumpKey), make(map[string]bool)}
	for _, in := range inputs {
		if name, _, is := tableOf(in); is {
			key := dumpKey{in.Source, name, in.Days[0].Dt}
			if tables.inputs[key] == nil {
				tables.ofDay[key.day] = append(tables.ofDay[key.day], key)
			}
			tables.inputs[key] = append(tables.inputs[key], in)
			tables.sources[in.Source] = true
		} else {
			others = append(others, in)
		}
	}
	return tables, others
}

// listDumps looks for the files of every source, table and day, and digests those that are new or touched.
func listDumps(ctx context.Context, fsys vfs.FS, sources []TableSource, base string, list []bizday.Day, known memoryOfTables, again func(dumpKey) bool) (map[bizday.Day][]*dump, error) {
	sources = slices.SortedFunc(slices.Values(sources), func(a, b TableSource) int { return cmp.Compare(a.Name, b.Name) })
	dumps := make(map[bizday.Day][]*dump)
	for _, day := range list {
		for _, s := range sources {
			for _, spec := range table.Specs() {
				d := &dump{source: s, spec: spec, day: day, number: len(dumps[day]), before: known.inputs[dumpKey{s.Name, spec.Name, day}]}
				if !s.isLive() {
					if err := d.list(ctx, fsys, base, again); err != nil {
						return nil, err
					}
				}
				dumps[day] = append(dumps[day], d)
			}
		}
	}
	return dumps, nil
}

func (d *dump) list(ctx context.Context, fsys vfs.FS, base string, again func(dumpKey) bool) (err error) {
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
			in.Lines, in.Days, in.Missing = d.before[i].Lines, d.before[i].Days, d.before[i].Missing
		}
		d.inputs = append(d.inputs, in)
	}
	d.changed = len(d.files) > 0 && (again(d.key()) || !slices.EqualFunc(d.inputs, d.before, func(a, b warehouse.Input) bool {
		return a.Name == b.Name && a.SHA256 == b.SHA256 && a.Reader == b.Reader
	}))
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

// tableJob is one file of lake/<table> that is to be written anew: the rows of envs from their dumps, those of other
// envs as they are published.
type tableJob struct {
	spec  *table.Spec
	day   bizday.Day
	envs  []string // ascending
	dumps []*dump  // of these envs
	all   []*dump  // of the day, by number
}

// planTables says which files of the lake one day's dumps make anew.
func planTables(day bizday.Day, dumps []*dump) ([]*tableJob, error) {
	var jobs []*tableJob
	for _, spec := range table.Specs() {
		job := &tableJob{spec: spec, day: day, all: dumps}
		for _, d := range dumps {
			if d.spec == spec && d.isNew() {
				job.envs = append(job.envs, d.envs()...)
			}
		}
		slices.Sort(job.envs)
		if job.envs = slices.Compact(job.envs); len(job.envs) == 0 {
			continue
		}
		for _, d := range dumps {
			isOf := func(env string) bool { return slices.Contains(job.envs, env) }
			switch {
			case d.spec != spec || !slices.ContainsFunc(d.envs(), isOf) || !d.there():
			case !d.isCurrent():
				return nil, d.cannotBeReadAgain()
			default:
				job.dumps = append(job.dumps, d)
			}
		}
		jobs = append(jobs, job)
	}
	return jobs, nil
}

// cannotBeReadAgain is the error about a dump whose rows stand among those of another that changed. The lake's rows say
// which env they are of, and not which source.
func (d *dump) cannotBeReadAgain() error {
	what := fmt.Sprintf("extract %s: the dump of table %s that source %s had for this day is not there any more, and another source of env %s changed", d.day, d.spec.Name, d.source.Name, d.source.Env)
	hint := "restore the dump; or rebuild into a new warehouse from the dumps that exist"
	if d.source.isLive() {
		what = fmt.Sprintf("extract %s: table %s of source %s is the snapshot that was taken for this day, and another source of env %s changed", d.day, d.spec.Name, d.source.Name, d.source.Env)
		hint = "while the day is today or yesterday, --retake-snapshot reads both; else take the change back, or give each source an env of its own"
	}
	return errs.New(errs.NotReady, what, hint)
}
