package extract

import (
	"cmp"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
)

// bruteForce decides what becomes of each line by comparing it with every other one, from docs/definitions.md section 2.
func bruteForce(lines []entry) (kept []event.Record, duplicates, conflicts int) {
	first := func(a, b entry) bool { // a is before b among lines of one identity
		return event.Compare(&a.record, &b.record) < 0 ||
			event.Compare(&a.record, &b.record) == 0 && cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.offset, b.offset)) < 0
	}
	for i, line := range lines {
		keeper := i
		for j, other := range lines {
			if event.SameIdentity(&line.record, &other.record) && first(other, lines[keeper]) {
				keeper = j
			}
		}
		switch {
		case keeper == i:
			kept = append(kept, line.record)
		case event.SameContent(&line.record, &lines[keeper].record):
			duplicates++
		default:
			conflicts++
		}
	}
	return kept, duplicates, conflicts
}

func TestDuplicatesAndConflictsAgreeWithBruteForceInAnyOrder(t *testing.T) {
	const day = bizday.Day(20_000)
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		lines := rapid.SliceOfN(rapid.Custom(drawEntry), 0, 60).Draw(t, "lines")
		lines = slices.DeleteFunc(lines, func(e entry) bool { return e.reason != event.Accepted })
		for i := range lines {
			lines[i].offset = int64(i)
		}
		wantKept, wantDuplicates, wantConflicts := bruteForce(lines)
		slices.SortFunc(wantKept, func(a, b event.Record) int { return event.Compare(&a, &b) })

		to, err := newSpill(vfs.OS(), dir)
		if err != nil {
			t.Fatal(err)
		}
		defer to.close()
		for _, i := range rapid.Permutation(indexes(len(lines))).Draw(t, "order") {
			s := spiller{to: to, pending: make(map[bizday.Day][]byte)}
			if err := cmp.Or(s.add(day, &lines[i], nil), s.flush()); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := gather(day, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		var gotKept []event.Record
		for _, e := range rows.events {
			gotKept = append(gotKept, e.record)
		}
		if !reflect.DeepEqual(gotKept, wantKept) {
			t.Fatalf("kept %+v, want %+v", gotKept, wantKept)
		}
		duplicates := 0
		for k, n := range rows.ledger {
			if k.reason == duplicate {
				duplicates += int(n)
			}
		}
		if duplicates != wantDuplicates || len(rows.quarantine) != wantConflicts {
			t.Fatalf("%d duplicates and %d conflicts, want %d and %d", duplicates, len(rows.quarantine), wantDuplicates, wantConflicts)
		}
	})
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}
