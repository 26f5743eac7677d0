package transform

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pageSuppression is docs/security.md word by word over every pair of rows, as slow as it is plain.
func pageSuppression(cells []cell, k int64) []string {
	reasons := make([]string, len(cells))
	for i, c := range cells {
		if c.Computable && 0 < c.Users && c.Users < k {
			reasons[i] = "k"
		}
	}
	for {
		changed := false
		for dimension := 0; dimension < 3; dimension++ {
			for whole := range cells {
				var suppressedParts, candidates []int
				parts := 0
				for part := range cells {
					if !differOnlyIn(cells[whole], cells[part], dimension) || !namesAPart(cells[whole], cells[part], dimension) {
						continue
					}
					parts++
					if reasons[part] != "" {
						suppressedParts = append(suppressedParts, part)
					} else if cells[part].Computable && cells[part].Users > 0 {
						candidates = append(candidates, part)
					}
				}
				if parts == 0 || len(suppressedParts) != 1 {
					continue
				}
				if len(candidates) == 0 {
					if reasons[whole] == "" && cells[whole].Computable {
						reasons[whole], changed = "complementary", true
					}
					continue
				}
				slices.SortFunc(candidates, func(a, b int) int {
					if cells[a].Users != cells[b].Users {
						return int(cells[a].Users - cells[b].Users)
					}
					return strings.Compare(cells[a].Dimensions[dimension], cells[b].Dimensions[dimension])
				})
				reasons[candidates[0]], changed = "complementary", true
			}
		}
		if !changed {
			return reasons
		}
	}
}

func differOnlyIn(a, b cell, dimension int) bool {
	a.Dimensions[dimension], b.Dimensions[dimension] = "", ""
	return a.Scope == b.Scope && a.Dimensions == b.Dimensions
}

func namesAPart(whole, part cell, dimension int) bool {
	w, p := whole.Dimensions[dimension], part.Dimensions[dimension]
	if w == "ALL" {
		return p != "ALL"
	}
	isExtension := whole.Scope.Metric == "extend_expiry_applied_count" && dimension == 2
	return isExtension && (w == "shadow" && strings.HasPrefix(p, "shadow:") || w == "actual" && strings.HasPrefix(p, "actual:"))
}

func TestSuppressionIsThatOfThePage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		segments := []string{"ALL", "a", "b"}
		metric := rapid.SampledFrom([]string{"m", "extend_expiry_applied_count"}).Draw(t, "metric")
		if metric != "m" {
			segments = []string{"shadow", "shadow:OPS", "shadow:PROMO", "shadow:ADMIN", "actual", "actual:OPS", "actual:PROMO"}
		}
		var cells []cell
		for _, env := range []string{"dev", "prod"} {
			for _, vaultType := range []string{"ALL", "DIAMOND", "GOLD", "untyped"} {
				for _, variant := range []string{"ALL", "a", "b"} {
					for _, segment := range segments {
						if rapid.IntRange(0, 2).Draw(t, "absent") == 0 {
							continue
						}
						cells = append(cells, cell{
							Scope:      scope{env, metric, "day", "rate"},
							Dimensions: [3]string{vaultType, variant, segment},
							Users:      rapid.SampledFrom([]int64{0, 0, 2, 4, 5, 5, 6, 9}).Draw(t, "users"),
							Computable: rapid.IntRange(0, 9).Draw(t, "computable") > 0,
						})
					}
				}
			}
		}
		got := suppressed(cells, 5)
		if want := pageSuppression(cells, 5); !slices.Equal(got, want) {
			t.Fatalf("got %q\nwant %q\nof %v", got, want, cells)
		}
		order := rapid.Permutation(indexes(len(cells))).Draw(t, "order")
		shuffled := make([]cell, len(cells))
		for i, j := range order {
			shuffled[i] = cells[j]
		}
		for i, reason := range suppressed(shuffled, 5) {
			if reason != got[order[i]] {
				t.Fatalf("the order of rows changes why %v is suppressed: %q and %q", shuffled[i], reason, got[order[i]])
			}
		}
	})
}

