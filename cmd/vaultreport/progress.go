package main

import (
	"io"
	"log/slog"
	"math"
	"os"
	"sync"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"vaultreport/extract"
	"vaultreport/scheduler"
)

// silent is the progress of --quiet.
type silent struct{}

func (silent) Stage(string, int64) {}
func (silent) Rows(int64)          {}
func (silent) Add(int64)           {}
func (silent) Done()               {}

// Lines of a log are for reading later, a live line is for looking at.
const (
	everyLogLine  = 5 * time.Second
	everyLiveLine = 100 * time.Millisecond
)

// newProgress returns the progress of a run and the log that goes with it: a live line on a terminal, lines of the log
// elsewhere, none if --quiet asks for less.
func (a *app) newProgress() (scheduler.Progress, *slog.Logger) {
	log := a.logger()
	if a.global.Quiet {
		return silent{}, log
	}
	if a.global.LogFormat == "text" && isTerminal(a.err) {
		live := &liveStages{out: a.err, every: everyLiveLine}
		return live, newTerminalLogger(live, a.global, a.noColor())
	}
	return &loggedStages{now: a.now, log: log}, log
}

func isTerminal(w io.Writer) bool {
	file, isFile := w.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

// liveStages shows the stage on the last line of a terminal. As the writer of the log it makes room for lines that stay.
type liveStages struct {
	mu   sync.Mutex
	out  io.Writer
	bar  *progressbar.ProgressBar // nil between stages
	name string
	rows int64

	every time.Duration // at least between two drawings
}

func (l *liveStages) Stage(name string, total int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.name, l.rows = name, 0
	l.bar = progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(l.out), progressbar.OptionSetDescription(name), progressbar.OptionSetWidth(12),
		progressbar.OptionShowCount(), progressbar.OptionShowBytes(name == extract.ReadStage),
		progressbar.OptionThrottle(l.every), progressbar.OptionClearOnFinish())
}

func (l *liveStages) Rows(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rows += n
	if l.bar != nil {
		l.bar.Describe(l.name + " " + humanize.Comma(l.rows) + " rows")
	}
}

func (l *liveStages) Add(n int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		l.bar.Add64(n)
	}
}

func (l *liveStages) Done() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		l.bar.Clear()
	}
	l.bar = nil
}

func (l *liveStages) Write(lines []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		l.bar.Clear() // the next Add draws it again
	}
	return l.out.Write(lines)
}

// loggedStages tells the stages in the log: at their end, and now and then before.
type loggedStages struct {
	mu  sync.Mutex
	now func() time.Time
	log *slog.Logger

	name              string
	total, done, rows int64
	began, told       time.Time
}

func (p *loggedStages) Stage(name string, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.name, p.total, p.done, p.rows = name, total, 0, 0
	p.began = p.now()
	p.told = p.began
}

func (p *loggedStages) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if now := p.now(); now.Sub(p.told) >= everyLogLine {
		p.told = now
		p.tell("stage goes on")
	}
}

func (p *loggedStages) Rows(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rows += n
}

func (p *loggedStages) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell("stage done")
}

// tell says what is done, in the unit of the stage; of reading also how fast, and of a stage that goes on how long it still
// takes at that pace.
func (p *loggedStages) tell(message string) {
	milliseconds := p.now().Sub(p.began).Milliseconds()
	about := []any{"stage", p.name, "done", p.done}
	if p.total >= 0 { // else nobody knows
		about = append(about, "total", p.total)
	}
	if p.name == extract.ReadStage {
		about = append(about, "rows", p.rows)
		if milliseconds > 0 {
			about = append(about, "mb_per_second", roundTenth(float64(p.done)/1000/float64(milliseconds)))
		}
	}
	if 0 < p.done && p.done < p.total {
		about = append(about, "percent", 100*p.done/p.total, "seconds_left", roundTenth(float64(milliseconds)/1000*float64(p.total-p.done)/float64(p.done)))
	}
	p.log.Info(message, append(about, "seconds", float64(milliseconds)/1000)...)
}

func roundTenth(x float64) float64 { return math.Round(10*x) / 10 }
