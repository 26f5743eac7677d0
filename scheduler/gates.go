package scheduler

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// scan searches every file that the next snapshot would bring for the patterns of personal data and for the canaries
// (docs/security.md, "What is scanned"), and stores with the transaction what it looked at. It reads without DuckDB, whose
// faults it must not share. What it finds is of class Gate: table, day, column, pattern and how often, and never a value.
func scan(ctx context.Context, tx *warehouse.Tx, o Options) error {
	result, found, err := searchFiles(ctx, tx, tx.Changed(), o)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return refuse(found)
	}
	o.Log.Info("scanned", "files", result.Files, "values", result.Values, "canaries", result.Canaries)
	tx.SetScan(result)
	return nil
}

// opener finds files and opens them: a transaction, or a snapshot.
type opener interface {
	File(table string, dt bizday.Day) (warehouse.File, bool)
	Open(warehouse.File) (vfs.File, error)
}

// searchFiles returns what was looked at in the files, and what was found where, and how often.
func searchFiles(ctx context.Context, from opener, files []warehouse.File, o Options) (warehouse.Scan, map[hit]int64, error) {
	o.Progress.Stage("scan", int64(len(files)))
	defer o.Progress.Done()
	searches := make([]*search, len(files))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(o.Threads)
	for i, f := range files {
		searches[i] = newSearch(o)
		group.Go(func() error {
			defer o.Progress.Add(1)
			if err := searches[i].file(ctx, from, f); err != nil {
				return errs.Wrap(errs.Unexpected, "scan "+f.Path, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return warehouse.Scan{}, nil, err
	}
	result := warehouse.Scan{Files: len(files), Patterns: pii.Patterns(), Canaries: o.Canaries.Len()}
	found := map[hit]int64{}
	for _, s := range searches {
		result.Values += s.values
		maps.Copy(found, s.found)
	}
	return result, found, nil
}

// search is what is looked for in a file, and what was found in it.
type search struct {
	canaries *pii.Literals
	sources  map[string]bool // names of those that are configured
	at       hit             // of the file and the place in it that is being read
	values   int64
	found    map[hit]int64
}

func newSearch(o Options) *search {
	sources := map[string]bool{}
	for _, s := range o.Sources {
		sources[s.Name] = true
	}
	for _, s := range o.Tables {
		sources[s.Name] = true
	}
	return &search{canaries: o.Canaries, sources: sources, found: map[hit]int64{}}
}

// hit is what was found where: a pattern, or the number of a canary.
type hit struct {
	table   string
	dt      bizday.Day
	place   string
	pattern string
	canary  int
}

func (h hit) String() string {
	what := h.pattern
	if what == "" {
		what = fmt.Sprintf("canary number %d", h.canary)
	}
	return fmt.Sprintf("%s of %s: %s: %s", h.table, h.dt, h.place, what)
}

// file searches the bytes of a file as they stand, and what it says: it is compressed, or HTML.
func (s *search) file(ctx context.Context, from opener, f warehouse.File) error {
	s.at = hit{table: f.Table, dt: f.Dt}
	file, err := from.Open(f)
	if err != nil {
		return err
	}
	defer file.Close()
	if f.Table == warehouse.ReportTable {
		isName, err := namesOfLedger(ctx, from, f.Dt)
		if err != nil {
			return err
		}
		if err := s.page(file, isName); err != nil {
			return err
		}
	} else if err := s.parquet(ctx, file, f.Bytes); err != nil {
		return err
	}
	return s.bytes(io.NewSectionReader(file, 0, f.Bytes))
}

// bytes counts the canaries in the bytes of a file, but for those already found in a value: their places say more.
func (s *search) bytes(r io.Reader) error {
	counts, err := s.canaries.Count(r)
	if err != nil {
		return err
	}
	for h := range s.found {
		delete(counts, h.canary)
	}
	s.at.place = "bytes of the file"
	for canary, n := range counts {
		s.add(hit{canary: canary}, n)
	}
	return nil
}

// add counts a pattern or canary at the place being read.
func (s *search) add(what hit, n int64) {
	at := s.at
	at.pattern, at.canary = what.pattern, what.canary
	s.found[at] += n
}

// look returns what a value holds: nearly always nothing. Only text can hold a pattern.
func (s *search) look(value []byte, isText bool) (hits []hit) {
	if isText {
		if name, found := pii.Find(string(value)); found {
			hits = append(hits, hit{pattern: name})
		}
	}
	if _, canary := s.canaries.Index(value); canary > 0 {
		hits = append(hits, hit{canary: canary})
	}
	return hits
}

// shownHits is how many places an error names.
const shownHits = 10

// placesOf returns what was found in a fixed order.
func placesOf(found map[hit]int64) []hit {
	return slices.SortedFunc(maps.Keys(found), func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.table, b.table), cmp.Compare(a.dt, b.dt), cmp.Compare(a.place, b.place),
			cmp.Compare(a.pattern, b.pattern), cmp.Compare(a.canary, b.canary))
	})
}

func refuse(found map[hit]int64) error {
	places := placesOf(found)
	texts := make([]string, 0, shownHits+1)
	hint := "nothing was published: stop the value at the source that writes it, and run again"
	for i, h := range places {
		if i < shownHits {
			times := "once"
			if n := found[h]; n > 1 {
				times = fmt.Sprintf("%d times", n)
			}
			texts = append(texts, fmt.Sprintf("%s, %s", h, times))
		}
		if h.canary > 0 {
			hint = "nothing was published: canary number N is line N of the file privacy.canaries; stop the value at the source that writes it, or take the line out if the value may be published"
		}
	}
	if more := len(places) - shownHits; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d places more", more))
	}
	return errs.New(errs.Gate, "scan before publication: "+strings.Join(texts, "; "), hint)
}
