package warehouse

import (
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

// Options say where a warehouse is and what it may use. Only Root is required.
type Options struct {
	Root     string           // absolute
	FS       vfs.FS           // default: the machine's
	Now      func() time.Time // default: the machine's
	After    func(time.Duration) <-chan time.Time
	Host     string // default: the machine's name
	PID      int    // default: this process
	Boot     string // what tells apart machines, boots and containers of one name; default: from the kernel, "" if it does not tell
	Alive    func(pid int) bool
	Log      *slog.Logger  // default: none
	LeaseTTL time.Duration // default: 60 s
}

// Warehouse is a warehouse folder. It is safe for concurrent use.
type Warehouse struct {
	root  string
	fs    vfs.FS
	now   func() time.Time
	after func(time.Duration) <-chan time.Time
	self  process
	log   *slog.Logger
	ttl   time.Duration

	mu   sync.Mutex
	live map[string]bool // run ids of transactions that are open here
}

// Open returns the warehouse in o.Root. It neither needs nor creates the folder. A relative root is errs.Usage.
func Open(o Options) (*Warehouse, error) {
	if !filepath.IsAbs(o.Root) {
		return nil, errs.New(errs.Usage, "open warehouse: the folder's path is not absolute", "give the full path")
	}
	w := &Warehouse{
		root: filepath.Clean(o.Root), fs: o.FS, now: o.Now, after: o.After, log: o.Log, ttl: o.LeaseTTL,
		self: process{host: o.Host, pid: o.PID, boot: o.Boot, alive: o.Alive},
		live: map[string]bool{},
	}
	if w.fs == nil {
		w.fs = vfs.OS()
	}
	if w.now == nil {
		w.now = time.Now
	}
	if w.after == nil {
		w.after = time.After
	}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	if w.ttl <= 0 {
		w.ttl = time.Minute
	}
	if w.self.host == "" {
		host, err := os.Hostname()
		if err != nil {
			return nil, errs.Wrap(errs.Unexpected, "open warehouse: ask for the machine's name", err)
		}
		w.self.host = host
	}
	if w.self.pid == 0 {
		w.self.pid = os.Getpid()
	}
	if w.self.boot == "" {
		w.self.boot = bootOfThisProcess()
	}
	if w.self.alive == nil {
		w.self.alive = isAlive
	}
	return w, nil
}

// Root returns the absolute path of the folder.
func (w *Warehouse) Root() string { return w.root }

// ObjectPath returns the absolute path of the file's immutable content.
func (w *Warehouse) ObjectPath(f File) string { return w.path(f.Object) }

// path turns a slash path below the root into one of the operating system.
func (w *Warehouse) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

func (w *Warehouse) isLive(run string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.live[run]
}

func (w *Warehouse) setLive(run string, live bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if live {
		w.live[run] = true
	} else {
		delete(w.live, run)
	}
}