func indexes(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

func TestSuppression(t *testing.T) {
	type row struct {
		metric     string
		dimensions [3]string
		users      int64
		want       string
	}
	const extension = "extend_expiry_applied_count"
	for _, c := range []struct {
		name string
		rows []row
	}{
		{"k users are enough, one less is not, none is no secret", []row{
			{"m", [3]string{"GOLD", "ALL", "ALL"}, 5, ""}, {"m", [3]string{"DIAMOND", "ALL", "ALL"}, 4, "k"}, {"m", [3]string{"PLATINUM", "ALL", "ALL"}, 0, ""}}},
		{"without a row ALL there is no total to give a part away", []row{
			{"m", [3]string{"GOLD", "ALL", "ALL"}, 9, ""}, {"m", [3]string{"DIAMOND", "ALL", "ALL"}, 4, "k"}}},
		{"the smallest shown part goes too", []row{
			{"m", [3]string{"ALL", "ALL", "ALL"}, 30, ""}, {"m", [3]string{"GOLD", "ALL", "ALL"}, 9, "complementary"},
			{"m", [3]string{"DIAMOND", "ALL", "ALL"}, 4, "k"}, {"m", [3]string{"PLATINUM", "ALL", "ALL"}, 30, ""}}},
		{"of two equal parts the first by name goes", []row{
			{"m", [3]string{"ALL", "ALL", "ALL"}, 30, ""}, {"m", [3]string{"PLATINUM", "ALL", "ALL"}, 9, ""},
			{"m", [3]string{"GOLD", "ALL", "ALL"}, 4, "k"}, {"m", [3]string{"DIAMOND", "ALL", "ALL"}, 9, "complementary"}}},
		{"two suppressed parts hide each other", []row{
			{"m", [3]string{"ALL", "ALL", "ALL"}, 30, ""}, {"m", [3]string{"PLATINUM", "ALL", "ALL"}, 9, ""},
			{"m", [3]string{"GOLD", "ALL", "ALL"}, 4, "k"}, {"m", [3]string{"DIAMOND", "ALL", "ALL"}, 3, "k"}}},
		{"without another part that has users the total goes", []row{
			{"m", [3]string{"ALL", "ALL", "ALL"}, 5, "complementary"}, {"m", [3]string{"GOLD", "ALL", "ALL"}, 4, "k"},
			{"m", [3]string{"DIAMOND", "ALL", "ALL"}, 0, ""}}},
		{"a total that goes in one dimension is a part that is suppressed in the next", []row{
			{"m", [3]string{"ALL", "a", "ALL"}, 5, "complementary"}, {"m", [3]string{"GOLD", "a", "ALL"}, 4, "k"},
			{"m", [3]string{"ALL", "b", "ALL"}, 7, "complementary"}, {"m", [3]string{"ALL", "c", "ALL"}, 8, ""},
			{"m", [3]string{"ALL", "ALL", "ALL"}, 20, ""}}},
		{"shadow and actual are the totals of their reasons", []row{
			{extension, [3]string{"ALL", "ALL", "shadow"}, 20, ""}, {extension, [3]string{"ALL", "ALL", "shadow:OPS"}, 2, "k"},
			{extension, [3]string{"ALL", "ALL", "shadow:PROMO"}, 9, "complementary"}, {extension, [3]string{"ALL", "ALL", "shadow:ADMIN"}, 10, ""},
			{extension, [3]string{"ALL", "ALL", "actual"}, 6, ""}, {extension, [3]string{"ALL", "ALL", "actual:OPS"}, 6, ""}}},
		{"for another metric they are names like any other", []row{
			{"m", [3]string{"ALL", "ALL", "shadow"}, 20, ""}, {"m", [3]string{"ALL", "ALL", "shadow:OPS"}, 2, "k"},
			{"m", [3]string{"ALL", "ALL", "shadow:PROMO"}, 9, ""}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var cells []cell
			var want []string
			for _, r := range c.rows {
				cells = append(cells, cell{scope{"prod", r.metric, "day", "rate"}, r.dimensions, r.users, true})
				want = append(want, r.want)
			}
			if got := suppressed(cells, 5); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestSuppressionKeepsScopesApart(t *testing.T) {
	base := scope{"prod", "m", "day", "rate"}
	for i, other := range []scope{{"dev", "m", "day", "rate"}, {"prod", "n", "day", "rate"}, {"prod", "m", "qtd", "rate"}, {"prod", "m", "day", "count"}} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			cells := []cell{
				{base, [3]string{"ALL", "ALL", "ALL"}, 30, true}, {base, [3]string{"GOLD", "ALL", "ALL"}, 3, true},
				{other, [3]string{"DIAMOND", "ALL", "ALL"}, 9, true},
			}
			if got, want := suppressed(cells, 5), []string{"complementary", "k", ""}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
