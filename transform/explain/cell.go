package explain

import (
	"context"
	"database/sql"
	"fmt"

	"vaultreport/internal/bizday"
	"vaultreport/internal/duck"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
	"vaultreport/warehouse"
)

// Reading is a snapshot that can be asked.
type Reading struct {
	Manifest  *warehouse.Manifest
	Published transform.Published
	Conn      *sql.Conn // of an engine that may open the files
	Zone      bizday.Zone
	Params    transform.Params // those of the configuration: a snapshot does not keep its own
	Project   *transform.Project
}

func (r Reading) models() transform.Snapshot {
	return r.Project.Over(r.Published, r.Zone, r.Params)
}

// Cell is a row of metric_daily.
type Cell struct {
	Env string `json:"env"`
	catalogue.Cell
	Value       *float64 `json:"value"`
	Numerator   *int64   `json:"numerator"`
	Denominator *int64   `json:"denominator"`
	SampleSize  *int64   `json:"sample_size"`
	Users       *int64   `json:"users"`
	Low         *float64 `json:"ci_low"`
	High        *float64 `json:"ci_high"`
	State       string   `json:"state"`
	Reason      *string  `json:"reason"`
	Unit        string   `json:"unit"`
}

// HasNumbers says whether the cell's numbers may be told, and are known.
func (c Cell) HasNumbers() bool { return c.State != "suppressed" && c.State != "not_computable" }

// Cells returns the cells of a metric on a day, in the order of their key. A day without metric_daily is errs.Usage.
func (r Reading) Cells(ctx context.Context, metric string, dt bizday.Day) ([]Cell, error) {
	file, ok := r.Published.File("metric_daily", dt)
	if !ok {
		hint := "no day is published"
		if days := r.Published.Days("metric_daily"); len(days) > 0 {
			hint = fmt.Sprintf("published are days from %s to %s", days[0], days[len(days)-1])
		}
		return nil, errs.New(errs.Usage, fmt.Sprintf("day %s is not in snapshot %s", dt, r.Manifest.ID), hint)
	}
	rows, err := r.Conn.QueryContext(ctx, fmt.Sprintf(`
		select env, metric, period, vault_type, variant_id, segment, statistic, value, numerator, denominator, sample_size, users,
			ci_low, ci_high, state, reason, unit
		from read_parquet(%s)
		where metric = %s
		order by env, period, vault_type, variant_id, segment, statistic`, duck.Quote(r.Published.ReadPath(file)), duck.Quote(metric)))
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read metric_daily", err)
	}
	defer rows.Close()
	var cells []Cell
	for rows.Next() {
		var c Cell
		if err := rows.Scan(&c.Env, &c.Metric, &c.Period, &c.VaultType, &c.Variant, &c.Segment, &c.Statistic, &c.Value, &c.Numerator,
			&c.Denominator, &c.SampleSize, &c.Users, &c.Low, &c.High, &c.State, &c.Reason, &c.Unit); err != nil {
			return nil, errs.Wrap(errs.Unexpected, "explain: read metric_daily", err)
		}
		cells = append(cells, c)
	}
	if err := rows.Err(); err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: read metric_daily", err)
	}
	return cells, nil
}
