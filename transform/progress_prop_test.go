package transform

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
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
)

// A world of users takes long on a busy machine, so fewer of them run than the library would by itself.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("30")
	}
	os.Exit(m.Run())
}

// Every row of both progress metrics equals, to the last bit, what plain rationals over the users' values give: multisets with
// ties, of nobody, of one user, up to the largest deposit that there is, and targets of every size.
func TestProgressEqualsTheReference(t *testing.T) {
	p, db := project(t), engine(t, 1)
	dt, root := bizday.Of(2026, 1, 2), t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		target := rapid.OneOf(rapid.Just(int64(500_000)), rapid.Int64Range(1, 30), rapid.Int64Range(1, math.MaxInt64)).Draw(t, "target")
		users := map[string][]snapshotUser{
			"dev":  rapid.SliceOfN(snapshotUsers(target), 0, 3).Draw(t, "dev"),
			"prod": rapid.SliceOfN(snapshotUsers(target), 0, 40).Draw(t, "prod"),
		}
		dir, err := os.MkdirTemp(root, "progress")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		store := newFolder(dir)
		putUsers(t, db, store, p, dt, users)
		seoul, _ := bizday.LoadZone("Asia/Seoul")
		o := Options{DB: db, Zone: seoul, Params: Params{K: 1, RetireAfter: 90, DiamondTarget: target}, Log: quiet()}
		r, err := newRunner(context.Background(), store, p, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"progress_frequency", "metric_measure", "metric_daily"} {
			if _, _, err := r.first().build(context.Background(), modelOf(p, name), dt); err != nil {
				t.Fatal(err)
			}
		}
		var want []string
		for _, env := range []string{"dev", "prod"} {
			want = append(want, progressOf(env, users[env], target)...)
		}
		slices.Sort(want)
		got := progressRows(t, db, store, dt)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Fatalf("target %d\ngot\n%s\nwant\n%s", target, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// progressRows returns the rows of metric_daily; a value as the shortest text of its double.
func progressRows(t *rapid.T, db *duck.DB, store *folder, dt bizday.Day) (texts []string) {
	f, _ := store.File("metric_daily", dt)
	rows, err := db.Conn().QueryContext(context.Background(), `
		select concat_ws(' ', env, metric, vault_type, segment, statistic), value,
			concat_ws(' ', coalesce(sample_size::varchar, 'NULL'), coalesce(users::varchar, 'NULL'), state, coalesce(reason, 'NULL'), unit)
		from read_parquet([`+duck.Quote(f.Object)+"]) where metric in ('platinum_attendance_progress', 'diamond_deposit_progress')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key, rest string
		var value sql.Null[float64]
		if err := rows.Scan(&key, &value, &rest); err != nil {
			t.Fatal(err)
		}
		text := "NULL"
		if value.Valid {
			text = doubleText(value.V)
		}
		texts = append(texts, key+" "+text+" "+rest)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// snapshotUser is a row of vault_status as far as progress looks at it; nil is NULL.
type snapshotUser struct {
	platinum, diamond string
	days, deposit     *int64
}

func snapshotUsers(target int64) *rapid.Generator[snapshotUser] {
	statuses := rapid.SampledFrom([]string{"LOCKED", "LOCKED", "UNLOCKED", "ACTIVE", "CLAIMED", "EXPIRED", ""})
	tenth := max(target/10, 1)
	deposits := rapid.OneOf(
		rapid.Int64Range(0, 20), rapid.Int64Range(0, math.MaxInt64), rapid.Just(int64(math.MaxInt64)), rapid.Just(target),
		rapid.Custom(func(t *rapid.T) int64 { // at a bound of a bucket, or a hair beside it
			bound := new(big.Int).Mul(big.NewInt(rapid.Int64Range(1, 10).Draw(t, "tenths")), big.NewInt(tenth))
			bound.Add(bound, big.NewInt(rapid.Int64Range(-1, 1).Draw(t, "hair")))
			if !bound.IsInt64() {
				return target
			}
			return bound.Int64()
		}))
	return rapid.Custom(func(t *rapid.T) snapshotUser {
		u := snapshotUser{platinum: statuses.Draw(t, "platinum"), diamond: statuses.Draw(t, "diamond")}
		if rapid.IntRange(0, 5).Draw(t, "has days") > 0 {
			days := rapid.OneOf(rapid.Int64Range(0, 4), rapid.Int64Range(0, 4), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "days")
			u.days = &days
		}
		if rapid.IntRange(0, 5).Draw(t, "has deposit") > 0 {
			deposit := deposits.Draw(t, "deposit")
			u.deposit = &deposit
		}
		return u
	})
}

func putUsers(t *rapid.T, db *duck.DB, store *folder, p *Project, dt bizday.Day, users map[string][]snapshotUser) {
	number := func(n *int64) string {
		if n == nil {
			return "null::bigint"
		}
		return fmt.Sprintf("%d::bigint", *n)
	}
	put := func(name string, rows []string) {
		of, _ := p.Table(name)
		path, _ := store.StagePath(of, dt)
		text := strings.Join(append([]string{of.Empty()}, rows...), " union all by name ")
		if _, err := db.Conn().ExecContext(context.Background(), "copy ("+text+") to "+duck.Quote(path)+" (format parquet, write_bloom_filter false)"); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Add(of, dt, 0, "given"); err != nil {
			t.Fatal(err)
		}
	}
	var envs, rows []string
	for env, list := range users {
		envs = append(envs, fmt.Sprintf("select date '%s' as dt, '%s' as env, date '%s' as first_dt", dt, env, dt))
		for i, u := range list {
			rows = append(rows, fmt.Sprintf("select '%s' as env, unhex('%032x') as user_key, nullif('%s', '') as platinum_status, nullif('%s', '') as diamond_status, %s as platinum_attendance_days, %s as diamond_deposit_current, date '%s' as dt",
				env, i, u.platinum, u.diamond, number(u.days), number(u.deposit), dt))
		}
	}
	put("env_seen", envs)
	put("vault_status", rows)
}

// progressOf returns the rows of both metrics of one env, from docs/definitions.md section 5 over the users themselves.
func progressOf(env string, users []snapshotUser, target int64) (rows []string) {
	row := func(metric, vaultType, segment, statistic, unit string, n int, value *big.Rat) {
		cells := fmt.Sprintf("%d %d ok NULL", n, n)
		text := "NULL"
		if value == nil {
			cells = "0 0 no_data no_rows"
		} else {
			f, _ := value.Float64()
			text = doubleText(f)
		}
		rows = append(rows, strings.Join([]string{env, metric, vaultType, segment, statistic, text, cells, unit}, " "))
	}
	isOpen := func(status string) bool { return status == "LOCKED" || status == "UNLOCKED" || status == "ACTIVE" }
	var days, deposits []int64
	for _, u := range users {
		if isOpen(u.platinum) && u.days != nil {
			days = append(days, *u.days)
		}
		if isOpen(u.diamond) && u.deposit != nil {
			deposits = append(deposits, *u.deposit)
		}
	}
	slices.Sort(deposits)

	const platinum, diamond = "platinum_attendance_progress", "diamond_deposit_progress"
	var mean *big.Rat
	if n := int64(len(days)); n > 0 {
		sum := new(big.Int)
		for _, d := range days {
			sum.Add(sum, big.NewInt(d))
		}
		mean = new(big.Rat).SetFrac(sum, big.NewInt(n))
	}
	row(platinum, "PLATINUM", "ALL", "avg", "days", len(days), mean)
	for i := range int64(4) {
		n := 0
		for _, d := range days {
			if d == i || i == 3 && d > 3 {
				n++
			}
		}
		row(platinum, "PLATINUM", fmt.Sprintf("days=%d", i), "count", "count", n, big.NewRat(int64(n), 1))
	}
	for _, q := range []struct {
		name string
		at   *big.Rat
	}{{"p50", big.NewRat(1, 2)}, {"p90", big.NewRat(9, 10)}} {
		value := quantile(deposits, q.at)
		row(diamond, "DIAMOND", "ALL", q.name, "krw", len(deposits), value)
		if value != nil {
			value = new(big.Rat).Quo(value, new(big.Rat).SetInt64(target))
		}
		row(diamond, "DIAMOND", "of_target", q.name, "ratio", len(deposits), value)
	}
	for i := range int64(11) {
		low := new(big.Rat).Mul(big.NewRat(i, 10), new(big.Rat).SetInt64(target))
		high := new(big.Rat).Mul(big.NewRat(i+1, 10), new(big.Rat).SetInt64(target))
		n := 0
		for _, d := range deposits {
			if r := new(big.Rat).SetInt64(d); r.Cmp(low) >= 0 && (i == 10 || r.Cmp(high) < 0) {
				n++
			}
		}
		segment := fmt.Sprintf("%02d-%d%%", 10*i, 10*(i+1))
		if i == 10 {
			segment = "100%+"
		}
		row(diamond, "DIAMOND", segment, "count", "count", n, big.NewRat(int64(n), 1))
	}
	return rows
}

// quantile is the continuous quantile of sorted values: between two neighbours, in proportion. Nobody has none.
func quantile(sorted []int64, q *big.Rat) *big.Rat {
	if len(sorted) == 0 {
		return nil
	}
	at := new(big.Rat).Mul(q, new(big.Rat).SetInt64(int64(len(sorted)-1)))
	below := new(big.Int).Quo(at.Num(), at.Denom())
	part := new(big.Rat).Sub(at, new(big.Rat).SetInt(below))
	low := new(big.Rat).SetInt64(sorted[below.Int64()])
	if part.Sign() == 0 {
		return low
	}
	high := new(big.Rat).SetInt64(sorted[below.Int64()+1])
	return low.Add(low, part.Mul(part, new(big.Rat).Sub(high, low)))
}

func doubleText(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }
