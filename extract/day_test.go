package extract

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/event"
	"vaultreport/internal/vfs"
)

// drawnLine is an accepted line, or a refused one.
type drawnLine struct {
	at     place
	reason event.Reason
	record event.Record
}

// bruteForce decides what becomes of each accepted line by comparing it with every other one, from docs/definitions.md section 2.
func bruteForce(lines []drawnLine) (keptLines []drawnLine, notKept map[ledgerKey]int64, conflicts []place) {
	order := func(a, b drawnLine) int {
		return cmp.Or(compare(&a.record, &b.record), cmp.Compare(a.at.file, b.at.file), cmp.Compare(a.at.offset, b.at.offset))
	}
	notKept = make(map[ledgerKey]int64)
	for i, line := range lines {
		keeper := i
		for j, other := range lines {
			if sameIdentity(&line.record, &other.record) && order(other, lines[keeper]) < 0 {
				keeper = j
			}
		}
		switch {
		case keeper == i:
			keptLines = append(keptLines, line)
		case sameContent(&line.record, &lines[keeper].record):
			notKept[ledgerKey{line.at.file, line.record.Env, duplicate}]++
		default:
			notKept[ledgerKey{line.at.file, line.record.Env, event.ConflictingDuplicate.String()}]++
			conflicts = append(conflicts, line.at)
		}
	}
	slices.SortFunc(keptLines, order)
	return keptLines, notKept, conflicts
}

func TestWhatBecomesOfLinesAgreesWithBruteForceHoweverTheyAreHeld(t *testing.T) {
	const day = bizday.Day(20_000)
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		var accepted []drawnLine
		var wantRefused []place
		lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) drawnLine {
			l := drawnLine{at: place{file: rapid.IntRange(0, 2).Draw(t, "file")}, record: drawEvent(t)}
			if rapid.IntRange(0, 5).Draw(t, "refused") == 0 {
				l.reason = event.BadField
			}
			return l
		}), 0, 60).Draw(t, "lines")
		for i := range lines {
			lines[i].at.offset, lines[i].at.line = int64(10*i), int64(i+1)
			if lines[i].reason == event.Accepted {
				accepted = append(accepted, lines[i])
			} else {
				wantRefused = append(wantRefused, lines[i].at)
			}
		}
		wantKept, wantLedger, conflicts := bruteForce(accepted)
		wantRefused = append(wantRefused, conflicts...)
		slices.SortFunc(wantRefused, func(a, b place) int { return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line)) })

		spill, err := newSpill(vfs.OS(), dir, rapid.Int64Range(0, 1<<32).Draw(t, "bytes of the day"))
		if err != nil {
			t.Fatal(err)
		}
		defer spill.close()
		spillers := []*spiller{newSpiller(spill), newSpiller(spill)}
		for _, i := range rapid.Permutation(indexes(len(lines))).Draw(t, "order") {
			s := spillers[rapid.IntRange(0, 1).Draw(t, "spiller")]
			if lines[i].reason == event.Accepted {
				err = s.accept(day, &lines[i].record, lines[i].at)
			} else {
				err = s.refuse(day, refusedLine{place: lines[i].at, reason: lines[i].reason})
			}
			if rapid.IntRange(0, 9).Draw(t, "flush") == 0 {
				err = cmp.Or(err, s.flush())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := cmp.Or(spillers[0].flush(), spillers[1].flush()); err != nil {
			t.Fatal(err)
		}

		d := newDayLines(vfs.OS(), dir, spill, day, &replay{})
		defer d.close()
		d.inMemory = rapid.SampledFrom([]int64{0, 500, bucketBytes}).Draw(t, "bytes in memory")
		var got []drawnLine
		if err := d.accepted(context.Background(), func(line []byte) error {
			got = append(got, drawnLine{at: placeOf(line), record: eventOf(bytes.Clone(line))})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != fmt.Sprint(wantKept) {
			t.Fatalf("kept %+v, want %+v", got, wantKept)
		}
		if fmt.Sprint(d.fates.ledger) != fmt.Sprint(wantLedger) {
			t.Fatalf("not kept %v, want %v", d.fates.ledger, wantLedger)
		}
		for file := range 3 {
			want := int64(noTS)
			for _, l := range wantKept {
				if l.at.file == file {
					want = max(want, l.record.TS)
				}
			}
			if file < len(d.fates.newest) && d.fates.newest[file] != want || file >= len(d.fates.newest) && want != noTS {
				t.Fatalf("newest %v, want %d of file %d", d.fates.newest, want, file)
			}
		}
		var refused []place
		if err := d.refused(func(l refusedLine) error {
			refused = append(refused, l.place)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(refused, wantRefused) {
			t.Fatalf("refused %v, want %v", refused, wantRefused)
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
