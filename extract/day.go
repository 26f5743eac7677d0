package extract

import (
	"context"
	"errors"
	"runtime"

	"golang.org/x/sync/errgroup"

	"vaultreport/extract/rows"
	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
)

// The reasons of the ledger that are no reasons of quarantine.
const (
	kept      = "kept"
	duplicate = "duplicate"
	blank     = "blank"
)

// ledgerKey is the key of row_ledger within a day. file is the place among the run's files; env is empty for none.
type ledgerKey struct {
	file   int
	env    string
	reason string
}

// bucketBytes is how large a bucket is held in memory.
const bucketBytes = 12 << 20

// sortBytes is how much of a larger one is sorted in memory at once, for each of its two orders.
const sortBytes = 4 << 20

// dayLines brings the lines of a day from the spill to where they belong.
type dayLines struct {
	fs       vfs.FS
	scratch  string
	from     *spill
	day      bizday.Day
	inMemory int64 // bytes of a bucket
	buckets  []*sortedBucket
	fates    fates // of all, once they were given out
}

func newDayLines(fsys vfs.FS, scratch string, from *spill, day bizday.Day, again *replay) *dayLines {
	d := &dayLines{fs: fsys, scratch: scratch, from: from, day: day, inMemory: bucketBytes, fates: newFates(fsys, scratch, again)}
	for range max(2, runtime.GOMAXPROCS(0)) {
		d.buckets = append(d.buckets, &sortedBucket{bucket: bucket{finder: newFinder(), fates: newFates(fsys, scratch, again)}})
	}
	return d
}

// close gives back what is on disk.
func (d *dayLines) close() error {
	err := d.fates.conflicts.Close()
	for _, b := range d.buckets {
		err = errors.Join(err, b.fates.conflicts.Close())
	}
	return err
}

// accepted calls each for the kept lines in the day file's total order; the line is valid until each returns. While one bucket
// is given out, the next ones are sorted.
func (d *dayLines) accepted(ctx context.Context, each func(line []byte) error) error {
	group, ctx := errgroup.WithContext(ctx)
	free, ordered := make(chan *sortedBucket, len(d.buckets)), make(chan *sortedBucket, len(d.buckets))
	for _, b := range d.buckets {
		free <- b
	}
	group.Go(func() error {
		defer close(ordered)
		for number := refusedBucket + 1; number < d.from.numBuckets(); number++ {
			_, length := d.from.pieces(d.day, number)
			if length == 0 {
				continue
			}
			select {
			case b := <-free:
				b.number, b.done = number, make(chan error, 1)
				if b.oversize = length > d.inMemory; b.oversize {
					b.done <- nil
				} else {
					group.Go(func() error { b.sort(d.from, d.day); return nil })
				}
				ordered <- b
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	group.Go(func() error {
		for b := range ordered {
			if err := d.give(b, each); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			free <- b
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return err
	}
	for _, b := range d.buckets {
		d.fates.take(&b.fates)
	}
	return nil
}

// sortedBucket is a bucket on its way: done tells when it is sorted and deduplicated.
type sortedBucket struct {
	bucket
	number   int
	oversize bool
	done     chan error
}

func (b *sortedBucket) sort(from *spill, day bizday.Day) {
	err := b.load(from, day, b.number)
	if err == nil {
		err = b.deduplicate()
	}
	b.done <- err
}

func (d *dayLines) give(b *sortedBucket, each func(line []byte) error) error {
	if err := <-b.done; err != nil {
		return err
	}
	if b.oversize {
		return oversize{d.fs, d.scratch, sortBytes}.write(d.from, d.day, b.number, &d.fates, each)
	}
	for _, l := range b.lines {
		if err := each(b.line(l)); err != nil {
			return err
		}
	}
	return nil
}

// refused calls each for the refused lines and the conflicts, which are known when all accepted lines were given out, by file
// and line.
func (d *dayLines) refused(each func(refusedLine) error) (err error) {
	const limit = 4 << 20
	refused := rows.NewSorter(d.fs, d.scratch, limit)
	defer func() { err = errors.Join(err, refused.Close()) }()
	if err := d.from.read(d.day, refusedBucket, refused.Add); err != nil {
		return err
	}
	sorters := []*rows.Sorter{refused, d.fates.conflicts}
	for _, b := range d.buckets {
		sorters = append(sorters, b.fates.conflicts)
	}
	return rows.Each(sorters, func(line []byte) error { return each(refusedLineOf(line)) })
}
