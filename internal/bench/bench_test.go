package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vaultreport/internal/pgtest"
)

// TestMain lets the test binary be a child, as the bench is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == childWord {
		os.Exit(child(os.Args[2:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// Over so little that it lives: both sides of each comparison give the same answer or as many rows, and every bar has its row.
// No figure is looked at.
func TestTheBenchRunsAtATinyScale(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "vaultreport")
	if out, err := exec.Command("go", "build", "-trimpath", "-o", binary, "vaultreport/cmd/vaultreport").CombinedOutput(); err != nil {
		t.Fatalf("build: %v: %s", err, out)
	}
	for _, section := range []struct {
		letter, args string
		rows         int
	}{
		{"A", "-lines 4000 -few-lines 400 -many-lines 500", 14},
		{"B", "-rows 2000", 2},
		{"C", "-end 2026-04-02 -days 2 -users 60 -events 3 -big-users 60 -big-events 3", 12},
	} {
		t.Run(section.letter, func(t *testing.T) {
			if section.letter == "B" {
				pgtest.Start(t) // or the test is skipped
			}
			var out, log bytes.Buffer
			args := append([]string{"-bin", binary, "-dir", t.TempDir(), "-o", "markdown", "-pairs", "1", "-sections", section.letter}, strings.Fields(section.args)...)
			if err := run(context.Background(), args, &out, &log); err != nil {
				t.Fatalf("%v\n%s", err, &log)
			}
			if got, want := strings.Count(out.String(), "\n| "), section.rows+1; got != want {
				t.Errorf("the table has %d rows and a header, not %d:\n%s", got-1, want-1, &out)
			}
		})
	}
}
