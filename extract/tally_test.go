package extract

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestWhichNamesAreCountedDependsOnNoOrder(t *testing.T) {
	list := make([]string, 5_000)
	want := make(map[string]int64)
	for i := range list {
		list[i] = fmt.Sprintf("n%04d", i/2)
		want[list[i]]++
	}
	for _, name := range slices.Sorted(maps.Keys(want))[maxNames:] {
		want[otherName] += want[name]
		delete(want, name)
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := make([]names, 3)
		for _, i := range rapid.Permutation(indexes(len(list))).Draw(t, "order") {
			parts[i%len(parts)].count(list[i], 1)
		}
		var all names
		for i := range parts {
			all.merge(&parts[i])
		}
		if got := all.all(); !maps.Equal(got, want) {
			t.Fatalf("%d names and %d others, want %d and %d", len(got), got[otherName], len(want), want[otherName])
		}
	})
}
