package main

import (
	"io"
	"log/slog"
)

// newLogger returns a log in the form and at the level that the flags ask for. It has no colours, so NO_COLOR holds.
func newLogger(w io.Writer, g globalFlags) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelInfo}
	if g.Quiet {
		options.Level = slog.LevelWarn
	}
	if g.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}
