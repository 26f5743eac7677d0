package reference

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/big"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/warehouse"
)

// shards run side by side, each with an engine and its share of the worlds.
const shards = 2

// checkedWorlds is how many random worlds a run of the tests has; make soak has more.
const checkedWorlds = 200

// The same worlds every time, unless VAULTREPORT_SOAK says how many others (make soak).
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.seed"); f.Value.String() == f.DefValue && os.Getenv("VAULTREPORT_SOAK") == "" {
		f.Value.Set("1")
	}
	os.Exit(m.Run())
}

// setWorlds says how many worlds a test has, which -rapid.checks overrides. With -short rapid takes a fifth of them, so that fewer than 5
// would be none. No other test may run at the same time.
func setWorlds(t *testing.T, n int) {
	t.Helper()
	if text := os.Getenv("VAULTREPORT_SOAK"); text != "" {
		soak, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("VAULTREPORT_SOAK is the number of worlds: %v", err)
		}
		n = soak * n / checkedWorlds
	}
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set(strconv.Itoa(max(5, n)))
		t.Cleanup(func() { f.Value.Set(f.DefValue) })
	}
}

// Every cell of every table of every day is the same, whether the models or the reference computed it, and the rows behind some
// cells add up to them.
func TestModelsAgreeWithTheReference(t *testing.T) {
	c := newCatalogueSeen(t)
	inWorlds(t, checkedWorlds, worlds(), func(t *rapid.T, m *machine, store *folder, w *World) {
		want := w.Results()
		m.compare(t, store, w, want)
		m.addUp(t, store, w, want, c)
	})
}

// inWorlds runs the models over so many random worlds, in shards side by side, and calls compare with each of them.
func inWorlds(t *testing.T, n int, worlds *rapid.Generator[*World], compare func(*rapid.T, *machine, *folder, *World)) {
	setWorlds(t, n/shards)
	for shard := range shards {
		t.Run(fmt.Sprint("shard ", shard), func(t *testing.T) {
			t.Parallel()
			m := newMachine(t)
			rapid.Check(t, func(t *rapid.T) {
				for range shard {
					rapid.Uint64().Draw(t, "what makes the worlds of one shard others than those of another")
				}
				w := worlds.Draw(t, "world")
				store, done := m.newFolder(t)
				defer done()
				for _, dt := range w.sorted() {
					m.put(t, store, dt, w.Days[dt])
				}
				m.run(t, store, w)
				compare(t, m, store, w)
			})
		})
	}
}

// Days that come one by one in any order, and some of them at first with a part of their lines, end in the same bytes as all days at once.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	setWorlds(t, 10)
	m := newMachine(t)
	rapid.Check(t, func(t *rapid.T) {
		w := worlds().Draw(t, "world")
		store, done := m.newFolder(t)
		defer done()
		var late []bizday.Day
		for _, dt := range rapid.Permutation(w.sorted()).Draw(t, "order") {
			now := *w.Days[dt]
			if len(now.Events) > 0 && rapid.Bool().Draw(t, "has late lines") {
				late = append(late, dt)
				now.Events = now.Events[:rapid.IntRange(0, len(now.Events)-1).Draw(t, "lines at first")]
			}
			m.put(t, store, dt, &now)
			m.run(t, store, w)
		}
		for _, dt := range late {
			m.put(t, store, dt, w.Days[dt])
			m.run(t, store, w)
		}
		atOnce, done := m.newFolder(t)
		defer done()
		for _, dt := range w.sorted() {
			m.put(t, atOnce, dt, w.Days[dt])
		}
		m.run(t, atOnce, w)
		got, want := store.digests(), atOnce.digests()
		for _, path := range slices.Sorted(maps.Keys(want)) {
			if got[path] != want[path] {
				t.Errorf("%s has other bytes", path)
			}
		}
		if len(got) != len(want) || t.Failed() {
			t.Fatalf("%d files, %d at once\n%s", len(got), len(want), describe(w))
		}
	})
}

// machine runs models over worlds with one engine at a time.
type machine struct {
	db      *duck.DB
	folders int // since the engine was started
	project *transform.Project
	root    string
}

func newMachine(t *testing.T) *machine {
	p, err := transform.Load(sql.FS)
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{project: p, root: t.TempDir()}
	m.start(t)
	t.Cleanup(func() { m.db.Close() })
	return m
}

func (m *machine) start(t interface{ Fatal(...any) }) {
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	m.db, m.folders = db, 0
}

