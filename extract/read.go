package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// tally is what reading one file told besides its entries.
type tally struct {
	input warehouse.Input
	lines map[bizday.Day]int64 // every line, by the day it belongs to
	blank map[bizday.Day]int64
}

// fileReader reads one file after the other into the spill. It serves one goroutine.
type fileReader struct {
	fs       vfs.FS
	zone     bizday.Zone
	key      *pii.Key
	spilled  days // days whose entries are wanted
	spiller  spiller
	stdin    io.Reader
	progress func(bytes int64)
}

// read scans a file. index is its place among the run's files, filing the day of its lines without a usable ts.
func (r *fileReader) read(ctx context.Context, index int, f found, filing bizday.Day) (tally, error) {
	raw, size, err := r.open(f)
	if err != nil {
		return tally{}, err
	}
	defer raw.Close()
	digested := &digester{r: raw, hash: sha256.New(), progress: r.progress, ctx: ctx}
	t := tally{lines: make(map[bizday.Day]int64), blank: make(map[bizday.Day]int64)}
	damaged, err := r.lines(digested, index, f, filing, &t)
	if err != nil {
		return tally{}, err
	}
	// The digest is that of all bytes, also of those behind the place where a stream is damaged.
	if _, err := io.Copy(io.Discard, digested); err != nil {
		return tally{}, readError(f, err)
	}
	if size >= 0 && digested.bytes != size {
		return tally{}, errs.New(errs.NotReady, fmt.Sprintf("read %s: it became shorter while it was read", f.name), "run again when it is written")
	}
	t.input = warehouse.Input{
		Source: f.source.Name, Name: f.name, Size: digested.bytes, MTime: f.modTime, SHA256: hex.EncodeToString(digested.hash.Sum(nil)),
		Reader: f.source.reader(), Damaged: damaged,
	}
	if !f.dated {
		t.input.Filed = &filing
	}
	for day, rows := range t.lines {
		t.input.Lines += rows
		t.input.Days = append(t.input.Days, warehouse.InputDay{Dt: day, Rows: rows})
	}
	slices.SortFunc(t.input.Days, func(a, b warehouse.InputDay) int { return int(a.Dt - b.Dt) })
	return t, nil
}

// open returns the bytes that the file has now; what is appended while it is read is the next run's. size is -1 if it
// is not known.
func (r *fileReader) open(f found) (io.ReadCloser, int64, error) {
	if f.path == Stdin {
		return io.NopCloser(r.stdin), -1, nil
	}
	file, err := r.fs.Open(f.path)
	if err != nil {
		return nil, 0, readError(f, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, f.size), file}, f.size, nil
}

func (r *fileReader) lines(from io.Reader, index int, f found, filing bizday.Day, t *tally) (damaged bool, err error) {
	stream, err := scan.Open(from)
	if err != nil {
		return false, readError(f, err)
	}
	defer stream.Close()
	lines := scan.NewLines(stream, f.source.MaxLine)
	reader := scan.New(scan.Options{Key: r.key, Env: f.source.Env, MaxLine: f.source.MaxLine})
	e := entry{file: index}
	for {
		line, more := lines.Next()
		if !more {
			break
		}
		result, blank := reader.Line(line, &e.record)
		day := filing
		if !blank && result.HasTS && result.Reason.Dated() {
			day = r.zone.DayOf(result.TS)
		}
		t.lines[day]++
		if blank {
			t.blank[day]++
			continue
		}
		if !r.spilled[day] {
			continue
		}
		e.line, e.offset, e.reason = line.Number, line.Offset, result.Reason
		if e.reason != event.Accepted {
			e.field, e.masked, e.env = result.Field, result.MaskedText, ""
			if e.reason.HasEnv() {
				e.env = e.record.Env
			}
		}
		if err := r.spiller.add(day, &e, result.Unknown); err != nil {
			return false, err
		}
	}
	if err := r.spiller.flush(); err != nil {
		return false, err
	}
	if err := lines.Err(); err != nil {
		return false, readError(f, err)
	}
	return lines.Damaged(), nil
}

// readError says that a file cannot be read; the disk or the network is at fault, not what is in the file.
func readError(f found, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return errs.Wrap(errs.Unreachable, "read "+f.name, err)
}

// digester hashes and counts what is read through it, and stops when the run is cancelled.
type digester struct {
	r        io.Reader
	hash     hash.Hash
	bytes    int64
	progress func(bytes int64)
	ctx      context.Context
}

func (d *digester) Read(p []byte) (int, error) {
	if err := d.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := d.r.Read(p)
	d.hash.Write(p[:n])
	d.bytes += int64(n)
	d.progress(int64(n))
	return n, err
}
