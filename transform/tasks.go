package transform

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"vaultreport/internal/bizday"
)

// task is one model's file of one day.
type task struct {
	model *model
	dt    bizday.Day
	waits atomic.Int32 // tasks that this one reads and that are not done
	next  []*task      // tasks that read this one
}

// place is where a table has one file.
type place struct {
	table string
	dt    bizday.Day
}

// tasks returns what Run does, day by day. There is no circle: models of a day stand in order, files of earlier days are read
// by later ones, and a model whose later days are read waits for the lake alone (checkLaterDays).
func (r *runner) tasks() []*task {
	at := map[place]*task{}
	var all []*task
	for _, dt := range r.extracted {
		for _, m := range r.project.models {
			t := &task{model: m, dt: dt}
			at[place{m.table.Name, dt}] = t
			all = append(all, t)
		}
	}
	for _, t := range all {
		known := knownUntil(t.dt, t.model.window, r.extracted, r.options.Zone)
		for _, in := range t.model.files {
			for _, day := range in.picker.pick(t.dt, known, r.extracted) {
				if source := at[place{in.table, day}]; source != nil {
					source.next = append(source.next, t)
					t.waits.Add(1)
				}
			}
		}
	}
	return all
}

// buildAll does all tasks, as many at once as there are connections.
func (r *runner) buildAll(ctx context.Context, all []*task) error {
	ready := make(chan *task, len(all))
	for _, t := range all {
		if t.waits.Load() == 0 {
			ready <- t
		}
	}
	var left atomic.Int64
	left.Store(int64(len(all)))
	if len(all) == 0 {
		close(ready)
	}
	return r.onEveryConnection(ctx, func(ctx context.Context, s session) error {
		for {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case t, ok := <-ready:
				if !ok {
					return nil
				}
				if err := s.do(ctx, t); err != nil {
					return err
				}
				for _, reader := range t.next {
					if reader.waits.Add(-1) == 0 {
						ready <- reader
					}
				}
				if left.Add(-1) == 0 {
					close(ready)
				}
			}
		}
	})
}

// onEveryConnection runs work once on each connection, side by side, until all are done or one fails.
func (r *runner) onEveryConnection(ctx context.Context, work func(context.Context, session) error) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, conn := range r.options.DB.Conns() {
		group.Go(func() error { return work(ctx, session{r, conn}) })
	}
	return group.Wait()
}

// do builds a file, and compares files of its model with the contract once there are many.
func (s session) do(ctx context.Context, t *task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f, isNew, err := s.build(ctx, t.model, t.dt)
	if err != nil || !isNew {
		return err
	}
	return s.checkFiles(ctx, t.model, s.note(t.model, f))
}
