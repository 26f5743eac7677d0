package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"vaultreport/internal/errs"
)

// exitCode is the table of docs/contract.md section 1, "Exit codes".
func exitCode(ctx context.Context, err error) int {
	var signalled interrupted
	if err != nil && errors.As(context.Cause(ctx), &signalled) {
		return signalled.code()
	}
	if err == nil {
		return 0
	}
	switch errs.ClassOf(err) {
	case errs.Usage:
		return 2
	case errs.Gate:
		return 3
	case errs.Alarm:
		return 4
	case errs.NotReady:
		return 5
	case errs.Leased:
		return 6
	case errs.Unreachable:
		return 7
	}
	return 1
}

// interrupted is the cause of a context that a signal ended.
type interrupted struct{ signal syscall.Signal }

func (i interrupted) Error() string { return "interrupted" }
func (i interrupted) code() int     { return 128 + int(i.signal) }

// grace is how long a verb may take to end after a signal: docs/security.md promises 5 seconds for all of it.
const grace = 4500 * time.Millisecond

// untilSignal returns a context that SIGINT and SIGTERM end. A verb that does not follow in time, or a second signal,
// ends the process at once; what was not published then is not published, as after a crash.
func untilSignal(parent context.Context, exit func(int)) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		var first interrupted
		select {
		case s := <-signals:
			first.signal, _ = s.(syscall.Signal)
			cancel(first)
		case <-done:
			return
		}
		select {
		case <-signals:
		case <-time.After(grace):
		case <-done:
			return
		}
		exit(first.code())
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel(nil)
	}
}

// joined is several errors of which each is printed with its own hint.
type joined []error

func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "\n")
}

func (j joined) Unwrap() []error { return j }

// printError writes every error with its hint: text for people, JSON for collectors of logs.
func (a *app) printError(err error, code int) {
	all := joined{err}
	var several joined
	if errors.As(err, &several) {
		all = several
	}
	for _, one := range all {
		message, hint := one.Error(), errs.HintOf(one)
		if code > 128 {
			message, hint = "interrupted, nothing was published", "run the same command again"
		}
		if a.global.LogFormat == "json" {
			attributes := []any{"exit", code}
			if hint != "" {
				attributes = append(attributes, "hint", hint)
			}
			slog.New(slog.NewJSONHandler(a.err, nil)).Error(message, attributes...)
			continue
		}
		fmt.Fprintf(a.err, "vaultreport: %s\n", message)
		if hint != "" {
			fmt.Fprintf(a.err, "  hint: %s\n", hint)
		}
	}
}

// reasonOf takes the path out of an error of package os: the caller's message has named it.
func reasonOf(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
