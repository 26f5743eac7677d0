package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"vaultreport/internal/bizday"
)

// settled is a history that every window, comparison and carried state of a night finds all its days in.
const settled = 15

// nights measures the transform of one night after histories of several lengths, and the refresh of all of them. It
// returns the warehouse of the whole history, without that night.
func (b *bench) nights(ctx context.Context, w world) (warehouse string, err error) {
	tonight := w.last
	history := w.days() - 1
	whole := filepath.Join(w.dir, "whole")
	b.say("backfill of %d days", history)
	backfill, err := b.program.run(ctx, w, whole, period(w.first, tonight-1)...)
	if err != nil {
		return "", err
	}
	b.say("the same under 512 MiB")
	tight := filepath.Join(w.dir, "tight")
	small, err := b.program.run(ctx, w, tight, append(period(w.first, tonight-1), "--memory", "512MiB")...)
	if err != nil {
		return "", err
	}
	if err := sameFiles(whole, tight); err != nil {
		return "", fmt.Errorf("compare the backfill with the one under 512 MiB: %w", err)
	}

	histories := []int{history, min(settled, history), 1}
	measures := make([]func() (cost, error), len(histories))
	for i, days := range histories {
		from := whole
		if days < history {
			from = filepath.Join(w.dir, fmt.Sprint("history-", days))
			if _, err := b.program.run(ctx, w, from, period(tonight-bizday.Day(days), tonight-1)...); err != nil {
				return "", err
			}
		}
		measures[i] = func() (cost, error) {
			night, err := b.night(ctx, w, from)
			return night.Transform, err
		}
	}
	b.say("one night after %d, %d and 1 days of history", histories[0], histories[1])
	costs, err := alternate(b.options.pairs, measures...)
	if err != nil {
		return "", err
	}
	b.add(atMost("one night's transform at 180 days of history against 1 day of history: <= 1.2x",
		days(history)+" of history against 1 day", costs[0], costs[2], 1.2))
	b.add(without(atMost("the same against a history that all windows of a night fit into",
		days(history)+" of history against "+days(histories[1]), costs[0], costs[1], 1.2)))
	b.add(atLeast("one night's transform against a full refresh of 180 days: >= 50x less",
		"against the transform of a backfill of "+days(history)+", taken once", costs[0], backfill.Transform, 50))
	b.add(atMostWall("180-day backfill under memory_limit=512MB against unlimited: <= 1.3x wall, same bytes out",
		"the whole run with --memory 512MiB against its default, one pair; the bytes are the same", small.Whole, backfill.Whole, 1.3))
	return whole, os.RemoveAll(tight)
}

// night runs the world's last day in a clone of a warehouse.
func (b *bench) night(ctx context.Context, w world, warehouse string, args ...string) (night, error) {
	tonight := filepath.Join(w.dir, "tonight")
	if err := clone(ctx, warehouse, tonight); err != nil {
		return night{}, err
	}
	return b.program.run(ctx, w, tonight, append([]string{"--date", w.last.String()}, args...)...)
}

// published is a file of a manifest, as far as two of them are compared.
type published struct{ Path, SHA256 string }

// sameFiles compares what the first snapshots of two warehouses have published.
func sameFiles(one, other string) error {
	var files [2][]published
	for i, warehouse := range []string{one, other} {
		text, err := os.ReadFile(filepath.Join(warehouse, "_snapshots", "0000000001.json"))
		if err != nil {
			return err
		}
		var manifest struct{ Files []published }
		if err := json.Unmarshal(text, &manifest); err != nil {
			return err
		}
		files[i] = manifest.Files
	}
	if len(files[0]) == 0 || !slices.Equal(files[0], files[1]) {
		return fmt.Errorf("the published files differ")
	}
	return nil
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprint(n, " days")
}
