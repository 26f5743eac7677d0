package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"

	"vaultreport/internal/bizday"
)

// logs are the event lines of one day in files of their own: as they are, as gzip, and without bad lines for baselines that do not survive one.
type logs struct {
	dir                string
	day                bizday.Day
	lines, kept, good  int64 // kept: each once
	bytes              int64
	plain, gzip, clean string
}

// writeLogs writes n lines into a new folder; only the plain ones if nothing is to be compared.
func writeLogs(dir string, day bizday.Day, n, users int, compare bool) (l logs, err error) {
	file := func(form, ending string) string { return filepath.Join(dir, form, day.String()+ending) }
	l = logs{dir: dir, day: day, lines: int64(n), plain: file("plain", ".jsonl"), gzip: file("gzip", ".jsonl.gz"), clean: file("clean", ".jsonl")}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return l, err
	}
	if err := os.WriteFile(filepath.Join(dir, "user.key"), []byte(keyText), 0o600); err != nil {
		return l, err
	}
	made := newEventLines(day, n, users, false)
	if l.bytes, err = writeLines(l.plain, made, false); err != nil {
		return l, err
	}
	l.kept, l.good = made.kept(), int64(n)-made.bad
	if !compare {
		return l, nil
	}
	if _, err := writeLines(l.gzip, newEventLines(day, n, users, false), true); err != nil {
		return l, err
	}
	_, err = writeLines(l.clean, newEventLines(day, n, users, true), false)
	return l, err
}

// writeLines writes all lines, to the disk: nothing is left to be written while something is measured.
func writeLines(path string, e *eventLines, compressed bool) (bytes int64, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return 0, err
	}
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	out := io.WriteCloser(file)
	if compressed {
		out = gzip.NewWriter(file)
	}
	buffered := bufio.NewWriterSize(out, 1<<18)
	var line []byte
	for range e.n {
		line = e.append(line[:0])
		bytes += int64(len(line))
		buffered.Write(line) // the first error sticks to the writer and comes back from Flush
	}
	if err := buffered.Flush(); err != nil {
		return 0, err
	}
	if compressed {
		if err := out.Close(); err != nil {
			return 0, err
		}
	}
	return bytes, file.Sync()
}

// config writes a configuration with one source and names it.
func (l logs) config(path string) (string, error) {
	text := fmt.Sprintf("events:\n  - name: app\n    path: %s\n    lookback: 0\n    lookahead: 0\nprivacy: {key_file: user.key}\n",
		strings.ReplaceAll(path, l.day.String(), "{date}"))
	config := filepath.Join(l.dir, filepath.Base(filepath.Dir(path))+".yaml")
	return config, os.WriteFile(config, []byte(text), 0o600)
}

// rowsOf returns the rows that the first snapshot of a warehouse has of a table.
func rowsOf(warehouse, table string) (rows int64, err error) {
	text, err := os.ReadFile(filepath.Join(warehouse, "_snapshots", "0000000001.json"))
	if err != nil {
		return 0, err
	}
	var manifest struct {
		Files []struct {
			Path string
			Rows int64
		}
	}
	err = json.Unmarshal(text, &manifest)
	for _, f := range manifest.Files {
		if strings.HasPrefix(f.Path, "lake/"+table+"/") {
			rows += f.Rows
		}
	}
	return rows, err
}
