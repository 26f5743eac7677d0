package transform

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"vaultreport/internal/bizday"
)

func TestZZParts(t *testing.T) {
	p, db := project(t), engine(t, 1)
	store := newFolder(t.TempDir())
	ev := table(t, p, "events")
	start, _ := bizday.Parse("2026-01-01")
	for d := 0; d < 3; d++ {
		store.put(t, db, ev, start+bizday.Day(d), ev.Empty())
	}
	o := options(t, db)
	if _, err := Run(context.Background(), store, p, o); err != nil {
		t.Fatal(err)
	}
	r, _ := newRunner(context.Background(), store, p, o)
	dt := start + 2
	time1 := func(name string, n int, f func()) {
		s, c := time.Now(), cpu()
		for range n {
			f()
		}
		t.Logf("%-40s wall %v cpu %v", name, time.Since(s)/time.Duration(n), (cpu()-c)/time.Duration(n))
	}
	q := func(text string, args ...any) {
		rows, err := db.Conn().QueryContext(context.Background(), text, args...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
		}
		rows.Close()
	}
	for _, m := range p.models {
		b := r.bind(&m.query, dt)
		text, args := b.sql(store.ReadPath), b.arguments(o.Params)
		time1(m.table.Name+" explain", 20, func() { q("explain "+text, args...) })
		time1(m.table.Name+" query", 20, func() { q(text, args...) })
		path, _ := store.StagePath(m.table, dt)
		time1(m.table.Name+" write", 20, func() { r.write(context.Background(), m, b, path) })
		time1(m.table.Name+" check", 20, func() { r.check(context.Background(), m.contract, dt, path) })
		file := fmt.Sprintf("read_parquet(['%s'])", path)
		time1(m.table.Name+" columns", 20, func() { r.columns(context.Background(), file) })
	}
	for _, m := range p.invariants {
		time1(m.table.Name, 20, func() { r.checkInvariant(context.Background(), m, dt) })
	}
	_ = strings.Join
}
