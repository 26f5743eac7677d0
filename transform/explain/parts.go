package explain

import (
	"context"
	"database/sql"
	"fmt"
	"math/big"
	"slices"

	"vaultreport/internal/bizday"
	"vaultreport/internal/errs"
	"vaultreport/transform"
	"vaultreport/transform/catalogue"
)

// Parts are what the rows of a cell add up to: a value, or a numerator and a denominator whose ratio it is.
type Parts struct {
	Rows        int64    `json:"rows"`
	Value       *float64 `json:"value"`       // NULL where there is nothing to add up or to divide by
	Numerator   *big.Int `json:"numerator"`   // of a ratio
	Denominator *big.Int `json:"denominator"` // of a ratio
	AddsUp      bool     `json:"adds_up"`     // to the cell
}

// question returns the query of the rows behind a cell, and what it asks on the day.
func (r Reading) question(m *catalogue.Metric, c Cell, dt bizday.Day) (*transform.Question, transform.Asked, error) {
	shape, known := m.Shape(c.Cell)
	if !known {
		return nil, transform.Asked{}, errs.New(errs.Unexpected, fmt.Sprintf("%s: the catalogue does not know this row", m.Name), "")
	}
	q, err := r.Project.LoadQuestion(shape.Explain)
	if err != nil {
		return nil, transform.Asked{}, err
	}
	return q, r.models().Ask(q, dt, map[string]string{
		"env": c.Env, "metric": c.Metric, "period": c.Period, "vault_type": c.VaultType, "variant_id": c.Variant, "segment": c.Segment,
		"statistic": c.Statistic,
	}), nil
}

// parts adds the rows of a cell up.
func (r Reading) parts(ctx context.Context, asked transform.Asked, c Cell) (Parts, error) {
	columns, err := r.columns(ctx, asked)
	if err != nil {
		return Parts{}, err
	}
	var p Parts
	if slices.Contains(columns, "value") {
		err = r.Conn.QueryRowContext(ctx, "select count(*), sum(value)::double from ("+asked.SQL+")").Scan(&p.Rows, &p.Value)
		if p.Rows == 0 && c.Value != nil {
			p.Value = new(float64) // a count of nothing is 0
		}
	} else {
		err = r.ratio(ctx, asked, &p)
	}
	if err != nil {
		return Parts{}, errs.Wrap(errs.Unexpected, "explain: add up the rows", err)
	}
	p.AddsUp = p.are(c)
	return p, nil
}

// ratio divides as the models do: with one rounding.
func (r Reading) ratio(ctx context.Context, asked transform.Asked, p *Parts) error {
	var n, d sql.Null[string]
	err := r.Conn.QueryRowContext(ctx, `
		with sums as (
			select count(*) as n, coalesce(sum(numerator), 0)::hugeint as above, coalesce(sum(denominator), 0)::hugeint as below
			from (`+asked.SQL+`)
		)
		select n, above::varchar, below::varchar, case when below > 0 then exact_ratio(above, below) end from sums`).Scan(&p.Rows, &n, &d, &p.Value)
	if err != nil {
		return err
	}
	p.Numerator, _ = new(big.Int).SetString(n.V, 10)
	p.Denominator, _ = new(big.Int).SetString(d.V, 10)
	return nil
}

// columns returns the names of the columns of a question.
func (r Reading) columns(ctx context.Context, asked transform.Asked) ([]string, error) {
	rows, err := r.Conn.QueryContext(ctx, "select * from ("+asked.SQL+") limit 0")
	if err != nil {
		return nil, errs.Wrap(errs.Unexpected, "explain: ask for the rows", err)
	}
	defer rows.Close()
	return rows.Columns()
}

// are says whether the parts are those of a cell.
func (p Parts) are(c Cell) bool {
	same := func(sum *big.Int, n *int64) bool {
		// Of a day of which nothing is mature the cell has no numerators, and the rows none to add up.
		return sum == nil || sum.Cmp(big.NewInt(orZero(n))) == 0
	}
	if c.Statistic == "rate" && !(same(p.Numerator, c.Numerator) && same(p.Denominator, c.Denominator)) {
		return false
	}
	if p.Value == nil || c.Value == nil {
		return p.Value == nil && c.Value == nil
	}
	return *p.Value == *c.Value
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
