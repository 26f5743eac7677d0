package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
)

// cost is what something took. RSS, in bytes, is 0 where it is not known.
type cost struct {
	Wall, CPU time.Duration
	RSS       int64
}

func (c cost) String() string {
	text := fmt.Sprintf("%s wall, %s CPU", short(c.Wall), short(c.CPU))
	if c.RSS > 0 {
		text += ", " + humanize.IBytes(uint64(c.RSS))
	}
	return text
}

func short(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// median returns the median of each part. It needs at least one cost.
func median(costs []cost) cost {
	return cost{
		Wall: middle(costs, func(c cost) time.Duration { return c.Wall }),
		CPU:  middle(costs, func(c cost) time.Duration { return c.CPU }),
		RSS:  middle(costs, func(c cost) int64 { return c.RSS }),
	}
}

func middle[N int64 | time.Duration](costs []cost, part func(cost) N) N {
	values := make([]N, len(costs))
	for i, c := range costs {
		values[i] = part(c)
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// alternate calls the measures in turn, n times each, and returns their medians in the same order.
func alternate(n int, measures ...func() (cost, error)) ([]cost, error) {
	costs := make([][]cost, len(measures))
	for range n {
		for i, measure := range measures {
			c, err := measure()
			if err != nil {
				return nil, err
			}
			costs[i] = append(costs[i], c)
		}
	}
	medians := make([]cost, len(measures))
	for i := range costs {
		medians[i] = median(costs[i])
	}
	return medians, nil
}

// ownCPU returns the CPU time that this process has used.
func ownCPU() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("ask for the CPU time of this process: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}

// tick is the unit of /proc/PID/stat, the same on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// cpuOf returns the CPU time that a running process has used, to a tick.
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, fmt.Errorf("ask for the CPU time of the program: %w", err)
	}
	_, rest, _ := strings.Cut(string(text), ") ") // the name before it may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, fmt.Errorf("ask for the CPU time of the program: /proc/PID/stat has %d fields", len(fields))
	}
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * tick, err
}
