package table

import (
	"errors"
	"fmt"
	"io"
	"os"

	"vaultreport/extract/scan"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
)

const parquetMagic = "PAR1"

// Open returns a Reader of a file: Parquet if it begins as such, else CSV, which may be compressed as event lines may.
// The errors of Open, and those of the Reader, are for ReadError.
func Open(fsys vfs.FS, path string) (Reader, error) {
	file, err := fsys.Open(path)
	if err != nil {
		return nil, err
	}
	r, err := open(file)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return r, nil
}

func open(file vfs.File) (Reader, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	magic := make([]byte, len(parquetMagic))
	if _, err := file.ReadAt(magic, 0); err == nil && string(magic) == parquetMagic {
		return newParquet(file, info.Size(), file)
	}
	stream, err := scan.Open(io.LimitReader(file, info.Size()))
	if err != nil {
		return nil, err
	}
	return newCSV(stream, closers{stream, file})
}

type closers []io.Closer

func (c closers) Close() (err error) {
	for _, closer := range c {
		err = errors.Join(err, closer.Close())
	}
	return err
}

// ReadError gives an error about a dump its class and its words. A dump that ends early is NotReady: it is still being
// written, or came through broken, and it must not stand for the whole table. One of another form is Gate.
func ReadError(table, name string, err error) error {
	what := fmt.Sprintf("read table %s from %s", table, name)
	var known *errs.Error
	switch {
	case errors.As(err, &known):
		return err
	case errors.Is(err, ErrTorn), errors.Is(err, scan.ErrDamaged):
		return &errs.Error{Class: errs.NotReady, What: what, Err: err, Hint: "deliver the whole dump, under its name only when it is complete"}
	case errors.Is(err, errParquet):
		return &errs.Error{Class: errs.NotReady, What: what, Err: err, Hint: "deliver the whole file, under its name only when it is complete"}
	case errors.Is(err, errShape):
		return &errs.Error{Class: errs.Gate, What: what, Err: err, Hint: `write it with COPY (...) TO ... WITH (FORMAT csv, HEADER), or as Parquet`}
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission), isPathError(err):
		return errs.Wrap(errs.Unreachable, what, err)
	default:
		return fmt.Errorf("%s: %w", what, err)
	}
}

func isPathError(err error) bool {
	var path *os.PathError
	return errors.As(err, &path)
}
