package transform

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/warehouse"
)

// Staged is a Store that knows what of it is not published yet; *warehouse.Tx is one.
type Staged interface {
	Store
	Parent() *warehouse.Manifest
	Changed() []warehouse.File
}

// Changes is what of the results readers would see change if what is staged were published.
type Changes struct {
	Cells  []CellChange  `json:"cells"`  // of metric_daily, by its key
	Alarms []AlarmChange `json:"alarms"` // by day and id
}

// CellChange is a cell of metric_daily, of a day that has results, of which value or state differs. A cell that is new or gone
// has nothing on that side.
type CellChange struct {
	Dt        bizday.Day `json:"dt"`
	Env       string     `json:"env"`
	Metric    string     `json:"metric"`
	Period    string     `json:"period"`
	VaultType string     `json:"vault_type"`
	VariantID string     `json:"variant_id"`
	Segment   string     `json:"segment"`
	Statistic string     `json:"statistic"`
	OldValue  *float64   `json:"old_value"`
	NewValue  *float64   `json:"new_value"`
	OldState  *string    `json:"old_state"`
	NewState  *string    `json:"new_state"`
}

// AlarmChange is an alarm that appears, disappears or differs in anything. Instants are RFC 3339 in UTC.
type AlarmChange struct {
	Change     string     `json:"change"`
	Dt         bizday.Day `json:"dt"` // on which it started
	AlarmID    string     `json:"alarm_id"`
	Rule       string     `json:"rule"`
	Level      string     `json:"level"`
	Env        string     `json:"env"`
	VaultType  string     `json:"vault_type"`
	StartedAt  string     `json:"started_at"`
	OldState   *string    `json:"old_state"`
	NewState   *string    `json:"new_state"`
	OldEndedAt *string    `json:"old_ended_at"`
	NewEndedAt *string    `json:"new_ended_at"`
	OldPeak    *float64   `json:"old_peak"`
	NewPeak    *float64   `json:"new_peak"`
}

// Values of AlarmChange.Change.
const (
	Appears    = "appears"
	Disappears = "disappears"
	Differs    = "differs"
)

// Compare says which results of a store differ from those that are published.
func Compare(ctx context.Context, store Staged, p *Project, o Options) (Changes, error) {
	r, err := newRunner(ctx, store, p, o)
	if err != nil {
		return Changes{}, err
	}
	s := comparison{r.first(), store}
	c := Changes{Cells: []CellChange{}, Alarms: []AlarmChange{}}
	if err := s.compareCells(ctx, &c); err != nil {
		return Changes{}, errs.Wrap(errs.Unexpected, "compare metric_daily with what is published", err)
	}
	if err := s.compareAlarms(ctx, &c); err != nil {
		return Changes{}, errs.Wrap(errs.Unexpected, "compare alarm with what is published", err)
	}
	return c, nil
}

// comparison is one Compare.
type comparison struct {
	session
	staged Staged
}

// filePair is a table's file of a day as it is published and as it is staged; nil where there is none.
type filePair struct {
	contract *contract
	dt       bizday.Day
	old, new *warehouse.File
}

// pairs returns the files of tables that differ, by table and day.
func (c comparison) pairs() (list []filePair) {
	add := func(table string, dt bizday.Day, pair filePair) {
		if pair.contract = c.project.contract(table); pair.contract != nil {
			pair.dt = dt
			list = append(list, pair)
		}
	}
	for _, f := range c.staged.Changed() {
		pair := filePair{new: &f}
		if old, there := c.staged.Parent().File(f.Table, f.Dt); there {
			pair.old = &old
		}
		add(f.Table, f.Dt, pair)
	}
	for _, f := range c.staged.Parent().Files {
		if _, there := c.staged.File(f.Table, f.Dt); !there {
			add(f.Table, f.Dt, filePair{old: &f})
		}
	}
	slices.SortStableFunc(list, func(a, b filePair) int {
		if byTable := strings.Compare(a.contract.table.Name, b.contract.table.Name); byTable != 0 {
			return byTable
		}
		return int(a.dt - b.dt)
	})
	return list
}

