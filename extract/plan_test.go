package extract

import (
	"slices"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

var written = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func inputOf(t testing.TB, s Source, name, sha string, lines ...string) warehouse.Input {
	in := warehouse.Input{Source: s.Name, Name: name, Size: 10, MTime: written, SHA256: sha, Reader: s.reader()}
	for _, d := range lines {
		in.Days = append(in.Days, warehouse.InputDay{Dt: day(t, d), Rows: 1})
	}
	return in
}

func TestWhatTheFirstPassReads(t *testing.T) {
	s := Source{Name: "api", Path: "/logs/{date}.jsonl", MaxLine: 100}
	file := found{source: s, name: "a.jsonl", size: 10, modTime: written}
	for _, c := range []struct {
		name   string
		change func(*found, *warehouse.Input)
		wanted string
		reads  bool
	}{
		{"an unchanged file without lines of the wanted day is left alone", func(*found, *warehouse.Input) {}, "2026-01-05", false},
		{"an unchanged file with lines of the wanted day is read", func(*found, *warehouse.Input) {}, "2026-01-02", true},
		{"another size is a change", func(f *found, _ *warehouse.Input) { f.size++ }, "2026-01-05", true},
		{"another modification time is a change", func(f *found, _ *warehouse.Input) { f.modTime = written.Add(1) }, "2026-01-05", true},
		{"another limit of a line is a change", func(f *found, _ *warehouse.Input) { f.source.MaxLine = 50 }, "2026-01-05", true},
		{"a damaged stream is read again", func(_ *found, in *warehouse.Input) { in.Damaged = true }, "2026-01-05", true},
		{"a file never seen is read", func(f *found, _ *warehouse.Input) { f.name = "b.jsonl" }, "2026-01-05", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, in := file, inputOf(t, s, "a.jsonl", "x", "2026-01-02")
			c.change(&f, &in)
			pass := firstPass([]found{f}, memoryOf([]warehouse.Input{in}), days{day(t, c.wanted): true}, func(int) bool { return false })
			if got := len(pass) == 1; got != c.reads {
				t.Errorf("read: got %v, want %v", got, c.reads)
			}
		})
	}
}

func TestAChangedFileAffectsTheDaysItHadAndTheDaysItHas(t *testing.T) {
	s := Source{Name: "api"}
	extracted := days{day(t, "2026-01-01"): true, day(t, "2026-01-02"): true, day(t, "2026-01-03"): true}
	before := inputOf(t, s, "a", "old", "2026-01-01", "2026-01-09")
	now := inputOf(t, s, "a", "new", "2026-01-03")
	got := affected(before, now, extracted, false)
	slices.Sort(got)
	if want := []bizday.Day{day(t, "2026-01-01"), day(t, "2026-01-03")}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := affected(before, inputOf(t, s, "a", "old", "2026-01-01"), extracted, false); got != nil {
		t.Errorf("the same bytes affect %v", got)
	}
}

func TestWhereLinesWithoutAUsableInstantAreFiled(t *testing.T) {
	asked := []bizday.Day{day(t, "2026-01-04"), day(t, "2026-01-05")}
	filed := day(t, "2026-01-01")
	undated := found{source: Source{Name: "api", Path: "/all.jsonl"}}
	for _, c := range []struct {
		name string
		file found
		in   warehouse.Input
		want string
	}{
		{"the day of the file's path", found{dated: true, date: filed}, warehouse.Input{}, "2026-01-01"},
		{"once filed, it stays there", undated, warehouse.Input{Filed: &filed}, "2026-01-01"},
		{"the first day asked for", undated, warehouse.Input{}, "2026-01-04"},
		{"not one with a ledger for the file", undated, inputOf(t, undated.source, "all.jsonl", "x", "2026-01-04"), "2026-01-05"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := filingDay(c.file, c.in, asked); got != day(t, c.want) {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestADayCannotBeExtractedAgainWithoutAFileItHad(t *testing.T) {
	s := Source{Name: "api", Path: "/logs/{date}.jsonl"}
	wanted := days{day(t, "2026-01-02"): true}
	here := []found{{source: s, name: "a.jsonl"}}
	a, b := inputOf(t, s, "a.jsonl", "x", "2026-01-02"), inputOf(t, s, "b.jsonl", "y", "2026-01-02")
	piped := inputOf(t, s, Stdin, "z", "2026-01-02")
	for _, c := range []struct {
		name      string
		inputs    []warehouse.Input
		extracted days
		stdin     string
		refused   bool
	}{
		{"all files are there", []warehouse.Input{a}, wanted, "", false},
		{"a file is gone", []warehouse.Input{a, b}, nil, "", true},
		{"lines came from standard input", []warehouse.Input{piped}, wanted, "", true},
		{"the same content comes again", []warehouse.Input{piped}, wanted, "z", false},
		{"the lines were out of range", []warehouse.Input{piped}, nil, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := gone(c.inputs, here, wanted, c.extracted, c.stdin); (errs.ClassOf(err) == errs.NotReady) != c.refused {
				t.Errorf("got %v, refused: %v", err, c.refused)
			}
		})
	}
}
