package scheduler

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/sample"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// namesFiles are the tables that name files and offsets; all others depend on the set of lines alone.
var namesFiles = []string{"quarantine", "row_ledger"}

func TestASecondRunHasNothingToDo(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	first := night.result
	if first.Status != Published || first.Ledger.Kept == 0 || first.Ledger.Quarantined == 0 || first.Ledger.Duplicate == 0 {
		t.Fatalf("first run: %+v", first)
	}
	before := w.digests()
	second := w.mustRun(night.span)
	if second.Status != Unchanged || second.Snapshot != first.Snapshot || second.Ledger.Read != 0 {
		t.Errorf("second run: %+v", second)
	}
	if diff := cmp.Diff(before, w.digests()); diff != "" {
		t.Errorf("the second run changed files:\n%s", diff)
	}
	if _, err := os.Stat(second.Report); err != nil {
		t.Error(err)
	}
}

func TestTheSameLinesGiveTheSameBytes(t *testing.T) {
	for _, way := range []struct {
		name string
		run  func(w *world, first, last bizday.Day)
	}{
		{"with one thread", func(w *world, first, last bizday.Day) {
			w.options.Threads = 1
			w.mustRun(first.String() + ".." + last.String())
		}},
		{"day by day", func(w *world, first, last bizday.Day) {
			for d := first; d <= last; d++ {
				w.mustRun(d.String())
			}
		}},
		{"two days at a time, backwards", func(w *world, first, last bizday.Day) {
			for d := last; d >= first; d -= 2 {
				w.mustRun(max(first, d-1).String() + ".." + d.String())
			}
		}},
		{"with each day's lines shuffled in one file", func(w *world, first, last bizday.Day) {
			shuffleDays(w.t, filepath.Join(w.dir, "logs"), 1)
			w.mustRun(first.String() + ".." + last.String())
		}},
		{"with each day's lines shuffled in 7 files and two threads", func(w *world, first, last bizday.Day) {
			w.options.Threads = 2
			shuffleDays(w.t, filepath.Join(w.dir, "logs"), 7)
			w.mustRun(first.String() + ".." + last.String())
		}},
		{"with each day's lines shuffled in 200 files and eight threads", func(w *world, first, last bizday.Day) {
			w.options.Threads = 8
			shuffleDays(w.t, filepath.Join(w.dir, "logs"), 200)
			w.mustRun(first.String() + ".." + last.String())
		}},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			w, night := sampleAfterItsRun(t)
			want := w.digests(namesFiles...)
			if err := os.RemoveAll(w.options.Warehouse); err != nil {
				t.Fatal(err)
			}
			first, last, _ := strings.Cut(night.span, "..")
			way.run(w, mustDay(t, first), mustDay(t, last))
			if diff := cmp.Diff(want, w.digests(namesFiles...)); diff != "" || len(want) == 0 {
				t.Errorf("other bytes (-want +got):\n%s", diff)
			}
		})
	}
}

