package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// The messages between which a run transforms.
const (
	transformBegins = "extracted"
	transformEnds   = "alarms are up to date"
)

// program is the binary under test.
type program string

// night is one `run`. Transform is without peak memory, which only the whole process has.
type night struct {
	Whole, Transform cost
	Read             int64 // event lines and rows of tables
}

// run runs `vaultreport run` over a world's sources into a warehouse.
func (p program) run(ctx context.Context, w world, warehouse string, args ...string) (night, error) {
	args = append([]string{"run", "--config", w.config(), "--warehouse", warehouse, "--log-format", "json", "-o", "json"}, args...)
	cmd := exec.CommandContext(ctx, string(p), args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	log, err := cmd.StderrPipe()
	if err != nil {
		return night{}, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return night{}, fmt.Errorf("start %s: %w, hint: make build", p, err)
	}
	transform, last, logErr := watch(log, cmd.Process.Pid)
	if err := cmd.Wait(); err != nil {
		return night{}, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, last)
	}
	if logErr != nil {
		return night{}, logErr
	}
	var result struct {
		Ledger struct{ Read int64 }
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil {
		return night{}, fmt.Errorf("read what run printed: %w", err)
	}
	return night{Whole: costOf(cmd, time.Since(began)), Transform: transform, Read: result.Ledger.Read}, nil
}

// costOf returns what a process that has ended took. The kernel counts into its peak memory that of this process at the
// start, so the bench stays small until the last process has run.
func costOf(cmd *exec.Cmd, wall time.Duration) cost {
	c := cost{Wall: wall, CPU: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.RSS = usage.Maxrss << 10
	}
	return c
}

// watch reads a log to its end and returns what the process took between the two messages, and the last line.
func watch(log io.Reader, pid int) (transform cost, last string, err error) {
	var began time.Time
	var before time.Duration
	lines := bufio.NewScanner(log)
	for lines.Scan() {
		last = lines.Text()
		var line struct{ Msg string }
		if json.Unmarshal(lines.Bytes(), &line) != nil {
			continue
		}
		switch line.Msg {
		case transformBegins:
			began = time.Now()
			before, err = cpuOf(pid)
		case transformEnds:
			after, cpuErr := cpuOf(pid)
			if cpuErr != nil {
				err = cpuErr
			}
			transform = cost{Wall: time.Since(began), CPU: after - before}
		}
	}
	switch {
	case err != nil:
	case lines.Err() != nil:
		err = fmt.Errorf("read the log of run: %w", lines.Err())
	case began.IsZero() || transform.Wall == 0:
		err = fmt.Errorf("the log of run has no lines %q and %q, between which the transform is measured", transformBegins, transformEnds)
	}
	return transform, last, err
}

// call runs another verb and returns what it took.
func (p program) call(ctx context.Context, args ...string) (cost, error) {
	return took(exec.CommandContext(ctx, string(p), args...))
}

// took runs a process, whose output is dropped unless somebody asked for it, and returns what it took.
func took(cmd *exec.Cmd) (cost, error) {
	var log bytes.Buffer
	cmd.Stderr = &log
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return cost{}, fmt.Errorf("%s: %w: %s", strings.Join(cmd.Args, " "), err, &log)
	}
	return costOf(cmd, time.Since(began)), nil
}
