package explain

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/sql"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/warehouse"
)

const (
	firstTestDay  = "2026-01-02"
	secondTestDay = "2026-01-03"
)

// unlocks are lines "DAY USER" of vaults unlocked at noon.
type unlocks []string

func TestCompareNamesWhatChangedAValue(t *testing.T) {
	plain := unlocks{"2026-01-02 01", "2026-01-03 02"}
	before := reading(t, "1", plain, nil)
	for _, c := range []struct {
		name             string
		after            unlocks
		edit             func(files fstest.MapFS)
		want             string // denominators, then the events that differ, and the partitions that differ by no input
		onlyWas, onlyNow int64
	}{
		{"a comment of a model", plain, replace("models/vault_move.sql", "final as (", "-- a comment\nfinal as ("), "2 then 2", 0, 0},
		{"a line of the day", append(unlocks{"2026-01-03 03"}, plain...), nil,
			"2 then 3; events 2026-01-03 input", 0, 1},
		{"a line of the day before, which is carried over", append(unlocks{"2026-01-02 03"}, plain...), nil,
			"2 then 3; events 2026-01-02 input", 0, 1},
		{"an expression of a model", plain, replace("models/vault_move.sql", "'snapshot' else 'event' end", "'snapshot' else lower('EVENT') end"),
			"2 then 2; vault_move 2026-01-02 code; vault_move 2026-01-03 code", 0, 0},
		{"an expression of the view that computes the metric", plain, replace("models/metrics_vault_rates.sql", "'rate' as statistic", "lower('RATE') as statistic"),
			"2 then 2; metric_measure 2026-01-03 code", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			after := reading(t, "2", c.after, c.edit)
			metrics, _, err := catalogue.Load(sql.FS, "added")
			if err != nil {
				t.Fatal(err)
			}
			m, _ := metrics.Metric("vault_claim_rate_by_type")
			dt := day(t, secondTestDay)
			was, is := pickOne(t, before, m, dt), pickOne(t, after, m, dt)
			got, err := Compare(context.Background(), before, after, m, &was, &is, dt)
			if err != nil {
				t.Fatal(err)
			}
			text := fmt.Sprintf("%v then %v", got.Before.Parts.Denominator, got.After.Parts.Denominator)
			for _, p := range got.Partitions {
				if p.Table == "events" || p.Cause != "input" {
					text += fmt.Sprintf("; %s %s %s", p.Table, p.Dt, p.Cause)
				}
			}
			if text != c.want {
				t.Errorf("got  %s\nwant %s", text, c.want)
			}
			if *got.Before.OnlyRows != c.onlyWas || *got.After.OnlyRows != c.onlyNow {
				t.Errorf("%d rows only before, %d only after", *got.Before.OnlyRows, *got.After.OnlyRows)
			}
		})
	}
}

// replace returns an edit of one place of a file.
func replace(file, from, to string) func(fstest.MapFS) {
	return func(files fstest.MapFS) {
		text := strings.Replace(string(files[file].Data), from, to, 1)
		if text == string(files[file].Data) {
			panic(file + " does not hold " + from)
		}
		files[file] = &fstest.MapFile{Data: []byte(text)}
	}
}

func day(t *testing.T, text string) bizday.Day {
	t.Helper()
	dt, err := bizday.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return dt
}

// reading is a snapshot of two days with these lines, built by the shipped models after an edit.
func reading(t *testing.T, id string, lines unlocks, edit func(fstest.MapFS)) Reading {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(sql.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(sql.FS, name)
		files[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(files)
	}
	p, err := transform.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	db, err := duck.Open(context.Background(), duck.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	store := warehouse.NewFolder(t.TempDir())
	for _, dt := range []string{firstTestDay, secondTestDay} {
		var events []string
		for _, line := range lines {
			if at, user, _ := strings.Cut(line, " "); at == dt {
				events = append(events, fmt.Sprintf("('%s 03:00:00', 'VAULT_UNLOCKED', unhex('%s'), 'GOLD', 'prod', '%s')", dt, user, dt))
			}
		}
		put(t, db, store, p, "events", dt, "ts, event, user_key, vault_type, env, dt", events)
		var kinds []string
		for _, kind := range []string{"VAULT_UNLOCKED", "VAULT_CLAIMED", "VAULT_EXPIRED"} {
			kinds = append(kinds, fmt.Sprintf("('%s', 'prod', 'app', 'event', '%s')", dt, kind))
		}
		put(t, db, store, p, "source_catalogue", dt, "dt, env, source, kind, name", kinds)
	}
	zone, err := bizday.LoadZone("Asia/Seoul")
	if err != nil {
		t.Fatal(err)
	}
	o := transform.Options{DB: db, Zone: zone, Params: transform.Params{K: 1, RetireAfter: 90, DiamondTarget: 500_000}, Log: slog.New(slog.DiscardHandler)}
	if _, err := transform.Run(context.Background(), store, p, o); err != nil {
		t.Fatal(err)
	}
	return Reading{Manifest: &warehouse.Manifest{ID: id}, Published: store, Conn: db.Conn(), Zone: zone, Params: o.Params, Project: p}
}

// put writes rows of a table on a day, by the columns that are named; the others are NULL.
func put(t *testing.T, db *duck.DB, store *warehouse.Folder, p *transform.Project, name, dt, named string, rows []string) {
	t.Helper()
	of, _ := p.Table(name)
	columns := make([]string, len(of.Columns))
	for i, c := range of.Columns {
		columns[i] = fmt.Sprintf("null::%s as %s", c.Type, c.Name)
		if slices.Contains(strings.Split(named, ", "), c.Name) {
			columns[i] = fmt.Sprintf("%s::%s as %s", c.Name, c.Type, c.Name)
		}
	}
	path, err := store.StagePath(of, day(t, dt))
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("copy (select %s from (values %s) as given(%s)) to %s (format parquet, write_bloom_filter false)",
		strings.Join(columns, ", "), strings.Join(rows, ", "), named, duck.Quote(path))
	if _, err := db.Conn().ExecContext(context.Background(), text); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Add(of, day(t, dt), int64(len(rows)), "given"); err != nil {
		t.Fatal(err)
	}
}

func pickOne(t *testing.T, r Reading, m *catalogue.Metric, dt bizday.Day) Cell {
	t.Helper()
	cells, err := r.Cells(context.Background(), m.Name, dt)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Pick(m, cells, Wanted{VaultType: "GOLD"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
