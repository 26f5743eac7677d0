package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// gated is a folder whose runs hold the lease until the test lets them go on: a source of theirs is standard input.
type gated struct {
	t   *testing.T
	dir string
}

func newGated(t *testing.T) gated {
	g := gated{t, t.TempDir()}
	g.write("vaultreport.yaml", `
warehouse: warehouse
events:
  - {name: app, path: "logs/{date}/*.jsonl", lookback: 0, lookahead: 0}
  - {name: gate, path: "-"}
privacy: {key_file: key}
`)
	g.write("key", strings.Repeat("0f", 32))
	return g
}

func (g gated) write(name, content string) {
	g.t.Helper()
	path := filepath.Join(g.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o640); err != nil {
		g.t.Fatal(err)
	}
}

// newLine writes a file with one claim that no file before it has.
func (g gated) newLine(n int) {
	g.t.Helper()
	g.write(fmt.Sprintf("logs/2026-01-02/%03d.jsonl", n), fmt.Sprintf(`{"ts":"2026-01-02T03:%02d:%02dZ","event":"VAULT_CLAIMED","user_id":%d,"vault_type":"GOLD","env":"prod"}`+"\n", n/60, n%60, n+1))
}

// gatedRun is a run that reads standard input until go on.
type gatedRun struct {
	*exec.Cmd
	gate   io.WriteCloser
	log    bytes.Buffer
	out    bytes.Buffer
	exited chan int
	reads  bool
}

func (g gated) start(warehouse string) *gatedRun {
	g.t.Helper()
	r := &gatedRun{exited: make(chan int, 1)}
	r.Cmd = exec.Command(mustBuild(g.t), "run", "--quiet", "--config", filepath.Join(g.dir, "vaultreport.yaml"), "--warehouse", filepath.Join(g.dir, warehouse), "--date", "2026-01-02", "-o", "json")
	r.Stdout, r.Stderr = &r.out, &r.log
	var err error
	if r.gate, err = r.StdinPipe(); err != nil {
		g.t.Fatal(err)
	}
	if err := r.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { _ = r.Process.Kill() }) // it has ended, or the test has failed
	go func() {
		err := r.Wait()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			r.exited <- -1
			return
		}
		r.exited <- r.ProcessState.ExitCode()
	}()
	return r
}

// waitUntilItReads returns when a run holds the lease and does nothing but wait for more of standard input: it has read more than fits
// into a pipe, of a line that is blank.
func (r *gatedRun) waitUntilItReads(t *testing.T) {
	t.Helper()
	const more = 1 << 18
	if _, err := r.gate.Write(bytes.Repeat([]byte{' '}, more)); err != nil {
		t.Fatalf("exit code %d: %s", <-r.exited, r.log.String())
	}
	r.reads = true
}

// goOn lets a run come to its end, and returns its exit code.
func (r *gatedRun) goOn(t *testing.T) int {
	t.Helper()
	if !r.reads {
		r.waitUntilItReads(t)
	}
	if err := r.gate.Close(); err != nil {
		t.Fatal(err)
	}
	return <-r.exited
}

func (r *gatedRun) holder() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s:%d", host, r.Process.Pid)
}

func (g gated) snapshots(warehouse string) int {
	g.t.Helper()
	names, err := filepath.Glob(filepath.Join(g.dir, warehouse, "_snapshots/*.json"))
	if err != nil {
		g.t.Fatal(err)
	}
	return len(names)
}

// sameAsOneRun compares the published files with those of a run that nobody disturbed.
func (g gated) sameAsOneRun(warehouse string) {
	g.t.Helper()
	fresh := g.start("fresh")
	if code := fresh.goOn(g.t); code != 0 {
		g.t.Fatalf("exit code %d: %s", code, fresh.log.String())
	}
	files := func(warehouse string) map[string][32]byte {
		all := harness{t: g.t, dir: g.dir}.files(warehouse)
		for name := range all {
			// What was published before is no history of a warehouse that is new, and pages tell it.
			if strings.Contains(name, "restatement") || strings.HasPrefix(name, "reports") {
				delete(all, name)
			}
		}
		return all
	}
	if diff := cmp.Diff(files("fresh"), files(warehouse)); diff != "" {
		g.t.Errorf("other files than those of one run (-one run +these runs)\n%s", diff)
	}
}

