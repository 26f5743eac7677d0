package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
)

func TestASourceIsReadyForADay(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "2026-01-02.done"), nil, 0o640); err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 1, 4, 0, 0, 0, 0, time.UTC)
	marker := filepath.Join(dir, "{date}.done")
	dated := func(text string, age time.Duration) found {
		return found{dated: true, date: day(t, text), modTime: now.Add(-age)}
	}
	for _, c := range []struct {
		name, path string
		ready      Ready
		files      []found
		day        string
		why        string // it is not
	}{
		{"with a file of the day itself", "/logs/{date}.jsonl", Ready{}, []found{dated("2026-01-02", 0)}, "2026-01-02", ""},
		{"not with a neighbour's", "/logs/{date}.jsonl", Ready{}, []found{dated("2026-01-02", 0)}, "2026-01-03", "no file"},
		{"with the month's", "/logs/{date:2006-01}.jsonl", Ready{}, []found{dated("2026-01-01", 0)}, "2026-01-31", ""},
		{"with any file of a path without {date}", "/logs/all.jsonl", Ready{}, []found{{modTime: now}}, "2026-01-03", ""},
		{"without one if none is needed", "/logs/{date}.jsonl", Ready{AllowMissing: true}, nil, "2026-01-03", ""},
		{"with its marker, and no file", "/logs/{date}.jsonl", Ready{Marker: marker}, nil, "2026-01-02", ""},
		{"not with another day's marker", "/logs/{date}.jsonl", Ready{Marker: marker}, []found{dated("2026-01-03", 0)}, "2026-01-03", "no marker"},
		{"when its newest file rests", "/logs/{date}.jsonl", Ready{Quiet: time.Hour}, []found{dated("2026-01-02", 2*time.Hour), dated("2026-01-02", time.Hour)}, "2026-01-02", ""},
		{"not while one is new", "/logs/{date}.jsonl", Ready{Quiet: time.Hour}, []found{dated("2026-01-02", 2*time.Hour), dated("2026-01-02", time.Hour-1)}, "2026-01-02", "1h0m0s ago"},
		{"not without a file to rest", "/logs/{date}.jsonl", Ready{Quiet: time.Hour}, nil, "2026-01-02", "no file"},
		{"with all of several conditions", "/logs/{date}.jsonl", Ready{Marker: marker, Quiet: time.Hour}, []found{dated("2026-01-02", 0)}, "2026-01-02", "1h0m0s ago"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Source{Name: "api", Path: c.path, Ready: c.ready}
			for i := range c.files {
				c.files[i].source = s
			}
			err := ready([]Source{s}, c.files, []bizday.Day{day(t, c.day)}, now)
			if c.why == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if errs.ClassOf(err) != errs.NotReady || !strings.Contains(err.Error(), c.why) || !strings.Contains(err.Error(), c.day) || errs.HintOf(err) == "" {
				t.Errorf("got %v, want an error of class NotReady that says %q, the day, and a way out", err, c.why)
			}
		})
	}
}
