package duck

// exactRatio is exact_ratio(n, d), the double nearest to n/d for integers with 0 <= n and 0 < d, d below 2^67: one rounding,
// where dividing two doubles would round both sides first once they are beyond 2^53. It is for light models, which run here
// only. The quotient is taken with 57 to 59 binary digits and one more that says whether a rest remains; casting that
// integer rounds once, half to even, and scaling by a power of two rounds no more.
var exactRatio = []string{
	"create macro ratio_shift(n, d) as 57 - floor(log2(cast(n as double) / cast(d as double)))::integer",
	"create macro ratio_digits(n, d) as cast(2 * (n // d) + case when n % d > 0 then 1 else 0 end as bigint)",
	`create macro exact_ratio(n, d) as case
		when n = 0 then cast(0 as double)
		when n > 0 and d > 0 then
			cast(ratio_digits(n::hugeint * (1::hugeint << greatest(ratio_shift(n, d), 0)), d::hugeint * (1::hugeint << greatest(-ratio_shift(n, d), 0))) as double)
				* pow(2::double, -1 - ratio_shift(n, d))
	end`,
}
