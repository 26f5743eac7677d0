package scheduler

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vaultreport/extract"
	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/pii"
	"vaultreport/sql"
	"vaultreport/transform"
)

// world is a folder with logs and a warehouse, in which whole runs happen.
type world struct {
	t       testing.TB
	dir     string
	options Options
}

type silent struct{}

func (silent) Stage(string, int64) {}
func (silent) Rows(int64)          {}
func (silent) Add(int64)           {}
func (silent) Done()               {}

var testKey = func() *pii.Key {
	key, err := pii.ParseKey([]byte(strings.Repeat("0f", 32)))
	if err != nil {
		panic(err)
	}
	return key
}()

func newWorld(t testing.TB, zone string) *world {
	t.Helper()
	dir := t.TempDir()
	z, err := bizday.LoadZone(zone)
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	return &world{t: t, dir: dir, options: Options{
		Warehouse: filepath.Join(dir, "warehouse"), Base: dir, Zone: z, Key: testKey, K: 5, RetireAfter: 90, DiamondTarget: 500_000,
		Sources: []extract.Source{{Name: "api", Path: filepath.Join(dir, "logs/{date}/*.jsonl*"), Lookback: 1, Lookahead: 1, MaxLine: 1 << 20}},
		Title:   "Vault", Language: "en", Threads: 2, MemoryBytes: 1 << 30, ToolVersion: "test",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Progress: silent{},
		Now: func() time.Time { clock = clock.Add(time.Second); return clock },
	}}
}

// write puts a file into the world; one with the ending .gz is compressed.
func (w *world) write(name string, content []byte) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		w.t.Fatal(err)
	}
	if strings.HasSuffix(name, ".gz") {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		z.Write(content)
		z.Close()
		content = b.Bytes()
	}
	if err := os.WriteFile(path, content, 0o640); err != nil {
		w.t.Fatal(err)
	}
}

// run runs the days of `2026-01-02` or `2026-01-02..2026-01-04`.
func (w *world) run(days string) (Result, error) {
	w.t.Helper()
	start, end, span := strings.Cut(days, "..")
	if !span {
		end = start
	}
	o := w.options
	for text, into := range map[string]*bizday.Day{start: &o.Start, end: &o.End} {
		d, err := bizday.Parse(text)
		if err != nil {
			w.t.Fatal(err)
		}
		*into = d
		if start == end {
			o.Start, o.End = d, d
		}
	}
	return Run(context.Background(), o)
}

func (w *world) mustRun(days string) Result {
	w.t.Helper()
	result, err := w.run(days)
	if err != nil {
		w.t.Fatalf("run %s: %v", days, err)
	}
	return result
}

// query answers a statement over the glob tree, as CSV. `who(id, user_key)` names the users 1 to 999.
func (w *world) query(statement string) string {
	w.t.Helper()
	ctx := context.Background()
	db, err := duck.Open(ctx, duck.Options{Threads: 1, MemoryBytes: 1 << 30, TempDir: w.t.TempDir()})
	if err != nil {
		w.t.Fatal(err)
	}
	defer db.Close()
	project, err := shippedProject()
	if err != nil {
		w.t.Fatal(err)
	}
	exec := func(q string) {
		if _, err := db.Conn().ExecContext(ctx, q); err != nil {
			w.t.Fatalf("%s: %v", q, err)
		}
	}
	for _, table := range project.Tables() {
		if !strings.Contains(statement, table.Name) {
			continue
		}
		glob := filepath.Join(w.options.Warehouse, table.Dir, table.Name, "dt=*", "*.parquet")
		source := table.Empty()
		if matches, _ := filepath.Glob(glob); len(matches) > 0 {
			source = "select * from read_parquet(" + duck.Quote(glob) + ", hive_partitioning = false)"
		}
		exec("create view " + table.Name + " as " + source)
	}
	if strings.Contains(statement, "who") {
		exec("create table who as select * from (values " + usersByKey() + ") as users(id, user_key)")
	}
	rows, err := db.Conn().QueryContext(ctx, statement)
	if err != nil {
		w.t.Fatalf("%s: %v", statement, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		w.t.Fatal(err)
	}
	var out strings.Builder
	writer := csv.NewWriter(&out)
	writer.Write(columns)
	values := make([]any, len(columns))
	pointers := make([]any, len(columns))
	for i := range values {
		pointers[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(pointers...); err != nil {
			w.t.Fatal(err)
		}
		cells := make([]string, len(columns))
		for i, v := range values {
			cells[i] = cell(v)
		}
		writer.Write(cells)
	}
	if err := rows.Err(); err != nil {
		w.t.Fatal(err)
	}
	writer.Flush()
	return out.String()
}

var shippedProject = sync.OnceValues(func() (*transform.Project, error) { return transform.Load(sql.FS) })

// usersByKey are the rows of `who`.
var usersByKey = sync.OnceValue(func() string {
	hasher := testKey.Hasher()
	var users []string
	for id := int64(1); id < 1000; id++ {
		users = append(users, fmt.Sprintf("(%d::bigint, unhex('%x'))", id, hasher.UserKey(strconv.AppendInt(nil, id, 10))))
	}
	return strings.Join(users, ",")
})

func cell(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case []byte:
		return hex.EncodeToString(v)
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format("2006-01-02")
		}
		return v.Format("2006-01-02T15:04:05.999999Z")
	default:
		return fmt.Sprint(v)
	}
}

// digests returns the SHA-256 of every data file of the glob tree whose path does not hold one of the words. Restatements are
// history, and left out.
func (w *world) digests(except ...string) map[string]string {
	w.t.Helper()
	except = append(slices.Clip(except), "marts/restatement/")
	sums := make(map[string]string)
	for _, dir := range []string{"lake", "marts"} {
		err := filepath.WalkDir(filepath.Join(w.options.Warehouse, dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(w.options.Warehouse, path)
			if err != nil {
				return err
			}
			for _, word := range except {
				if strings.Contains(name, word) {
					return nil
				}
			}
			content, err := os.ReadFile(path)
			sum := sha256.Sum256(content)
			sums[name] = hex.EncodeToString(sum[:])
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return sums
}
