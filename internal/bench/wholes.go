package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/dustin/go-humanize"
)

// bigDay measures the whole run of a day of a million events: alone, and after a day that is published. The second reads more:
// yesterday's file again, which holds lines of today.
func (b *bench) bigDay(ctx context.Context) error {
	for _, history := range []int{0, 1} {
		if err := b.bigDayAfter(ctx, history); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) bigDayAfter(ctx context.Context, history int) error {
	o := b.options
	b.say("a day of %d users with %d events each, after %s", o.bigUsers, o.bigEvents, days(history))
	w, err := newWorld(ctx, b.program, filepath.Join(b.dir, "big"), o.end, history+1, o.bigUsers, o.bigEvents)
	if err != nil {
		return err
	}
	yesterday := filepath.Join(w.dir, "yesterday")
	if err := os.Mkdir(yesterday, 0o750); err != nil {
		return err
	}
	if history > 0 {
		if _, err := b.program.run(ctx, w, yesterday, period(w.first, w.last-1)...); err != nil {
			return err
		}
	}
	var last night
	costs, err := alternate(o.pairs, func() (cost, error) {
		last, err = b.night(ctx, w, yesterday, "--memory", "512MiB")
		return last.Whole, err
	})
	if err != nil {
		return err
	}
	b.add(within("whole run for a day of 1M events and 100k users, warm: <= 6 s wall, <= 512 MiB",
		fmt.Sprintf("--memory 512MiB after %s of history; reads %s lines and rows of tables; transform %s", days(history), humanize.Comma(last.Read), last.Transform),
		costs[0], 6*time.Second, 512<<20))
	return os.RemoveAll(w.dir)
}

// start measures the time to the first query, and the size of the program.
func (b *bench) start(ctx context.Context, w world, warehouse string) error {
	costs, err := alternate(b.options.pairs, func() (cost, error) {
		return b.program.call(ctx, "query", "--config", w.config(), "--warehouse", warehouse, "select 1 as one")
	})
	if err != nil {
		return err
	}
	b.add(within("start to first query: <= 80 ms", "whole process of `query \"select 1\"` on that warehouse", costs[0], 80*time.Millisecond, 0))

	stripped := filepath.Join(b.dir, "stripped")
	if out, err := exec.CommandContext(ctx, "strip", "-o", stripped, string(b.program)).CombinedOutput(); err != nil {
		return fmt.Errorf("strip the binary: %w: %s", err, out)
	}
	info, err := os.Stat(stripped)
	if err != nil {
		return err
	}
	b.add(smallerThan("binary size: <= 90 MB stripped", "strip", info.Size(), 90_000_000))
	return nil
}
