-- p50 and p90 of the progress by quarter and type, in tenths of a day or a won: how often each value occurred up to the last day of each quarter. The two neighbours of a quantile are the values at its places, counted from 0: last * a // 10 and the next.
with places as (
    select
        env, dt, metric, value, occurrences,
        sum(occurrences) over (partition by env, dt, metric order by value) as up_to,
        sum(occurrences) over (partition by env, dt, metric) - 1 as last
    from frequency_quarter
    where metric in ('diamond_deposit_progress', 'platinum_attendance_progress')
),
neighbours as (
    select env, dt, metric, a, any_value(last * a % 10) as part, min(value) as low, max(value) as high
    from places cross join (values (5), (9)) as quantile(a)
    where last * a // 10 + 1 between up_to - occurrences and up_to
    group by all
)
select env, date_trunc('quarter', dt) as quarter, metric, a, (10 * low + part * (high - low))::bigint as tenths from neighbours order by all
