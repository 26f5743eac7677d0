package sample

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// world is a sample as a reader finds it: accepted events by day, and what was refused.
type world struct {
	result      Result
	first, last day
	tally       map[string]int // lines by what the ledger calls them
	days        map[day][]*record
	tables      map[string][]map[string]string // "2026-01-01/vault_status"
	digests     map[string][32]byte
	text        []byte // all logs and dumps, for searching
}

var embedded = sync.OnceValues(func() (*world, error) { return readSample(Default()) })

func theDefault(t *testing.T) *world {
	t.Helper()
	w, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// readSample writes a sample, reads it back and removes it.
func readSample(o Options) (*world, error) {
	dir, err := os.MkdirTemp("", "sample")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	o.Dir = dir
	w := &world{tally: map[string]int{}, days: map[day][]*record{}, tables: map[string][]map[string]string{}, digests: map[string][32]byte{}}
	if w.result, err = Write(context.Background(), o, nil); err != nil {
		return nil, err
	}
	w.first, w.last, _ = o.period()
	err = filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		w.digests[filepath.ToSlash(name)] = sha256.Sum256(text)
		switch filepath.Ext(name) {
		case ".gz":
			return w.readLog(text)
		case ".csv":
			return w.readTable(name, text)
		}
		return nil
	})
	w.removeDuplicates()
	return w, err
}

func (w *world) readLog(text []byte) error {
	zip, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if text, err = io.ReadAll(zip); err != nil {
		return err
	}
	w.text = append(w.text, text...)
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	for len(text) > 0 {
		line, rest, ended := bytes.Cut(text, []byte("\n"))
		text = rest
		w.tally["lines"]++
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(bytes.TrimSpace(line)) == 0 {
			w.tally["blank"]++
			continue
		}
		r, reason := classify(line, !ended)
		switch {
		case reason != "":
			w.tally[reason]++
		case dayOf(r.at) < w.first || dayOf(r.at) > w.last:
			w.tally["out_of_range"]++
		default:
			w.days[dayOf(r.at)] = append(w.days[dayOf(r.at)], r)
		}
	}
	return nil
}

func (w *world) readTable(name string, text []byte) error {
	w.text = append(w.text, text...)
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	key := strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(name), "dumps/"), ".csv")
	w.tables[key] = []map[string]string{}
	for _, cells := range rows[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[rows[0][i]] = cell
		}
		w.tables[key] = append(w.tables[key], row)
	}
	return nil
}

// removeDuplicates keeps the earliest line of an identity and sorts each day by time.
func (w *world) removeDuplicates() {
	for d, records := range w.days {
		slices.SortStableFunc(records, func(a, b *record) int {
			switch {
			case a.at != b.at:
				return int(min(max(a.at-b.at, -1), 1))
			}
			return strings.Compare(a.rest, b.rest)
		})
		kept := map[string]*record{}
		w.days[d] = slices.DeleteFunc(records, func(r *record) bool {
			first, again := kept[r.identity]
			switch {
			case !again:
				kept[r.identity] = r
				w.tally["kept"]++
			case first.rest == r.rest:
				w.tally["duplicate"]++
			default:
				w.tally["conflicting_duplicate"]++
			}
			return again
		})
	}
}

// of returns the events of one env on a day, by time.
func (w *world) of(env string, d day, events ...string) []*record {
	var found []*record
	for _, r := range w.days[d] {
		if r.env == env && (len(events) == 0 || slices.Contains(events, r.event)) {
			found = append(found, r)
		}
	}
	return found
}
