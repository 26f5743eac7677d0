-- p50 and p90 of the deposits by quarter, in tenths of a won: how often each value occurred up to the last day of each quarter, then the quantile's two neighbours.
with frequencies as (
    select env, date_trunc('quarter', dt) as quarter, value, occurrences
    from frequency_quarter
    where metric = 'diamond_deposit_progress'
),
places as (
    select *, sum(occurrences) over (partition by env, quarter order by value) as up_to, sum(occurrences) over (partition by env, quarter) as n from frequencies
),
neighbours as (
    select
        env, quarter, a, any_value((n - 1) * a % 10) as part,
        min(value) filter (up_to > (n - 1) * a // 10) as low, min(value) filter (up_to > (n - 1) * a // 10 + 1) as high
    from places cross join (values (5), (9)) as quantile(a)
    group by all
)
select env, quarter, a, (10 * low + part * (coalesce(high, low) - low))::bigint as tenths from neighbours order by all
