package scheduler

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"vaultreport/extract"
	"vaultreport/internal/event"
)

var update = flag.Bool("update", false, "rewrite the expected rows of the cases")

// TestCases runs the cases of testdata/cases. A case is a text archive: a comment that says which sentence it shows, the
// files of the logs and dumps, and the sections
//
//	-- options --   lines of `zone Z`, `k N`, `retire_after N`, `diamond_target N`, `env E`: where they differ from Asia/Seoul, 1, 90, 500000, none;
//	                `emits KIND ...`: what the source of the logs may have, `tables_only`: there is none
//	-- dumps/ENV/DAY/TABLE.csv --   a dump of the source of tables of that env, which is there from its first dump on
//	-- runs --      one run a line: a day, or FIRST..LAST; `! DAY WORDS` for one that is refused with these words
//	-- rows: SELECT ... --   a statement and, as CSV, what it gives after the last run
//
// With -update the expected rows are rewritten; read the difference.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob("../testdata/cases/*/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".txtar")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runCase(t, path)
		})
	}
}

func runCase(t *testing.T, path string) {
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, "Asia/Seoul")
	w.options.K = 1
	w.options.Threads = 1
	expected := 0
	for i, file := range archive.Files {
		switch {
		case file.Name == "options":
			w.setOptions(string(file.Data))
		case strings.HasPrefix(file.Name, "logs/"):
			w.write(file.Name, file.Data)
		case strings.HasPrefix(file.Name, "dumps/"):
			w.addTables(strings.Split(file.Name, "/")[1])
			w.write(file.Name, file.Data)
		case file.Name == "runs":
			for line := range strings.Lines(string(file.Data)) {
				w.runLine(strings.TrimSpace(line))
			}
		case strings.HasPrefix(file.Name, "rows: "):
			expected++
			got := w.query(strings.TrimPrefix(file.Name, "rows: "))
			if diff := cmp.Diff(string(file.Data), got); diff != "" && !*update {
				t.Errorf("%s (-want +got):\n%s", file.Name, diff)
			}
			archive.Files[i].Data = []byte(got)
		default:
			t.Fatalf("unknown section %q", file.Name)
		}
	}
	if expected == 0 {
		t.Fatal("the case expects nothing")
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) setOptions(text string) {
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		number, _ := strconv.Atoi(value)
		switch name {
		case "zone":
			w.options.Zone = newWorld(w.t, value).options.Zone
		case "k":
			w.options.K = number
		case "retire_after":
			w.options.RetireAfter = number
		case "diamond_target":
			w.options.DiamondTarget = int64(number)
		case "env":
			w.options.Sources[0].Env = value
		case "emits":
			for _, kind := range strings.Fields(value) {
				w.options.Sources[0].Emits = append(w.options.Sources[0].Emits, event.KindOf(kind))
			}
		case "catch_up":
			w.options.CatchUp = true
		case "tables_only":
			w.options.Sources = nil
		default:
			w.t.Fatalf("unknown option %q", name)
		}
	}
}

// addTables makes sure of a source of tables for env.
func (w *world) addTables(env string) {
	source := extract.TableSource{Name: "db-" + env, Env: env, Path: filepath.Join(w.dir, "dumps", env, "{date}/{table}.csv")}
	if !slices.ContainsFunc(w.options.Tables, func(t extract.TableSource) bool { return t.Name == source.Name }) {
		w.options.Tables = append(w.options.Tables, source)
	}
}

func (w *world) runLine(line string) {
	w.t.Helper()
	refused, isRefused := strings.CutPrefix(line, "! ")
	if !isRefused {
		w.mustRun(line)
		return
	}
	days, words, _ := strings.Cut(refused, " ")
	if _, err := w.run(days); err == nil || !strings.Contains(err.Error(), words) {
		w.t.Fatalf("run %s: got error %v, want one with %q", days, err, words)
	}
}
