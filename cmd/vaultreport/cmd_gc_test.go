package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

func TestAges(t *testing.T) {
	const none = -1
	for text, want := range map[string]time.Duration{
		"30d": 720 * time.Hour, "12h": 12 * time.Hour, "1d12h": 36 * time.Hour, "0d": 0, "0s": 0, " 2d ": 48 * time.Hour, "90m": 90 * time.Minute,
		"": none, "30": none, "d": none, "-1d": none, "1.5d": none, "1d-1h": none, "1d2d": none, "99999d": none, "36500d999999h": 36500*24*time.Hour + 999_999*time.Hour,
		"36500d2562047h": none, "12h1d": none, "1w": none,
	} {
		got, err := parseAge(text)
		if err != nil {
			got = none
		}
		if got != want {
			t.Errorf("%q: got %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestAQueryOfASnapshotThatGoesSaysSo(t *testing.T) {
	root := publishMetrics(t)
	s, err := openSnapshot(t.Context(), config{}, root, "1", duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, name := range []string{"_snapshots/0000000001.json", "_objects"} {
		if err := os.RemoveAll(filepath.Join(root, name)); err != nil {
			t.Fatal(err)
		}
	}
	a := &app{global: globalFlags{Quiet: true}}
	err = a.answer(t.Context(), s, "select * from metric_daily")
	if errs.ClassOf(err) != errs.Usage || err.Error() != "snapshot 0000000001 was removed while it was read" {
		t.Errorf("got %v", err)
	}
	if err := a.answer(t.Context(), s, "select nonsense"); errs.ClassOf(err) != errs.Usage || err.Error() == "snapshot 0000000001 was removed while it was read" {
		t.Errorf("an error of the text is one: got %v", err)
	}
}
