package extract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"vaultreport/extract/rows"
	"vaultreport/extract/table"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// sorterBytes is what the rows of one table may take before they are sorted on disk.
const sorterBytes = 64 << 20

// tableResult is what a job made of its dumps.
type tableResult struct {
	job     *tableJob
	rows    int64 // of the file
	ledger  map[tableLedgerKey]int64
	refused []refusedRow
	missing map[*dump][]string
	tallies map[*dump]*tableTally
	digests map[*dump]hash.Hash // of the rows of live tables
	newest  map[*dump]int64     // instant that a kept row tells, in microseconds, before the end of the day; absent: none does
}

type tableLedgerKey struct {
	dump   *dump
	reason string
}

type refusedRow struct {
	dump          *dump
	reason        event.Reason
	field, masked string
}

// tableTally counts the rows of a dump as they were read.
type tableTally struct{ read, outOfRange int64 }

// tableReader carries jobs out. It is safe for concurrent use.
type tableReader struct {
	fs        vfs.FS
	zone      bizday.Zone
	key       *pii.Key
	scratch   string
	lake      func(bizday.Day) lakeWriter
	published func(spec *table.Spec, day bizday.Day) (path string, there bool)
	progress  func(bytes int64)
	rows      func(n int64)
}

// run reads the dumps of a job and writes the file to path.
func (t *tableReader) run(ctx context.Context, job *tableJob, path string) (r *tableResult, err error) {
	r = &tableResult{job: job, ledger: make(map[tableLedgerKey]int64), missing: make(map[*dump][]string), tallies: make(map[*dump]*tableTally), digests: make(map[*dump]hash.Hash), newest: make(map[*dump]int64)}
	sorters := make(map[string][]*rows.Sorter)
	for _, env := range job.envs {
		sorter, err := t.readEnv(ctx, r, env)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, sorter.Close()) }()
		sorters[env] = append(r.takeOver(env), sorter)
	}
	w := t.lake(job.day)
	_, err = writeParquet(w, path, job.spec.Schema(), func(writer *parquet.GenericWriter[any]) (int64, error) {
		out := &tableWriter{fs: t.fs, job: job, result: r, to: rows.NewWriter([][]rows.Column{job.spec.Layout()}, writer, job.day)}
		_, out.end = t.zone.Bounds(job.day)
		if err := out.all(sorters, t.published); err != nil {
			return 0, err
		}
		r.rows = out.to.Rows()
		return r.rows, out.to.Close()
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// takeOver makes what this run read of an env's live tables a part of the result, and returns their rows.
func (r *tableResult) takeOver(env string) (sorters []*rows.Sorter) {
	for _, d := range r.job.dumps {
		if d.source.Env == env && d.taken != nil {
			r.tallies[d], r.missing[d] = &d.taken.tally, d.taken.match.Missing
			r.refused = append(r.refused, d.taken.refused...)
			r.digests[d] = sha256.New()
			sorters = append(sorters, d.taken.sorters...)
		}
	}
	return sorters
}

// readEnv reads an env's dumps in files. A column of a CSV file of which no value can be read has another type than it
// should; only at the end is that known, and then all is read again without it.
func (t *tableReader) readEnv(ctx context.Context, r *tableResult, env string) (*rows.Sorter, error) {
	without := make(map[*dump][]string)
	for {
		sorter := rows.NewSorter(t.fs, t.scratch, sorterBytes)
		again := false
		for _, d := range r.job.dumps {
			if d.source.Env != env || d.taken != nil {
				continue
			}
			unread, err := t.readDump(ctx, r, d, without[d], sorter)
			if err != nil {
				return nil, errors.Join(err, sorter.Close())
			}
			without[d] = append(without[d], unread...)
			again = again || len(unread) > 0
		}
		if !again {
			return sorter, nil
		}
		if err := sorter.Close(); err != nil {
			return nil, err
		}
	}
}

// readDump reads all files of a dump into the sorter, each row with the dump's number at its end.
func (t *tableReader) readDump(ctx context.Context, r *tableResult, d *dump, without []string, sorter *rows.Sorter) (unread []string, err error) {
	tally := &tableTally{}
	r.tallies[d], r.missing[d] = tally, nil
	r.refused = slices.DeleteFunc(r.refused, func(row refusedRow) bool { return row.dump == d })
	start, end := t.zone.Bounds(d.day)
	checker := table.NewChecker(d.spec, t.key, start, end)
	for i, f := range d.files {
		first := tally.read
		missing, err := t.readFile(ctx, d, f, without, checker, func(result table.Result) error {
			tally.read++
			return d.keep(result, tally, &r.refused, sorter)
		})
		if err != nil {
			return nil, err
		}
		r.missing[d] = append(r.missing[d], missing...)
		d.inputs[i].Lines = tally.read - first
		d.inputs[i].Days = []warehouse.InputDay{{Dt: d.day, Rows: tally.read - first}}
		d.inputs[i].Missing = d.spec.LakeNames(missing)
		t.progress(f.size)
		t.rows(tally.read - first)
	}
	for _, column := range checker.Unread() {
		if c, _ := d.spec.ColumnOf(column); c.Required {
			return nil, fmt.Errorf("source %s: %w", d.source.Name, d.spec.Impossible(column, c.Type.Mistaken()))
		}
		unread = append(unread, column)
	}
	slices.Sort(r.missing[d])
	r.missing[d] = slices.Compact(r.missing[d])
	return unread, nil
}

// keep files a row that was judged. A row that is kept gets the dump's number at its end.
func (d *dump) keep(result table.Result, tally *tableTally, refused *[]refusedRow, sorter *rows.Sorter) error {
	switch result.Fate {
	case table.OutOfRange:
		tally.outOfRange++
	case table.Refused:
		*refused = append(*refused, refusedRow{d, event.BadField, result.Field, result.Masked})
	default:
		return sorter.Add(binary.BigEndian.AppendUint16(result.Row, uint16(d.number)))
	}
	return nil
}

func (t *tableReader) readFile(ctx context.Context, d *dump, f found, without []string, checker *table.Checker, each func(table.Result) error) (missing []string, err error) {
	reader, err := table.Open(t.fs, f.path)
	if err != nil {
		return nil, table.ReadError(d.spec.Name, f.name, err)
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	match, err := d.spec.MatchColumns(reader.Attributes(), d.source.Rename[d.spec.Name], without)
	if err != nil {
		return nil, fmt.Errorf("source %s, %s: %w", d.source.Name, f.name, err)
	}
	checker.Use(match)
	if err := reader.Rows(ctx, match.Names, func(values []table.Value) error { return each(checker.Check(values)) }); err != nil {
		return nil, table.ReadError(d.spec.Name, f.name, err)
	}
	// What was read must be what was digested.
	info, err := t.fs.Stat(f.path)
	if err != nil {
		return nil, readError(f, err)
	}
	if info.Size() != f.size || !info.ModTime().Equal(f.modTime) {
		return nil, stillWritten(f)
	}
	return match.Missing, nil
}

// tableWriter writes the rows of a file in its total order: env, then the columns.
type tableWriter struct {
	fs      vfs.FS
	job     *tableJob
	result  *tableResult
	to      *rows.Writer
	end     int64 // of the day, in microseconds
	envCell rows.Row
}

func (w *tableWriter) all(sorters map[string][]*rows.Sorter, published func(*table.Spec, bizday.Day) (string, bool)) error {
	fresh := w.job.envs
	freshBefore := func(env string) error {
		for len(fresh) > 0 && fresh[0] < env {
			if err := w.env(fresh[0], sorters[fresh[0]]); err != nil {
				return err
			}
			fresh = fresh[1:]
		}
		return nil
	}
	if path, there := published(w.job.spec, w.job.day); there {
		err := w.kept(path, func(env string) (bool, error) {
			return !slices.Contains(w.job.envs, env), freshBefore(env)
		})
		if err != nil {
			return fmt.Errorf("read published %s of %s: %w", w.job.spec.Name, w.job.day, err)
		}
	}
	const last = "\xff" // no env sorts behind it
	return freshBefore(last)
}

// kept writes the published rows of the envs that keep says.
func (w *tableWriter) kept(path string, keep func(env string) (bool, error)) error {
	file, err := w.fs.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	lake, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return err
	}
	for _, group := range lake.RowGroups() {
		if err := w.keptGroup(group, keep); err != nil {
			return err
		}
	}
	return nil
}

func (w *tableWriter) keptGroup(group parquet.RowGroup, keep func(env string) (bool, error)) (err error) {
	in := group.Rows()
	defer func() { err = errors.Join(err, in.Close()) }()
	buffer := make([]parquet.Row, 128)
	var r rows.Row
	for {
		n, err := in.ReadRows(buffer)
		for _, row := range buffer[:n] {
			var env string
			env, r = w.job.spec.FromParquet(r[:0], row)
			if kept, err := keep(env); err != nil {
				return err
			} else if !kept {
				continue
			}
			if err := w.write(env, r); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// env writes the rows of one env: of each key the first in the total order.
func (w *tableWriter) env(env string, sorters []*rows.Sorter) error {
	for _, row := range w.result.refused {
		if row.dump.source.Env == env {
			w.result.ledger[tableLedgerKey{row.dump, row.reason.String()}]++
		}
	}
	var first rows.Row
	return rows.Each(sorters, func(sorted []byte) error {
		r, d := rows.Row(sorted[:len(sorted)-2]), w.job.all[binary.BigEndian.Uint16(sorted[len(sorted)-2:])]
		if digest := w.result.digests[d]; digest != nil {
			digest.Write(r)
		}
		switch {
		case bytes.Equal(first, r):
			w.result.ledger[tableLedgerKey{d, duplicate}]++
		case w.job.spec.SameKey(first, r):
			w.result.ledger[tableLedgerKey{d, event.ConflictingDuplicate.String()}]++
			w.result.refused = append(w.result.refused, refusedRow{dump: d, reason: event.ConflictingDuplicate, masked: w.job.spec.Masked(r)})
		default:
			w.result.ledger[tableLedgerKey{d, kept}]++
			if touched, there := w.job.spec.TouchedBefore(r, w.end); there {
				if newest, known := w.result.newest[d]; !known || newest < touched {
					w.result.newest[d] = touched
				}
			}
			first = append(first[:0], r...)
			return w.write(env, r)
		}
		return nil
	})
}

func (w *tableWriter) write(env string, r rows.Row) error {
	w.envCell = rows.AppendText(w.envCell[:0], env)
	return w.to.Write(0, w.envCell, r)
}

// balance holds the rows of every dump that was read against what became of them.
func (r *tableResult) balance() (list []FileTotals, err error) {
	for _, d := range r.job.dumps {
		own := FileTotals{Source: d.source.Name, File: d.spec.Name, Totals: Totals{Read: r.tallies[d].read, OutOfRange: r.tallies[d].outOfRange}}
		for k, n := range r.ledger {
			if k.dump == d {
				own.add(k.reason, n)
			}
		}
		if accounted := own.accounted(); accounted != own.Read {
			return nil, errs.New(errs.Gate, fmt.Sprintf("ledger of table %s of source %s on %s: %d rows were read and %d are accounted for", d.spec.Name, d.source.Name, d.day, own.Read, accounted),
				"nothing was published; this is a defect of vaultreport, please report it with the shape of the table")
		}
		list = append(list, own)
	}
	return list, nil
}
