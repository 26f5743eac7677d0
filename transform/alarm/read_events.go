package alarm

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/warehouse"
)

// Tables that rules on event time read.
const (
	eventsTable     = "events"
	envTable        = "env_seen"
	catalogueTable  = "source_catalogue"
	depthTable      = "queue_depth"
	compensateTable = "compensation_move"
)

// eventInputs are the files that the rules on event time of a day read. A table without a file is not among them.
type eventInputs struct {
	dt                        bizday.Day
	sources                   []Source
	envs, catalogue           []warehouse.File
	events                    map[string][]warehouse.File // by key of a source: the days that its window touches
	today, depths, compensate []warehouse.File
}

// eventInputs finds the inputs of a day. before is the extracted day before it, if there is one.
func (r reader) eventInputs(rules []Rule, dt bizday.Day, before *bizday.Day, zone bizday.Zone) eventInputs {
	file := func(table string, day bizday.Day) []warehouse.File {
		if f, ok := r.store.File(table, day); ok {
			return []warehouse.File{f}
		}
		return nil
	}
	in := eventInputs{dt: dt, events: map[string][]warehouse.File{}}
	start, _ := zone.Bounds(dt)
	for _, rule := range rules {
		key := rule.Source.key()
		if _, known := in.events[key]; known || !rule.isOnEventTime() {
			continue
		}
		in.sources = append(in.sources, rule.Source)
		in.events[key] = nil
		switch rule.Signal {
		case queueDepth:
			in.today = file(eventsTable, dt)
			if before != nil {
				in.depths = file(depthTable, *before)
			}
		case pendingCompensations:
			in.compensate = file(compensateTable, dt)
		default:
			for day := zone.DayOf(start - rule.Window.micros()); day <= dt; day++ {
				in.events[key] = append(in.events[key], file(eventsTable, day)...)
			}
		}
	}
	if len(in.sources) > 0 {
		in.envs, in.catalogue = file(envTable, dt), file(catalogueTable, dt)
	}
	return in
}

// files returns all files, each once.
func (in eventInputs) files() []warehouse.File {
	var all []warehouse.File
	add := func(files []warehouse.File) {
		for _, f := range files {
			if !slices.Contains(all, f) {
				all = append(all, f)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(in.events)) {
		add(in.events[key])
	}
	for _, files := range [][]warehouse.File{in.today, in.depths, in.compensate, in.envs, in.catalogue} {
		add(files)
	}
	return all
}

// eventsOf reads the inputs.
func (r reader) eventsOf(ctx context.Context, in eventInputs, zone bizday.Zone) (eventsOfDay, error) {
	d := eventsOfDay{
		emitted: map[emission]bool{}, moments: map[string]map[string][]moment{},
		readings: map[string][]reading{}, pending: map[string][]stretch{},
	}
	d.start, d.end = zone.Bounds(in.dt)
	if err := r.eachOf(ctx, in.envs, "select env from %s order by env", func(rows *sql.Rows) error {
		var env string
		err := rows.Scan(&env)
		d.envs = append(d.envs, env)
		return err
	}); err != nil {
		return d, err
	}
	if err := r.eachOf(ctx, in.catalogue, "select distinct coalesce(env, ''), name from %s where kind = 'event'", func(rows *sql.Rows) error {
		var e emission
		err := rows.Scan(&e.env, &e.kind)
		d.emitted[e] = true
		return err
	}); err != nil {
		return d, err
	}
	for _, s := range in.sources {
		if err := r.readSource(ctx, in, s, &d); err != nil {
			return d, err
		}
	}
	return d, nil
}

// readSource reads what one source is made from.
func (r reader) readSource(ctx context.Context, in eventInputs, s Source, d *eventsOfDay) error {
	depth := func(rows *sql.Rows) error {
		var env string
		var x reading
		err := rows.Scan(&env, &x.queue, &x.at, &x.depth)
		d.readings[env] = append(d.readings[env], x)
		return err
	}
	switch s.Signal {
	case queueDepth:
		if err := r.eachOf(ctx, in.depths, "select env, queue, epoch_us(sampled_at), depth from %s", depth); err != nil {
			return err
		}
		return r.eachOf(ctx, in.today, "select env, queue, epoch_us(ts), depth from %s where event = 'DLQ_DEPTH_SAMPLED'", depth)
	case pendingCompensations:
		return r.eachOf(ctx, in.compensate, "select env, epoch_us(enqueued_at), epoch_us(settled_at) from %s", func(rows *sql.Rows) error {
			var env string
			var settled sql.Null[int64]
			x := stretch{to: open, by: amountOf(1)}
			err := rows.Scan(&env, &x.from, &settled)
			if settled.Valid {
				x.to = settled.V
			}
			d.pending[env] = append(d.pending[env], x)
			return err
		})
	default:
		moments := map[string][]moment{}
		d.moments[s.key()] = moments
		return r.eachOf(ctx, in.events[s.key()], s.query(d.start-s.Window.micros()), func(rows *sql.Rows) error {
			var env string
			var m moment
			err := rows.Scan(&env, &m.at, &m.value)
			moments[env] = append(moments[env], m)
			return err
		})
	}
}

// query returns the SELECT of the events of a window; %s stands for the files. What left the window before the day is left out.
func (s Source) query(after int64) string {
	value, conditions := "0::bigint", []string{"event = " + duck.Quote(s.Events), fmt.Sprintf("ts > make_timestamp(%d)", after)}
	if s.Of != "" {
		value = s.Of
		conditions = append(conditions, s.Of+" is not null")
	}
	for _, column := range slices.Sorted(maps.Keys(s.Where)) {
		conditions = append(conditions, column+" = "+strings.ReplaceAll(duck.Quote(s.Where[column]), "%", "%%"))
	}
	return "select env, epoch_us(ts), " + value + " from %s where " + strings.Join(conditions, " and ") + " order by ts"
}

// eachOf is each over files of one table; without files there are no rows.
func (r reader) eachOf(ctx context.Context, files []warehouse.File, text string, scan func(*sql.Rows) error) error {
	if len(files) == 0 {
		return nil
	}
	return r.each(ctx, files[len(files)-1], fmt.Sprintf(text, r.relation(files...)), scan)
}

// readSpans returns the rows of files of alarm_span by day, in the order of their key.
func (r reader) readSpans(ctx context.Context, files []warehouse.File) (map[bizday.Day][]momentRow, error) {
	found := map[bizday.Day][]momentRow{}
	micros := func(column string) string {
		return fmt.Sprintf("coalesce(epoch_us(%s), %d::bigint)", column, int64(open))
	}
	err := r.eachOf(ctx, files, `
		select dt - date '1970-01-01', rule, level, env, vault_type, place, value, state, coalesce(reason, ''), `+micros("holds_since")+`,
			`+micros("held_until")+`, `+micros("started_at")+`, `+micros("ended_at")+`, coalesce(peak, '0'), `+micros("peak_at")+`
		from %s
		order by dt, rule, level, env, vault_type, place`, func(rows *sql.Rows) error {
		var dt bizday.Day
		var m momentRow
		var peak string
		if err := rows.Scan(&dt, &m.rule, &m.level, &m.env, &m.vaultType, &m.place, &m.value, &m.state, &m.reason,
			&m.since, &m.until, &m.started, &m.ended, &peak, &m.peakAt); err != nil {
			return err
		}
		var err error
		m.peak, err = parsePeak(peak)
		found[dt] = append(found[dt], m)
		return err
	})
	return found, err
}
