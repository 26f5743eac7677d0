package duck

import (
	"context"
	"database/sql"
	"math"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t *testing.T, o Options) *DB {
	t.Helper()
	db, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func value(t *testing.T, db *DB, query string) string {
	t.Helper()
	var text sql.NullString
	if err := db.Conn().QueryRowContext(context.Background(), "select cast(("+query+") as varchar)").Scan(&text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if !text.Valid {
		return "NULL"
	}
	return text.String
}

func TestPortableFunctions(t *testing.T) {
	db := open(t, Options{Threads: 1})
	for _, c := range []struct{ name, query, want string }{
		{"local time lies ahead of UTC in Seoul", "vr_local_ts(timestamp '2026-01-01 15:00:00', 'Asia/Seoul')", "2026-01-02 00:00:00"},
		{"local time follows daylight saving", "vr_local_ts(timestamp '2026-03-29 01:30:00', 'Europe/Berlin')", "2026-03-29 03:30:00"},
		{"days between are counted forward", "vr_days_between(date '2026-02-27', date '2026-03-01')", "2"},
		{"days between may be negative", "vr_days_between(date '2026-03-01', date '2026-02-27')", "-2"},
		{"a series of days has both ends", "select string_agg(dt, ' ' order by dt) from vr_days(date '2026-02-28', date '2026-03-01')", "2026-02-28 2026-03-01"},
		{"a series from a later to an earlier day is empty", "select count(*) from vr_days(date '2026-03-01', date '2026-02-28')", "0"},
		{"a hash is lower-case hex", "vr_sha256('abc')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"NULL in gives NULL out", "vr_two_proportion_p(1, 2, null, 4)", "NULL"},
		{"a side without units has no p-value", "vr_two_proportion_p(0, 0, 1, 4)", "NULL"},
		{"a pooled rate of 0", "vr_two_proportion_p(0, 10, 0, 20)", "1.0"},
		{"a pooled rate of 1", "vr_two_proportion_p(10, 10, 20, 20)", "1.0"},
		{"a pooled rate beyond 1 has no variance", "vr_two_proportion_p(12, 10, 20, 20)", "NULL"},
		{"equal rates", "vr_two_proportion_p(1, 10, 2, 20)", "1.0"},
		{"the result is a double", "typeof(vr_two_proportion_p(1, 10, 5, 20))", "DOUBLE"},
		{"a ratio of nothing", "exact_ratio(0, 7)", "0.0"},
		{"a ratio by nothing", "exact_ratio(7, 0)", "NULL"},
		{"NULL gives no ratio", "exact_ratio(null::hugeint, 7)", "NULL"},
		{"a ratio is a double", "typeof(exact_ratio(7, 2))", "DOUBLE"},
		{"more rows than one vector holds", "select count(*) from range(5000) as t(i) where vr_two_proportion_p(i, 10000, i, 10000) = 1", "5000"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := value(t, db, c.query); got != c.want {
				t.Errorf("%s: got %s, want %s", c.query, got, c.want)
			}
		})
	}
}

// The normal distribution's upper tail, integrated by Simpson's rule, is the same number by another way.
func TestPValueIsTheTailOfTheNormalDistribution(t *testing.T) {
	for _, c := range [][4]int64{{30, 100, 20, 100}, {1, 50, 10, 60}, {499, 1000, 500, 1000}, {700_000, 1_000_000, 699_000, 1_000_000}, {3, 5, 7, 9}} {
		p, ok := TwoProportionP(c[0], c[1], c[2], c[3])
		if !ok {
			t.Fatalf("%v has no p-value", c)
		}
		ratio := func(a, b int64) *big.Rat { return big.NewRat(a, b) }
		pooled := ratio(c[0]+c[2], c[1]+c[3])
		variance := new(big.Rat).Mul(pooled, new(big.Rat).Sub(ratio(1, 1), pooled))
		variance.Mul(variance, new(big.Rat).Add(ratio(1, c[1]), ratio(1, c[3])))
		difference := new(big.Rat).Sub(ratio(c[0], c[1]), ratio(c[2], c[3]))
		squared, _ := new(big.Rat).Quo(difference.Mul(difference, difference), variance).Float64()
		z := math.Sqrt(squared)
		const steps = 200_000
		width, sum := z/steps, 0.0
		density := func(x float64) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }
		for i := range steps {
			a := float64(i) * width
			sum += width / 6 * (density(a) + 4*density(a+width/2) + density(a+width))
		}
		if want := 1 - 2*sum; math.Abs(p-want) > 1e-12 {
			t.Errorf("%v: got %v, want %v", c, p, want)
		}
	}
}

func TestSettingsHoldAndCannotBeChanged(t *testing.T) {
	dir := t.TempDir()
	db := open(t, Options{Threads: 2, MemoryBytes: 1 << 30, TempDir: dir})
	for setting, want := range map[string]string{
		"TimeZone": "UTC", "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2",
		"temp_directory": dir, "memory_limit": "614.3 MiB", "lock_configuration": "true", "preserve_insertion_order": "true",
	} {
		if got := value(t, db, "current_setting('"+setting+"')"); got != want {
			t.Errorf("%s: got %s, want %s", setting, got, want)
		}
	}
	if _, err := db.Conn().ExecContext(context.Background(), "set threads = 1"); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("set threads after Open: got %v, want an error that the configuration is locked", err)
	}
}

func TestReadOnlyDirsIsTheOnlyPlaceThatSQLCanOpen(t *testing.T) {
	inside, outside := t.TempDir(), t.TempDir()
	for _, dir := range []string{inside, outside} {
		if err := os.WriteFile(filepath.Join(dir, "a.csv"), []byte("x\n1\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	db := open(t, Options{Threads: 1, ReadOnlyDirs: []string{inside}})
	if got := value(t, db, "select count(*) from read_csv("+Quote(filepath.Join(inside, "a.csv"))+")"); got != "1" {
		t.Errorf("a file inside: got %s rows, want 1", got)
	}
	var n int
	err := db.Conn().QueryRowContext(context.Background(), "select count(*) from read_csv("+Quote(filepath.Join(outside, "a.csv"))+")").Scan(&n)
	if err == nil || !strings.Contains(err.Error(), "Permission") {
		t.Errorf("a file outside: got %v, want a permission error", err)
	}
}

func TestQuote(t *testing.T) {
	db := open(t, Options{Threads: 1})
	if got := value(t, db, Quote("it's '' a $path\\")); got != "it's '' a $path\\" {
		t.Errorf("got %q", got)
	}
}

func TestCloseTwice(t *testing.T) {
	db := open(t, Options{})
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
