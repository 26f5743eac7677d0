package vfs

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
)

// ReadFile returns what the file holds.
func ReadFile(fsys FS, name string) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(f)
	return data, errors.Join(err, f.Close())
}

// WriteFile creates the file, which must not exist, and makes its content durable. The name is durable after SyncDir of
// the directory. On an error the file may stand there in part.
func WriteFile(fsys FS, name string, data []byte) error {
	f, err := fsys.Create(name, true)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// MakeDir creates the directory and those above it that are missing, and makes their names durable.
func MakeDir(fsys FS, name string) error {
	if _, err := fsys.Stat(name); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	parent := filepath.Dir(name)
	if err := MakeDir(fsys, parent); err != nil {
		return err
	}
	if err := fsys.MkdirAll(name); err != nil {
		return err
	}
	return fsys.SyncDir(parent)
}

// Unnamed creates a file in the directory that has no name any more, so that it goes with the process, however that ends.
// The name is one that is free; two callers never share a file.
func Unnamed(fsys FS, dir, name string) (File, error) {
	for n := 0; ; n++ {
		path := filepath.Join(dir, fmt.Sprintf("%s-%d", name, n))
		file, err := fsys.Create(path, true)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := fsys.Remove(path); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		return file, nil
	}
}
