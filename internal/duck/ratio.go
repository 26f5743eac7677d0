package duck

import (
	"database/sql/driver"
	"math/big"

	"github.com/duckdb/duckdb-go/v2"
)

// exactRatio is the function exact_ratio(n, d) of SQL: the double nearest to n/d for integers with 0 <= n and 0 < d, one
// rounding, where dividing two doubles would round both sides first once they are beyond 2^53. It is NULL outside of that,
// but 0 where n is 0. It is for light models, which run here only. A macro of shifts gave the same and took over a
// millisecond to plan wherever it stood.
type exactRatio struct{}

func (*exactRatio) Config() duckdb.ScalarFuncConfig {
	integer, _ := duckdb.NewTypeInfo(duckdb.TYPE_HUGEINT)
	result, _ := duckdb.NewTypeInfo(duckdb.TYPE_DOUBLE)
	return duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{integer, integer}, ResultTypeInfo: result}
}

func (*exactRatio) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(v []driver.Value) (any, error) {
		n, d := v[0].(*big.Int), v[1].(*big.Int)
		switch {
		case n.Sign() == 0:
			return 0.0, nil
		case n.Sign() < 0 || d.Sign() <= 0:
			return nil, nil
		}
		ratio, _ := new(big.Rat).SetFrac(n, d).Float64()
		return ratio, nil
	}}
}
