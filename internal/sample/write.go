package sample

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

var envNames = [...]string{"prod", "staging", "dev"}

// The smaller envs keep their size in every sample. They have no snapshots, so their vaults become known one by one and
// the first weeks' rates are too high; with more users that would be a significant drop in the next quarter.
const (
	stagingUsers = 64
	devUsers     = 40
)

const (
	dirMode    = 0o750
	fileMode   = 0o640
	secretMode = 0o600
)

// Write writes a sample into o.Dir and returns what it holds. Files of an earlier sample are written over, none is
// removed. progress, if not nil, is called after each day with the days done and all days.
// It stops at the end of a slice when ctx is done; what it has written by then is not a sample.
func Write(ctx context.Context, o Options, progress func(done, total int)) (Result, error) {
	first, last, err := o.period()
	if err != nil {
		return Result{}, err
	}
	w := newWriter(o, schedule{first, last})
	for d := first; d <= last; d++ {
		if err := w.day(ctx, d); err != nil {
			return Result{}, fmt.Errorf("write sample of %s: %w", d, err)
		}
		if progress != nil {
			progress(int(d-first)+1, o.Days)
		}
	}
	w.result.First, w.result.Last = first.String(), last.String()
	if err := w.rest(); err != nil {
		return Result{}, fmt.Errorf("write sample: %w", err)
	}
	return w.result, nil
}

type writer struct {
	dir      string
	rate     int
	schedule schedule
	canaries canaries
	lives    [len(envNames)]*life
	dumper   dumper
	truth    truth
	strays   []stray // for files that are still to be written
	result   Result
}

func newWriter(o Options, s schedule) *writer {
	w := &writer{dir: o.Dir, rate: o.rate(), schedule: s, canaries: plantable(), truth: truth{schedule: s}}
	w.result.Planted = map[string]int{}
	for env, users := range [len(envNames)]int{o.Users, min(o.Users, stagingUsers), min(o.Users, devUsers)} {
		w.lives[env] = newLife(o.Seed, uint64(env), users, s)
	}
	w.dumper = dumper{life: w.lives[0], canaries: &w.canaries, planted: w.result.Planted}
	return w
}

// day moves every env through d and writes its files.
func (w *writer) day(ctx context.Context, d day) error {
	for env, l := range w.lives {
		l.live(d)
		if env == 0 {
			w.truth.add(l, d)
			if err := w.dump(d); err != nil {
				return err
			}
		}
		slices.SortStableFunc(l.events, byTime)
		if err := w.log(ctx, env, d); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) dump(d day) error {
	w.dumper.turn(d)
	for _, table := range w.dumper.tables() {
		file, err := create(w.dir, filepath.Join("dumps", d.String(), table.name+".csv"))
		if err != nil {
			return err
		}
		table.write(&row{w: file.text}, d)
		if err := file.close(); err != nil {
			return err
		}
		w.result.Files++
	}
	return nil
}

// rest writes the files that are not of a day.
func (w *writer) rest() error {
	w.result.Incidents = w.truth.incidents()
	w.result.Planted["invalid_transition"] = w.lives[0].invalid
	incidents, err := json.MarshalIndent(w.result.Incidents, "", "  ")
	if err != nil {
		return err
	}
	for _, file := range []struct {
		path string
		text []byte
		mode os.FileMode
	}{
		{"vaultreport.yaml", []byte(configFile), fileMode},
		{"canaries.txt", canaryFile(), fileMode},
		{"incidents.json", append(incidents, '\n'), fileMode},
		{"secrets/user.key", []byte(demoKey + "\n"), secretMode},
	} {
		path := filepath.Join(w.dir, filepath.FromSlash(file.path))
		if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.text, file.mode); err != nil {
			return err
		}
		w.result.Files++
	}
	w.result.Config = filepath.Join(w.dir, "vaultreport.yaml")
	return nil
}

// count adds what a passage has planted to the result.
func (w *writer) count(p passage) {
	w.result.Lines += p.lines
	for _, what := range slices.Sorted(maps.Keys(p.planted)) {
		w.result.Planted[what] += p.planted[what]
	}
	w.strays = append(w.strays, p.strays...)
}

// arriving takes the strays that belong into the file of an env and day.
func (w *writer) arriving(env int, d day) []byte {
	var text bytes.Buffer
	kept := w.strays[:0]
	for _, s := range w.strays {
		if s.env == env && s.day == d {
			text.Write(s.text)
		} else {
			kept = append(kept, s)
		}
	}
	clear(w.strays[len(kept):])
	w.strays = kept
	return text.Bytes()
}
