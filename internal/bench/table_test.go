package main

import (
	"testing"
	"time"
)

func costOfMS(wall, cpu int) cost {
	return cost{Wall: time.Duration(wall) * time.Millisecond, CPU: time.Duration(cpu) * time.Millisecond}
}

func TestEachPartOfACostHasItsOwnMedian(t *testing.T) {
	costs := []cost{costOfMS(3, 10), costOfMS(1, 30), costOfMS(9, 20)}
	if got, want := median(costs), costOfMS(3, 20); got != want {
		t.Errorf("of three: got %v, want %v", got, want)
	}
	if got, want := median(costs[:2]), costOfMS(2, 20); got != want {
		t.Errorf("of two: got %v, want %v", got, want)
	}
}

func TestTheWorseOfWallAndCPUDecides(t *testing.T) {
	for _, c := range []struct {
		name string
		row  row
		want string
	}{
		{"at most: both within", atMost("", "", costOfMS(12, 11), costOfMS(10, 10), 1.2), "met"},
		{"at most: CPU beyond", atMost("", "", costOfMS(10, 13), costOfMS(10, 10), 1.2), "missed"},
		{"at most, of wall alone: CPU beyond", atMostWall("", "", costOfMS(10, 13), costOfMS(10, 10), 1.2), "met"},
		{"at least: both far enough", atLeast("", "", costOfMS(1, 1), costOfMS(50, 60), 50), "met"},
		{"at least: CPU too near", atLeast("", "", costOfMS(1, 1), costOfMS(50, 49), 50), "missed"},
		{"at most, a limit for each: both within", atMostBoth("", "", costOfMS(15, 26), costOfMS(10, 10), 1.5, 2.6), "met"},
		{"at most, a limit for each: wall beyond", atMostBoth("", "", costOfMS(16, 26), costOfMS(10, 10), 1.5, 2.6), "missed"},
		{"at most, a limit for each: CPU beyond", atMostBoth("", "", costOfMS(15, 27), costOfMS(10, 10), 1.5, 2.6), "missed"},
		{"less CPU: wall does not count", lessCPU("", "", costOfMS(30, 10), costOfMS(10, 25), 2.5), "met"},
		{"less CPU: too near", lessCPU("", "", costOfMS(10, 10), costOfMS(90, 24), 2.5), "missed"},
		{"less memory: exactly it", lessMemory("", "", cost{RSS: 5}, cost{RSS: 100}, 20), "met"},
		{"less memory: too near", lessMemory("", "", cost{RSS: 6}, cost{RSS: 100}, 20), "missed"},
		{"memory: exactly it", withinMemory("", "", cost{RSS: 5}, 5), "met"},
		{"memory: too much", withinMemory("", "", cost{RSS: 6}, 5), "missed"},
		{"a number: exactly it", within("", "", cost{Wall: time.Second, RSS: 5}, time.Second, 5), "met"},
		{"a number: too much memory", within("", "", cost{Wall: time.Second, RSS: 6}, time.Second, 5), "missed"},
	} {
		if c.row.Verdict != c.want {
			t.Errorf("%s: %s, not %s", c.name, c.row.Verdict, c.want)
		}
	}
}
