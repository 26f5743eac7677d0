package vfs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"vaultreport/internal/vfs"
)

func TestALockIsHeldUntilItIsClosed(t *testing.T) {
	fsys, name := vfs.OS(), filepath.Join(t.TempDir(), "lock")
	first, err := fsys.Lock(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fsys.Lock(name); !errors.Is(err, vfs.ErrLocked) {
		t.Errorf("second lock: got %v, want ErrLocked", err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second, err := fsys.Lock(name)
	if err != nil {
		t.Fatalf("after the first was closed: %v", err)
	}
	second.Close()
}

func TestWhatIsCreatedIsForTheGroupAtMost(t *testing.T) {
	fsys, dir := vfs.OS(), filepath.Join(t.TempDir(), "a", "b")
	if err := vfs.MakeDir(fsys, dir); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "file")
	if err := vfs.WriteFile(fsys, name, []byte("x")); err != nil {
		t.Fatal(err)
	}
	for path, most := range map[string]fs.FileMode{name: vfs.FileMode, dir: vfs.DirMode, filepath.Dir(dir): vfs.DirMode} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&^most != 0 {
			t.Errorf("%s: mode %s, at most %s wanted", filepath.Base(path), info.Mode().Perm(), most)
		}
	}
}

func TestWriteFileNeverOverwrites(t *testing.T) {
	fsys, name := vfs.OS(), filepath.Join(t.TempDir(), "file")
	if err := vfs.WriteFile(fsys, name, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := vfs.WriteFile(fsys, name, []byte("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v, want fs.ErrExist", err)
	}
	if data, err := vfs.ReadFile(fsys, name); err != nil || string(data) != "first" {
		t.Errorf("got %q, %v; want the first content", data, err)
	}
}
