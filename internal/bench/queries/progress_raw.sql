-- The same from the snapshots. A quantile of whole numbers lies on a tenth, so rounding takes away what a double adds to it.
with quantiles as (
    select
        env, date_trunc('quarter', dt) as quarter,
        quantile_cont(diamond_deposit_current, [0.5, 0.9]) filter (diamond_status in ('ACTIVE', 'LOCKED', 'UNLOCKED')) as diamond,
        quantile_cont(platinum_attendance_days, [0.5, 0.9]) filter (platinum_status in ('ACTIVE', 'LOCKED', 'UNLOCKED')) as platinum
    from vault_status
    group by all
),
by_type as (
    select env, quarter, 'diamond_deposit_progress' as metric, diamond as q from quantiles where diamond is not null
    union all
    select env, quarter, 'platinum_attendance_progress', platinum from quantiles where platinum is not null
)
select env, quarter, metric, unnest([5, 9]) as a, round(10 * unnest(q))::bigint as tenths from by_type order by all
