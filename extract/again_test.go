package extract

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

func TestWhatADayCanBeExtractedAgainFrom(t *testing.T) {
	const dt = bizday.Day(20455)
	dir := t.TempDir()
	at := time.Date(2026, 1, 3, 1, 2, 3, 4000, time.UTC)
	there := func(name string, rows int64) warehouse.Input {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("four"), 0o640); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
		return warehouse.Input{Source: "api", Name: name, Size: 4, MTime: at, SHA256: name, Reader: "r", Days: []warehouse.InputDay{{Dt: dt, Rows: rows}}}
	}
	with := func(in warehouse.Input, change func(*warehouse.Input)) warehouse.Input { change(&in); return in }
	dump := with(there("vaults.csv", 0), func(in *warehouse.Input) { in.Reader = "vault_status/prod/1" })
	inputs := []warehouse.Input{
		there("a", 1), there("nothing of the day", 0), dump,
		with(there("longer", 1), func(in *warehouse.Input) { in.Size = 5 }),
		with(there("older", 1), func(in *warehouse.Input) { in.MTime = at.Add(time.Microsecond) }),
		{Source: "api", Name: "gone", Days: []warehouse.InputDay{{Dt: dt, Rows: 1}}},
		{Source: "pipe", Name: Stdin, Days: []warehouse.InputDay{{Dt: dt, Rows: 1}}},
		{Source: "db", Name: "2026-01-02/compensation_queue", Reader: "compensation_queue/prod/1", Days: []warehouse.InputDay{{Dt: dt}}},
	}
	m := &warehouse.Manifest{Inputs: inputs, Files: []warehouse.File{
		{Table: "events", Dt: dt - 1}, {Table: "events", Dt: dt}, {Table: "events", Dt: dt + 1}, {Table: "events", Dt: dt + 2}, {Table: "row_ledger", Dt: dt + 2},
	}}
	again, err := NewAgain(m, dt, Options{FS: vfs.OS(), Base: dir, Events: warehouse.Table{Name: "events"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"longer", "older", "gone", Stdin}; !slices.Equal(again.Gone, want) || again.Files != 6 {
		t.Errorf("gone are %q of %d, want %q", again.Gone, again.Files, want)
	}
	if want := []string{"compensation_queue"}; !slices.Equal(again.FromDB, want) {
		t.Errorf("of a database: %q", again.FromDB)
	}
	var days []bizday.Day
	for _, f := range again.Parent.Files {
		days = append(days, f.Dt)
	}
	if !slices.Equal(days, []bizday.Day{dt - 1, dt + 2, dt + 2}) || len(again.Parent.Inputs) != len(inputs)-2 {
		t.Errorf("the parent has files of %v and %d inputs", days, len(again.Parent.Inputs))
	}
	if arrived := again.Arrived(inputs); len(arrived) > 0 {
		t.Errorf("nothing arrived, got %q", arrived)
	}
	changed := []warehouse.Input{there("new", 1), with(inputs[0], func(in *warehouse.Input) { in.SHA256 = "other" }), with(dump, func(in *warehouse.Input) { in.Reader = "vault_status/prod/2" }), there("new without rows", 0)}
	if arrived := again.Arrived(changed); !slices.Equal(arrived, []string{"new", "a", "vaults.csv"}) {
		t.Errorf("arrived: %q", arrived)
	}
}
