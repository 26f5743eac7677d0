package duck

import (
	"context"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Random integers of every size up to 2^93 over 2^66: what a sum of 2^30 deposits may be, and ten times a target.
func TestARatioIsTheNearestDouble(t *testing.T) {
	db := open(t, Options{Threads: 1})
	integer := func(bits int) *rapid.Generator[*big.Int] {
		return rapid.Custom(func(t *rapid.T) *big.Int {
			n := new(big.Int).SetUint64(rapid.Uint64().Draw(t, "high"))
			n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(rapid.Uint64().Draw(t, "low")))
			return n.Rsh(n, uint(rapid.IntRange(128-bits, 128).Draw(t, "shift")))
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		var pairs []string
		var want []float64
		for range 50 {
			n, d := integer(93).Draw(t, "n"), integer(66).Draw(t, "d")
			if d.Sign() == 0 {
				d.SetInt64(10)
			}
			if rapid.Bool().Draw(t, "near a tie") {
				// n = d * (2^53 + odd/2), scaled, and a hair beside it
				n.Mul(d, big.NewInt(1<<54+2*rapid.Int64Range(0, 1000).Draw(t, "step")+1)).Rsh(n, uint(rapid.IntRange(1, 54).Draw(t, "binary point")))
				n.Add(n, big.NewInt(rapid.Int64Range(-1, 1).Draw(t, "hair")))
			}
			if n.Sign() < 0 || n.BitLen() > 120 {
				n.SetInt64(1)
			}
			f, _ := new(big.Rat).SetFrac(n, d).Float64()
			want = append(want, f)
			pairs = append(pairs, fmt.Sprintf("(%d, '%s', '%s')", len(pairs), n, d))
		}
		rows, err := db.Conn().QueryContext(context.Background(),
			"select exact_ratio(n::hugeint, d::hugeint) from (values "+strings.Join(pairs, ", ")+") as pair(i, n, d) order by i")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for i := 0; rows.Next(); i++ {
			var got float64
			if err := rows.Scan(&got); err != nil {
				t.Fatal(err)
			}
			if got != want[i] {
				t.Errorf("%s: got %v, want %v", pairs[i], got, want[i])
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	})
}
