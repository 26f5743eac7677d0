package diff

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

const (
	day1 = bizday.Day(20455) // 2026-01-02
	day2 = day1 + 1
)

// sides writes the rows of both sides by table and day; an empty text is no file. Equal texts have equal digests.
type sides struct {
	t   testing.TB
	db  *duck.DB
	dir string
	n   int
}

func newSides(t testing.TB) *sides {
	t.Helper()
	db, err := duck.Open(context.Background(), duck.Options{Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &sides{t: t, db: db, dir: t.TempDir()}
}

func (s *sides) file(table string, dt bizday.Day, query string) warehouse.File {
	s.t.Helper()
	s.n++
	path := filepath.Join(s.dir, fmt.Sprintf("%d.parquet", s.n))
	if _, err := s.db.Conn().ExecContext(context.Background(), "copy ("+query+") to "+duck.Quote(path)+" (format parquet)"); err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	var rows int64
	if err := s.db.Conn().QueryRowContext(context.Background(), "select count(*) from read_parquet("+duck.Quote(path)+")").Scan(&rows); err != nil {
		s.t.Fatal(err)
	}
	return warehouse.File{Table: table, Dt: dt, Object: path, SHA256: query, Rows: rows}
}

func side(files ...warehouse.File) Side {
	return Side{Files: files, Path: func(f warehouse.File) string { return f.Object }}
}

func keys(table string) []string {
	return map[string][]string{"metric": {"dt", "env"}, "mart": {"dt", "env"}}[table]
}

func (s *sides) compare(a, b Side, o Options) []Table {
	s.t.Helper()
	tables, err := Compare(context.Background(), s.db.Conn(), keys, a, b, o)
	if err != nil {
		s.t.Fatal(err)
	}
	return tables
}

func values(rows, columns string) string {
	return "select * from (values " + rows + ") as t(" + columns + ")"
}

func metric(rows string) string {
	return values(strings.ReplaceAll(rows, "D1", "date '2026-01-02'"), "dt, env, value, part")
}

func text(s string) *string { return &s }

func TestRowsArePairedByKey(t *testing.T) {
	s := newSides(t)
	a := s.file("metric", day1, metric("(D1, 'dev', 1.5::double, 'x'), (D1, 'prod', 2, null), (D1, 'staging', 3, 'z')"))
	b := s.file("metric", day1, metric("(D1, 'local', 7::double, null), (D1, 'prod', 2.5, null), (D1, 'staging', 3, 'z')"))
	got := s.compare(side(a), side(b), Options{Samples: 5})
	want := []Table{{
		Name: "metric", Key: []string{"dt", "env"}, Days: []Day{{Dt: day1, Files: "both", OnlyA: 1, OnlyB: 1, Changed: 1, Same: 1}},
		Columns: []Column{{"value", 1, 2}, {"part", 2, 2}}, OnlyA: []string{}, OnlyB: []string{},
		Samples: []Sample{
			{OnlyA, 1, map[string]*string{"dt": text("2026-01-02"), "env": text("dev")}, []Cell{{"value", text("1.5"), nil}, {"part", text("x"), nil}}},
			{OnlyB, 1, map[string]*string{"dt": text("2026-01-02"), "env": text("local")}, []Cell{{"value", nil, text("7.0")}, {"part", nil, nil}}},
			{Changed, 1, map[string]*string{"dt": text("2026-01-02"), "env": text("prod")}, []Cell{{"value", text("2.0"), text("2.5")}}},
		},
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestWhatTwoSidesMayHave(t *testing.T) {
	s := newSides(t)
	one := s.file("metric", day1, metric("(D1, 'prod', 1::double, 'x')"))
	two := s.file("metric", day1, metric("(D1, 'prod', 1::double, 'x'), (D1, 'prod', 2, 'x')"))
	same := s.file("metric", day1, metric("(D1, 'prod', 1::double, 'x')")+" order by all")
	next := s.file("metric", day2, strings.ReplaceAll(metric("(D1, 'prod', 1::double, 'x')"), "01-02", "01-03"))
	lines := s.file("events", day1, "select date '2026-01-02' as dt, '\\x01'::blob as user_key, timestamp '2026-01-02 03:04:05.5' as ts from range(3)")
	fewer := s.file("events", day1, "select date '2026-01-02' as dt, '\\x01'::blob as user_key, timestamp '2026-01-02 03:04:05.5' as ts from range(2) union all select date '2026-01-02', null, null")
	nulls := s.file("metric", day1, metric("(D1, null, 1::double, 'x'), (D1, 'a', null, null)"))
	nulls2 := s.file("metric", day1, metric("(D1, null, 1::double, 'y'), (D1, 'a', null, null)"))
	wider := s.file("metric", day1, values("(date '2026-01-02', 'prod', 1, 'new')", "dt, env, value, more"))
	nan := s.file("metric", day1, metric("(D1, 'prod', 'nan'::double, 'x')"))
	nan2 := s.file("metric", day1, metric("(D1, 'prod', 'nan'::double, 'x')")+" order by all")
	none := s.file("metric", day1, metric("(D1, 'prod', 1::double, 'x')")+" where false")
	page := warehouse.File{Table: "report", Dt: day1, Object: "nowhere", SHA256: "page"}
	for _, c := range []struct {
		name    string
		a, b    Side
		o       Options
		want    string
		differs bool
	}{
		{"files of one digest are not opened", side(warehouse.File{Table: "metric", Dt: day1, SHA256: "x", Object: "nowhere"}), side(warehouse.File{Table: "metric", Dt: day1, SHA256: "x", Object: "nowhere"}), Options{Samples: 1}, "metric key 2: 1 equal", false},
		{"the same rows in other bytes", side(one), side(same), Options{Samples: 1}, "metric key 2: 0 equal 2026-01-02 both -0 +0 ~0 =1 value 1/1 part 1/1", false},
		{"a day is missing in B", side(one, next), side(one), Options{Samples: 1}, "metric key 2: 1 equal 2026-01-03 a -1 +0 ~0 =0", true},
		{"a day is missing in A", side(), side(next), Options{Samples: 1}, "metric key 2: 0 equal 2026-01-03 b -0 +1 ~0 =0", true},
		{"a key twice makes a multiset", side(one), side(two), Options{}, "metric key 0: 0 equal 2026-01-02 both -0 +1 ~0 =1", true},
		{"a table without a key is a multiset", side(lines), side(fewer), Options{Samples: 5}, "events key 0: 0 equal 2026-01-02 both -1 +1 ~0 =2 only_ax1 [dt:2026-01-02/- user_key:01/- ts:2026-01-02T03:04:05.500000Z/-] only_bx1 [dt:-/2026-01-02 user_key:-/- ts:-/-]", true},
		{"NULL is equal to NULL, in a key too", side(nulls), side(nulls2), Options{Samples: 2}, "metric key 2: 0 equal 2026-01-02 both -0 +0 ~1 =1 value 2/2 part 1/2 changedx1 [part:x/y]", true},
		{"NaN is equal to NaN", side(nan), side(nan2), Options{}, "metric key 2: 0 equal 2026-01-02 both -0 +0 ~0 =1 value 1/1 part 1/1", false},
		{"columns of one side are named, and of another type compared as text", side(one), side(wider), Options{}, "metric key 2: 0 equal 2026-01-02 both -0 +0 ~1 =0 value 0/1 lost part new more", true},
		{"no rows on one side", side(one), side(none), Options{}, "metric key 2: 0 equal 2026-01-02 both -1 +0 ~0 =0 value 0/0 part 0/0", true},
		{"pages are left out", side(page), side(), Options{}, "", false},
		{"another table is left out", side(one, lines), side(two, fewer), Options{Table: "events"}, "events key 0: 0 equal 2026-01-02 both -1 +1 ~0 =2", true},
		{"other days are left out", side(one, next), side(), Options{First: ptr(day2), Last: ptr(day2)}, "metric key 2: 0 equal 2026-01-03 a -1 +0 ~0 =0", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.t = t
			tables := s.compare(c.a, c.b, c.o)
			if got := describe(tables); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := len(tables) == 1 && tables[0].Differs(); got != c.differs {
				t.Errorf("differs: %v", got)
			}
		})
	}
}

func ptr[T any](v T) *T { return &v }

func describe(tables []Table) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	shown := func(s *string) string {
		if s == nil {
			return "-"
		}
		return *s
	}
	for _, t := range tables {
		add("%s key %d: %d equal", t.Name, len(t.Key), t.EqualDays)
		for _, d := range t.Days {
			add("%s %s -%d +%d ~%d =%d", d.Dt, d.Files, d.OnlyA, d.OnlyB, d.Changed, d.Same)
		}
		for _, c := range t.Columns {
			add("%s %d/%d", c.Name, c.Equal, c.Rows)
		}
		for _, name := range t.OnlyA {
			add("lost %s", name)
		}
		for _, name := range t.OnlyB {
			add("new %s", name)
		}
		for _, row := range t.Samples {
			var cells []string
			for _, c := range row.Columns {
				cells = append(cells, fmt.Sprintf("%s:%s/%s", c.Column, shown(c.A), shown(c.B)))
			}
			add("%sx%d %v", row.Change, row.Copies, cells)
		}
	}
	return strings.Join(parts, " ")
}

func TestAFileThatCannotBeReadIsAnError(t *testing.T) {
	s := newSides(t)
	a := s.file("metric", day1, metric("(D1, 'prod', 1::double, 'x')"))
	b := a
	b.SHA256, b.Object = "other", filepath.Join(s.dir, "broken")
	if err := os.WriteFile(b.Object, []byte("PAR1 no more"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Compare(context.Background(), s.db.Conn(), keys, side(a), side(b), Options{}); err == nil || !strings.HasPrefix(err.Error(), "compare metric: ") {
		t.Errorf("got %v", err)
	}
}

// The counts against a plain model, over random rows of two tables, one with a key.
func TestCountsAreThoseOfAPlainModel(t *testing.T) {
	s := newSides(t)
	rapid.Check(t, func(r *rapid.T) {
		row := rapid.Custom(func(r *rapid.T) [2]int {
			return [2]int{rapid.IntRange(0, 4).Draw(r, "env"), rapid.IntRange(0, 2).Draw(r, "value")}
		})
		table := rapid.SampledFrom([]string{"mart", "events"}).Draw(r, "table")
		id := func(v [2]int) int { return v[0]*10 + v[1] }
		if table == "mart" {
			id = func(v [2]int) int { return v[0] }
		}
		rowsA := rapid.SliceOfNDistinct(row, 1, 5, func(v [2]int) int { return id(v) }).Draw(r, "a")
		rowsB := rapid.SliceOfNDistinct(row, 1, 5, func(v [2]int) int { return id(v) }).Draw(r, "b")
		if table == "events" { // rows of a multiset may be there twice
			rowsA, rowsB = append(rowsA, rowsA[0]), append(rowsB, rowsB[len(rowsB)-1])
		}
		file := func(rows [][2]int) warehouse.File {
			var list []string
			for _, v := range rows {
				list = append(list, fmt.Sprintf("(date '2026-01-02', 'e%d', %d)", v[0], v[1]))
			}
			f := s.file(table, day1, values(strings.Join(list, ", "), "dt, env, value"))
			f.SHA256 = f.Object // opened, even if they are equal
			return f
		}
		want := Day{Dt: day1, Files: "both"}
		count := func(rows [][2]int, v [2]int) (n int64) {
			for _, other := range rows {
				if other == v {
					n++
				}
			}
			return n
		}
		if table == "mart" {
			inB := map[int]int{}
			for _, v := range rowsB {
				inB[v[0]] = v[1]
			}
			want.OnlyB = int64(len(rowsB))
			for _, v := range rowsA {
				value, there := inB[v[0]]
				switch {
				case !there:
					want.OnlyA++
					continue
				case value == v[1]:
					want.Same++
				default:
					want.Changed++
				}
				want.OnlyB--
			}
		} else {
			seen := map[[2]int]bool{}
			for _, v := range append(append([][2]int{}, rowsA...), rowsB...) {
				if seen[v] {
					continue
				}
				seen[v] = true
				a, b := count(rowsA, v), count(rowsB, v)
				want.OnlyA += max(a-b, 0)
				want.OnlyB += max(b-a, 0)
				want.Same += min(a, b)
			}
		}
		got := s.compare(side(file(rowsA)), side(file(rowsB)), Options{})
		if len(got) != 1 || len(got[0].Days) != 1 || got[0].Days[0] != want {
			r.Fatalf("%s: %v against %v: got %s, want %+v", table, rowsA, rowsB, describe(got), want)
		}
	})
}
