-- p50 and p90 of the deposits by quarter, in tenths of a won: frequencies of the days added up, then the quantile's two neighbours.
with frequencies as (
    select env, date_trunc('quarter', dt) as quarter, value, sum(users) as users
    from progress_frequency
    where metric = 'diamond_deposit_progress'
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
