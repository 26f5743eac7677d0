package alarm

import (
	"context"
	"fmt"
	"testing"

	"vaultreport/internal/bizday"
)

// The bar of docs/performance.md is a whole night; these say what rules on event time are of it.
func BenchmarkMillionNotificationsOfADay(b *testing.B) {
	n := newNight(b, b.TempDir(), engine(b))
	n.project = fewModels(b)
	dt := mustDay(b, "2026-04-10")
	n.putMany(b, dt, 1_000_000)
	n.runModels(b)
	v := newEvaluator(n, n.options)
	for b.Loop() {
		if _, err := v.findMoments(context.Background(), 0); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReplayOf120Days(b *testing.B) {
	n := newNight(b, b.TempDir(), engine(b))
	n.project = fewModels(b)
	first := mustDay(b, "2026-01-01")
	for dt := first; dt < first+120; dt++ {
		n.putMany(b, dt, 20_000)
	}
	n.runModels(b)
	for b.Loop() {
		if _, err := Replay(context.Background(), n, n.options, first, first+119); err != nil {
			b.Fatal(err)
		}
	}
}

// putMany writes a day with so many notifications, and fewer of everything else that rules look at.
func (n *night) putMany(t testing.TB, dt bizday.Day, notifications int) {
	t.Helper()
	l := lakeDay{dt: dt, zone: n.options.Zone, emits: kindNames()}
	start, end := n.options.Zone.Bounds(dt)
	spread := func(kind string, count int, columns string) {
		l.rows = append(l.rows, fmt.Sprintf(`
			select date '%s' as dt, make_timestamp(%d + (hash(i) %% %d)::bigint) as ts, 'prod' as env, '%s' as event, %s from range(%d) as spread(i)`,
			dt, start, end-start, kind, columns, count))
	}
	spread("NOTIFY_ENQUEUED", notifications, "(hash(-i) % 5300)::bigint as latency_ms")
	spread("BATCH_RUN_FINISHED", 2_000, "'job-' || i % 10 as job, case when i % 100 = 0 then 'failure' else 'success' end as outcome")
	spread("DLQ_DEPTH_SAMPLED", 3_000, "'queue-' || i % 5 as queue, (hash(-i) % 60)::bigint as depth")
	spread("COMPENSATION_ENQUEUED", 2_000, "unhex(md5(i || 'of "+dt.String()+"')) as compensation_id")
	spread("COMPENSATION_RETRIED", 2_000, "unhex(md5(i || 'of "+dt.String()+"')) as compensation_id, 1 as attempt, 'success' as outcome")
	n.putLake(t, l)
	n.put(t, dt, cells{})
}