// Two runs begin at once, over and over, with new data each time. VAULTREPORT_OVERLAPS says how often (default 5).
func TestOfTwoRunsAtOnceOnePublishesAndTheOtherNamesIt(t *testing.T) {
	t.Parallel()
	overlaps := 5
	if text := os.Getenv("VAULTREPORT_OVERLAPS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		overlaps = n
	}
	g := newGated(t)
	for round := range overlaps {
		g.newLine(round)
		winner, loser := g.start("warehouse"), g.start("warehouse")
		var code int
		select {
		case code = <-loser.exited:
		case code = <-winner.exited:
			winner, loser = loser, winner
		}
		if want := "lease held by " + winner.holder() + " until "; code != 6 || !strings.Contains(loser.log.String(), want) {
			t.Fatalf("round %d: the first to end has exit code %d, want 6, and says %s, want %q", round, code, loser.log.String(), want)
		}
		if code := winner.goOn(t); code != 0 || !strings.Contains(winner.out.String(), `"status":"published"`) {
			t.Fatalf("round %d: the other has exit code %d: %s%s", round, code, winner.out.String(), winner.log.String())
		}
		if n := g.snapshots("warehouse"); n != round+1 {
			t.Fatalf("round %d: %d snapshots", round, n)
		}
	}
	g.sameAsOneRun("warehouse")
}

// expire makes the lease as old as it is when its holder was stopped for longer than it lasts. The holder must be stopped.
func (g gated) expire() {
	g.t.Helper()
	path := filepath.Join(g.dir, "warehouse/_runs/lease.json")
	text, err := os.ReadFile(path)
	if err != nil {
		g.t.Fatal(err)
	}
	var lease map[string]any
	if err := json.Unmarshal(text, &lease); err != nil {
		g.t.Fatal(err)
	}
	lease["expires"] = time.Now().Add(-time.Second).UTC()
	if text, err = json.Marshal(lease); err != nil {
		g.t.Fatal(err)
	}
	g.write("warehouse/_runs/lease.json", string(text))
}

func TestAHolderThatSleptPastItsLeaseFailsWhenItWakes(t *testing.T) {
	t.Parallel()
	for _, nextIsThrough := range []bool{true, false} {
		t.Run(map[bool]string{true: "the next run has published", false: "the next run is at work"}[nextIsThrough], func(t *testing.T) {
			t.Parallel()
			g := newGated(t)
			g.newLine(0)
			sleeper := g.start("warehouse")
			sleeper.waitUntilItReads(t)
			if err := sleeper.Process.Signal(syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			g.expire()
			next := g.start("warehouse")
			next.waitUntilItReads(t)
			publish := func() {
				t.Helper()
				if code := next.goOn(t); code != 0 || !strings.Contains(next.out.String(), `"status":"published"`) {
					t.Fatalf("the next run: exit code %d: %s", code, next.log.String())
				}
			}
			if nextIsThrough {
				publish()
			}
			if err := sleeper.Process.Signal(syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			if code := sleeper.goOn(t); code != 6 || !strings.Contains(sleeper.log.String(), "lease") || sleeper.out.Len() > 0 {
				t.Errorf("the sleeper: exit code %d, want 6: %s%s", code, sleeper.out.String(), sleeper.log.String())
			}
			if !nextIsThrough {
				publish()
			}
			if n := g.snapshots("warehouse"); n != 1 {
				t.Errorf("%d snapshots, want the next run's", n)
			}
			g.sameAsOneRun("warehouse")
		})
	}
}
