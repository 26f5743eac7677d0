// Package vfs is the file system as the warehouse needs it: small enough to be failed at every call in a test.
//
// OS is the real one. Names are paths of the operating system. Errors are those of package os, so errors.Is with
// fs.ErrNotExist and fs.ErrExist works. Package faultfs wraps an FS, records its calls and lets one of them fail.
package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Sync() error
}

// ErrLocked is the error of Lock when somebody else holds the lock.
var ErrLocked = errors.New("locked by somebody else")

// FS is a file system. Link and Create with exclusive set fail with fs.ErrExist if the name is taken. SyncDir makes the
// names in a directory durable. Lock locks the file, creating it if needed, until the result is closed or the process
// ends; it never waits, and a second Lock in the same process is somebody else's too.
type FS interface {
	Open(name string) (File, error)
	Create(name string, exclusive bool) (File, error)
	Link(oldName, newName string) error
	Rename(oldName, newName string) error
	Remove(name string) error
	RemoveAll(name string) error
	MkdirAll(name string) error
	ReadDir(name string) ([]fs.DirEntry, error)
	Stat(name string) (fs.FileInfo, error)
	SameFile(a, b fs.FileInfo) bool
	SyncDir(name string) error
	Chmod(name string, mode fs.FileMode) error
	Lock(name string) (io.Closer, error)
}

// Files are made readable for the group, and for nobody else (docs/security.md).
const (
	FileMode fs.FileMode = 0o640
	DirMode  fs.FileMode = 0o750
)

// OS returns the file system of the machine.
func OS() FS { return osFS{} }

type osFS struct{}

func (osFS) Open(name string) (File, error) { return os.Open(name) }

func (osFS) Create(name string, exclusive bool) (File, error) {
	flags := os.O_CREATE | os.O_RDWR | os.O_TRUNC
	if exclusive {
		flags = os.O_CREATE | os.O_RDWR | os.O_EXCL
	}
	return os.OpenFile(name, flags, FileMode)
}

func (osFS) Link(oldName, newName string) error         { return os.Link(oldName, newName) }
func (osFS) Rename(oldName, newName string) error       { return os.Rename(oldName, newName) }
func (osFS) Remove(name string) error                   { return os.Remove(name) }
func (osFS) RemoveAll(name string) error                { return os.RemoveAll(name) }
func (osFS) MkdirAll(name string) error                 { return os.MkdirAll(name, DirMode) }
func (osFS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }
func (osFS) Stat(name string) (fs.FileInfo, error)      { return os.Stat(name) }
func (osFS) SameFile(a, b fs.FileInfo) bool             { return os.SameFile(a, b) }

func (osFS) Chmod(name string, mode fs.FileMode) error { return os.Chmod(name, mode) }

func (osFS) Lock(name string) (io.Closer, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, FileMode)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (osFS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		d.Close()
		return err
	}
	return d.Close()
}
