package transform

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/event"
	"vaultreport/warehouse"
)

// A history takes a second on a busy machine, so fewer of them run than the library would by itself.
func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		f.Value.Set("30")
	}
	os.Exit(m.Run())
}

var vaultTypes = []string{"ALL", "DIAMOND", "GOLD", "PLATINUM"}

// Every cell of vault_state, vault_daily and both rates equals the reference on random histories with gaps, over a
// quarter's end, with ties, retirements, events of every kind that counts or does not, snapshots that agree or not or are
// missing, and envs without events, always or on some days.
func TestHistoriesEqualTheReference(t *testing.T) {
	p, db := project(t), engine(t, 1)
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		first := bizday.Of(2026, 3, 27)
		var days []bizday.Day
		for day := first; day < first+9; day++ {
			if rapid.IntRange(0, 3).Draw(t, "extracted") > 0 {
				days = append(days, day)
			}
		}
		retireAfter := rapid.IntRange(1, 4).Draw(t, "retire_after")
		dir, err := os.MkdirTemp(root, "history")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		store := newFolder(dir)
		seoul, _ := bizday.LoadZone("Asia/Seoul")
		history := map[bizday.Day]wholeDay{}
		habits := map[string]habit{"dev": habits().Draw(t, "dev"), "prod": habits().Draw(t, "prod")}
		for _, day := range days {
			start, _ := seoul.Bounds(day)
			in := wholeDay{dt: day, retireAfter: retireAfter, sources: map[string]sourceDay{}}
			in.events = rapid.SliceOfN(records(start), 0, 25).Draw(t, day.String())
			for _, env := range slices.Sorted(maps.Keys(habits)) {
				in.sources[env] = habits[env].draw(t, env, start)
			}
			history[day] = in
			putEvents(t, db, store, p, day, in.events)
			putSources(t, db, store, p, in)
		}
		o := Options{DB: db, Zone: seoul, Params: Params{K: 1, RetireAfter: retireAfter, DiamondTarget: 500_000}, Log: quiet()}
		if _, err := Run(context.Background(), store, p, o); err != nil {
			t.Fatal(err)
		}
		state := map[vaultKey]vault{}
		memory := map[string]envMemory{}
		results := map[bizday.Day]flows{}
		for _, day := range days {
			in := history[day]
			in.memory = memory
			f := applyDay(state, in)
			state, results[day], memory = f.after, f, in.remember()
			sortedEnvs := slices.Sorted(maps.Keys(memory))
			compareTable(t, db, store, "vault_state", day, stateColumns, stateRows(state))
			var dailyRows, rateRows []string
			for _, env := range sortedEnvs {
				for _, vaultType := range vaultTypes {
					row := results[day]
					d := row.daily(env, vaultType)
					drift := "NULL"
					if in.sources[env].there {
						drift = fmt.Sprint(d[15])
					}
					dailyRows = append(dailyRows, fmt.Sprint(env, " ", vaultType, " ", strings.Trim(fmt.Sprint(d[:15]), "[]"), " ", drift))
					rateRows = append(rateRows, ratesOf(results, in, days, env, vaultType)...)
				}
			}
			sort.Strings(rateRows)
			compareTable(t, db, store, "vault_daily", day, dailyColumns, dailyRows)
			compareTable(t, db, store, "metric_daily", day, rateColumns, rateRows, "metric in ('vault_claim_rate_by_type', 'vault_expire_rate_by_type')")
		}
	})
}

// ratesOf returns the six rows of both rates of one env and type.
func ratesOf(results map[bizday.Day]flows, in wholeDay, days []bizday.Day, env, vaultType string) (rows []string) {
	dt := in.dt
	previousFirst, previousLast := dt.AlignedPreviousQuarter()
	for _, period := range []struct {
		name        string
		first, last bizday.Day
	}{{"day", dt, dt}, {"qtd", dt.QuarterStart(), dt}, {"prev_qtd", previousFirst, previousLast}} {
		var of []daily
		var runStart []bool
		for _, day := range days {
			if day < period.first || day > period.last {
				continue
			}
			f := results[day]
			of = append(of, f.daily(env, vaultType))
			runStart = append(runStart, day == period.first || !slices.Contains(days, day-1))
		}
		wanted := int(period.last-period.first) + 1
		head := env + " %s " + period.name + " " + vaultType + " "
		rows = append(rows,
			fmt.Sprintf(head, "vault_claim_rate_by_type")+in.rateAsRead(env, rateRow(of, runStart, wanted, 3, 0, 7)),
			fmt.Sprintf(head, "vault_expire_rate_by_type")+in.rateAsRead(env, rateRow(of, runStart, wanted, 4, 1, 8)))
	}
	return rows
}

