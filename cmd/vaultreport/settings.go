package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// loadConfig reads the configuration that the flags name, else ./vaultreport.yaml if it exists, else gives the defaults:
// File is empty then.
func (a *app) loadConfig() (config, error) {
	if a.global.Config != "" {
		return loadConfig(a.global.Config, a.lookup)
	}
	if _, err := os.Stat(configName); err == nil {
		return loadConfig(configName, a.lookup)
	}
	c := defaultConfig()
	base, err := os.Getwd()
	c.Base = base
	return c, err
}

// warehouse returns the absolute folder of the results. That of the flag is relative to where the user stands.
func (a *app) warehouse(c config) (string, error) {
	if a.global.Warehouse != "" {
		return filepath.Abs(a.global.Warehouse)
	}
	return c.resolve(c.Warehouse), nil
}

// engineLimits are threads and memory as the configuration wants them on this machine.
func (c config) engineLimits() (duck.Options, error) {
	bytes, err := c.Limits.Memory.bytes(memlimit.FromSystem, memlimit.FromCgroup)
	return duck.Options{Threads: threads(c.Limits.Threads), MemoryBytes: bytes}, err
}

// threads is n, or for 0 what the cgroup allows, which the Go runtime has found out.
func threads(n int) int {
	if n == 0 {
		return runtime.GOMAXPROCS(0)
	}
	return n
}

// bytes is the size, or the share of what the cgroup allows, without one of what the machine has.
func (m memory) bytes(system, cgroup memlimit.Provider) (int64, error) {
	if m.Percent == 0 {
		return int64(m.Bytes), nil
	}
	total, err := system()
	if err != nil {
		return 0, &errs.Error{Class: errs.Usage, What: "ask the machine for its memory", Err: err, Hint: "give limits.memory, or --memory, as a size such as 2GiB"}
	}
	limit, err := cgroup()
	switch {
	case err == nil:
		total = min(total, limit)
	case !errors.Is(err, memlimit.ErrNoLimit) && !errors.Is(err, memlimit.ErrNoCgroup) && !errors.Is(err, memlimit.ErrCgroupsNotSupported):
		return 0, &errs.Error{Class: errs.Usage, What: "ask the cgroup for its memory", Err: err, Hint: "give limits.memory, or --memory, as a size such as 2GiB"}
	}
	return int64(total / 100 * uint64(m.Percent)), nil
}