func (m *machine) newFolder(t *rapid.T) (store *folder, done func()) {
	// An engine that has run for hundreds of worlds holds more memory than a soak can have.
	if m.folders++; m.folders > 20 {
		m.db.Close()
		m.start(t)
	}
	dir, err := os.MkdirTemp(m.root, "world")
	if err != nil {
		t.Fatal(err)
	}
	return newFolder(dir), func() { os.RemoveAll(dir) }
}

func (m *machine) put(t *rapid.T, store *folder, dt bizday.Day, d *Day) {
	if err := putDay(m.db, store, m.project, dt, d); err != nil {
		t.Fatal(err)
	}
}

func (m *machine) run(t *rapid.T, store *folder, w *World) {
	o := transform.Options{
		DB: m.db, Zone: w.Zone, Log: slog.New(slog.DiscardHandler),
		Params: transform.Params{K: w.K, RetireAfter: w.RetireAfter, DiamondTarget: w.DiamondTarget},
	}
	if _, err := transform.Run(context.Background(), store, m.project, o); err != nil {
		t.Fatalf("%v\n%s", err, describe(w))
	}
}

// isApproximate says of which columns doubles may differ by 1e-9: those that are no quotient of whole numbers.
var isApproximate = []string{"ci_low", "ci_high", "p_value"}

// compare holds every table of the world against the reference.
func (m *machine) compare(t *rapid.T, store *folder, w *World, want map[bizday.Day]*Results) {
	for name, rowsOf := range tables {
		of, _ := m.project.Table(name)
		if of.Name == "" || len(store.Days(name)) == 0 {
			continue
		}
		got := m.read(t, store, of)
		var expected [][]string
		for _, dt := range w.sorted() {
			for _, row := range rowsOf(want[dt]) {
				expected = append(expected, append([]string{dt.String()}, row...))
			}
		}
		if fault := difference(of, got, expected); fault != "" {
			t.Fatalf("%s\n%s\n%s", name, fault, describe(w))
		}
	}
}

