package faultfs

import (
	"io"
	"io/fs"
	"slices"
	"sync"

	"vaultreport/internal/vfs"
)

// FS records and fails the calls of another file system. It is safe for concurrent use.
type FS struct {
	base vfs.FS
	rule Rule

	mu    sync.Mutex
	calls []Call
	dead  bool
}

// New wraps base. A nil rule lets nothing fail.
func New(base vfs.FS, rule Rule) *FS { return &FS{base: base, rule: rule} }

// Calls returns the calls so far.
func (f *FS) Calls() []Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.calls)
}

func (f *FS) next(c Call) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := len(f.calls)
	f.calls = append(f.calls, c)
	if f.dead {
		return Fail
	}
	if f.rule == nil {
		return None
	}
	fault := f.rule(n, c)
	f.dead = fault == Crash
	return fault
}

func (f *FS) do(c Call, act func() error) error {
	switch f.next(c) {
	case None:
		return act()
	case Late:
		if err := act(); err != nil {
			return err
		}
	}
	return ErrInjected
}

func (f *FS) open(c Call, act func() (vfs.File, error)) (vfs.File, error) {
	var opened vfs.File
	err := f.do(c, func() (err error) {
		opened, err = act()
		return err
	})
	if err != nil {
		if opened != nil {
			opened.Close()
		}
		return nil, err
	}
	return &file{f, c.Name, opened}, nil
}

// Open implements vfs.FS.
func (f *FS) Open(name string) (vfs.File, error) {
	return f.open(Call{Op: "open", Name: name}, func() (vfs.File, error) { return f.base.Open(name) })
}

// Create implements vfs.FS.
func (f *FS) Create(name string, exclusive bool) (vfs.File, error) {
	return f.open(Call{Op: "create", Name: name}, func() (vfs.File, error) { return f.base.Create(name, exclusive) })
}

// Link implements vfs.FS.
func (f *FS) Link(oldName, newName string) error {
	return f.do(Call{"link", oldName, newName}, func() error { return f.base.Link(oldName, newName) })
}

// Rename implements vfs.FS.
func (f *FS) Rename(oldName, newName string) error {
	return f.do(Call{"rename", oldName, newName}, func() error { return f.base.Rename(oldName, newName) })
}

// Remove implements vfs.FS.
func (f *FS) Remove(name string) error {
	return f.do(Call{Op: "remove", Name: name}, func() error { return f.base.Remove(name) })
}

// RemoveAll implements vfs.FS.
func (f *FS) RemoveAll(name string) error {
	return f.do(Call{Op: "removeall", Name: name}, func() error { return f.base.RemoveAll(name) })
}

// MkdirAll implements vfs.FS.
func (f *FS) MkdirAll(name string) error {
	return f.do(Call{Op: "mkdir", Name: name}, func() error { return f.base.MkdirAll(name) })
}

// ReadDir implements vfs.FS.
func (f *FS) ReadDir(name string) (entries []fs.DirEntry, err error) {
	err = f.do(Call{Op: "readdir", Name: name}, func() (err error) {
		entries, err = f.base.ReadDir(name)
		return err
	})
	return entries, err
}

// Stat implements vfs.FS.
func (f *FS) Stat(name string) (info fs.FileInfo, err error) {
	err = f.do(Call{Op: "stat", Name: name}, func() (err error) {
		info, err = f.base.Stat(name)
		return err
	})
	return info, err
}

// SameFile implements vfs.FS. It is no call: it asks no disk.
func (f *FS) SameFile(a, b fs.FileInfo) bool { return f.base.SameFile(a, b) }

// SyncDir implements vfs.FS.
func (f *FS) SyncDir(name string) error {
	return f.do(Call{Op: "syncdir", Name: name}, func() error { return nil })
}

// Chmod implements vfs.FS.
func (f *FS) Chmod(name string, mode fs.FileMode) error {
	return f.do(Call{Op: "chmod", Name: name}, func() error { return f.base.Chmod(name, mode) })
}

// Lock implements vfs.FS.
func (f *FS) Lock(name string) (io.Closer, error) {
	var held io.Closer
	err := f.do(Call{Op: "lock", Name: name}, func() (err error) {
		held, err = f.base.Lock(name)
		return err
	})
	if err != nil {
		if held != nil {
			held.Close()
		}
		return nil, err
	}
	return &lock{f, name, held}, nil
}

type lock struct {
	fs   *FS
	name string
	held io.Closer
}

func (l *lock) Close() error {
	err := l.held.Close()
	return l.fs.do(Call{Op: "unlock", Name: l.name}, func() error { return err })
}

type file struct {
	fs   *FS
	name string
	base vfs.File
}

func (f *file) Read(p []byte) (n int, err error) {
	err = f.fs.do(Call{Op: "read", Name: f.name}, func() (err error) {
		n, err = f.base.Read(p)
		return err
	})
	return n, err
}

func (f *file) ReadAt(p []byte, offset int64) (n int, err error) {
	err = f.fs.do(Call{Op: "read", Name: f.name}, func() (err error) {
		n, err = f.base.ReadAt(p, offset)
		return err
	})
	return n, err
}

func (f *file) Write(p []byte) (int, error) { return f.write(p, f.base.Write) }

func (f *file) WriteAt(p []byte, offset int64) (int, error) {
	return f.write(p, func(p []byte) (int, error) { return f.base.WriteAt(p, offset) })
}

func (f *file) write(p []byte, write func([]byte) (int, error)) (int, error) {
	switch f.fs.next(Call{Op: "write", Name: f.name}) {
	case None:
		return write(p)
	case Late:
		write(p)
		return 0, ErrInjected
	}
	n, _ := write(p[:len(p)/2])
	return n, ErrInjected
}

func (f *file) Stat() (info fs.FileInfo, err error) {
	err = f.fs.do(Call{Op: "stat", Name: f.name}, func() (err error) {
		info, err = f.base.Stat()
		return err
	})
	return info, err
}

func (f *file) Sync() error {
	return f.fs.do(Call{Op: "sync", Name: f.name}, func() error { return nil })
}

func (f *file) Close() error {
	err := f.base.Close()
	return f.fs.do(Call{Op: "close", Name: f.name}, func() error { return err })
}
