package sample

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"runtime"

	"github.com/klauspost/compress/gzip"
)

// log writes the file of one env and day: what strayed into it, its slices in order, a few lines of the next day, and
// in some files a BOM, CRLF line ends, several gzip members, or an end without a line end. The first error of a write
// sticks to its writer and comes back from Close.
func (w *writer) log(ctx context.Context, env int, d day) error {
	file, err := create(w.dir, filepath.Join("logs", d.String(), envNames[env]+".jsonl.gz"))
	if err != nil {
		return err
	}
	index := int(d - w.schedule.first)
	zip, err := gzip.NewWriterLevel(file.text, gzip.BestSpeed)
	if err != nil {
		return err
	}
	l := w.lives[env]
	s := &scribe{life: l, canaries: &w.canaries, env: env, day: d, division: l.divide(d, w.rate), events: l.events, eol: "\n"}
	if env == 2 && index%4 == 0 {
		s.eol = "\r\n"
		w.result.Planted["crlf"]++
	}
	if (index+4*env)%11 == 0 {
		zip.Write([]byte("\ufeff"))
		w.result.Planted["bom"]++
	}
	zip.Write(w.arriving(env, d))
	if index == 0 {
		zip.Write(w.foreign(s.outside(d, 3, true), "out_of_range"))
	}
	members := env == 1 && index%3 == 0 || env == 0 && index%10 == 5
	err = inOrder(ctx, s.division.count(), s.slice, func(k int, p passage) error {
		w.count(p)
		if members && k > 0 && k%8 == 0 {
			if err := zip.Close(); err != nil {
				return err
			}
			zip.Reset(file.text)
			w.result.Planted["member"]++
		}
		_, err := zip.Write(p.text)
		return err
	})
	if err != nil {
		file.close()
		return err
	}
	what := "early"
	if d == w.schedule.last {
		what = "out_of_range"
	}
	zip.Write(w.foreign(s.outside(d+1, 1+l.joined/400, false), what))
	zip.Write(w.ending(s, index))
	if err := zip.Close(); err != nil {
		return err
	}
	w.result.Files++
	return file.close()
}

// foreign counts lines that belong to a day outside the file's and returns their text.
func (w *writer) foreign(p passage, what string) []byte {
	w.count(p)
	w.result.Planted[what] += p.lines
	return p.text
}

// ending returns the last line of the files that do not end in a line end: torn in one, whole in another.
func (w *writer) ending(s *scribe, index int) []byte {
	switch {
	case s.env == 2 && index%9 == 0 || s.env == 1 && index%31 == 4:
		w.result.Planted["truncated"]++
		w.result.Lines++
		r := stream(s.life.seed, forHostile, s.life.index, uint64(s.day), uint64(len(reasons)))
		whole := hostile(r, s.canaries, envNames[s.env], "missing_env", s.day, s.life.joined)
		return []byte(whole[:len(whole)-2-r.IntN(8)])
	case s.env == 2 && index%9 == 5:
		p := s.outside(s.day, 1, false)
		w.result.Planted["no_line_end"]++
		w.count(p)
		return p.text[:len(p.text)-len(s.eol)]
	}
	return nil
}

// inOrder calls make for 0 <= k < n on as many processors as there are, and use with each result in order. No more
// results wait than processors make.
func inOrder[T any](ctx context.Context, n int, make func(k int) T, use func(k int, result T) error) error {
	workers := runtime.GOMAXPROCS(0)
	waiting := newQueue[T](workers)
	for k := range n + workers {
		if k < n {
			result := waiting.slot(k)
			go func() { result <- make(k) }()
		}
		if k < workers {
			continue
		}
		done := k - workers
		result := <-waiting.slot(done)
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := use(done, result); err != nil {
			return err
		}
	}
	return nil
}

// queue is a ring of results under way. Slots are buffered, so that nobody hangs when the reader stops early.
type queue[T any] []chan T

func newQueue[T any](workers int) queue[T] {
	q := make(queue[T], workers+1)
	for i := range q {
		q[i] = make(chan T, 1)
	}
	return q
}

func (q queue[T]) slot(k int) chan T { return q[k%len(q)] }

// output is a file being written.
type output struct {
	file *os.File
	text *bufio.Writer
}

func create(dir, name string) (*output, error) {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), dirMode); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, fileMode)
	if err != nil {
		return nil, err
	}
	return &output{file, bufio.NewWriterSize(file, 1<<16)}, nil
}

func (o *output) close() error {
	if err := o.text.Flush(); err != nil {
		o.file.Close()
		return err
	}
	return o.file.Close()
}
