package alarm

import (
	"slices"
	"sort"
)

// counter counts the events of a window.
type counter struct{ n int64 }

func (c *counter) enter(int)             { c.n++ }
func (c *counter) leave(int)             { c.n-- }
func (c *counter) value() (amount, bool) { return amountOf(c.n), true }

// fraction is the a/b of a quantile.
type fraction struct{ a, b int64 }

// ranking knows the values of a day's events by their rank, for quantiles of windows of them.
type ranking struct {
	values []int64 // distinct, ascending
	ranks  []int32 // of the events
}

func rankingOf(events []moment) *ranking {
	r := &ranking{values: make([]int64, len(events)), ranks: make([]int32, len(events))}
	for i, e := range events {
		r.values[i] = e.value
	}
	slices.Sort(r.values)
	r.values = slices.Compact(r.values)
	for i, e := range events {
		r.ranks[i] = int32(sort.Search(len(r.values), func(j int) bool { return r.values[j] >= e.value }))
	}
	return r
}

// quantile is an exact quantile of the events of a window (docs/definitions.md section 5), in parts of 1/b. Counts per rank
// are kept as a binary indexed tree, so that a change of the window and a look at it both cost the logarithm of the ranks.
type quantile struct {
	fraction
	*ranking
	n     int64
	count []int32 // per rank
	tree  []int32 // tree[i] counts the ranks in (i - (i & -i), i]
	top   int     // the greatest power of two within the tree
}

func newQuantile(f fraction, r *ranking) *quantile {
	q := &quantile{fraction: f, ranking: r, count: make([]int32, len(r.values)), tree: make([]int32, len(r.values)+1), top: 1}
	for q.top*2 < len(q.tree) {
		q.top *= 2
	}
	return q
}

func (q *quantile) enter(i int) { q.add(q.ranks[i], 1) }
func (q *quantile) leave(i int) { q.add(q.ranks[i], -1) }

func (q *quantile) add(rank, by int32) {
	q.n += int64(by)
	q.count[rank] += by
	for i := int(rank) + 1; i < len(q.tree); i += i & -i {
		q.tree[i] += by
	}
}

// value returns the quantile; without events there is none. With x[0..n-1] sorted and h = (n-1)a it is
// (b·x[h div b] + (h mod b)·(x[h div b + 1] - x[h div b])) / b, of which this is the numerator.
func (q *quantile) value() (amount, bool) {
	if q.n == 0 {
		return amount{}, false
	}
	h := (q.n - 1) * q.a
	rank, upTo := q.find(h / q.b)
	value := product(q.b, q.values[rank])
	if rest := h % q.b; rest > 0 {
		next := rank
		if upTo <= h/q.b+1 {
			next, _ = q.find(h/q.b + 1)
		}
		value = value.plus(product(rest, q.values[next]-q.values[rank]))
	}
	return value, true
}

// find returns the rank of the event at a place of the window's order, from 0, and how many events there are up to the rank.
func (q *quantile) find(place int64) (rank int, upTo int64) {
	at, before := 0, int64(0)
	for step := q.top; step > 0; step /= 2 {
		if next := at + step; next < len(q.tree) && before+int64(q.tree[next]) <= place {
			at, before = next, before+int64(q.tree[next])
		}
	}
	return at, before + int64(q.count[at])
}
