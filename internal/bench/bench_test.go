package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Over two days of a few users, so that it lives: both sides of each comparison give the same answer, and every bar has its
// row. No figure is looked at.
func TestTheBenchRunsAtATinyScale(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "vaultreport")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", binary, "vaultreport/cmd/vaultreport").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	var out, log bytes.Buffer
	err := run(context.Background(), []string{"-bin", binary, "-dir", t.TempDir(), "-o", "markdown", "-end", "2026-04-02", "-days", "2",
		"-users", "60", "-events", "3", "-big-users", "60", "-big-events", "3", "-pairs", "1"}, &out, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, &log)
	}
	if got, want := strings.Count(out.String(), "\n| "), 13; got != want {
		t.Errorf("the table has %d rows and a header, not %d:\n%s", got-1, want-1, &out)
	}
}
