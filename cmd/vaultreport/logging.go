package main

import (
	"io"
	"log/slog"
	"time"

	"github.com/lmittmann/tint"
)

// newLogger returns a log for machines, in the form and at the level that the flags ask for. It has no colours.
func newLogger(w io.Writer, g globalFlags) *slog.Logger {
	options := &slog.HandlerOptions{Level: level(g)}
	if g.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// newTerminalLogger returns a log for somebody who looks on: short lines, in colours unless NO_COLOR is set.
func newTerminalLogger(w io.Writer, g globalFlags, noColor bool) *slog.Logger {
	return slog.New(tint.NewTextHandler(w, &tint.Options{Level: level(g), TimeFormat: time.TimeOnly, NoColor: noColor}))
}

func level(g globalFlags) slog.Level {
	if g.Quiet {
		return slog.LevelWarn
	}
	return slog.LevelInfo
}
