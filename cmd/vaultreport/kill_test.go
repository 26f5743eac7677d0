package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/sample"
)

// killedDays is how many days each run has.
const killedDays = 10

// TestARunThatIsKilledLeavesOldOrNew kills whole runs at random instants while two readers look on. Every file that the
// slow one reads has the bytes of the snapshot before or of the one after, and its queries answer; the fast one asks over
// and over whether every partition is there, since a gap between two names lasts microseconds. The next run ends with the
// bytes of an undisturbed one. VAULTREPORT_KILLS says how often (default 3).
func TestARunThatIsKilledLeavesOldOrNew(t *testing.T) {
	t.Parallel()
	kills := 3
	if text := os.Getenv("VAULTREPORT_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		kills = n
	}
	o := sample.Default()
	o.Users, o.Days, o.Dir = 20, killedDays, t.TempDir()
	result, err := sample.Write(context.Background(), o, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	h := harness{t: t, program: mustBuild(t), dir: o.Dir, first: result.First, last: result.Last}

	late := h.takeAway() // half of the files, which come late
	h.run("old")
	old := h.files("old")
	h.bringBack(late)
	h.copy("old", "undisturbed")
	began := time.Now()
	h.run("undisturbed")
	took := time.Since(began)
	want := h.files("undisturbed")
	if len(old) > len(want) || len(old) == 0 {
		t.Fatalf("%d files before and %d after", len(old), len(want)) // the days that are restated have a file more
	}

	random := rand.New(rand.NewPCG(11, 11))
	for kill := range kills {
		warehouse := "w" + strconv.Itoa(kill)
		h.copy("old", warehouse)
		after := time.Duration(random.Int64N(int64(took) * 5 / 4))
		cmd := h.command("run", warehouse)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // it may have ended by itself
		stopWatching := h.watch(warehouse, old)
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		for running := true; running; {
			select {
			case <-ended:
				running = false
			default:
			}
			h.look(warehouse, old, want)
		}
		timer.Stop()
		h.run(warehouse)
		stopWatching()
		h.look(warehouse, want, want)
		if t.Failed() {
			t.Fatalf("killed after %s of about %s", after, took)
		}
		if err := os.RemoveAll(filepath.Join(h.dir, warehouse)); err != nil {
			t.Fatal(err)
		}
	}
}

type harness struct {
	t           *testing.T
	program     string
	dir         string
	first, last string
}

func (h harness) command(verb, warehouse string, more ...string) *exec.Cmd {
	args := append([]string{verb, "--quiet", "--config", filepath.Join(h.dir, "vaultreport.yaml"), "--warehouse", filepath.Join(h.dir, warehouse)}, more...)
	if verb == "run" {
		args = append(args, "--start", h.first, "--end", h.last)
	}
	return exec.Command(h.program, args...)
}

func (h harness) run(warehouse string) {
	h.t.Helper()
	if out, err := h.command("run", warehouse).CombinedOutput(); err != nil {
		h.t.Fatalf("run: %v\n%s", err, out)
	}
}

// copy copies a warehouse as it is, with what its files have in common.
func (h harness) copy(from, to string) {
	h.t.Helper()
	if out, err := exec.Command("cp", "-a", filepath.Join(h.dir, from), filepath.Join(h.dir, to)).CombinedOutput(); err != nil {
		h.t.Fatalf("copy: %v\n%s", err, out)
	}
}

// takeAway moves the logs of staging and dev out of the way.
func (h harness) takeAway() (late []string) {
	h.t.Helper()
	for _, env := range []string{"staging", "dev"} {
		files, err := filepath.Glob(filepath.Join(h.dir, "logs/*", env+".jsonl.gz"))
		if err != nil || len(files) == 0 {
			h.t.Fatalf("no logs of %s: %v", env, err)
		}
		for _, name := range files {
			if err := os.Rename(name, name+".late"); err != nil {
				h.t.Fatal(err)
			}
		}
		late = append(late, files...)
	}
	return late
}

func (h harness) bringBack(late []string) {
	h.t.Helper()
	for _, name := range late {
		if err := os.Rename(name+".late", name); err != nil {
			h.t.Fatal(err)
		}
	}
}

// files returns the digest of every data file of the glob tree.
func (h harness) files(warehouse string) map[string][32]byte {
	h.t.Helper()
	digests := make(map[string][32]byte)
	for _, table := range h.glob(warehouse, "*/*/dt=*/*") {
		content, err := os.ReadFile(table)
		if err != nil {
			h.t.Fatal(err)
		}
		name, err := filepath.Rel(filepath.Join(h.dir, warehouse), table)
		if err != nil {
			h.t.Fatal(err)
		}
		digests[name] = sha256.Sum256(content)
	}
	return digests
}

func (h harness) glob(warehouse, pattern string) []string {
	h.t.Helper()
	names, err := filepath.Glob(filepath.Join(h.dir, warehouse, pattern))
	if err != nil {
		h.t.Fatal(err)
	}
	return names
}

// watch asks without pause whether every file is there, until the function that it returns is called.
func (h harness) watch(warehouse string, files map[string][32]byte) (stop func()) {
	h.t.Helper()
	var paths []string
	for name := range files {
		paths = append(paths, filepath.Join(h.dir, warehouse, name))
	}
	done, missing := make(chan struct{}), make(chan string, 1)
	go func() {
		defer close(missing)
		for {
			for _, path := range paths {
				select {
				case <-done:
					return
				default:
				}
				if _, err := os.Stat(path); err != nil {
					missing <- err.Error()
					return
				}
			}
		}
	}()
	return func() {
		h.t.Helper()
		close(done)
		if text, was := <-missing; was {
			h.t.Errorf("a partition was not there for a moment: %s", text)
		}
	}
}

// look reads as an analyst would: files by glob, and one question.
func (h harness) look(warehouse string, old, new map[string][32]byte) {
	h.t.Helper()
	seen := 0
	for _, path := range h.glob(warehouse, "*/*/dt=*/*.parquet") {
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			h.t.Errorf("%s vanished between glob and read", path)
			continue
		}
		name, _ := filepath.Rel(filepath.Join(h.dir, warehouse), path)
		digest := sha256.Sum256(content)
		if err != nil || digest != old[name] && digest != new[name] {
			h.t.Errorf("%s is neither the old file nor the new one: %v", name, err)
		}
		seen++
	}
	if seen < len(old) || seen > len(new) {
		h.t.Errorf("%d partitions are there, want %d to %d", seen, len(old), len(new))
	}
	var stdout, stderr bytes.Buffer
	query := h.command("query", warehouse, "-o", "csv", "select count(distinct dt) as days from events")
	query.Stdout, query.Stderr = &stdout, &stderr
	if err := query.Run(); err != nil || strings.TrimSpace(stdout.String()) != fmt.Sprintf("days\r\n%d", killedDays) {
		h.t.Errorf("query: %v %q %s", err, stdout.String(), stderr.String())
	}
}
