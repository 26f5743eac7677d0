package transform

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/internal/vfs"
	"vaultreport/warehouse"
)

// someEvents is a day of VAULT_ events of n users, one event each.
func someEvents(events warehouse.Table, dt bizday.Day, kind string, n int) string {
	cells := make([]string, len(events.Columns))
	for i, c := range events.Columns {
		value := "null"
		switch c.Name {
		case "ts":
			value = fmt.Sprintf("timestamp '%s 03:00:00'", dt)
		case "event":
			value = duck.Quote(kind)
		case "user_key":
			value = "unhex(lpad(to_hex(i), 32, '0'))"
		case "vault_type":
			value = "case i % 3 when 0 then 'GOLD' when 1 then 'PLATINUM' else 'DIAMOND' end"
		case "env":
			value = "'prod'"
		case "dt":
			value = fmt.Sprintf("date '%s'", dt)
		}
		cells[i] = fmt.Sprintf("cast(%s as %s) as %s", value, c.Type, c.Name)
	}
	return fmt.Sprintf("select %s from range(%d) as users(i)", strings.Join(cells, ", "), n)
}

// fill puts events on days, with their catalogue: unlocks on the first, claims on the later ones.
func fill(t testing.TB, store *folder, p *Project, db *duck.DB, n int, days ...bizday.Day) {
	t.Helper()
	events, catalogue := table(t, p, eventsTable), table(t, p, "source_catalogue")
	kind := "VAULT_UNLOCKED"
	for i, day := range days {
		store.put(t, db, catalogue, day, everyKind(catalogue, day))
		store.put(t, db, events, day, someEvents(events, day, kind, n/(i+1)))
		kind = "VAULT_CLAIMED"
	}
}

// fillSnapshots gives every day the same snapshot of n users in prod: some are those of fill with its statuses or others,
// some are new with the first snapshot, the rest with the second.
func fillSnapshots(t testing.TB, store *folder, p *Project, db *duck.DB, n int, days ...bizday.Day) {
	t.Helper()
	snapshot := table(t, p, "vault_status")
	for i, day := range days {
		store.put(t, db, snapshot, day, fmt.Sprintf(`%s union all by name
			select 'prod' as env, unhex(lpad(to_hex(i), 32, '0')) as user_key, make_timestamp(1767225600000000 + i) as expires_at, %s as dt,
				['ACTIVE', 'LOCKED', 'UNLOCKED', 'CLAIMED', 'EXPIRED'][i %% 5 + 1] as gold_status, 'UNLOCKED' as platinum_status, 1 as platinum_attendance_days, null as diamond_status
			from range(%d) as users(i) where i %% 2 <= %d`, snapshot.Empty(), "date "+duck.Quote(day.String()), n, i))
	}
}

func digests(store *folder) map[string]string {
	all := map[string]string{}
	for _, files := range store.Files() {
		for _, f := range files {
			all[f.Path] = f.SHA256
		}
	}
	return all
}

func TestThreadsDoNotChangeTheBytes(t *testing.T) {
	p := project(t)
	var first map[string]string
	for _, threads := range []int{1, 4} {
		db, store := engine(t, threads), newFolder(t.TempDir())
		// More rows than a row group holds, so that several threads have work to do.
		fill(t, store, p, engine(t, 1), 130_000, dayList(t, "2026-01-01..2026-01-02")...)
		fillSnapshots(t, store, p, engine(t, 1), 60_000, dayList(t, "2026-01-01..2026-01-02")...)
		if _, err := Run(context.Background(), store, p, options(t, db)); err != nil {
			t.Fatal(err)
		}
		got := digests(store)
		if first == nil {
			first = got
		}
		if !maps.Equal(got, first) {
			t.Errorf("%d threads give other bytes than 1", threads)
		}
	}
}

// built runs and returns "model day" of everything that was built.
func built(t *testing.T, store *folder, p *Project, o Options) (names []string) {
	t.Helper()
	before := map[string]string{}
	for name, files := range store.Files() {
		for day, f := range files {
			before[name+" "+day.String()] = f.Object
		}
	}
	if _, err := Run(context.Background(), store, p, o); err != nil {
		t.Fatal(err)
	}
	for name, files := range store.Files() {
		for day, f := range files {
			if before[name+" "+day.String()] != f.Object {
				names = append(names, name+" "+day.String())
			}
		}
	}
	slices.Sort(names)
	return names
}

