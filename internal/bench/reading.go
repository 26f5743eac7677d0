package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/dustin/go-humanize"
)

// reading measures section A.
func (b *bench) reading(ctx context.Context) error {
	o := b.options
	users := max(o.lines/10, 1)
	b.say("%d event lines, plain, as gzip, and without bad ones", o.lines)
	l, err := writeLogs(filepath.Join(b.dir, "lines"), o.end, o.lines, users, true)
	if err != nil {
		return err
	}
	b.tell("A: %s event lines of one day and %s users, %s; %s are kept, %s are copies, %s are bad and DuckDB gets good ones in their place, since it stops at a bad one", humanize.Comma(l.lines),
		humanize.Comma(int64(users)), humanize.Bytes(uint64(l.bytes)), humanize.Comma(l.kept), humanize.Comma(l.good-l.kept), humanize.Comma(l.lines-l.good))
	whole, err := b.wholeExtract(ctx, l)
	if err != nil {
		return err
	}
	if err := b.parsers(ctx, l); err != nil {
		return err
	}
	if err := os.RemoveAll(l.dir); err != nil {
		return err
	}
	const bar = "extract peak RSS, 2M, 10M and 30M lines, Zipf users; one user with everything: <= 200 MiB; <= 300 MiB"
	b.add(withinMemory(bar, humanize.Comma(l.lines)+" lines, Zipf users", whole, 200<<20))
	for _, m := range []struct {
		lines, users int
		limit        int64
	}{{o.fewLines, o.fewLines / 10, 200 << 20}, {o.manyLines, o.manyLines / 10, 200 << 20}, {o.lines, 1, 300 << 20}} {
		if m.lines == 0 {
			continue
		}
		c, err := b.memory(ctx, m.lines, max(m.users, 1))
		if err != nil {
			return err
		}
		who := "Zipf users"
		if m.users == 1 {
			who = "one user with everything"
		}
		b.add(withinMemory(bar, fmt.Sprintf("%s lines, %s, taken once", humanize.Comma(int64(m.lines)), who), c, m.limit))
	}
	return nil
}

// wholeExtract measures the scan alone and the whole extract, each beside what it is compared with, and returns what the whole took.
func (b *bench) wholeExtract(ctx context.Context, l logs) (cost, error) {
	plain, err := l.config(l.plain)
	if err != nil {
		return cost{}, err
	}
	compressed, err := l.config(l.gzip)
	if err != nil {
		return cost{}, err
	}
	distinct := l.kept + l.lines - l.good // of the lines without bad ones
	b.say("the extract beside DuckDB, sha256sum and gzip")
	c, err := alternate(b.options.pairs,
		func() (cost, error) { return b.extract(ctx, l, plain) },
		func() (cost, error) { return b.extract(ctx, l, compressed) },
		func() (cost, error) { return counted(ctx, l.good, childScan, l.plain) },
		func() (cost, error) { return b.copy(ctx, l, copyPlain, l.lines) },
		func() (cost, error) { return b.copy(ctx, l, copyHashed, l.lines) },
		func() (cost, error) { return b.copy(ctx, l, copySorted, distinct) },
		func() (cost, error) { return b.copy(ctx, l, copyHashedSorted, distinct) },
		func() (cost, error) { return took(exec.CommandContext(ctx, "sha256sum", l.plain)) },
		func() (cost, error) { return took(exec.CommandContext(ctx, "gzip", "-dc", l.gzip)) },
	)
	if err != nil {
		return cost{}, err
	}
	ours, oursGzip, scanned, duck, hashed, sorted, both, sum, unzipped := c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8]
	b.add(lessCPU("scan only, against plain DuckDB COPY: >= 2.5x less CPU", "lines to masked records, which are dropped", scanned, duck, 2.5))
	b.add(lessCPU("the whole extract against plain DuckDB COPY that does none of it: no more CPU", "whole process of `extract`; goal 1.3x less", ours, duck, 1))
	b.add(lessCPU("against DuckDB COPY with hashing: >= 1.7x less CPU", "a keyed sha256 of a keyed sha256, of three columns", ours, hashed, 1.7))
	b.add(lessCPU("against DuckDB COPY with QUALIFY + ORDER BY: >= 2.2x less CPU", "each event once, by event, user and ts", ours, sorted, 2.2))
	b.add(lessMemory("the same: <= 1/20 of the memory", "", ours, sorted, 20))
	b.add(lessCPU("against DuckDB COPY with both: >= 2.5x less CPU", "", ours, both, 2.5))
	b.add(lessMemory("the same: <= 1/20 of the memory", "", ours, both, 20))
	b.add(atMostBoth("plain input against sha256sum: <= 2.6x CPU, <= 1.5x wall", "", ours, sum, 1.5, 2.6))
	b.add(atMostBoth("gzip input against gzip -dc: <= 2.6x CPU, <= 1.3x wall", "", oursGzip, unzipped, 1.3, 2.6))
	return ours, nil
}