var (
	stateColumns = []string{"env", "lower(hex(user_key))", "vault_type", "status", "epoch_us(expires_at)", "origin", "first_dt",
		"epoch_us(unlocked_at)", "epoch_us(claimed_at)", "epoch_us(expired_at)", "reopened_count", "invalid_transitions", "status_dt"}
	dailyColumns = []string{"env", "vault_type", "open_start", "live_start", "unlocked", "claimed", "expired", "reopened", "new", "eligible",
		"total", "locked_end", "open_end", "claimed_end", "expired_end", "retired", "invalid_transitions", "drift"}
	rateColumns = []string{"env", "metric", "period", "vault_type", "printf('%.12f', value)", "numerator", "denominator", "state", "reason"}
)

func stateRows(state map[vaultKey]vault) (rows []string) {
	instant := func(us int64) string {
		if us == 0 {
			return "NULL"
		}
		return fmt.Sprint(us)
	}
	for k, v := range state {
		rows = append(rows, fmt.Sprintf("%s %x %s %s %s %s %s %s %s %s %d %d %s", k.env, k.user, k.kind, v.status, instant(v.expires),
			v.origin, v.firstDt, instant(v.unlockedAt), instant(v.claimedAt), instant(v.expiredAt), v.reopened, v.invalid, v.statusDt))
	}
	sort.Strings(rows)
	return rows
}