func mustDay(t testing.TB, text string) bizday.Day {
	t.Helper()
	d, err := bizday.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// shuffleDays writes the lines of every day's folder anew, in another order, into so many files. A torn last line stays
// the last one of a file, of which there are more where there are more of them.
func shuffleDays(t testing.TB, logs string, files int) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 7))
	folders, err := filepath.Glob(filepath.Join(logs, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no logs: %v", err)
	}
	for _, folder := range folders {
		var lines, torn [][]byte
		before, _ := filepath.Glob(filepath.Join(folder, "*"))
		for _, file := range before {
			text := bytes.TrimPrefix(gunzip(t, file), []byte("\xef\xbb\xbf"))
			for line := range bytes.Lines(text) {
				if bytes.HasSuffix(line, []byte("\n")) {
					lines = append(lines, line)
				} else {
					torn = append(torn, line)
				}
			}
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		parts := make([][]byte, max(len(torn), files))
		for i, line := range lines {
			parts[i%len(parts)] = append(parts[i%len(parts)], line...)
		}
		for i, line := range torn {
			parts[i] = append(parts[i], line...)
		}
		for i, part := range parts {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("part-%d.jsonl.gz", i)), part, 0o640); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// gunzip returns what a file holds, which need not be compressed.
func gunzip(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(raw, []byte("\x1f\x8b")) {
		return raw
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestNoUserIDAndNoCanaryLeavesTheRun(t *testing.T) {
	t.Parallel()
	w, night := sampleAfterItsRun(t)
	o := night.sample
	secrets := make(map[string]string)
	for _, id := range sample.UserIDs(o) {
		secrets[fmt.Sprint(id)] = "a user id"
	}
	text, err := os.ReadFile(filepath.Join(w.dir, "canaries.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		secrets[strings.TrimSpace(line)] = "a canary"
	}
	logs, dumps := w.logs(), w.dumps()
	inDumps := 0
	for secret := range secrets {
		if bytes.Contains(dumps, []byte(secret)) {
			inDumps++
		} else if !bytes.Contains(logs, []byte(secret)) {
			delete(secrets, secret) // of a day that this sample lacks
		}
	}
	if len(secrets) < o.Users || inDumps < o.Users {
		t.Fatalf("only %d secrets are in the sources, %d of them in the dumps: the search would show nothing", len(secrets), inDumps)
	}
	places := map[string]string{"the log": night.log, "the result": fmt.Sprintf("%+v", night.result)}
	maps.Copy(places, w.everyText())
	for place, content := range places {
		for secret, kind := range secrets {
			if strings.Contains(content, secret) {
				t.Errorf("%s holds %s", place, kind)
			}
		}
	}
}

func TestPublishedFilesKeepTheirContracts(t *testing.T) {
	t.Parallel()
	w, _ := sampleAfterItsRun(t)
	project, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	versions := map[string]string{}
	for _, e := range project.Entries() {
		versions[e.Name] = e.Version
	}
	published := 0
	for _, table := range project.Tables() {
		files, err := filepath.Glob(filepath.Join(w.options.Warehouse, table.Dir, table.Name, "dt=*/*.parquet"))
		if err != nil || len(files) == 0 {
			continue
		}
		published++
		var want strings.Builder
		want.WriteString("column_name,column_type\n")
		for _, c := range table.Columns {
			fmt.Fprintf(&want, "%s,%s\n", c.Name, c.Type)
		}
		newest := files[len(files)-1]
		got := w.query("select column_name, column_type from (describe select * from read_parquet(" + duck.Quote(newest) + ", hive_partitioning = false))")
		if diff := cmp.Diff(want.String(), got); diff != "" {
			t.Errorf("%s (-contract +file):\n%s", table.Name, diff)
		}
		if diff := cmp.Diff(columnsOfPage(t, table.Name), got); diff != "" {
			t.Errorf("%s (-docs/tables +file):\n%s", table.Name, diff)
		}
		version := w.query("select decode(value) as version from parquet_kv_metadata(" + duck.Quote(newest) + ") where decode(key) = 'schema_version'")
		if want := "version\n" + versions[table.Name] + "\n"; version != want {
			t.Errorf("%s: schema_version: got %q, want %q", table.Name, version, want)
		}
	}
	// What files say of themselves is what a run compares contracts with, those of every writer.
	if err := project.CheckPublished(manifestFiles{w, w.latest()}); err != nil {
		t.Error(err)
	}
	if published < 16 {
		t.Errorf("only %d tables were published", published)
	}
}

// columnsOfPage returns the columns and types that the page of a table tells, as CSV.
func columnsOfPage(t *testing.T, table string) string {
	t.Helper()
	page, err := os.ReadFile("../docs/tables/" + table + ".md")
	if err != nil {
		t.Fatal(err)
	}
	text := "column_name,column_type\n"
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z0-9_]+)` \\| ([A-Z]+) \\|").FindAllStringSubmatch(string(page), -1) {
		text += row[1] + "," + row[2] + "\n"
	}
	return text
}

// manifestFiles are the files of a snapshot.
type manifestFiles struct {
	w *world
	*warehouse.Manifest
}

func (m manifestFiles) ReadPath(f warehouse.File) string {
	return filepath.Join(m.w.options.Warehouse, filepath.FromSlash(f.Object))
}

// logs returns all decompressed lines.
func (w *world) logs() []byte {
	w.t.Helper()
	var all []byte
	files, _ := filepath.Glob(filepath.Join(w.dir, "logs/*/*"))
	for _, file := range files {
		all = append(all, gunzip(w.t, file)...)
	}
	return all
}

// dumps returns the text of all dumps of tables.
func (w *world) dumps() []byte {
	w.t.Helper()
	var all []byte
	files, _ := filepath.Glob(filepath.Join(w.dir, "dumps/*/*"))
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, text...)
	}
	return all
}

// everyText returns the bytes of every file of the warehouse, and the rows of every table as text, since the bytes of a
// Parquet file are compressed.
func (w *world) everyText() map[string]string {
	w.t.Helper()
	texts := make(map[string]string)
	err := filepath.WalkDir(w.options.Warehouse, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		texts[path] = path + string(content)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	project, err := transform.Load(sql.FS)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, table := range project.Tables() {
		texts["table "+table.Name] = w.query("select * from " + table.Name)
	}
	return texts
}
