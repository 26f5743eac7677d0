package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"golang.org/x/term"

	"vaultreport/scheduler"
)

// silent is the progress of --quiet.
type silent struct{}

func (silent) Stage(string, int64) {}
func (silent) Add(int64)           {}
func (silent) Done()               {}

// stages counts what a run has done: as one live line on a terminal, as lines of the log elsewhere.
type stages struct {
	mu    sync.Mutex
	now   func() time.Time
	log   *slog.Logger
	live  *liveLine // nil: log lines
	every time.Duration

	name        string
	total, done int64
	began, told time.Time
}

// Lines of a log are for reading later, a live line is for looking at.
const (
	everyLogLine  = 5 * time.Second
	everyLiveLine = 100 * time.Millisecond
)

// newProgress returns the progress of a run and the log that goes with it: a live line must be gone before a log line is
// written.
func (a *app) newProgress() (scheduler.Progress, *slog.Logger) {
	log := a.logger()
	if a.global.Quiet {
		return silent{}, log
	}
	p := &stages{now: a.now, log: log, every: everyLogLine}
	if a.global.LogFormat == "text" && isTerminal(a.err) {
		p.live = &liveLine{out: a.err}
		p.every = everyLiveLine
		p.log = newLogger(p.live, a.global)
	}
	return p, p.log
}

func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// Stage begins to count something else.
func (p *stages) Stage(name string, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name, p.total, p.done = name, total, 0
	p.began = p.now()
	p.told = p.began
	if p.live != nil {
		p.live.show(p.text())
	}
}

// Add counts n more and tells it now and then.
func (p *stages) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	now := p.now()
	if now.Sub(p.told) < p.every {
		return
	}
	p.told = now
	if p.live != nil {
		p.live.show(p.text())
		return
	}
	p.log.Info("stage goes on", "stage", p.name, "done", p.done, "total", p.total, "seconds", p.seconds())
}

// Done ends the stage.
func (p *stages) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live != nil {
		p.live.show("")
	}
	p.log.Info("stage done", "stage", p.name, "done", p.done, "total", p.total, "seconds", p.seconds())
}

func (p *stages) seconds() float64 {
	return float64(p.now().Sub(p.began).Milliseconds()) / 1000
}

func (p *stages) text() string {
	count := func(n int64) string {
		if p.name == "extract" {
			return humanize.IBytes(uint64(max(n, 0)))
		}
		return humanize.Comma(n)
	}
	if p.total <= 0 {
		return fmt.Sprintf("%s %s", p.name, count(p.done))
	}
	const width = 20
	filled := int(min(p.done, p.total) * width / p.total)
	bar := strings.Repeat("=", filled) + strings.Repeat(" ", width-filled)
	return fmt.Sprintf("%-9s [%s] %s of %s", p.name, bar, count(p.done), count(p.total))
}

// liveLine is the last line of a terminal, rewritten in place. As a writer it makes room for lines that stay.
type liveLine struct {
	mu   sync.Mutex
	out  io.Writer
	text string
}

func (l *liveLine) show(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	blank := max(0, len(l.text)-len(text))
	fmt.Fprintf(l.out, "\r%s%s\r%s", text, strings.Repeat(" ", blank), text)
	if text == "" {
		fmt.Fprint(l.out, "\r")
	}
	l.text = text
}

// Write writes whole lines above the live one.
func (l *liveLine) Write(lines []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text != "" {
		fmt.Fprintf(l.out, "\r%s\r", strings.Repeat(" ", len(l.text)))
	}
	n, err := l.out.Write(lines)
	fmt.Fprint(l.out, l.text)
	return n, err
}
