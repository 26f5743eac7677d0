package faultfs_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"vaultreport/internal/vfs"
	"vaultreport/internal/vfs/faultfs"
)

// write creates a file of four bytes and locks another one: create, write, sync, close, lock, unlock.
func write(fsys vfs.FS, dir string) error {
	if err := vfs.WriteFile(fsys, filepath.Join(dir, "file"), []byte("four")); err != nil {
		return err
	}
	lock, err := fsys.Lock(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	return lock.Close()
}

func TestWhatAFaultLeaves(t *testing.T) {
	for _, c := range []struct {
		name  string
		k     int
		fault faultfs.Fault
		ops   []string
		left  string // content of the file, "-" if there is none
	}{
		{"nothing fails", 99, faultfs.Fail, []string{"create", "write", "sync", "close", "lock", "unlock"}, "four"},
		{"a call that fails does nothing", 0, faultfs.Fail, []string{"create"}, "-"},
		{"a call that fails late did its work", 0, faultfs.Late, []string{"create"}, ""},
		{"a write that fails wrote half", 1, faultfs.Fail, []string{"create", "write", "close"}, "fo"},
		{"a write that fails late wrote all", 1, faultfs.Late, []string{"create", "write", "close"}, "four"},
		{"a failed sync is seen", 2, faultfs.Fail, []string{"create", "write", "sync", "close"}, "four"},
		{"a lock that fails late is not held", 4, faultfs.Late, []string{"create", "write", "sync", "close", "lock"}, "four"},
		{"a dead process holds no lock", 5, faultfs.Crash, []string{"create", "write", "sync", "close", "lock", "unlock"}, "four"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			fsys := faultfs.New(vfs.OS(), faultfs.At(c.k, c.fault))
			err := write(fsys, dir)
			if failed := c.k < 99; errors.Is(err, faultfs.ErrInjected) != failed {
				t.Errorf("error: %v", err)
			}
			var ops []string
			for _, call := range fsys.Calls() {
				ops = append(ops, call.Op)
			}
			if !slices.Equal(ops, c.ops) {
				t.Errorf("calls: got %v, want %v", ops, c.ops)
			}
			left := "-"
			if data, err := os.ReadFile(filepath.Join(dir, "file")); err == nil {
				left = string(data)
			}
			if left != c.left {
				t.Errorf("left: got %q, want %q", left, c.left)
			}
			lock, err := vfs.OS().Lock(filepath.Join(dir, "lock"))
			if err != nil {
				t.Fatal(err)
			}
			lock.Close()
		})
	}
}

func TestADeadProcessCallsInVain(t *testing.T) {
	dir := t.TempDir()
	fsys := faultfs.New(vfs.OS(), faultfs.At(0, faultfs.Crash))
	for range 2 {
		if err := fsys.MkdirAll(filepath.Join(dir, "a")); !errors.Is(err, faultfs.ErrInjected) {
			t.Errorf("got %v, want the injected fault", err)
		}
	}
}