// rows returns a query of the rows of files, in the columns of the contract: a file of another version may lack some.
func (c comparison) rows(of *contract, files ...*warehouse.File) string {
	relations := []string{of.table.Empty()}
	for _, f := range files {
		if f != nil {
			relations = append(relations, fmt.Sprintf("select * from read_parquet(%s, hive_partitioning = false)", duck.Quote(c.staged.ReadPath(*f))))
		}
	}
	return fmt.Sprintf("select %s from (%s)", columnList(of.table.Columns), strings.Join(relations, " union all by name "))
}

// twoSides returns the queries of a table's published and staged rows of the days that differ; none is left out but those for
// which want is false.
func (c comparison) twoSides(table string, want func(filePair) bool) (before, now string, is bool) {
	var old, staged []*warehouse.File
	for _, pair := range c.pairs() {
		if pair.contract.table.Name == table && want(pair) {
			old, staged = append(old, pair.old), append(staged, pair.new)
		}
	}
	if len(old) == 0 {
		return "", "", false
	}
	of := c.project.contract(table)
	return c.rows(of, old...), c.rows(of, staged...), true
}

func (c comparison) compareCells(ctx context.Context, into *Changes) error {
	const table, key = "metric_daily", "dt, env, metric, period, vault_type, variant_id, segment, statistic"
	before, now, is := c.twoSides(table, func(p filePair) bool { return p.old != nil })
	if !is {
		return nil
	}
	return c.each(ctx, fmt.Sprintf(`
		with before as (%s), now as (%s)
		select dt::varchar, env, metric, period, vault_type, variant_id, segment, statistic, before.value, now.value, before.state, now.state
		from before full join now using (%s)
		where before.value is distinct from now.value or before.state is distinct from now.state
		order by %s`, before, now, key, key), func(row *sql.Rows) error {
		var cell CellChange
		var dt string
		err := row.Scan(&dt, &cell.Env, &cell.Metric, &cell.Period, &cell.VaultType, &cell.VariantID, &cell.Segment, &cell.Statistic,
			&cell.OldValue, &cell.NewValue, &cell.OldState, &cell.NewState)
		if err == nil {
			cell.Dt, err = bizday.Parse(dt)
		}
		into.Cells = append(into.Cells, cell)
		return err
	})
}

func (c comparison) compareAlarms(ctx context.Context, into *Changes) error {
	before, now, is := c.twoSides("alarm", func(filePair) bool { return true })
	if !is {
		return nil
	}
	const instant = "strftime(%s, '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ')"
	return c.each(ctx, fmt.Sprintf(`
		with before as (%s), now as (%s)
		select case when before.state is null then '%s' when now.state is null then '%s' else '%s' end,
			dt::varchar, alarm_id, coalesce(now.rule, before.rule), coalesce(now.level, before.level), coalesce(now.env, before.env),
			coalesce(now.vault_type, before.vault_type), %s, before.state, now.state, %s, %s, before.peak, now.peak
		from before full join now using (dt, alarm_id)
		where before is distinct from now
		order by dt, alarm_id`, before, now, Appears, Disappears, Differs,
		fmt.Sprintf(instant, "coalesce(now.started_at, before.started_at)"), fmt.Sprintf(instant, "before.ended_at"), fmt.Sprintf(instant, "now.ended_at")),
		func(row *sql.Rows) error {
			var a AlarmChange
			var dt string
			err := row.Scan(&a.Change, &dt, &a.AlarmID, &a.Rule, &a.Level, &a.Env, &a.VaultType, &a.StartedAt,
				&a.OldState, &a.NewState, &a.OldEndedAt, &a.NewEndedAt, &a.OldPeak, &a.NewPeak)
			if err == nil {
				a.Dt, err = bizday.Parse(dt)
			}
			into.Alarms = append(into.Alarms, a)
			return err
		})
}
