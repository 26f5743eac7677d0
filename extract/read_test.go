package extract

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/internal/pii"
	"vaultreport/internal/vfs"
)

// stalling gives a line, then nothing for a while without an end, then another line.
type stalling struct{ reads int }

func (s *stalling) Read(p []byte) (int, error) {
	s.reads++
	switch {
	case s.reads == 1:
		return copy(p, "{}\n"+strings.Repeat("x", 100)+"\n"), nil
	case s.reads < 150:
		return 0, nil
	case s.reads == 150:
		return copy(p, "a line that must not be lost\n"), nil
	}
	return 0, io.EOF
}

type untold struct{}

func (untold) Add(int64)  {}
func (untold) Rows(int64) {}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func keyAndZone(t *testing.T) (*pii.Key, bizday.Zone) {
	t.Helper()
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := bizday.LoadZone("UTC")
	if err != nil {
		t.Fatal(err)
	}
	return key, zone
}

func TestAReaderThatDoesNotReachTheEndIsAnError(t *testing.T) {
	key, zone := keyAndZone(t)
	broken := errors.New("the disk is gone")
	for _, c := range []struct {
		name  string
		from  io.Reader
		cause error
	}{
		{"no progress", &stalling{}, io.ErrNoProgress},
		{"a failing disk", io.MultiReader(strings.NewReader("{}\n{}\n"), failing{broken}), broken},
		{"a failing disk behind a gzip header", io.MultiReader(strings.NewReader("\x1f\x8b\x08\x00\x00\x00\x00\x00"), failing{broken}), broken},
	} {
		t.Run(c.name, func(t *testing.T) {
			spill, err := newSpill(vfs.OS(), t.TempDir(), 0)
			if err != nil {
				t.Fatal(err)
			}
			defer spill.close()
			p := pass{fs: vfs.OS(), zone: zone, key: key, spill: spill, stdin: c.from, threads: 2, progress: untold{}, replay: &replay{}}
			source := Source{Name: "pipe", Path: Stdin, MaxLine: 1 << 20}
			got := &openFile{found: found{source: source, name: Stdin, path: Stdin}, tally: tally{days: make(map[bizday.Day]*dayTally)}}
			err = p.read(context.Background(), []*openFile{got})
			if errs.ClassOf(err) != errs.Unreachable || !errors.Is(err, c.cause) {
				t.Errorf("got %d lines and error %v, want class Unreachable with cause %v", got.tally.input.Lines, err, c.cause)
			}
		})
	}
}
