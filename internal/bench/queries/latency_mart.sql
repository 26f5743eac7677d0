-- p50 and p90 of the latency by quarter, in tenths of a millisecond.
with frequencies as (
    select env, date_trunc('quarter', dt) as quarter, value, occurrences
    from frequency_quarter
    where metric = 'notify_enqueue_latency'
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