func TestOnlyWhatIsStaleIsBuilt(t *testing.T) {
	db := engine(t, 1)
	start := func(t *testing.T, days ...string) (*folder, *Project, Options) {
		store, p, o := newFolder(t.TempDir()), project(t), options(t, db)
		fill(t, store, p, db, 30, dayList(t, days...)...)
		if got := built(t, store, p, o); len(got) != p.NumModels()*len(store.Days(eventsTable)) {
			t.Fatalf("the first run built %v", got)
		}
		return store, p, o
	}
	t.Run("nothing when nothing changed", func(t *testing.T) {
		store, p, o := start(t, "2026-01-01..2026-01-03")
		if got := built(t, store, p, o); len(got) > 0 {
			t.Errorf("got %v", got)
		}
		s, err := Run(context.Background(), store, p, o)
		if err != nil || s.Built != 0 || s.Reused != 3*p.NumModels() || s.Days != nil {
			t.Errorf("got %+v, %v", s, err)
		}
	})
	t.Run("nothing when a comment or a description changed", func(t *testing.T) {
		store, _, o := start(t, "2026-01-01..2026-01-03")
		files := shipped(t)
		edit(t, files, "models/vault_state.sql", "-- vault_state:", "-- changed:\n\n--")
		edit(t, files, "models/vault_state.yaml", "description: Every", "description: Each")
		p, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if got := built(t, store, p, o); len(got) > 0 {
			t.Errorf("got %v", got)
		}
	})
	t.Run("a model and what reads it when its query changed", func(t *testing.T) {
		store, _, o := start(t, "2026-01-01")
		files := shipped(t)
		edit(t, files, "models/metrics_vault_rates.sql", "'ratio' as unit", "lower('RATIO') as unit")
		p, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := built(t, store, p, o), []string{"metric_change 2026-01-01", "metric_daily 2026-01-01", "metric_measure 2026-01-01"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("the models of a parameter when it changed, and no further where the bytes are the same", func(t *testing.T) {
		store, p, o := start(t, "2026-01-01")
		o.Params.RetireAfter = 91
		got := built(t, store, p, o)
		if want := []string{"vault_move_by_snapshot 2026-01-01", "vault_state 2026-01-01"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("what hides small groups when k changed", func(t *testing.T) {
		store, p, o := start(t, "2026-01-01")
		o.Params.K = 11
		if got, want := built(t, store, p, o), []string{"expiry_extension_shadow_vs_actual 2026-01-01", "metric_change 2026-01-01", "metric_daily 2026-01-01"}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("every later day when a gap is filled, as in a run over all days", func(t *testing.T) {
		store, p, o := start(t, "2026-01-01", "2026-01-03", "2026-01-04")
		gap := dayList(t, "2026-01-02")[0]
		fill(t, store, p, db, 9, gap)
		got := built(t, store, p, o)
		for _, want := range []string{"vault_state 2026-01-03", "vault_quarter 2026-01-04", "metric_daily 2026-01-04", "metric_change 2026-01-03", "vault_daily 2026-01-02"} {
			if !slices.Contains(got, want) {
				t.Errorf("%s was not built again", want)
			}
		}
		// Of the day before the gap only windows reach over it.
		for _, name := range []string{"vault_state 2026-01-01", "vault_daily 2026-01-01", "vault_quarter 2026-01-01"} {
			if slices.Contains(got, name) {
				t.Errorf("%s, before the gap, was built again", name)
			}
		}
		again := newFolder(t.TempDir())
		copyLake(t, store, again, p, db)
		built(t, again, p, o)
		if !maps.Equal(digests(store), digests(again)) {
			t.Error("the bytes are not those of a run over all days")
		}
	})
}

func TestMetadataDependsOnContentOnly(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-02")...)
	if _, err := Run(context.Background(), store, p, options(t, db)); err != nil {
		t.Fatal(err)
	}
	dt := dayList(t, "2026-01-02")[0]
	f, _ := store.File("vault_move", dt)
	byEvent, _ := store.File("vault_move_by_event", dt)
	bySnapshot, _ := store.File("vault_move_by_snapshot", dt)
	inputs := []string{byEvent.SHA256, bySnapshot.SHA256}
	slices.Sort(inputs)
	want := [][]string{
		{"dt", "2026-01-02"}, {"input_digest", digestOf([]byte(inputs[0] + "\n" + inputs[1] + "\n"))}, {"model", "vault_move"},
		{"model_digest", modelOf(p, "vault_move").digest}, {"schema_version", "1"}, {"zone", "Asia/Seoul"},
	}
	got := texts(t, db, "select decode(key) as key, decode(value) from parquet_kv_metadata(["+duck.Quote(f.Object)+"]) order by key")
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// Few keys with many rows are what makes the writer choose a dictionary, and with it a Bloom filter if it may.
func TestAFilterOnAKeyFindsItsRows(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	events, dt := table(t, p, eventsTable), dayList(t, "2026-01-01")[0]
	var parts []string
	for _, env := range []string{"dev", "prod", "staging"} {
		for _, vaultType := range []string{"GOLD", "PLATINUM", "DIAMOND"} {
			parts = append(parts, fmt.Sprintf("select * replace ('%s' as env, '%s' as vault_type) from (%s)", env, vaultType, someEvents(events, dt, "VAULT_UNLOCKED", 1)))
		}
	}
	store.put(t, db, events, dt, strings.Join(parts, " union all "))
	if _, err := Run(context.Background(), store, p, options(t, db)); err != nil {
		t.Fatal(err)
	}
	f, _ := store.File("vault_state", dt)
	got := texts(t, db, "select count(*) from read_parquet(["+duck.Quote(f.Object)+"]) where user_key = unhex('00000000000000000000000000000000')")
	if got[0][0] != "9" {
		t.Errorf("got %s rows, want 9", got[0][0])
	}
}

func modelOf(p *Project, name string) *model {
	for _, m := range p.models {
		if m.table.Name == name {
			return m
		}
	}
	return nil
}

// A result that breaks its contract or an invariant stops the run with class Gate and says which.
func TestGates(t *testing.T) {
	for _, c := range []struct{ name, file, from, to, want string }{
		{"another type", "models/vault_quarter.sql", "total::bigint as total\n", "total::double as total\n",
			"check vault_quarter of 2026-01-01: columns are dt DATE, env VARCHAR, vault_type VARCHAR, claimed BIGINT, eligible BIGINT, expired BIGINT, total DOUBLE"},
		{"a sum of counts that was not cast", "models/vault_quarter.sql", "claimed::bigint as claimed", "claimed::hugeint as claimed", "claimed DOUBLE"},
		{"a column in another place", "models/vault_quarter.sql", "select dt, env, vault_type, claimed, eligible", "select dt, env, vault_type, eligible, claimed", "check vault_quarter of 2026-01-01: columns are"},
		{"a row twice", "models/vault_quarter.sql", "    from sums\n", "    from sums, range(2)\n", "2026-01-01: unique (dt, env, vault_type): 8 rows"},
		{"NULL in the key", "models/vault_quarter.sql", "$dt::date as dt, env, vault_type,", "$dt::date as dt, nullif(env, 'prod') as env, vault_type,", "2026-01-01: not null env: 4 rows"},
		{"NULL where there is none", "models/vault_quarter.sql", "claimed::bigint as claimed", "nullif(claimed, 0)::bigint as claimed", "not null claimed: 4 rows"},
		{"a value that is not accepted", "models/vault_daily.sql", "coalesce(vault_type, 'ALL') as vault_type", "coalesce(vault_type, 'all') as vault_type", "accepted values of vault_type: 1 rows"},
		{"rows of another day", "models/vault_quarter.sql", "$dt::date as dt, env", "($dt::date - 1)::date as dt, env", "rows of the day: 0 rows instead of 4"},
		{"a lost vault", "models/vault_state.sql", "where status in ('LOCKED', 'UNLOCKED') or", "where (status in ('LOCKED', 'UNLOCKED') and $dt::date = first_dt) or", "test vault_state_loses_nothing of 2026-01-02"},
		{"a start that is not the end of the day before", "models/vault_daily.sql", "count(case when status = 'UNLOCKED' then 1 end) as open_start", "count(case when status = 'CLAIMED' then 1 end) as open_start", "test vault_daily_adds_up of 2026-01-02"},
		{"a vault that should have left", "models/vault_state.sql", "< $retire_after", "< $retire_after + 100", "test vault_state_loses_nothing of 2026-01-03"},
		{"a count that is not the state's", "models/vault_daily.sql", "count(case when status = 'CLAIMED' then 1 end) as claimed_end", "count(case when status = 'CLAIMED' then 1 end) + 1 as claimed_end", "test vault_daily_counts_every_vault of"},
		{"a comparison that is missing", "models/metric_change.sql", "    from judged\n", "    from judged where comparison <> 'wow'\n", "test metric_change_covers_metric_daily of 2026-01-01"},
		{"a reason that is another one", "models/metric_daily.sql", "when 'not_computable' then gap", "when 'not_computable' then 'unknown'", "test metric_gap_is_told of 2026-01-01"},
		{"an ok row without a value", "models/metric_daily.sql", "denominator = 0 and immature_windows = 0 then", "denominator = 0 and immature_windows = 0 and $dt::date < date '2026-01-03' then", "test metric_daily_hides_small_groups of"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
			edit(t, files, c.file, c.from, c.to)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-03")...)
			o := options(t, db)
			o.Params.RetireAfter = 1
			_, err = Run(context.Background(), store, p, o)
			if err == nil || !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Gate {
				t.Errorf("got class %d, %v\nwant class Gate, %q", errs.ClassOf(err), err, c.want)
			}
		})
	}
}

// A state that does not meet the day's snapshot stops the run.
func TestGatesOfSnapshots(t *testing.T) {
	const model, of = "models/vault_move_by_snapshot.sql", "test vault_state_meets_the_snapshot of "
	for _, c := range []struct{ name, file, from, to, want string }{
		{"a vault that does not become known", model, "snapshot_status in ('LOCKED', 'UNLOCKED')) as becomes_known", "snapshot_status = 'LOCKED') as becomes_known", of + "2026-01-02"},
		{"a first day that hides what is over", model, "(is_first_day or snapshot_status", "(snapshot_status", of + "2026-01-01"},
		{"a later day that shows it", model, "(is_first_day or snapshot_status in ('LOCKED', 'UNLOCKED'))", "snapshot_status <> ''", of + "2026-01-02"},
		{"an expiry that is not filled", model, "(expires_at is null and snapshot_expires_at is not null)", "false", of + "2026-01-01"},
		{"a difference that is not counted", "models/vault_daily.sql", "count(case when drifts then 1 end) as drift", "count(case when drifts and vault_type = 'GOLD' and not is_new and not entered then 1 end) as drift", of + "2026-01-01"},
		{"a bucket that is lost", "models/metrics_progress.sql", "('platinum_attendance_progress', 'PLATINUM', 1, 'days=1'),", "", "test metrics_progress_adds_up of 2026-01-01"},
		{"a drift of no snapshot", "models/vault_daily.sql", "case when env_source.has_snapshot then coalesce(counts_of_moves.drift, 0) end", "coalesce(counts_of_moves.drift, 0)", of + "2026-01-03"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
			edit(t, files, c.file, c.from, c.to)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-03")...)
			fillSnapshots(t, store, p, db, 40, dayList(t, "2026-01-01..2026-01-02")...)
			_, err = Run(context.Background(), store, p, options(t, db))
			if err == nil || !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Gate {
				t.Errorf("got class %d, %v\nwant class Gate, %q", errs.ClassOf(err), err, c.want)
			}
		})
	}
}

// Suppression that did not happen is seen after the fact by the invariant, which knows nothing of the Go code.
func TestTheInvariantSeesSmallGroups(t *testing.T) {
	db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
	edit(t, files, "models/metric_daily.yaml", "suppress: true", "suppress: false")
	p, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, store, p, db, 9, dayList(t, "2026-01-01")...)
	o := options(t, db)
	o.Params.K = 5
	_, err = Run(context.Background(), store, p, o)
	if err == nil || !strings.Contains(err.Error(), "test metric_daily_hides_small_groups of 2026-01-01: ") || !strings.Contains(err.Error(), "rows offend") {
		t.Errorf("got %v", err)
	}
}

func TestAModelSeesOnlyWhatItsContractBinds(t *testing.T) {
	db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
	edit(t, files, "models/vault_quarter.sql", "from vault_daily as today", "from vault_state as today")
	p, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, store, p, db, 9, dayList(t, "2026-01-01")...)
	_, err = Run(context.Background(), store, p, options(t, db))
	if err == nil || !strings.Contains(err.Error(), "build vault_quarter of 2026-01-01") || !strings.Contains(err.Error(), "vault_state does not exist") {
		t.Errorf("got %v", err)
	}
}

func TestParametersAreChecked(t *testing.T) {
	db, p := engine(t, 1), project(t)
	for _, params := range []Params{{K: 0, RetireAfter: 90, DiamondTarget: 500_000}, {K: 5, RetireAfter: 0, DiamondTarget: 500_000}, {K: 5, RetireAfter: 90}} {
		o := options(t, db)
		o.Params = params
		if _, err := Run(context.Background(), newFolder(t.TempDir()), p, o); errs.ClassOf(err) != errs.Usage {
			t.Errorf("%+v: got %v, want class Usage", params, err)
		}
	}
}

func TestACancelledRunStops(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-05")...)
	ctx, cancel := context.WithCancel(context.Background())
	o := options(t, db)
	calls := 0
	o.Progress = func(bizday.Day, string) {
		if calls++; calls == 3 {
			cancel()
		}
	}
	if _, err := Run(ctx, store, p, o); err == nil || calls > 4 {
		t.Errorf("got %v after %d models", err, calls)
	}
}

// The real warehouse in place of the folder: what is staged is read back, what is published is reused.
func TestRunInAWarehouse(t *testing.T) {
	p, db := project(t), engine(t, 2)
	w, err := warehouse.Open(warehouse.Options{
		Root: t.TempDir(), FS: vfs.OS(), Now: func() time.Time { return time.Unix(1_770_000_000, 0).UTC() },
		Host: "host", PID: 1, Log: quiet(), LeaseTTL: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, id := context.Background(), warehouse.Identity{ToolVersion: "1", KeyID: "00000000", Zone: "Asia/Seoul"}
	events := table(t, p, eventsTable)
	all := 2 * p.NumModels()
	for round, want := range []Summary{{Built: all, Days: dayList(t, "2026-01-01..2026-01-02")}, {Reused: all}} {
		tx, err := w.Begin(ctx, id, p.Tables())
		if err != nil {
			t.Fatal(err)
		}
		for _, day := range dayList(t, "2026-01-01..2026-01-02") {
			path, err := tx.StagePath(events, day)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Conn().ExecContext(ctx, "copy ("+someEvents(events, day, "VAULT_UNLOCKED", 9)+") to "+duck.Quote(path)+" (format parquet, write_bloom_filter false)"); err != nil {
				t.Fatal(err)
			}
			if _, err := tx.Add(events, day, 9, "given"); err != nil {
				t.Fatal(err)
			}
		}
		s, err := Run(ctx, tx, p, options(t, db))
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(s) != fmt.Sprint(want) {
			t.Errorf("round %d: got %+v, want %+v", round, s, want)
		}
		if _, err := tx.Publish(ctx); err != nil {
			t.Fatal(err)
		}
		if err := tx.Close(); err != nil {
			t.Fatal(err)
		}
	}
	latest, err := w.Latest()
	if err != nil {
		t.Fatal(err)
	}
	if f, ok := latest.File("metric_change", dayList(t, "2026-01-02")[0]); !ok || f.Rows == 0 {
		t.Errorf("metric_change of 2026-01-02: got %+v, want rows", f)
	}
	if _, err := os.Stat(w.Root() + "/marts/metric_daily/dt=2026-01-02/data.parquet"); err != nil {
		t.Error(err)
	}
}
