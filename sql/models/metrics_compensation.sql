-- metrics_compensation: how many compensations are pending, and how their retries end, for metric_daily to judge.
-- grain: one row per (dt, env, metric, period, vault_type, variant_id, segment, statistic)      key: the same
-- inputs: env_source, events, compensation_move, compensation_queue (dt = $dt)
-- source: docs/definitions.md section 5, compensation_pending_count and compensation_retry_success_rate; section 3, without events
-- absent: nothing; every env of the day has every row. They are not about users, so users is NULL
with changes as (
    select env, greatest(enqueued_at, $day_start::timestamp) as ts, 1 as compensations from compensation_move
    union all
    select env, settled_at as ts, -1 as compensations from compensation_move where settled_at is not null
),
changes_per_instant as (
    select env, ts, sum(compensations) as compensations
    from changes
    group by env, ts
),
-- pending: from the instant on
pending as (
    select
        env,
        sum(compensations) over (
            partition by env order by ts nulls last rows between unbounded preceding and current row
        ) as compensations
    from changes_per_instant
),
peaks as (
    select env, max(compensations) as compensations from pending group by env
),
moved as (
    select
        env,
        count(case when settled_at is null then 1 end) as open_at_end,
        count(case when enqueued_at >= $day_start::timestamp then 1 end) as enqueued_on_day
    from compensation_move
    group by env
),
queued as (
    select env, count(*) as compensations
    from compensation_queue
    where status in ('PENDING', 'RETRYING')
    group by env
),
-- counts: by the events, and by the table
counts as (
    select
        env_source.env, env_source.follows_snapshots,
        coalesce(peaks.compensations, 0) as peak,
        coalesce(moved.open_at_end, 0) as open_at_end,
        coalesce(moved.enqueued_on_day, 0) as enqueued_on_day,
        coalesce(queued.compensations, 0) as queued
    from env_source
    left join peaks
        on env_source.env = peaks.env
    left join moved
        on env_source.env = moved.env
    left join queued
        on env_source.env = queued.env
),
retried as (
    select env, compensation_id, max(case when outcome = 'success' then 1 else 0 end) as succeeded
    from events
    where dt = $dt::date and event = 'COMPENSATION_RETRIED'
    group by env, compensation_id
),
retried_per_env as (
    select env_source.env, count(retried.compensation_id) as compensations, coalesce(sum(retried.succeeded), 0) as succeeded
    from env_source
    left join retried
        on env_source.env = retried.env
    group by env_source.env
),
measures as (
    select
        env, 'compensation_pending_count' as metric, 'last' as part, 'ALL' as segment, 'last' as statistic, 'count' as unit,
        null as numerator, null as denominator,
        case when follows_snapshots then queued else open_at_end end as value,
        case when follows_snapshots then queued else enqueued_on_day end as sample_size,
        case when follows_snapshots then 'from_snapshots' end as ok_reason
    from counts
    union all
    select
        env, 'compensation_pending_count' as metric, 'max' as part, 'ALL' as segment, 'max' as statistic, 'count' as unit,
        null as numerator, null as denominator, peak as value, enqueued_on_day as sample_size, null as ok_reason
    from counts
    union all
    select
        env, 'compensation_pending_count' as metric, 'table' as part, 'table' as segment, 'last' as statistic, 'count' as unit,
        null as numerator, null as denominator, queued as value, queued as sample_size, null as ok_reason
    from counts
    union all
    select
        env, 'compensation_retry_success_rate' as metric, 'ALL' as part, 'ALL' as segment, 'rate' as statistic, 'ratio' as unit,
        succeeded as numerator, compensations as denominator, null as value, compensations as sample_size, null as ok_reason
    from retried_per_env
),
final as (
    select
        $dt::date as dt, env, metric, part, 'day' as period, 'ALL' as vault_type, 'ALL' as variant_id, segment, statistic, unit,
        true as is_fixed,
        numerator::bigint as numerator,
        denominator::bigint as denominator,
        value::double as value,
        sample_size::bigint as sample_size,
        null::bigint as users,
        0::bigint as immature_windows,
        0::bigint as missing_days,
        ok_reason::varchar as ok_reason,
        null::varchar as no_data_reason
    from measures
)
select
    dt, env, metric, part, period, vault_type, variant_id, segment, statistic, unit, is_fixed, numerator, denominator, value, sample_size,
    users, immature_windows, missing_days, ok_reason, no_data_reason
from final
