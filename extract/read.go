package extract

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"

	"golang.org/x/sync/errgroup"

	"vaultreport/extract/scan"
	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/event"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// pass reads files once: as many of them at a time as there are threads are cut into chunks, and as many chunks are read.
type pass struct {
	fs       vfs.FS
	zone     bizday.Zone
	key      *pii.Key
	spill    *spill
	spilled  days // days whose lines are wanted
	stdin    io.Reader
	threads  int
	progress interface {
		Add(bytes int64)
		Rows(n int64)
	}
	chunks chan fileChunk
	replay *replay
}

// openFile is a file that is being read.
type openFile struct {
	found
	index  int        // place among the run's files
	filing bizday.Day // day of its lines without a usable ts
	mu     sync.Mutex // of tally
	tally  tally
	unread sync.WaitGroup // its chunks that are not read yet
}

type fileChunk struct {
	*scan.Chunk
	of *openFile
}

// read reads the files into the spill and fills their tallies.
func (p *pass) read(ctx context.Context, files []*openFile) error {
	p.chunks = make(chan fileChunk)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var readers errgroup.Group
	for range p.threads {
		readers.Go(func() error {
			return newChunkReader(p).all(p.chunks, cancel)
		})
	}
	var cutters errgroup.Group
	cutters.SetLimit(p.threads)
	for _, f := range files {
		cutters.Go(func() error {
			err := p.file(ctx, f)
			if err != nil {
				cancel(err)
			}
			return err
		})
	}
	err := cutters.Wait()
	close(p.chunks)
	if failed := readers.Wait(); failed != nil {
		return failed
	}
	if errors.Is(err, context.Canceled) {
		return context.Cause(ctx)
	}
	return err
}

// file cuts a file into chunks, and fills its tally when these are read.
func (p *pass) file(ctx context.Context, f *openFile) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	raw, size, err := p.open(f.found)
	if err != nil {
		return err
	}
	defer raw.Close()
	digested := &digester{r: raw, hash: sha256.New(), progress: p.progress.Add, ctx: ctx}
	damaged, err := p.cut(ctx, digested, f)
	f.unread.Wait()
	if err != nil {
		return err
	}
	// The digest is that of all bytes, also of those behind the place where a stream is damaged.
	if _, err := io.Copy(io.Discard, digested); err != nil {
		return readError(f.found, err)
	}
	if size >= 0 && digested.bytes != size {
		return errs.New(errs.NotReady, fmt.Sprintf("read %s: it became shorter while it was read", f.name), "run again when it is written")
	}
	f.tally.input = warehouse.Input{
		Source: f.source.Name, Name: f.name, Size: digested.bytes, MTime: f.modTime, SHA256: hex.EncodeToString(digested.hash.Sum(nil)),
		Reader: f.source.reader(), Damaged: damaged,
	}
	if !f.dated {
		f.tally.input.Filed = &f.filing
	}
	f.tally.input.Days, f.tally.input.Lines = f.tally.inputDays(), f.tally.lines()
	return nil
}

// open returns the bytes that the file has now; what is appended while it is read is the next run's. size is -1 if it
// is not known.
func (p *pass) open(f found) (io.ReadCloser, int64, error) {
	if f.path == Stdin {
		return io.NopCloser(p.stdin), -1, nil
	}
	file, err := p.fs.Open(f.path)
	if err != nil {
		return nil, 0, readError(f, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(file, f.size), file}, f.size, nil
}

func (p *pass) cut(ctx context.Context, from io.Reader, f *openFile) (damaged bool, err error) {
	stream, err := scan.Open(from)
	if err != nil {
		return false, readError(f.found, err)
	}
	defer stream.Close()
	chunks := scan.NewChunks(stream, f.source.MaxLine)
	for {
		chunk, more := chunks.Next()
		if !more {
			break
		}
		f.unread.Add(1)
		select {
		case p.chunks <- fileChunk{chunk, f}:
		case <-ctx.Done():
			f.unread.Done()
			return false, ctx.Err()
		}
	}
	if err := chunks.Err(); err != nil {
		return false, readError(f.found, err)
	}
	return chunks.Damaged(), nil
}

// chunkReader reads one chunk after the other. It serves one goroutine.
type chunkReader struct {
	*pass
	spiller    *spiller
	scanners   map[string]*scan.Reader // by source
	day        bizday.Day              // of the line before
	start, end int64                   // of day, in microseconds
}

func newChunkReader(p *pass) *chunkReader {
	return &chunkReader{pass: p, spiller: newSpiller(p.spill), scanners: make(map[string]*scan.Reader)}
}

// all reads the chunks until there are no more. After an error, with which it stops the cutters, it only takes them, since a
// cutter waits for every one of its own.
func (r *chunkReader) all(chunks <-chan fileChunk, stop func(error)) (err error) {
	for c := range chunks {
		if err == nil {
			if err = r.chunk(c); err != nil {
				stop(err)
			}
		}
		c.Release()
		c.of.unread.Done()
	}
	if err != nil {
		return err
	}
	return r.spiller.flush()
}

func (r *chunkReader) chunk(c fileChunk) error {
	scanner, err := r.scanner(c.of.source)
	if err != nil {
		return err
	}
	part := tally{days: make(map[bizday.Day]*dayTally)}
	lines := c.Lines()
	var record event.Record
	var counts *dayTally // of the day that the line before belongs to
	var last bizday.Day
	var spilled bool
	isReplayed := r.replay.isOfFile(c.of.index)
	for {
		line, more := lines.Next()
		if !more {
			break
		}
		result, blank := scanner.Line(line, &record)
		day := c.of.filing
		if !blank && result.HasTS && result.Reason.Dated() {
			day = r.dayOf(result.TS)
		}
		if counts == nil || day != last {
			counts, last, spilled = part.day(day), day, r.spilled[day]
		}
		at := place{c.of.index, line.Offset, line.Number}
		if isReplayed {
			r.replay.see(at, fateOf(result.Reason, blank, spilled))
		}
		switch {
		case blank:
			counts.blank()
		case result.Reason == event.Accepted:
			counts.accept(record.Env, result.Unknown)
			if spilled {
				err = r.spiller.accept(day, &record, at)
			}
		default:
			counts.refuse(record.Env, result.Reason)
			if spilled {
				err = r.spiller.refuse(day, refusedLine{at, result.Reason, result.Field, result.MaskedText})
			}
		}
		if err != nil {
			return err
		}
	}
	r.progress.Rows(part.lines())
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	c.of.tally.add(part)
	return nil
}

// fateOf is what becomes of a line as far as a file alone can tell.
func fateOf(reason event.Reason, isBlank, isOfExtracted bool) string {
	switch {
	case !isOfExtracted:
		return outOfRange
	case isBlank:
		return blank
	case reason == event.Accepted:
		return kept
	}
	return reason.String()
}

func (r *chunkReader) scanner(s Source) (*scan.Reader, error) {
	if scanner := r.scanners[s.Name]; scanner != nil {
		return scanner, nil
	}
	path, err := s.unwrap()
	if err != nil {
		return nil, err
	}
	scanner := scan.New(scan.Options{Key: r.key, Env: s.Env, MaxLine: s.MaxLine, Unwrap: path, Rename: s.Rename})
	r.scanners[s.Name] = scanner
	return scanner, nil
}

// dayOf returns the business day of an instant, which most often is that of the line before.
func (r *chunkReader) dayOf(ts int64) bizday.Day {
	if ts < r.start || r.end <= ts {
		r.day = r.zone.DayOf(ts)
		r.start, r.end = r.zone.Bounds(r.day)
	}
	return r.day
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