func compareTable(t *rapid.T, db *duck.DB, store *folder, name string, dt bizday.Day, columns, want []string, conditions ...string) {
	f, _ := store.File(name, dt)
	rows, err := db.Conn().QueryContext(context.Background(),
		"select concat_ws(' ', "+nullAsText(columns)+") from read_parquet(["+duck.Quote(f.Object)+"]) where "+strings.Join(append(conditions, "true"), " and "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var row string
		if err := rows.Scan(&row); err != nil {
			t.Fatal(err)
		}
		got = append(got, row)
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%s of %s\ngot\n%s\nwant\n%s", name, dt, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// nullAsText lets concat_ws, which leaves NULL out, show it.
func nullAsText(columns []string) string {
	texts := make([]string, len(columns))
	for i, column := range columns {
		texts[i] = "coalesce((" + column + ")::varchar, 'NULL')"
	}
	return strings.Join(texts, ", ")
}

// records draws events of one day; few instants, users and ids, so that ties and repetitions are common.
func records(start int64) *rapid.Generator[event.Record] {
	kinds := []event.Kind{
		event.VaultUnlocked, event.VaultUnlocked, event.VaultClaimed, event.VaultClaimed, event.VaultExpired, event.VaultExpired,
		event.ReferralRevived, event.ReferralRevived, event.ExpiryExtended, event.AlertSent, event.BatchRunFinished,
	}
	return rapid.Custom(func(t *rapid.T) event.Record {
		r := event.Record{
			Present: event.Set(event.TS, event.Event, event.Env),
			TS:      start + rapid.Int64Range(0, 2).Draw(t, "hour")*8*3_600_000_000,
			Kind:    rapid.SampledFrom(kinds).Draw(t, "kind"),
			Env:     rapid.SampledFrom([]string{"dev", "prod"}).Draw(t, "env"),
		}
		if r.Kind == event.BatchRunFinished {
			return r
		}
		r.Present |= event.Set(event.UserKey)
		r.UserKey[15] = byte(rapid.IntRange(1, 2).Draw(t, "user"))
		if !(r.Kind.Needs() & event.Set(event.VaultType)).Has(event.VaultType) && rapid.Bool().Draw(t, "untyped") {
			r.VaultType = 0
		} else {
			r.Present |= event.Set(event.VaultType)
			r.VaultType = event.Enum(rapid.IntRange(1, 4).Draw(t, "type"))
		}
		if id := rapid.IntRange(0, 3).Draw(t, "req_id"); id > 0 {
			r.Present |= event.Set(event.ReqID)
			r.ReqID[0] = byte(id * 80)
		}
		if r.Kind.Needs().Has(event.ExpiresAt) || r.Kind.Lists().Has(event.ExpiresAt) && rapid.Bool().Draw(t, "expires") {
			r.Present |= event.Set(event.ExpiresAt)
			r.ExpiresAt = start + rapid.Int64Range(1, 40).Draw(t, "days")*86_400_000_000
		}
		if r.Kind == event.ExpiryExtended {
			r.Present |= event.Set(event.Shadow, event.ExtensionReason)
			r.Shadow = rapid.Bool().Draw(t, "shadow")
			r.ExtensionReason = event.Enum(rapid.IntRange(1, 4).Draw(t, "reason"))
		}
		return r
	})
}

// habit is how often an env has no source that emits the VAULT_ kinds, and how often a snapshot, on a scale of 0 to 4.
type habit struct{ silence, snapshots int }

func habits() *rapid.Generator[habit] {
	return rapid.Custom(func(t *rapid.T) habit {
		return habit{rapid.SampledFrom([]int{0, 0, 2, 4}).Draw(t, "silence"), rapid.SampledFrom([]int{0, 3, 4}).Draw(t, "snapshots")}
	})
}

func (h habit) draw(t *rapid.T, env string, start int64) sourceDay {
	chance := rapid.IntRange(1, 4)
	s := sourceDay{silent: chance.Draw(t, env+" silence") <= h.silence, there: chance.Draw(t, env+" snapshot") <= h.snapshots}
	if !s.there {
		return s
	}
	for user := range 3 {
		if chance.Draw(t, env+" has the user") == 1 {
			continue
		}
		row := snapshotRow{expires: rapid.Int64Range(0, 40).Draw(t, "days") * 86_400_000_000}
		row.user[15] = byte(user + 1)
		if row.expires > 0 {
			row.expires += start
		}
		for i := range row.statuses {
			row.statuses[i] = rapid.SampledFrom([]string{"", "ACTIVE", "LOCKED", "UNLOCKED", "UNLOCKED", "CLAIMED", "EXPIRED"}).Draw(t, "status")
		}
		s.snapshot = append(s.snapshot, row)
	}
	return s
}

// putSources writes vault_status and source_catalogue.
func putSources(t *rapid.T, db *duck.DB, store *folder, p *Project, in wholeDay) {
	catalogue, _ := p.Table("source_catalogue")
	vaultStatus, _ := p.Table("vault_status")
	have := []string{"select null as env, 'jobs' as source, 'event' as kind, 'BATCH_RUN_FINISHED' as name"}
	var rows []string
	for _, env := range slices.Sorted(maps.Keys(in.sources)) {
		s := in.sources[env]
		if !s.silent {
			have = append(have, "select "+duck.Quote(env)+", 'api', 'event', unnest(['VAULT_UNLOCKED', 'VAULT_CLAIMED', 'VAULT_EXPIRED'])")
		}
		if s.there {
			have = append(have, "select "+duck.Quote(env)+", 'db', 'table', 'vault_status'")
		}
		for _, r := range s.snapshot {
			cells := []string{duck.Quote(env) + " as env", fmt.Sprintf("unhex('%x') as user_key", r.user)}
			for i, kind := range lifeTypes {
				cells = append(cells, "nullif("+duck.Quote(r.statuses[i])+", '') as "+strings.ToLower(kind)+"_status")
			}
			cells = append(cells, fmt.Sprintf("case when %d > 0 then make_timestamp(%d) end as expires_at", r.expires, r.expires))
			rows = append(rows, "select "+strings.Join(cells, ", "))
		}
	}
	putRows(t, db, store, catalogue, in.dt, catalogue.Empty()+" union all by name select * from ("+strings.Join(have, " union all ")+")")
	if len(rows) > 0 {
		putRows(t, db, store, vaultStatus, in.dt, vaultStatus.Empty()+" union all by name select * from ("+strings.Join(rows, " union all ")+")")
	}
}

// putRows writes the rows of a query, all of one day.
func putRows(t *rapid.T, db *duck.DB, store *folder, table warehouse.Table, dt bizday.Day, query string) {
	query = "select * replace (" + duck.Quote(dt.String()) + "::date as dt) from (" + query + ")"
	path, _ := store.StagePath(table, dt)
	if _, err := db.Conn().ExecContext(context.Background(), "copy ("+query+") to "+duck.Quote(path)+" (format parquet, write_bloom_filter false)"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Add(table, dt, 0, "given"); err != nil {
		t.Fatal(err)
	}
}

func putEvents(t *rapid.T, db *duck.DB, store *folder, p *Project, dt bizday.Day, records []event.Record) {
	events, _ := p.Table(eventsTable)
	rows := []string{events.Empty()}
	for _, r := range records {
		var cells []string
		for _, c := range events.Columns {
			cells = append(cells, eventLiteral(r, c, dt)+" as "+c.Name)
		}
		rows = append(rows, "select "+strings.Join(cells, ", "))
	}
	putRows(t, db, store, events, dt, strings.Join(rows, " union all "))
}

func eventLiteral(r event.Record, c warehouse.Column, dt bizday.Day) string {
	column, _ := event.ColumnOfField(strings.Replace(c.Name, "user_key", "user_id", 1))
	if c.Name == "dt" {
		return "date '" + dt.String() + "'"
	}
	if !r.Present.Has(column) {
		return "null::" + c.Type
	}
	switch column {
	case event.TS:
		return fmt.Sprintf("make_timestamp(%d)", r.TS)
	case event.ExpiresAt:
		return fmt.Sprintf("make_timestamp(%d)", r.ExpiresAt)
	case event.Event:
		return duck.Quote(r.Kind.String())
	case event.Env:
		return duck.Quote(r.Env)
	case event.UserKey:
		return fmt.Sprintf("unhex('%x')", r.UserKey)
	case event.ReqID:
		return fmt.Sprintf("'%x'::uuid", r.ReqID)
	case event.VaultType:
		return duck.Quote(event.VaultTypes.Value(r.VaultType))
	case event.ExtensionReason:
		return duck.Quote(event.ExtensionReasons.Value(r.ExtensionReason))
	case event.Shadow:
		return fmt.Sprint(r.Shadow)
	default:
		return "null::" + c.Type
	}
}
