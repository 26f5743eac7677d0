package duck

import (
	"database/sql/driver"
	"math"

	"github.com/duckdb/duckdb-go/v2"
)

// TwoProportionP returns the two-sided p-value of the two-proportion z-test with pooled variance for x1 of n1 against
// x0 of n0 (docs/definitions.md section 5), and false where there is none: a side without units, or a pooled rate
// beyond 1, which has no variance.
func TwoProportionP(x1, n1, x0, n0 int64) (p float64, ok bool) {
	if n1 <= 0 || n0 <= 0 {
		return 0, false
	}
	hits, units := x1+x0, n1+n0
	switch {
	case hits == 0 || hits == units:
		return 1, true
	case hits < 0 || hits > units:
		return 0, false
	}
	pooled := float64(hits) / float64(units)
	variance := pooled * (1 - pooled) * (1/float64(n1) + 1/float64(n0))
	z := (float64(x1)/float64(n1) - float64(x0)/float64(n0)) / math.Sqrt(variance)
	return math.Erfc(math.Abs(z) / math.Sqrt2), true
}

// twoProportionP is TwoProportionP as a function of SQL; NULL in any argument gives NULL.
type twoProportionP struct{}

func (*twoProportionP) Config() duckdb.ScalarFuncConfig {
	count, _ := duckdb.NewTypeInfo(duckdb.TYPE_BIGINT)
	result, _ := duckdb.NewTypeInfo(duckdb.TYPE_DOUBLE)
	return duckdb.ScalarFuncConfig{
		InputTypeInfos: []duckdb.TypeInfo{count, count, count, count},
		ResultTypeInfo: result,
	}
}

func (*twoProportionP) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(v []driver.Value) (any, error) {
		p, ok := TwoProportionP(v[0].(int64), v[1].(int64), v[2].(int64), v[3].(int64))
		if !ok {
			return nil, nil
		}
		return p, nil
	}}
}
