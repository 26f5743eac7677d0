package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"vaultreport/internal/bizday"
)

// world is a sample on disk with room for warehouses.
type world struct {
	dir         string
	first, last bizday.Day
	users       int
	lines       int64 // event lines of all days
}

func (w world) config() string { return filepath.Join(w.dir, "vaultreport.yaml") }

func (w world) days() int { return int(w.last-w.first) + 1 }

// newWorld writes a sample that ends on the last day.
func newWorld(ctx context.Context, p program, dir string, last bizday.Day, days, users, eventsPerUser int) (world, error) {
	w := world{dir: dir, first: last - bizday.Day(days) + 1, last: last, users: users}
	out, err := exec.CommandContext(ctx, string(p), "sample", "--quiet", "-o", "json", "--dir", dir, "--end", last.String(),
		"--days", fmt.Sprint(days), "--users", fmt.Sprint(users), "--events-per-user", fmt.Sprint(eventsPerUser)).Output()
	if err != nil {
		return world{}, fmt.Errorf("write a sample with %s: %w, hint: make build", p, err)
	}
	var result struct{ Lines int64 }
	if err := json.Unmarshal(out, &result); err != nil {
		return world{}, fmt.Errorf("read what sample printed: %w", err)
	}
	w.lines = result.Lines
	return w, w.keepVaults()
}

// retireAfter, in days, is longer than every history. A vault that leaves the state and comes back would make the life cycle
// by raw scans much longer to write; that none leaves makes the nights a little dearer.
const retireAfter = 3660

func (w world) keepVaults() error {
	file, err := os.OpenFile(w.config(), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(file, "\nmetrics:\n  retire_after: %d\n", retireAfter)
	return errors.Join(err, file.Close())
}

// clone makes another warehouse of the same content, quickly: published files are replaced and never changed, so a second
// name for each is enough.
func clone(ctx context.Context, from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	if out, err := exec.CommandContext(ctx, "cp", "-al", from, to).CombinedOutput(); err != nil {
		return fmt.Errorf("clone a warehouse: %w: %s", err, out)
	}
	return nil
}

// period are the flags for the days from first to last.
func period(first, last bizday.Day) []string {
	return []string{"--start", first.String(), "--end", last.String()}
}
