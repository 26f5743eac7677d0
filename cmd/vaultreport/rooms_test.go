package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// rooms are the packages of the module that each room may import, besides its own sub-packages: everything below it, and
// nothing above or beside it. A name with a slash at the end stands for all packages below it.
var rooms = []struct {
	room    string
	imports []string
}{
	{"cmd/vaultreport", []string{"scheduler", "extract", "transform", "transform/alarm", "transform/catalogue", "transform/diff", "transform/explain", "transform/pages", "reports", "sql", "warehouse", "internal/"}},
	{"scheduler", []string{"extract", "transform", "transform/alarm", "transform/diff", "reports", "sql", "warehouse", "internal/"}},
	{"extract", []string{"warehouse", "internal/"}},
	{"transform", []string{"sql", "warehouse", "internal/"}},
	{"reports", []string{"warehouse", "internal/"}},
	{"sql", nil},
	{"warehouse", []string{"internal/"}},
	{"internal/bench", []string{"extract/scan", "extract/table", "internal/"}},                                   // a command of the repository, which no user gets: it measures parts of rooms
	{"internal", []string{"internal/bizday", "internal/errs", "internal/event", "internal/pii", "internal/vfs"}}, // a leaf may use those that are plainly below it
	{"testdata", nil},
}

type packageInfo struct {
	ImportPath string
	Imports    []string
}

// Rooms import downward only. What two rooms of one height share lies in warehouse, or in a leaf of internal.
func TestRoomsImportOnlyWhatLiesBelow(t *testing.T) {
	const module = "vaultreport/"
	for _, p := range listPackages(t) {
		room, known := roomOf(strings.TrimPrefix(p.ImportPath, module))
		if !known {
			t.Errorf("package %s lies in no room: move it into one, or give it a line in cmd/vaultreport/rooms_test.go", p.ImportPath)
			continue
		}
		for _, path := range p.Imports {
			name, ours := strings.CutPrefix(path, module)
			if ours && !mayImport(room, strings.TrimPrefix(p.ImportPath, module), name) {
				t.Errorf("%s imports %s: %s may import %s and its own sub-packages only; turn the dependency round with an interface, or move what both need down to warehouse or internal",
					p.ImportPath, path, rooms[room].room, strings.Join(rooms[room].imports, ", "))
			}
		}
	}
}

// DuckDB and the file formats have their places, too.
func TestEnginesStayInTheirRooms(t *testing.T) {
	for engine, allowed := range map[string][]string{
		"github.com/duckdb/duckdb-go/v2": {"cmd/vaultreport", "cmd/vaultreport/tabular", "internal/duck"},
		"github.com/spf13/cobra":         {"cmd/vaultreport"},
	} {
		for _, p := range listPackages(t) {
			name := strings.TrimPrefix(p.ImportPath, "vaultreport/")
			if slices.Contains(p.Imports, engine) && !slices.Contains(allowed, name) {
				t.Errorf("%s imports %s, which only %s may: use internal/duck, or pass values", p.ImportPath, engine, strings.Join(allowed, ", "))
			}
		}
	}
}

func mayImport(room int, importer, name string) bool {
	own := rooms[room].room
	if name == own || strings.HasPrefix(name, own+"/") {
		return own != "internal" || slices.Contains(rooms[room].imports, name) || strings.HasPrefix(name, importer+"/") || strings.HasPrefix(importer, name+"/")
	}
	return slices.ContainsFunc(rooms[room].imports, func(allowed string) bool {
		return name == allowed || strings.HasSuffix(allowed, "/") && strings.HasPrefix(name, allowed)
	})
}

func roomOf(name string) (int, bool) {
	for i, r := range rooms {
		if name == r.room || strings.HasPrefix(name, r.room+"/") {
			return i, true
		}
	}
	return 0, false
}

func listPackages(t *testing.T) (packages []packageInfo) {
	t.Helper()
	// -e: the rooms are judged even while one of them does not build.
	list := exec.Command("go", "list", "-e", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p packageInfo
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 10 {
		t.Fatalf("go list found %d packages only", len(packages))
	}
	return packages
}

func TestRoomRules(t *testing.T) {
	for _, c := range []struct {
		importer, name string
		want           bool
	}{
		{"scheduler", "extract", true},
		{"extract", "scheduler", false},
		{"extract", "transform", false},
		{"extract", "extract/scan", true},
		{"extract/scan", "internal/event", true},
		{"scheduler", "extract/scan", false},
		{"transform", "sql", true},
		{"transform/alarm", "transform", true},
		{"scheduler", "transform/alarm", true},
		{"reports", "transform/alarm", false},
		{"reports", "sql", false},
		{"warehouse", "internal/vfs", true},
		{"internal/sample", "internal/bizday", true},
		{"internal/bizday", "internal/sample", false},
		{"internal/vfs/faultfs", "internal/vfs", true},
		{"internal/sample", "warehouse", false},
		{"sql", "internal/errs", false},
	} {
		room, _ := roomOf(c.importer)
		if got := mayImport(room, c.importer, c.name); got != c.want {
			t.Errorf("%s importing %s: got %v, want %v", c.importer, c.name, got, c.want)
		}
	}
}
