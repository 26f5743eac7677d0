package transform

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
)

// fillOperations puts on every day a run, a depth, a referral, an extension, and a compensation that stays open.
func fillOperations(t testing.TB, store *folder, p *Project, db *duck.DB, days ...bizday.Day) {
	t.Helper()
	events, catalogue := table(t, p, eventsTable), table(t, p, "source_catalogue")
	for _, day := range days {
		store.put(t, db, catalogue, day, everyKind(catalogue, day))
		store.put(t, db, events, day, fmt.Sprintf(`%s union all by name
			select date %s as dt, 'prod' as env, timestamp %s as ts, unhex(lpad('1', 32, '0')) as user_key, 'GOLD' as vault_type, 'expire' as job,
				'failure' as outcome, 'notify' as queue, 7 as depth, unhex(md5(%s)) as compensation_id, 'OPS' as extension_reason, false as shadow,
				unnest(['BATCH_RUN_FINISHED', 'DLQ_DEPTH_SAMPLED', 'REFERRAL_REVIVED', 'EXPIRY_EXTENDED', 'COMPENSATION_ENQUEUED']) as event`,
			events.Empty(), duck.Quote(day.String()), duck.Quote(day.String()+" 03:00:00"), duck.Quote(day.String())))
	}
}

// What does not add up stops the run.
func TestGatesOfOperations(t *testing.T) {
	const sums, open = "test metrics_operations_add_up of 2026-01-01", "test compensation_open_loses_nothing of 2026-01-02"
	for _, c := range []struct{ name, file, from, to, want string }{
		{"a job that is lost", "models/metrics_batch.sql", "select env, job as segment, false as is_fixed, runs, failures from runs_per_job\n    union all", "", sums},
		{"a type that is lost", "models/metrics_referral.sql", "(values ('GOLD'), ('PLATINUM')", "(values ('PLATINUM')", sums},
		{"a reason that is counted twice", "models/metrics_extension.sql", "false as is_fixed, sum(extensions) as extensions", "false as is_fixed, 2 * sum(extensions) as extensions", sums},
		{"a depth above the maximum", "models/metrics_queue.sql", "max(case when starts_at < ends_at then depth end) as depth", "min(case when starts_at < ends_at then depth end) - 1 as depth", sums},
		{"a maximum that forgets", "models/metrics_compensation.sql", "select env, max(compensations) as compensations from pending", "select env, max(compensations) - 1 as compensations from pending", sums},
		{"a compensation that is lost", "models/compensation_open.sql", "where settled_at is null", "where settled_at is null and enqueued_at >= $day_start::timestamp", open},
		{"an enqueueing that moves", "models/compensation_open.sql", "compensation_id, enqueued_at\n    from", "compensation_id, $day_start::timestamp as enqueued_at\n    from", open},
	} {
		t.Run(c.name, func(t *testing.T) {
			db, store, files := engine(t, 1), newFolder(t.TempDir()), shipped(t)
			edit(t, files, c.file, c.from, c.to)
			p, err := Load(files)
			if err != nil {
				t.Fatal(err)
			}
			fillOperations(t, store, p, db, dayList(t, "2026-01-01..2026-01-02")...)
			_, err = Run(context.Background(), store, p, options(t, db))
			if err == nil || !strings.Contains(err.Error(), c.want) || errs.ClassOf(err) != errs.Gate {
				t.Errorf("got class %d, %v\nwant class Gate, %q", errs.ClassOf(err), err, c.want)
			}
		})
	}
}

// An earlier day that changes moves what is carried into the later ones, which are built again; the bytes are those of a run
// over all days.
func TestLateDaysMoveWhatIsCarried(t *testing.T) {
	p, db, store := project(t), engine(t, 1), newFolder(t.TempDir())
	days := dayList(t, "2026-01-01..2026-01-03")
	fillOperations(t, store, p, db, days[0], days[2])
	built(t, store, p, options(t, db))
	fillOperations(t, store, p, db, days[1])
	late := strings.Join(built(t, store, p, options(t, db)), "\n")
	for _, want := range []string{"compensation_open 2026-01-03", "queue_depth 2026-01-03", "metric_measure 2026-01-03"} {
		if !strings.Contains(late, want) {
			t.Errorf("%s was not built again", want)
		}
	}
	again := newFolder(t.TempDir())
	fillOperations(t, again, p, db, days...)
	built(t, again, p, options(t, db))
	if got, want := fmt.Sprint(digests(store)), fmt.Sprint(digests(again)); got != want {
		t.Error("the bytes are not those of a run over all days")
	}
}
