package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/dustin/go-humanize"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/checkup"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// checkup looks at everything that a run needs, in the order in which a run would come to it.
func (a *app) checkup(ctx context.Context, f runFlags) []checkup.Line {
	machine := func(c config) []checkup.Line {
		if f.Threads != nil {
			c.Limits.Threads = *f.Threads
		}
		if f.Memory != nil {
			c.Limits.Memory = *f.Memory
		}
		return []checkup.Line{a.checkMemory(c), checkThreads(c), checkTempFolder()}
	}
	c, err := a.loadConfig()
	if err != nil {
		return append(each("configuration", err), machine(defaultConfig())...)
	}
	lines := c.checkConfiguration(ctx)
	zone, zoneLine := a.checkZone(c)
	key, keyLine := a.checkKey(c)
	lines = append(lines, keyLine, zoneLine)
	if c.File != "" || a.global.Warehouse != "" {
		lines = append(lines, a.checkWarehouse(c, warehouse.Identity{KeyID: key, Zone: c.Zone})...)
	}
	lines = append(lines, machine(c)...)
	if zoneLine.Status != checkup.Fails {
		yesterday := zone.DayOf(a.now().UnixMicro()) - 1
		lines = append(lines, extract.Checkup(ctx, extract.Options{
			FS: vfs.OS(), Sources: c.sources(), Tables: c.tableSources(), Base: c.Base, Now: a.now(), AllowSuperuser: f.AllowSuperuser,
		}, yesterday)...)
	}
	return append(lines, checkup.Good("object store", "not used"))
}

// each is a line for each of the errors that an error holds.
func each(check string, err error) []checkup.Line {
	all := joined{err}
	_ = errors.As(err, &all)
	lines := make([]checkup.Line, len(all))
	for i, one := range all {
		lines[i] = checkup.Of(check, one)
	}
	return lines
}

// checkConfiguration looks at what the file says and at the files that it names.
func (c config) checkConfiguration(ctx context.Context) []checkup.Line {
	const check = "configuration"
	if c.File == "" {
		return []checkup.Line{checkup.Warn(check, "there is none: a run would write the sample and use it", "vaultreport init writes one; or name one with --config")}
	}
	var lines []checkup.Line
	if len(c.Events)+len(c.Tables) == 0 {
		lines = append(lines, checkup.Fail(check, c.File+": neither events nor tables names a source", "add one; vaultreport init writes an example"))
	}
	if _, err := c.checkedModels(ctx); err != nil {
		lines = append(lines, each(check, err)...)
	}
	if _, err := c.rules(); err != nil {
		lines = append(lines, each(check, err)...)
	}
	if _, err := c.canaries(); err != nil {
		lines = append(lines, each(check, err)...)
	}
	if len(lines) > 0 {
		return lines
	}
	return []checkup.Line{checkup.Good(check, fmt.Sprintf("%s, %s of events, %s of tables", c.File, counted(len(c.Events), "source"), counted(len(c.Tables), "source")))}
}

// checkKey returns the key's id, "" if there is no key.
func (a *app) checkKey(c config) (id string, line checkup.Line) {
	const check = "key"
	if c.File == "" {
		return "", checkup.Good(check, "the public demo key of the sample")
	}
	key, err := a.key(c)
	if err != nil {
		return "", checkup.Of(check, err)
	}
	if c.Privacy.KeyEnv != "" {
		return key.ID(), checkup.Good(check, fmt.Sprintf("id %s, from privacy.key_env %s", key.ID(), c.Privacy.KeyEnv))
	}
	what := fmt.Sprintf("id %s, from privacy.key_file %s", key.ID(), c.Privacy.KeyFile)
	const forEverybody = 0o007
	if info, err := os.Stat(c.resolve(c.Privacy.KeyFile)); err == nil && info.Mode().Perm()&forEverybody != 0 {
		return key.ID(), checkup.Warn(check, fmt.Sprintf("%s, which everybody on the machine may read (%04o)", what, info.Mode().Perm()), "chmod 0640 "+c.Privacy.KeyFile)
	}
	return key.ID(), checkup.Good(check, what)
}

// checkZone says which day it is there. The zone data is the program's own.
func (a *app) checkZone(c config) (bizday.Zone, checkup.Line) {
	const check = "zone"
	zone, err := bizday.LoadZone(c.Zone)
	if err != nil {
		return zone, checkup.Fail(check, err.Error(), "set zone to a name such as Asia/Seoul")
	}
	today := zone.DayOf(a.now().UnixMicro())
	start, end := zone.Bounds(today)
	hours := time.Duration(end-start) * time.Microsecond
	return zone, checkup.Good(check, fmt.Sprintf("%s, today is %s, which begins at %s and has %g hours; zone data is in the program",
		zone.Name(), today, time.UnixMicro(start).UTC().Format(time.RFC3339), hours.Hours()))
}

func (a *app) checkWarehouse(c config, id warehouse.Identity) []checkup.Line {
	root, err := a.warehouse(c)
	if err != nil {
		return []checkup.Line{checkup.Of("warehouse", err)}
	}
	w, err := warehouse.Open(warehouse.Options{Root: root, Now: a.now})
	if err != nil {
		return []checkup.Line{checkup.Of("warehouse", err)}
	}
	return w.Checkup(id)
}

// checkMemory holds the budget against what the machine and the cgroup have.
func (a *app) checkMemory(c config) checkup.Line {
	const check, fix = "memory", "set limits.memory, or --memory, to 512MiB or more"
	const least, enough = 96 << 20, 512 << 20
	limits, err := c.engineLimits()
	if err != nil {
		return checkup.Of(check, err)
	}
	budget := limits.MemoryBytes
	what := fmt.Sprintf("a run may take %s", humanize.IBytes(uint64(budget)))
	total, err := memory{Percent: 100}.bytes(memlimit.FromSystem, memlimit.FromCgroup)
	if err == nil {
		what += fmt.Sprintf(", of %s that there are", humanize.IBytes(uint64(total)))
	}
	switch {
	case err == nil && budget > total:
		return checkup.Fail(check, what, "set limits.memory below it: the kernel would kill the run")
	case budget < least:
		return checkup.Fail(check, what+": too little even for a small day", fix)
	case budget < enough:
		return checkup.Warn(check, what+": enough for small days only", fix)
	}
	return checkup.Good(check, what)
}

func checkThreads(c config) checkup.Line {
	const check = "threads"
	allowed := runtime.GOMAXPROCS(0)
	n := threads(c.Limits.Threads)
	what := fmt.Sprintf("%d, and the cgroup allows %d", n, allowed)
	if n > allowed {
		return checkup.Warn(check, what, "set limits.threads to 0: more threads take memory and turns")
	}
	return checkup.Good(check, what)
}

// checkTempFolder tries the folder that queries spill to and the sample is written to. A run spills in the warehouse.
func checkTempFolder() checkup.Line {
	const check = "temp folder"
	file, err := os.CreateTemp("", "vaultreport-doctor-")
	if err == nil {
		_, err = file.WriteString(strings.Repeat("doctor\n", 1000))
		err = errors.Join(err, file.Close(), os.Remove(file.Name()))
	}
	if err != nil {
		return checkup.Warn(check, fmt.Sprintf("%s cannot be written: %v", os.TempDir(), reasonOf(err)), "set TMPDIR to a folder that can: query, and the sample, need it")
	}
	return checkup.Good(check, os.TempDir()+" can be written")
}
