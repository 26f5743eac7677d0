package transform

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"vaultreport/internal/errs"
)

func TestRowsOfADayBesideTheDaysBefore(t *testing.T) {
	dt := dayList(t, "2026-01-09")[0]
	for _, c := range []struct {
		name   string
		v      volume
		rows   int64
		before []int64
		want   int64  // rows of the finding; 0: none
		text   string // of it
	}{
		{"as many", volume{Days: 2, Least: 50, Most: 200}, 100, []int64{100, 100}, 0, ""},
		{"exactly the least", volume{Days: 2, Least: 50, Most: 200}, 50, []int64{100, 100}, 0, ""},
		{"one less", volume{Days: 2, Least: 50, Most: 200}, 49, []int64{100, 100}, 1, "2026-01-09: volume: 49 rows, and the 2 days before had 100 on average"},
		{"a part of a row less", volume{Days: 2, Least: 50, Most: 200}, 50, []int64{100, 101}, 1, "2026-01-09: volume: 50 rows, and the 2 days before had 100 on average"},
		{"exactly the most", volume{Days: 2, Least: 50, Most: 200}, 200, []int64{100, 100}, 0, ""},
		{"more", volume{Days: 2, Least: 50, Most: 200}, 210, []int64{100, 100}, 10, "2026-01-09: volume: 210 rows, and the 2 days before had 100 on average"},
		{"any number is no more than no bound", volume{Days: 2, Least: 50}, 1_000_000, []int64{100, 100}, 0, ""},
		{"only the newest days count", volume{Days: 2, Least: 50}, 50, []int64{9000, 9000, 100, 100}, 0, ""},
		{"too few days to compare with", volume{Days: 3, Least: 50}, 0, []int64{100, 100}, 0, ""},
		{"nothing beside nothing", volume{Days: 2, Least: 50, Most: 200}, 0, []int64{0, 0}, 0, ""},
		{"something beside nothing", volume{Days: 2, Least: 50, Most: 200}, 3, []int64{0, 0}, 3, "2026-01-09: volume: 3 rows, and the 2 days before had 0 on average"},
	} {
		f, found := c.v.finding(dt, c.rows, c.before)
		if found != (c.want > 0) || f.rows != c.want || found && f.String() != c.text {
			t.Errorf("%s: got %+v, %t", c.name, f, found)
		}
	}
}

func TestARunLooksAtVolumes(t *testing.T) {
	for severity, isRefused := range map[string]bool{"warn": false, "error": true} {
		files := shipped(t)
		edit(t, files, "models/vault_state.yaml", "version: 1\n", "version: 1\nvolume: {days: 1, least: 100, most: 100, severity: "+severity+"}\n")
		p, err := Load(files)
		if err != nil {
			t.Fatal(err)
		}
		db, store := engine(t, 1), newFolder(t.TempDir())
		fill(t, store, p, db, 9, dayList(t, "2026-01-01..2026-01-02")...)
		f, _ := store.File("events", dayList(t, "2026-01-02")[0])
		store.put(t, db, table(t, p, eventsTable), f.Dt, someEvents(table(t, p, eventsTable), f.Dt, "VAULT_UNLOCKED", 12))
		var log bytes.Buffer
		o := options(t, db)
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		_, err = Run(context.Background(), store, p, o)
		const want = "check vault_state of 2026-01-02: volume: 12 rows, and the 1 days before had 9 on average"
		if isRefused && (errs.ClassOf(err) != errs.Gate || !strings.Contains(err.Error(), want)) || !isRefused && err != nil {
			t.Errorf("%s: got %v", severity, err)
		}
		if warned := strings.Contains(log.String(), "table=vault_state dt=2026-01-02 test=volume rows=3"); warned == isRefused {
			t.Errorf("%s: the log says\n%s", severity, log.String())
		}
	}
}