// read returns all rows of a table in the order of the day and the file.
func (m *machine) read(t *rapid.T, store *folder, of warehouse.Table) (rows [][]string) {
	var files, cells []string
	for _, day := range store.Days(of.Name) {
		f, _ := store.File(of.Name, day)
		files = append(files, duck.Quote(f.Object))
	}
	for _, c := range of.Columns {
		switch c.Type {
		case "BLOB":
			cells = append(cells, "lower(hex("+c.Name+"))")
		case "TIMESTAMP":
			cells = append(cells, "epoch_us("+c.Name+")::varchar")
		default:
			cells = append(cells, c.Name+"::varchar")
		}
	}
	found, err := m.db.Conn().QueryContext(context.Background(), fmt.Sprintf("select [%s] from read_parquet([%s], hive_partitioning = false)",
		strings.Join(cells, ", "), strings.Join(files, ", ")))
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	for found.Next() {
		var list any
		if err := found.Scan(&list); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(of.Columns))
		for i, cell := range list.([]any) {
			row[i] = "NULL"
			if cell != nil {
				row[i] = cell.(string)
			}
		}
		rows = append(rows, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

// difference describes the rows in which two tables differ, "" if they do not. Rows have the order of the key on both sides.
func difference(of warehouse.Table, got, want [][]string) string {
	var lines []string
	keyOf := func(row []string) string { return strings.Join(row[:len(keys[of.Name])], " ") }
	byKey := map[string][]string{}
	for _, row := range got {
		byKey[keyOf(row)] = row
	}
	for _, w := range want {
		g, is := byKey[keyOf(w)]
		delete(byKey, keyOf(w))
		if !is {
			lines = append(lines, "  missing    "+strings.Join(w, " "))
			continue
		}
		if len(w) != len(of.Columns) {
			return fmt.Sprintf("  the reference has %d columns, the table %d", len(w), len(of.Columns))
		}
		for i, c := range of.Columns {
			if !isSame(c, g[i], w[i]) {
				lines = append(lines, fmt.Sprintf("  differs    %s: %s is %s, not %s", keyOf(w), c.Name, g[i], w[i]))
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		lines = append(lines, "  unexpected "+strings.Join(byKey[key], " "))
	}
	if len(lines) == 0 && !slices.EqualFunc(got, want, func(g, w []string) bool { return keyOf(g) == keyOf(w) }) {
		lines = append(lines, "  the rows are not in the order of the key")
	}
	return strings.Join(lines, "\n")
}

func isSame(c warehouse.Column, got, want string) bool {
	if got == want {
		return true
	}
	g, err1 := strconv.ParseFloat(got, 64)
	w, err2 := strconv.ParseFloat(want, 64)
	if c.Type != "DOUBLE" || err1 != nil || err2 != nil {
		return false
	}
	if slices.Contains(isApproximate, c.Name) {
		return math.Abs(g-w) <= 1e-9*math.Abs(w)+1e-15
	}
	return g == w
}

// The tables, with the columns of their keys and the rows of the reference.
var (
	keys = map[string][]string{
		"vault_state": {"dt", "env", "user_key", "vault_type"}, "vault_daily": {"dt", "env", "vault_type"},
		"metric_daily":                      {"dt", "env", "metric", "period", "vault_type", "variant_id", "segment", "statistic"},
		"metric_change":                     {"dt", "env", "metric", "vault_type", "variant_id", "segment", "statistic", "comparison"},
		"expiry_extension_shadow_vs_actual": {"dt", "env", "reason"}, "compensation_open": {"dt", "env", "compensation_id"},
		"alarm_evaluation": {"dt", "rule", "level", "env", "vault_type"}, "alarm": {"dt", "alarm_id"},
	}
	tables = map[string]func(*Results) [][]string{
		"vault_state":                       func(r *Results) [][]string { return cellsOf(r.State) },
		"vault_daily":                       func(r *Results) [][]string { return cellsOf(r.Daily) },
		"metric_daily":                      func(r *Results) [][]string { return cellsOf(r.Metrics) },
		"metric_change":                     func(r *Results) [][]string { return cellsOf(r.Changes) },
		"expiry_extension_shadow_vs_actual": func(r *Results) [][]string { return cellsOf(r.Shadow) },
		"compensation_open":                 func(r *Results) [][]string { return cellsOf(r.Open) },
	}
)

type row interface{ cells() []string }

func cellsOf[R row](rows []R) (cells [][]string) {
	for _, r := range rows {
		cells = append(cells, r.cells())
	}
	return cells
}

func (r StateRow) cells() []string {
	return asText(r.Env, hexKey(r.User), r.VaultType, r.Status, at(r.ExpiresAt), r.Origin, r.FirstDt, at(r.UnlockedAt), at(r.ClaimedAt), at(r.ExpiredAt),
		r.ReopenedCount, r.Invalid, r.StatusDt)
}

func (r DailyRow) cells() []string {
	return asText(r.Env, r.VaultType, r.OpenStart, r.LiveStart, r.Unlocked, r.Claimed, r.Expired, r.Reopened, r.New, r.Eligible, r.Total, r.LockedEnd,
		r.OpenEnd, r.ClaimedEnd, r.ExpiredEnd, r.Retired, r.InvalidTransitions, r.Drift)
}

func (m Metric) cells() []string {
	return asText(m.Env, m.Metric, m.Period, m.VaultType, m.Variant, m.Segment, m.Statistic, m.Value, m.Numerator, m.Denominator, m.SampleSize, m.Users,
		m.CILow, m.CIHigh, m.State, m.Reason, m.Unit)
}

func (c Change) cells() []string {
	return asText(c.Env, c.Metric, c.VaultType, c.Variant, c.Segment, c.Statistic, c.Comparison, c.Current, c.Baseline, c.CurrentNumerator,
		c.CurrentDenominator, c.BaselineNumerator, c.BaselineDenominator, c.Absolute, c.Relative, c.PValue, c.State, c.Reason)
}

func (r ShadowRow) cells() []string {
	return asText(r.Env, r.Reason, r.InBoth, r.ShadowOnly, r.ActualOnly, r.MeanHours, r.State, r.StateReason)
}

func (r OpenRow) cells() []string { return asText(r.Env, hexKey(r.Compensation), at(r.EnqueuedAt)) }

type at int64 // an instant; 0 is NULL

func hexKey(n int) string { return fmt.Sprintf("%032x", n) }

// asText writes values as DuckDB does.
func asText(values ...any) []string {
	cells := make([]string, len(values))
	for i, value := range values {
		cells[i] = "NULL"
		switch v := value.(type) {
		case string:
			if v != "" {
				cells[i] = v
			}
		case at:
			if v != 0 {
				cells[i] = strconv.FormatInt(int64(v), 10)
			}
		case *int64:
			if v != nil {
				cells[i] = strconv.FormatInt(*v, 10)
			}
		case *float64:
			if v != nil {
				cells[i] = strconv.FormatFloat(*v, 'g', -1, 64)
			}
		case *big.Rat:
			if v != nil {
				f, _ := v.Float64()
				cells[i] = strconv.FormatFloat(f, 'g', -1, 64)
			}
		default:
			cells[i] = fmt.Sprint(v)
		}
	}
	return cells
}
