package scheduler

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// Values of Check.Result.
const (
	Verified    = "ok"
	Differs     = "differs"
	NotVerified = "not verified" // there is nothing to compare with; no failure
)

// Verification is what Verify found.
type Verification struct {
	Snapshot string     `json:"snapshot"`
	Dt       bizday.Day `json:"dt"`
	OK       bool       `json:"ok"` // nothing differs
	Checks   []Check    `json:"checks"`
}

// Check is one answer. Table and Dt are of the file that it is about, if it is about one.
type Check struct {
	Check  string      `json:"check"`
	Result string      `json:"result"`
	Table  string      `json:"table,omitempty"`
	Dt     *bizday.Day `json:"dt,omitempty"`
	What   string      `json:"what"`
	Rows   *RowsDiffer `json:"rows,omitempty"`
}

// RowsDiffer counts the rows of a published file and of the one made again.
type RowsDiffer struct {
	OnlyPublished int64 `json:"only_published"`
	OnlyAgain     int64 `json:"only_again"`
	Changed       int64 `json:"changed"`
	Same          int64 `json:"same"`
}

// Names of the checks, in their order.
const (
	contentCheck = "content"
	foldersCheck = "folders"
	lakeCheck    = "lake"
	martsCheck   = "marts"
	alarmsCheck  = "alarms"
	privacyCheck = "personal data"
)

// Verify compares the newest snapshot with itself and with what is made of its inputs now: the content of every file with its
// digest, the folders with the content, the lake of a day with its source files if they are still as they were read, and the
// marts and alarms of the day with those rebuilt; and searches the day's files for personal data and canaries. Without a
// day it is the newest. It takes no lease and writes to a folder of its own, which it removes.
//
// Nothing published, or not on that day, and another key or zone than the warehouse's are errs.Usage.
func Verify(ctx context.Context, o Options, dt *bizday.Day) (found Verification, err error) {
	v, err := newVerifier(ctx, o, dt)
	if err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, v.close()) }()
	for _, check := range []func(context.Context) error{v.files, v.lake, v.rebuild, v.search} {
		if err := check(ctx); err != nil {
			return found, v.published.w.IfGone(v.published.Manifest, err)
		}
	}
	return v.result(), nil
}

// dayToVerify returns the day asked for, or the newest, if it can be rebuilt with these options.
func dayToVerify(m *warehouse.Manifest, o Options, dt *bizday.Day) (bizday.Day, error) {
	days := m.Days("events")
	switch {
	case len(days) == 0:
		return 0, errs.New(errs.Usage, "verify: nothing is published in "+o.Warehouse, `run "vaultreport run" first, or name another folder with --warehouse`)
	case o.Key != nil && o.Key.ID() != m.KeyID:
		return 0, errs.New(errs.Usage, fmt.Sprintf("verify: the warehouse has key id %s, the configuration %s", m.KeyID, o.Key.ID()), "use the key that the warehouse was made with")
	case o.Zone.Name() != m.Zone:
		return 0, errs.New(errs.Usage, fmt.Sprintf("verify: the warehouse has zone %s, the configuration %s", m.Zone, o.Zone.Name()), "set zone: "+m.Zone)
	case dt == nil:
		return days[len(days)-1], nil
	case !slices.Contains(days, *dt):
		return 0, errs.New(errs.Usage, fmt.Sprintf("verify: %s is not published", dt), fmt.Sprintf("published are %d days from %s to %s", len(days), days[0], days[len(days)-1]))
	}
	return *dt, nil
}

// verifier is one Verify.
type verifier struct {
	options   Options
	project   *transform.Project
	published published
	dt        bizday.Day
	scratch   string
	db        *duck.DB
	damaged   map[string]warehouse.Damage // content, by object
	checks    []Check
}

func newVerifier(ctx context.Context, o Options, dt *bizday.Day) (v *verifier, err error) {
	if o.FS == nil {
		o.FS = vfs.OS()
	}
	if o.Rules, err = rulesOf(o); err != nil {
		return nil, err
	}
	v = &verifier{options: o, damaged: map[string]warehouse.Damage{}}
	if v.project, err = o.project(); err != nil {
		return nil, err
	}
	if v.published, err = openPublished(o); err != nil {
		return nil, err
	}
	if v.dt, err = dayToVerify(v.published.Manifest, o, dt); err != nil {
		return nil, err
	}
	if v.scratch, err = os.MkdirTemp("", "vaultreport-verify-"); err != nil {
		return nil, errs.New(errs.Unexpected, "verify: make a temporary folder", "set TMPDIR to a folder that can be written")
	}
	v.db, err = duck.Open(ctx, duck.Options{Threads: o.Threads, Conns: 1, MemoryBytes: o.MemoryBytes, TempDir: v.scratch})
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(v.scratch))
	}
	return v, nil
}

