package transform

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// fillWindows puts the same events on every day: what begins a window, and what may end one.
func fillWindows(t testing.TB, store *folder, p *Project, db *duck.DB, days ...bizday.Day) {
	t.Helper()
	events, catalogue := table(t, p, eventsTable), table(t, p, "source_catalogue")
	for _, day := range days {
		store.put(t, db, catalogue, day, everyKind(catalogue, day))
		store.put(t, db, events, day, strings.Join([]string{
			someEvents(events, day, "VAULT_UNLOCKED", 9), someEvents(events, day, "ALERT_SENT", 9),
			someEvents(events, day, "SOCIAL_PROOF_IMPRESSION", 9), someEvents(events, day, "LOSS_BANNER_IMPRESSION", 9),
			someEvents(events, day, "ALERT_CLICKED", 5), someEvents(events, day, "VAULT_CLAIMED", int(day)%5),
		}, " union all "))
	}
}

// copyLake puts what was extracted into another store.
func copyLake(t testing.TB, from, to *folder, p *Project, db *duck.DB) {
	t.Helper()
	for _, name := range []string{eventsTable, "source_catalogue"} {
		for _, day := range from.Days(name) {
			f, _ := from.File(name, day)
			to.put(t, db, table(t, p, name), day, "select * from read_parquet(["+duck.Quote(f.Object)+"])")
		}
	}
}

func TestANewDayRebuildsTheDaysWhoseWindowsReachItAndNothingElse(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	o := options(t, db)
	fillWindows(t, store, p, db, dayList(t, "2026-01-02..2026-01-09")...)
	built(t, store, p, o)

	newest := dayList(t, "2026-01-10")[0]
	fillWindows(t, store, p, db, newest)
	want := map[string]bool{}
	rebuilt := func(day bizday.Day, models ...string) {
		for _, name := range models {
			want[name+" "+day.String()] = true
		}
	}
	for _, m := range p.models {
		rebuilt(newest, m.table.Name)
	}
	rebuilt(newest-1, "alert_daily", "impression_daily")
	for _, day := range []bizday.Day{newest - 1, newest - 7} {
		rebuilt(day, "metric_measure_window", "metric_daily", "metric_change")
	}
	// Of the six days between nothing is mature yet, and the day before that is not looked at again.
	rebuilt(newest-7, "unlock_daily")
	rebuilt(newest-6, "metric_change") // against the day before it
	got, wanted := built(t, store, p, o), slices.Sorted(maps.Keys(want))
	if !slices.Equal(got, wanted) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wanted, "\n"))
	}
}

func TestWindowsLookOverAGapOnlyWhenItIsFilled(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	o := options(t, db)
	fillWindows(t, store, p, db, dayList(t, "2026-01-01..2026-01-02")...)
	built(t, store, p, o)
	fillWindows(t, store, p, db, dayList(t, "2026-01-04")...)
	for _, name := range built(t, store, p, o) {
		if !strings.HasSuffix(name, "2026-01-04") {
			t.Errorf("%s was built again", name)
		}
	}

	fillWindows(t, store, p, db, dayList(t, "2026-01-03")...)
	got := built(t, store, p, o)
	for _, name := range []string{"alert_daily 2026-01-02", "impression_daily 2026-01-02"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s was not built again", name)
		}
	}
	again := newFolder(t.TempDir())
	copyLake(t, store, again, p, db)
	built(t, again, p, o)
	if !maps.Equal(digests(store), digests(again)) {
		t.Error("the bytes are not those of a run over all days")
	}
}

// A day is restated by late lines as much as by a new day: both change what its windows see.
func TestALateClaimRebuildsTheDayWhoseWindowsReachIt(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	o := options(t, db)
	days := dayList(t, "2026-01-01..2026-01-02")
	fillWindows(t, store, p, db, days...)
	built(t, store, p, o)
	events := table(t, p, eventsTable)
	f, _ := store.File(eventsTable, days[1])
	store.put(t, db, events, days[1], "select * from read_parquet(["+duck.Quote(f.Object)+"]) union all "+lateClaim(events, days[1]))
	got := built(t, store, p, o)
	for _, name := range []string{"alert_daily 2026-01-01", "impression_daily 2026-01-01", "metric_daily 2026-01-01"} {
		if !slices.Contains(got, name) {
			t.Errorf("%s was not built again", name)
		}
	}
	for _, name := range []string{"vault_state 2026-01-01", "alert_click 2026-01-01", "vault_outcome 2026-01-01"} {
		if slices.Contains(got, name) {
			t.Errorf("%s was built again", name)
		}
	}
}

// lateClaim is a claim of the ninth user, which fillWindows does not have.
func lateClaim(events warehouse.Table, day bizday.Day) string {
	return "select * from (" + someEvents(events, day, "VAULT_CLAIMED", 9) + ") where user_key = unhex(lpad('8', 32, '0'))"
}

// Counts of alerts, impressions and unlocks that do not add up stop the run.
func TestGatesOfWindows(t *testing.T) {
	const parts = "grouping sets ((env), (env, vault_type))"
	for _, c := range []struct{ name, file, from, to string }{
		{"a type of vaults that is lost", "models/unlock_daily.sql", parts, parts + " having vault_type is null or vault_type <> 'GOLD'"},
		{"vaults that were not unlocked", "models/unlock_daily.sql", "event = 'VAULT_UNLOCKED'", "event = 'VAULT_CLAIMED'"},
		{"vaults that are claimed and not mature", "models/unlock_daily.sql", "is_mature and is_claimed", "is_claimed"},
		{"alerts of a type that is lost", "models/alert_daily.sql", "(env, variant_id))", "(env, variant_id)) having vault_type is null or vault_type <> 'GOLD'"},
		{"alerts that are clicked and not mature", "models/alert_daily.sql", "is_mature and clicks > 0", "clicks > 0"},
		{"impressions whose users are not mature", "models/impression_daily.sql", "when window_end < $known_until::timestamp\n                and", "when"},
		{"users that are counted once per type", "models/impression_daily.sql", "count(distinct user_key) as users", "count(user_key) + 1 as users"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
			edit(t, files, c.file, c.from, c.to)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			fillWindows(t, store, p, db, dayList(t, "2026-01-04")...)
			_, err = Run(context.Background(), store, p, options(t, db))
			if err == nil || !strings.Contains(err.Error(), "test windows_add_up of 2026-01-04") || errs.ClassOf(err) != errs.Gate {
				t.Errorf("got class %d, %v", errs.ClassOf(err), err)
			}
		})
	}
}