// parsers measures the parser alone, without cutting lines.
func (b *bench) parsers(ctx context.Context, l logs) error {
	n := min(l.lines, 1_000_000)
	b.say("the parser beside encoding/json/v2")
	parse := func(parser string) (cost, error) {
		return printed(childCommand(ctx, childParse, parser, l.clean, fmt.Sprint(n)))
	}
	c, err := alternate(b.options.pairs,
		func() (cost, error) { return parse(parserOurs) },
		func() (cost, error) { return parse(parserJSON) },
		func() (cost, error) { return parse(parserNone) })
	if err != nil {
		return err
	}
	b.add(lessCPU("parser against encoding/json/v2: >= 4x",
		fmt.Sprintf("%s lines in memory, judged and masked, against Unmarshal into a struct of all fields; one keyed hash a line alone takes %s CPU", humanize.Comma(n), short(c[2].CPU)), c[0], c[1], 4))
	return nil
}

// memory measures the extract of a day of lines, once.
func (b *bench) memory(ctx context.Context, lines, users int) (cost, error) {
	b.say("peak memory of %d lines of %d users", lines, users)
	l, err := writeLogs(filepath.Join(b.dir, "memory"), b.options.end, lines, users, false)
	if err != nil {
		return cost{}, err
	}
	config, err := l.config(l.plain)
	if err != nil {
		return cost{}, err
	}
	c, err := b.extract(ctx, l, config)
	if err != nil {
		return cost{}, err
	}
	return c, os.RemoveAll(l.dir)
}

// extract runs `extract` over the lines into a new warehouse, which must then hold those that are to be kept.
func (b *bench) extract(ctx context.Context, l logs, config string) (cost, error) {
	warehouse := filepath.Join(l.dir, "warehouse")
	c, err := b.program.call(ctx, "extract", "--config", config, "--warehouse", warehouse, "--date", l.day.String())
	if err != nil {
		return cost{}, err
	}
	if rows, err := rowsOf(warehouse, "events"); err != nil || rows != l.kept {
		return cost{}, fmt.Errorf("the lake has %d events, not %d: %w", rows, l.kept, err)
	}
	return c, os.RemoveAll(warehouse)
}

// copy runs a COPY of DuckDB, which must write that many rows.
func (b *bench) copy(ctx context.Context, l logs, statement string, rows int64) (cost, error) {
	target := filepath.Join(l.dir, "copy.parquet")
	c, err := counted(ctx, rows, childCopy, copyOf(statement, l.clean, target), b.dir)
	if err != nil {
		return cost{}, err
	}
	return c, os.Remove(target)
}

// counted runs a child that prints a number, which must be this one.
func counted(ctx context.Context, want int64, args ...string) (cost, error) {
	cmd := childCommand(ctx, args...)
	var out bytes.Buffer
	cmd.Stdout = &out
	c, err := took(cmd)
	if err != nil {
		return cost{}, err
	}
	if got := out.String(); got != fmt.Sprintln(want) {
		return cost{}, fmt.Errorf("%s gave %q rows, not %d", args[0], got, want)
	}
	return c, nil
}

// printed runs a child that says itself what its work took.
func printed(cmd *exec.Cmd) (c cost, err error) {
	var out bytes.Buffer
	cmd.Stdout = &out
	if _, err := took(cmd); err != nil {
		return cost{}, err
	}
	return c, json.Unmarshal(out.Bytes(), &c)
}
