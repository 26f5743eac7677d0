-- p50 and p90 of the latency by quarter, in tenths of a millisecond.
with frequencies as (
    select env, date_trunc('quarter', dt) as quarter, latency_ms as value, sum(enqueued) as users
    from notify_latency_frequency
    group by all
),
places as (
    select *, sum(users) over (partition by env, quarter order by value) as up_to, sum(users) over (partition by env, quarter) as n from frequencies
),
neighbours as (
    select
        env, quarter, a, any_value((n - 1) * a % 10) as part,
        min(value) filter (up_to > (n - 1) * a // 10) as low, min(value) filter (up_to > (n - 1) * a // 10 + 1) as high
    from places cross join (values (5), (9)) as quantile(a)
    group by all
)
select env, quarter, a, (10 * low + part * (coalesce(high, low) - low))::bigint as tenths from neighbours order by all
