package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// binary returns the path of the program as `make build` builds it. Whole runs that are repeated use it: the race detector
// would make each of them take three times as long, and has smaller runs to look at.
var binary = sync.OnceValues(func() (string, error) {
	path := filepath.Join(built, "vaultreport")
	out, err := exec.Command("go", "build", "-trimpath", "-o", path, ".").CombinedOutput()
	if err != nil {
		os.Stderr.Write(out)
	}
	return path, err
})

// built is a folder that lasts as long as the tests.
var built string

type withFolder struct{ tests *testing.M }

func (w withFolder) Run() (code int) {
	var err error
	if built, err = os.MkdirTemp("", "vaultreport-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(built)
	return w.tests.Run()
}

func mustBuild(t *testing.T) string {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	return path
}
