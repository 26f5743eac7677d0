package vfs

import (
	"errors"
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
