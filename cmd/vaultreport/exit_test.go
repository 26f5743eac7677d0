package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

func TestExitCodes(t *testing.T) {
	interruptedBy := func(s syscall.Signal) context.Context {
		ctx, cancel := context.WithCancelCause(context.Background())
		cancel(interrupted{s})
		return ctx
	}
	plain := context.Background()
	for _, c := range []struct {
		name string
		ctx  context.Context
		err  error
		want int
	}{
		{"done", plain, nil, 0},
		{"an error without a class", plain, errors.New("x"), 1},
		{"unexpected", plain, errs.New(errs.Unexpected, "x", ""), 1},
		{"usage", plain, errs.New(errs.Usage, "x", ""), 2},
		{"several of usage", plain, joined{errs.New(errs.Usage, "x", ""), errs.New(errs.Usage, "y", "")}, 2},
		{"a gate", plain, errs.New(errs.Gate, "x", ""), 3},
		{"an alarm", plain, errs.New(errs.Alarm, "x", ""), 4},
		{"not ready", plain, errs.New(errs.NotReady, "x", ""), 5},
		{"leased", plain, errs.New(errs.Leased, "x", ""), 6},
		{"unreachable", plain, errs.New(errs.Unreachable, "x", ""), 7},
		{"a wrapped class", plain, fmt.Errorf("night: %w", errs.New(errs.Gate, "x", "")), 3},
		{"SIGINT", interruptedBy(syscall.SIGINT), context.Canceled, 130},
		{"SIGTERM", interruptedBy(syscall.SIGTERM), errs.New(errs.Unexpected, "x", ""), 143},
		{"done in spite of a signal", interruptedBy(syscall.SIGTERM), nil, 0},
	} {
		if got := exitCode(c.ctx, c.err); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestErrorsOnStderr(t *testing.T) {
	err := &errs.Error{Class: errs.Usage, What: "read x", Err: errors.New("no"), Hint: "try y"}
	for _, c := range []struct {
		name, form string
		code       int
		err        error
		want       []string
	}{
		{"for people", "text", 2, err, []string{"vaultreport: read x: no\n  hint: try y\n"}},
		{"without a hint", "text", 1, errors.New("x"), []string{"vaultreport: x\n"}},
		{"several", "text", 2, joined{err, errors.New("z")}, []string{"vaultreport: read x: no\n  hint: try y\nvaultreport: z\n"}},
		{"for collectors", "json", 2, err, []string{`"level":"ERROR","msg":"read x: no","exit":2,"hint":"try y"}`}},
		{"interrupted", "text", 130, context.Canceled, []string{"vaultreport: interrupted, nothing was published\n  hint: run the same command again\n"}},
	} {
		var b bytes.Buffer
		a := &app{streams: streams{err: &b}, global: globalFlags{LogFormat: c.form}}
		a.printError(c.err, c.code)
		for _, want := range c.want {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%s: got %q, want %q in it", c.name, b.String(), want)
			}
		}
	}
}

// project writes a small configuration with a log of one line and returns its folder.
func project(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"vaultreport.yaml": "events:\n  - {name: api, path: \"" + path + "\"}\nprivacy: {key_file: user.key}\n",
		"user.key":         strings.Repeat("0a", 32),
		"2026-01-02.jsonl": `{"ts":"2026-01-02T10:00:00+09:00","event":"ALERT_SENT","user_id":1,"env":"prod"}` + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestASecondRunEndsWithTheHolderOfTheLease(t *testing.T) {
	dir := project(t, "{date}.jsonl")
	w, err := warehouse.Open(warehouse.Options{Root: filepath.Join(dir, "warehouse")})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := w.Begin(context.Background(), warehouse.Identity{ToolVersion: "test", KeyID: "00000000", Zone: "Asia/Seoul"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Close()
	// Another process, since within one a lease tells its own transactions apart.
	run := exec.Command("vaultreport", "run", "--config", filepath.Join(dir, "vaultreport.yaml"), "--date", "2026-01-02")
	var out, log bytes.Buffer
	run.Stdout, run.Stderr = &out, &log
	var exit *exec.ExitError
	if err := run.Run(); !errors.As(err, &exit) || exit.ExitCode() != 6 || out.Len() > 0 || !strings.Contains(log.String(), "lease held by") {
		t.Errorf("got %v, stdout %q, stderr %q", err, out.String(), log.String())
	}
}

// A run that waits for lines from stdin is interrupted; it must end in 5 seconds, with the signal's code and without a
// warehouse that anybody could read.
func TestSignalsEndARun(t *testing.T) {
	for signal, want := range map[os.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := project(t, "-")
			run := exec.Command("vaultreport", "run", "--date", "2026-01-02", "--log-format", "json")
			run.Dir = dir
			stdin, err := run.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			defer stdin.Close()
			stderr, err := run.StderrPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := run.Start(); err != nil {
				t.Fatal(err)
			}
			// More than the pipe holds: once it is taken, the run reads.
			line := `{"ts":"2026-01-02T10:00:00+09:00","event":"ALERT_SENT","user_id":1,"env":"prod"}` + "\n"
			if _, err := stdin.Write([]byte(strings.Repeat(line, 4000))); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			if err := run.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			var log strings.Builder
			for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
				log.WriteString(scanner.Text() + "\n")
			}
			var exit *exec.ExitError
			if err := run.Wait(); !errors.As(err, &exit) || exit.ExitCode() != want {
				t.Errorf("got %v, want exit code %d\n%s", err, want, log.String())
			}
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("ended after %s", took)
			}
			if files, _ := filepath.Glob(filepath.Join(dir, "warehouse", "_snapshots", "*")); len(files) > 0 {
				t.Errorf("published: %v", files)
			}
			// The same command runs afterwards: no lease stands in the way.
			var out, after bytes.Buffer
			code := execute([]string{"run", "--config", filepath.Join(dir, "vaultreport.yaml"), "--date", "2026-01-02", "--quiet"},
				streams{strings.NewReader(line), &out, &after}, environment, func(int) {})
			if code != 0 {
				t.Errorf("the next run: code %d, %s", code, after.String())
			}
		})
	}
}