func (v *verifier) close() error { return errors.Join(v.db.Close(), os.RemoveAll(v.scratch)) }

func (v *verifier) result() Verification {
	differs := slices.ContainsFunc(v.checks, func(c Check) bool { return c.Result == Differs })
	return Verification{Snapshot: v.published.ID, Dt: v.dt, OK: !differs, Checks: v.checks}
}

func (v *verifier) add(c Check) { v.checks = append(v.checks, c) }

// notVerified says why something was not compared. An error that damage does not explain is the verb's own.
func (v *verifier) notVerified(ctx context.Context, check string, err error) error {
	if ctx.Err() != nil || errs.ClassOf(err) == errs.Unexpected && len(v.damaged) == 0 {
		return err
	}
	v.add(Check{Check: check, Result: NotVerified, What: firstLine(err.Error())})
	return nil
}

// firstLine leaves out the text of SQL that DuckDB shows below its messages.
func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// files compares content with digests, and folders with content.
func (v *verifier) files(ctx context.Context) error {
	o, m := v.options, v.published.Manifest
	byPath, objects := map[string]warehouse.File{}, map[string]bool{}
	for _, f := range m.Files {
		byPath[f.Path], objects[f.Object] = f, true
	}
	o.Progress.Stage("hash", int64(len(objects)+len(m.Files)))
	defer o.Progress.Done()
	found, err := v.published.w.Check(ctx, m, o.Threads, func() { o.Progress.Add(1) })
	if err != nil {
		return err
	}
	newest, err := v.published.w.Latest()
	if err != nil {
		return err
	}
	isOver := newest.ID != m.ID // a run published since: the folders are its
	good := map[string]bool{contentCheck: true, foldersCheck: true}
	for _, d := range found {
		f := byPath[d.Path]
		c := Check{Check: foldersCheck, Result: Differs, Table: f.Table, What: d.Path + ": " + d.What}
		if f.Path != "" {
			c.Dt = &f.Dt
		}
		switch {
		case d.IsObject:
			c.Check = contentCheck
			v.damaged[f.Object] = d
		case isOver:
			continue
		default:
			c.Rows, c.What = v.rowsOfFolder(ctx, f, d, c.What)
		}
		good[c.Check] = false
		v.add(c)
	}
	if good[contentCheck] {
		v.add(Check{Check: contentCheck, Result: Verified, What: fmt.Sprintf("%d files have their digests", len(objects))})
	}
	switch {
	case isOver:
		v.add(Check{Check: foldersCheck, Result: NotVerified, What: "snapshot " + newest.ID + " was published meanwhile"})
	case good[foldersCheck]:
		v.add(Check{Check: foldersCheck, Result: Verified, What: fmt.Sprintf("%d files hold the content, and there are no others", len(m.Files))})
	}
	return nil
}

// search looks for personal data and canaries in the files of the day, as before a publication. A file that cannot be read
// is no reason not to search the others.
func (v *verifier) search(ctx context.Context) error {
	var intact []warehouse.File
	seen := map[string]bool{}
	found := map[hit]int64{}
	for _, f := range v.published.Files {
		d, isDamaged := v.damaged[f.Object]
		if f.Dt != v.dt || seen[f.Object] || d.IsMissing() {
			continue
		}
		seen[f.Object] = true
		if !isDamaged {
			intact = append(intact, f)
			continue
		}
		f.Bytes = d.Bytes
		inDamaged, err := v.searchDamaged(ctx, f)
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			v.add(Check{Check: privacyCheck, Result: NotVerified, Table: f.Table, Dt: &v.dt, What: "cannot be read to its end"})
		}
		maps.Copy(found, inDamaged)
	}
	result, inIntact, err := searchFiles(ctx, v.published, intact, v.options)
	if err != nil {
		return err
	}
	maps.Copy(found, inIntact)
	for _, h := range placesOf(found) {
		v.add(Check{Check: privacyCheck, Result: Differs, Table: h.table, Dt: &v.dt, What: fmt.Sprintf("%s: %d times", h, found[h])})
	}
	if len(found) == 0 {
		v.add(Check{Check: privacyCheck, Result: Verified, What: fmt.Sprintf("%d files, %d values, %d canaries: none found", result.Files, result.Values, result.Canaries)})
	}
	return nil
}

// searchDamaged returns what was found up to where the file can be read. The reader of a file that nobody wrote may panic.
func (v *verifier) searchDamaged(ctx context.Context, f warehouse.File) (found map[hit]int64, err error) {
	s := newSearch(v.options)
	defer func() {
		found = s.found
		if p := recover(); p != nil {
			err = fmt.Errorf("read %s: %v", f.Path, p)
		}
	}()
	return nil, s.file(ctx, v.published, f)
}
